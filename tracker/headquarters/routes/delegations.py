"""The list of delegations and the page of one."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker.accreditation import queries as accreditation
from tracker.accreditation.labels import STATUSES as ACCREDITATION_STATUSES
from tracker.accreditation.labels import TONES as ACCREDITATION_TONES
from tracker.accreditation.models import AccreditationStatus
from tracker.delegations import queries
from tracker.delegations.labels import FORMATS, STATUSES, TONES
from tracker.delegations.models import DelegationStatus
from tracker.delegations.rules import NEXT, UNANSWERED
from tracker.elections.queries import election_for
from tracker.headquarters.queries import delegation_page
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel import clock, tables
from tracker.kernel.i18n import language, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.text import sort_key
from tracker.kernel.web import actor, format_asked, requires
from tracker.logistics.board import change_text
from tracker.logistics.labels.assistance import STATUSES as REQUEST_STATUSES
from tracker.logistics.labels.assistance import TONES as REQUEST_TONES
from tracker.logistics.labels.deployment import TEAM_STATUSES, TEAM_TONES
from tracker.logistics.labels.movements import DIRECTIONS, MOVEMENT_STATUSES, MOVEMENT_TONES
from tracker.meetings.labels import STATUSES as MEETING_STATUSES
from tracker.meetings.labels import TONES as MEETING_TONES
from tracker.organizations.labels import sender_name
from tracker.organizations.queries import rank_of

S = AccreditationStatus
# What the list can be narrowed to besides one status.
GROUPS: dict[str, frozenset[DelegationStatus]] = {"unanswered": UNANSWERED}

LABELS: dict[str, Any] = {
    "statuses": STATUSES,
    "tones": TONES,
    "formats": FORMATS,
    "accreditation_statuses": ACCREDITATION_STATUSES,
    "accreditation_tones": ACCREDITATION_TONES,
    "request_statuses": REQUEST_STATUSES,
    "request_tones": REQUEST_TONES,
    "meeting_statuses": MEETING_STATUSES,
    "meeting_tones": MEETING_TONES,
    "directions": DIRECTIONS,
    "movement_statuses": MOVEMENT_STATUSES,
    "movement_tones": MOVEMENT_TONES,
    "change_text": change_text,
    "team_statuses": TEAM_STATUSES,
    "team_tones": TEAM_TONES,
}
COLUMNS = (
    tables.Column("sender", _l("Delegation"), lambda row: row["name"]),
    tables.Column("status", _l("Status"), lambda row: _(STATUSES[row["delegation"].status])),
    tables.Column("format", _l("Format"), lambda row: _(FORMATS[row["delegation"].format])),
    tables.Column("head", _l("Head"), lambda row: row["head"]),
    tables.Column("planned", _l("Planned"), lambda row: row["planned"], "num"),
    tables.Column("draft", _l("Draft"), lambda row: row["draft"], "num"),
    tables.Column("registered", _l("Registered"), lambda row: row["registered"], "num"),
    tables.Column("submitted", _l("Submitted"), lambda row: row["submitted"], "num"),
    tables.Column("accredited", _l("Accredited"), lambda row: row["accredited"], "num"),
    tables.Column("note", _l("Note verbale"), lambda row: row["delegation"].note_verbale_number),
)


def _rows(election: Any) -> list[dict[str, Any]]:
    """Every delegation in scope with its head and numbers, in three statements."""
    found = queries.delegations_of(actor(), election.id)
    today = clock.today(election.time_zone)
    heads = queries.heads_of((row.id for row in found), today)
    counts = accreditation.counts_by_delegation(election.id)
    rows: list[dict[str, Any]] = []
    for row in found:
        numbers = counts.get(row.id, {})
        head = heads.get(row.id)
        rows.append(
            {
                "delegation": row,
                "organization": row.organization,
                "name": sender_name(row.organization),
                "full_name": localized(row.organization, "name"),
                "head": head.name if head else "",
                "planned": row.planned_core + row.planned_long_term + row.planned_short_term,
                "draft": numbers.get(S.DRAFT, 0),
                "registered": numbers.get(S.REGISTERED, 0),
                "submitted": numbers.get(S.SUBMITTED, 0),
                "accredited": numbers.get(S.ACCREDITED, 0),
            }
        )
    code = language()
    rows.sort(key=lambda row: ((row["organization"].is_state, sort_key(row["name"], code))))
    return rows


def _narrowed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    text = request.args.get("q", "").strip()
    status, kind = request.args.get("status", ""), request.args.get("kind", "")
    return [
        row
        for row in rows
        if (not text or rank_of(row["organization"], text) is not None)
        and (not status or row["delegation"].status in GROUPS.get(status, {status}))
        and (not kind or row["organization"].is_state == (kind == "state"))
    ]


@blueprint.get("/e/<election>/delegations/")
@requires(Capability.VIEW_DELEGATIONS)
def delegations(election: str) -> ResponseReturnValue:
    """All delegations with their numbers, narrowed by status, kind and words; also as a file.

    Not paged: an election has at most some two hundred senders, states of the world included.
    """
    row = election_for(actor(), election)
    everything = _rows(row)
    rows = _narrowed(everything)
    if format_ := format_asked():
        return tables.export(COLUMNS, rows, name=f"{row.slug}-delegations", format=format_)
    return render_template(
        "headquarters/delegations.html",
        election=row,
        rows=rows,
        total=len(everything),
        statuses=STATUSES,
        tones=TONES,
        all_statuses=list(DelegationStatus),
    )


@blueprint.get("/e/<election>/delegations/<int:delegation_id>")
@requires(Capability.VIEW_DELEGATIONS)
def delegation(election: str, delegation_id: int) -> ResponseReturnValue:
    """One delegation: standing, head, plan, observers by status, meetings, history."""
    row = election_for(actor(), election)
    found = queries.delegation_for(actor(), row.id, delegation_id)
    return render_template(
        "headquarters/delegation.html",
        election=row,
        delegation=found,
        name=localized(found.organization, "name"),
        page=delegation_page(row, found),
        next_steps=NEXT[found.status],
        presenting=accreditation.presenting_by(actor(), row),
        today=clock.today(row.time_zone),
        **LABELS,
    )
