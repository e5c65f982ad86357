"""Meetings on paper, in any of the three languages."""

from collections.abc import Sequence

from flask.typing import ResponseReturnValue

from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.disclosure import paper
from tracker.kernel.i18n import language_asked
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, pdf_response, requires
from tracker.meetings import papers, queries
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.routes.blueprint import blueprint, today
from tracker.officials.queries import official_for


def _standing(rows: Sequence[Meeting]) -> list[Meeting]:
    return [row for row in rows if row.status is not MeetingStatus.CANCELLED]


@blueprint.get("/e/<election>/meetings/day-card/<int:official_id>")
@requires(Capability.VIEW_HEADQUARTERS)
def day_card(election: str, official_id: int) -> ResponseReturnValue:
    """An official's day as a PDF."""
    row: Election = election_for(actor(), election)
    official, day = official_for(actor(), official_id), day_asked() or today(row)
    found = queries.meetings_on_for(row, day, official.id)
    people = queries.participants_by_meeting([each.id for each in found])
    with paper("day-card"):
        content = papers.day_card(row, official, day, _standing(found), people, language_asked())
    return pdf_response(content, f"day-card-{official.id}-{day.isoformat()}")


@blueprint.get("/e/<election>/meetings/itinerary/<int:delegation_id>")
@requires(Capability.VIEW_DELEGATIONS)
def itinerary(election: str, delegation_id: int) -> ResponseReturnValue:
    """A delegation's meetings as a PDF; a focal point: of its own delegation only."""
    row = election_for(actor(), election)
    found = delegation_for(actor(), row.id, delegation_id)
    meetings = _standing(queries.meetings_of_delegation(row.id, found.id))
    people = queries.participants_by_meeting([each.id for each in meetings], found.id)
    with paper("itinerary"):
        content = papers.itinerary(row, found, meetings, people, language_asked())
    return pdf_response(content, f"itinerary-{found.id}")
