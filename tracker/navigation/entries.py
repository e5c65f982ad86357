"""The one list of what stands in the side bar, and for whom."""

from dataclasses import dataclass

from tracker.kernel.actor import Actor
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability, Role


@dataclass(frozen=True)
class Entry:
    """One entry; `section` marks it as current on every endpoint that starts so."""

    label: str
    endpoint: str
    icon: str
    capability: Capability
    sections: tuple[str, ...]
    in_election: bool = False
    unless: Capability | None = None  # for those only who lack it and so have another way there


DEPLOYMENT = (
    "logistics.deployment",
    "logistics.print_deployment",
    "logistics.delegation_plan",
    "logistics.print_delegation_plan",
    "logistics.unplaced",
    "logistics.team",
    "logistics.new_team",
    "logistics.edit_team",
    "logistics.confirm_team",
    "logistics.cancel_team",
    "logistics.import_teams",
)

# What stands at the foot of a telephone's page, by the first role that is named here; for others,
# the first entries.
ON_THE_PHONE: dict[Role, tuple[str, ...]] = {
    Role.COORDINATOR: (
        "headquarters.dashboard",
        "meetings.index",
        "logistics.requests",
        "logistics.arrivals",
    ),
    Role.OFFICIAL: (
        "headquarters.summary",
        "headquarters.dashboard",
        "meetings.index",
        "publications.bulletins",
    ),
}
PLACES_ON_THE_PHONE = 4

GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry(
                N_("Headquarters"),
                "headquarters.dashboard",
                "home",
                Capability.VIEW_HEADQUARTERS,
                ("headquarters.dashboard",),
                True,
            ),
            Entry(
                N_("My delegation"),
                "portal.index",
                "home",
                Capability.VIEW_DELEGATIONS,
                ("portal.", "headquarters.delegation"),
                True,
                unless=Capability.VIEW_HEADQUARTERS,
            ),
            Entry(
                N_("Delegations"),
                "headquarters.delegations",
                "users-group",
                Capability.VIEW_HEADQUARTERS,
                ("headquarters.delegation", "delegations."),
                True,
            ),
            Entry(
                N_("Observers"),
                "headquarters.observers",
                "users",
                Capability.VIEW_DELEGATIONS,
                ("headquarters.observer", "accreditation.observer"),
                True,
            ),
            Entry(
                N_("Lists"),
                "lists.index",
                "upload",
                Capability.DELIVER_LISTS,
                ("lists.",),
                True,
            ),
            Entry(
                N_("Messages"),
                "delegations.threads",
                "send",
                Capability.VIEW_MESSAGES,
                (
                    "delegations.threads",
                    "delegations.messages",
                    "delegations.write_message",
                ),
                True,
            ),
            Entry(
                N_("Submissions"),
                "accreditation.submissions",
                "rubber-stamp",
                Capability.VIEW_HEADQUARTERS,
                ("accreditation.submission", "accreditation.resolution"),
                True,
            ),
            Entry(
                N_("Certificates"),
                "credentials.certificates",
                "id-badge-2",
                Capability.VIEW_DELEGATIONS,
                ("credentials.",),
                True,
            ),
            Entry(
                N_("Meetings"),
                "meetings.index",
                "calendar",
                Capability.VIEW_HEADQUARTERS,
                ("meetings.",),
                True,
            ),
            Entry(
                N_("Requests for meetings"),
                "meetings.requests",
                "calendar",
                Capability.VIEW_DELEGATIONS,
                ("meetings.",),
                True,
                unless=Capability.VIEW_HEADQUARTERS,
            ),
            Entry(
                N_("Assistance requests"),
                "logistics.requests",
                "lifebuoy",
                Capability.VIEW_DELEGATIONS,
                (
                    "logistics.request",
                    "logistics.assistance",
                    "logistics.new_request",
                    "logistics.edit_request",
                    "logistics.answer",
                    "logistics.new_answer",
                    "logistics.edit_answer",
                ),
                True,
            ),
            Entry(
                N_("Arrivals"),
                "logistics.arrivals",
                "plane-arrival",
                Capability.VIEW_HEADQUARTERS,
                (
                    "logistics.arrivals",
                    "logistics.print_arrivals",
                    "logistics.movement",
                    "logistics.new_movement",
                    "logistics.edit_movement",
                    "logistics.import_movements",
                    "logistics.points",
                    "logistics.new_point",
                    "logistics.edit_point",
                ),
                True,
            ),
            Entry(
                N_("Deployment"),
                "logistics.deployment",
                "map-pin",
                Capability.VIEW_HEADQUARTERS,
                DEPLOYMENT,
                True,
            ),
            Entry(
                N_("Deployment"),
                "logistics.teams",
                "map-pin",
                Capability.VIEW_DELEGATIONS,
                DEPLOYMENT,
                True,
                unless=Capability.VIEW_HEADQUARTERS,
            ),
            Entry(
                N_("Bulletins"),
                "publications.bulletins",
                "chart-bar",
                Capability.VIEW_HEADQUARTERS,
                ("publications.bulletin", "publications.edit_bulletin"),
                True,
            ),
            Entry(
                N_("Press notes"),
                "publications.press_notes",
                "file-text",
                Capability.VIEW_HEADQUARTERS,
                ("publications.press_note", "publications.edit_note"),
                True,
            ),
            Entry(
                N_("On duty"),
                "logistics.duty_log",
                "headset",
                Capability.VIEW_DUTY,
                (
                    "logistics.duty",
                    "logistics.print_duty",
                    "logistics.new_duty",
                    "logistics.edit_duty",
                    "logistics.write_duty",
                    "logistics.close_duty",
                    "logistics.strike_duty",
                    "logistics.correct_duty",
                    "logistics.repeat_duty",
                    "logistics.hand",
                ),
                True,
            ),
            Entry(
                N_("Totals"),
                "headquarters.totals",
                "chart-bar",
                Capability.VIEW_HEADQUARTERS,
                ("headquarters.totals",),
                True,
            ),
            Entry(
                N_("Summary"),
                "headquarters.summary",
                "file-text",
                Capability.VIEW_HEADQUARTERS,
                ("headquarters.summary",),
                True,
            ),
            Entry(
                N_("Daily digest"),
                "headquarters.digest",
                "printer",
                Capability.VIEW_HEADQUARTERS,
                (
                    "headquarters.digest",
                    "headquarters.add_digest_recipient",
                    "headquarters.set_digest_hour",
                ),
                True,
            ),
        ),
    ),
    (
        N_("Directories"),
        (
            Entry(
                N_("Organizations"),
                "organizations.index",
                "world",
                Capability.VIEW_DIRECTORIES,
                ("organizations.", "directories.organizations"),
            ),
            Entry(
                N_("Officials"),
                "officials.index",
                "building-bank",
                Capability.VIEW_DIRECTORIES,
                ("officials.", "directories.officials", "directories.institutions"),
            ),
        ),
    ),
    (
        N_("Administration"),
        (
            Entry(
                N_("Elections"),
                "elections.index",
                "settings",
                Capability.EDIT_ELECTIONS,
                ("elections.",),
            ),
            Entry(
                N_("Users"), "accounts.users", "user-cog", Capability.ADMINISTER, ("accounts.user",)
            ),
            Entry(
                N_("Access tokens"),
                "accounts.tokens",
                "id-badge-2",
                Capability.ADMINISTER,
                ("accounts.token", "accounts.create_service_token"),
            ),
            Entry(
                N_("Signing keys"),
                "credentials.signing_keys",
                "scan",
                Capability.MANAGE_SIGNING_KEYS,
                (
                    "credentials.signing_key",
                    "credentials.rotate_signing_key",
                    "credentials.lose_signing_key",
                ),
            ),
            Entry(
                N_("Outgoing mail"), "ops.outbox", "send", Capability.ADMINISTER, ("ops.outbox",)
            ),
            Entry(
                N_("Other systems"),
                "webhooks.index",
                "world",
                Capability.ADMINISTER,
                ("webhooks.",),
            ),
            Entry(N_("System"), "ops.system", "activity", Capability.ADMINISTER, ("ops.system",)),
            Entry(
                N_("Retention"),
                "retention.index",
                "history",
                Capability.VIEW_RETENTION,
                ("retention.",),
            ),
            Entry(N_("Audit record"), "audit.index", "history", Capability.VIEW_AUDIT, ("audit.",)),
        ),
    ),
)


def is_for(entry: Entry, actor: Actor) -> bool:
    """Whether the entry leads the actor anywhere."""
    return actor.may(entry.capability) and not (entry.unless and actor.may(entry.unless))
