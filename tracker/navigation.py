"""The one list of what stands in the side bar, for whom, and what else a layout needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, session, url_for
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import calendar_of, elections
from tracker.elections.rules import Phase, phase_at
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.display import display_settings
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, N_, language, localized
from tracker.kernel.permissions import Capability


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
                N_("Delegations"),
                "headquarters.delegations",
                "users-group",
                Capability.VIEW_DELEGATIONS,
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
                Capability.EDIT_OBSERVERS,
                ("lists.",),
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
                ("organizations.",),
            ),
            Entry(
                N_("Officials"),
                "officials.index",
                "building-bank",
                Capability.VIEW_DIRECTORIES,
                ("officials.",),
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

PHASES = {
    Phase.PREPARATION: (N_("Preparation"), "mute"),
    Phase.ACCREDITATION_OPEN: (N_("Accreditation open"), "ok"),
    Phase.CLOSED: (N_("Accreditation closed"), "warn"),
    Phase.ELECTION_DAY: (N_("Election day"), "warn"),
    Phase.CLOSED_FOR_GOOD: (N_("Election over"), "mute"),
}


def _fit(entry: Entry) -> int:
    """How closely the entry names the page that is shown; 0 where it does not."""
    endpoint = request.endpoint or ""
    return max((len(name) for name in entry.sections if endpoint.startswith(name)), default=0)


def _item(entry: Entry, election: Election | None, closest: int) -> dict[str, Any]:
    values: dict[str, Any] = {"election": election.slug} if entry.in_election and election else {}
    return {
        "label": _(entry.label),
        "icon": entry.icon,
        "url": url_for(entry.endpoint, **values),
        "is_current": 0 < closest == _fit(entry),
    }


def is_for(entry: Entry, actor: Actor) -> bool:
    """Whether the entry leads the actor anywhere."""
    return actor.may(entry.capability) and not (entry.unless and actor.may(entry.unless))


def _groups(actor: Actor, election: Election | None) -> list[dict[str, Any]]:
    groups = []
    closest = max(_fit(entry) for _label, entries in GROUPS for entry in entries)
    for label, entries in GROUPS:
        items = [
            _item(entry, election, closest)
            for entry in entries
            if is_for(entry, actor) and (election is not None or not entry.in_election)
        ]
        if items:
            groups.append({"label": _(label) if label else "", "items": items})
    return groups


def _navigation(actor: Actor, election: Election | None) -> list[dict[str, Any]]:
    """The groups; the same for all who may do the same, wherever they are in the same section."""
    slug = election.slug if election else None
    depends = (request.script_root, request.endpoint, slug, language(), actor.roles)
    return fragment(("navigation", *depends), lambda: _groups(actor, election))


def phase_of(election: Election) -> dict[str, str]:
    """The phase chip of the top bar."""
    label, tone = PHASES[phase_at(calendar_of(election), clock.now())]
    return {"label": _(label), "tone": tone, "countdown_label": ""}


def _languages() -> list[dict[str, Any]]:
    return [
        {"code": code, "title": title, "label": LANGUAGE_LABELS[code]}
        | {"is_current": code == language()}
        for code, title in LANGUAGES.items()
    ]


def _current(known: Sequence[Election]) -> Election | None:
    """The election that the person works on: the address's, else the last one, else the latest."""
    slug = (request.view_args or {}).get("election") or session.get("election")
    return next((row for row in known if row.slug == slug), known[0] if known else None)


def time_zone() -> str:
    """The zone of that election, for pages outside of any; UTC before there is one."""
    current = _current(elections())
    return current.time_zone if current else "UTC"


def layout_context() -> dict[str, Any]:
    """What `templates/layouts` need beyond what a route passes (a context processor)."""
    context: dict[str, Any] = {
        "languages": _languages(),
        "display_settings": display_settings(request.cookies),
    }
    actor: Actor | None = g.get("actor")
    if actor is None or actor.user_id is None or g.get("is_plain"):
        return context | {"current_actor": None, "navigation": [], "elections": []}
    known = elections()
    current = _current(known)
    if current is not None and session.get("election") != current.slug:
        session["election"] = current.slug
    return context | {
        "current_actor": actor,
        "elections": [
            {"slug": row.slug, "name": localized(row, "name"), "election_on": row.election_on}
            for row in known
        ],
        "current_election": current,
        "phase": phase_of(current) if current else None,
        "navigation": _navigation(actor, current),
    }
