"""Meetings, requests for them, and where a calendar reads them."""

from typing import Any

from flask import url_for
from werkzeug.datastructures import Headers

from tracker.api.blueprint import blueprint, is_version, seen, serves
from tracker.api.shapes import meetings as shapes
from tracker.api.shapes.common import Empty, listed, names
from tracker.delegations.queries import delegation_for
from tracker.elections.queries import election_for
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor
from tracker.meetings import addresses, operations, queries
from tracker.meetings.models import CalendarKind, Meeting, MeetingRequest, Whom
from tracker.meetings.operations import MeetingDetails, RequestDetails

ABOUT = "Meetings"


def _meeting(row: Meeting) -> shapes.Meeting:
    plain = ("id", "kind", "status", "title", "starts_at", "ends_at", "place", "language")
    return shapes.Meeting(
        hall=names(row.hall) if row.hall else None,
        official_ids=[each.id for each in row.officials],
        delegation_ids=[each.id for each in row.delegations],
        **{name: getattr(row, name) for name in (*plain, "agenda", "cancelled_because")},
    )


@blueprint.get("/elections/<election>/meetings")
@serves(Capability.VIEW_HEADQUARTERS, shapes.MeetingList, about=ABOUT)
def meetings(election: str, query: shapes.MeetingQuery) -> Any:
    """Meetings by time."""
    row = election_for(actor(), election)
    wanted = queries.Filter(
        day=query.day,
        official_id=query.official,
        delegation_id=query.delegation,
        status=query.status,
    )
    page = queries.meetings_page(queries.filtered(row, wanted), query.cursor)
    return listed(shapes.MeetingList, page, (_meeting(each) for each, *_keys in page.rows))


@blueprint.get("/elections/<election>/meetings/<int:meeting_id>")
@serves(Capability.VIEW_HEADQUARTERS, shapes.Meeting, about=ABOUT)
def meeting(election: str, meeting_id: int) -> Any:
    """One meeting."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    is_version(found.version)
    return _meeting(found)


def _meeting_request(row: MeetingRequest) -> shapes.MeetingRequest:
    plain = ("id", "delegation_id", "status", "whom", "official_id", "institution_id", "topics")
    more = ("length_minutes", "language", "people", "needs_hall", "priority", "meeting_id")
    return shapes.MeetingRequest(
        days=list(row.days),
        **{name: getattr(row, name) for name in (*plain, *more, "created_at", "created_by")},
    )


@blueprint.get("/elections/<election>/meeting-requests")
@serves(Capability.VIEW_DELEGATIONS, shapes.MeetingRequestList, about=ABOUT)
def meeting_requests(election: str, query: shapes.MeetingRequestQuery) -> Any:
    """Requests for meetings within the scope of the token's holder, the newest first."""
    row = election_for(actor(), election)
    found = queries.requests_query(
        actor(), row, status=query.status, delegation_id=query.delegation, is_open=query.is_open
    )
    page = queries.requests_page(found, query.cursor)
    items = (_meeting_request(each) for each, *_keys in page.rows)
    return listed(shapes.MeetingRequestList, page, items)


@blueprint.get("/elections/<election>/meeting-requests/<int:request_id>")
@serves(Capability.VIEW_DELEGATIONS, shapes.MeetingRequest, about=ABOUT)
def meeting_request(election: str, request_id: int) -> Any:
    """One request for a meeting."""
    row = election_for(actor(), election)
    found = queries.request_for(actor(), row.id, request_id)
    is_version(found.version)
    return _meeting_request(found)


@blueprint.post("/elections/<election>/meeting-requests")
@serves(Capability.REQUEST_MEETINGS, shapes.MeetingRequest, about=ABOUT, status=201, writes=True)
def request_meeting(election: str, json: shapes.NewMeetingRequest) -> Any:
    """Ask for a meeting with an official, the official or a deputy, or an institution."""
    row = election_for(actor(), election)
    delegation = delegation_for(actor(), row.id, json.delegation_id)
    is_institution = json.whom is Whom.INSTITUTION
    if (json.official_id if is_institution else json.institution_id) is not None:
        raise Refused(N_("Name an official or an institution, as whom says."), field="whom")
    plain = ("whom", "official_id", "institution_id", "topics", "length_minutes", "language")
    values = {name: getattr(json, name) for name in (*plain, "people", "needs_hall", "priority")}
    details = RequestDetails(**values, days=tuple(json.days))
    made = operations.request_meeting(
        actor=actor(), election=row, delegation=delegation, details=details
    )
    address = url_for("api.meeting_request", election=row.slug, request_id=made.id)
    is_version(made.version)
    return _meeting_request(made), 201, Headers({"Location": address})


@blueprint.post("/elections/<election>/calendar")
@serves(Capability.REQUEST_MEETINGS, shapes.CalendarAddress, about=ABOUT, status=201, writes=True)
def create_calendar(election: str, json: Empty) -> Any:
    """Give out a secret address at which calendars read the meetings that the token's owner may
    see (RFC 5545); it is told this once, and closed on the owner's page."""
    row = election_for(actor(), election)
    if actor().user_id is None:
        raise Refused(N_("A calendar is a person's: use a personal token."))
    subject = addresses.Subject(kind=CalendarKind.USER, user_id=actor().user_id)
    secret = addresses.create_address(
        actor=actor(), election=row, subject=subject, language=language()
    )
    address = url_for("meetings.calendar", secret=secret, _external=True)
    return shapes.CalendarAddress(address=address), 201


@blueprint.post("/elections/<election>/meetings")
@serves(Capability.SCHEDULE_MEETINGS, shapes.Meeting, about=ABOUT, status=201, writes=True)
def schedule_meeting(election: str, json: shapes.NewMeeting) -> Any:
    """Book a meeting, perhaps as the answer to a request; refused with all that stands against."""
    row = election_for(actor(), election)
    plain = json.model_dump(exclude={"answers_request", "official_ids", "delegation_ids"})
    details = MeetingDetails(
        **plain, official_ids=tuple(json.official_ids), delegation_ids=tuple(json.delegation_ids)
    )
    around: dict[str, Any] = {"actor": actor(), "election": row, "details": details}
    if json.answers_request is None:
        made = operations.schedule_meeting(**around)
    else:
        found = queries.request_for(actor(), row.id, json.answers_request)
        made = operations.answer_request(**around, request=found)
    address = url_for("api.meeting", election=row.slug, meeting_id=made.id)
    is_version(made.version)
    return _meeting(made), 201, Headers({"Location": address})


@blueprint.post("/elections/<election>/meetings/<int:meeting_id>/cancel")
@serves(Capability.SCHEDULE_MEETINGS, shapes.Meeting, about=ABOUT, writes=True, takes_version=True)
def cancel_meeting(election: str, meeting_id: int, json: shapes.Cancellation) -> Any:
    """Cancel a meeting for a reason; everybody is told, and its people are free again."""
    row = election_for(actor(), election)
    found = queries.meeting_for(actor(), row.id, meeting_id)
    seen(found.version)
    operations.cancel_meeting(
        actor=actor(),
        election=row,
        meeting=found,
        reason=json.reason,
        reopens=json.reopens_requests,
    )
    db.session.flush()
    is_version(found.version)
    return _meeting(found)
