"""What happens to requests for meetings, from the wish to the meeting that answers it."""

from dataclasses import dataclass
from datetime import date

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, NotFound, Refused, Stale
from tracker.kernel.i18n import N_, say
from tracker.kernel.permissions import Capability
from tracker.meetings.models import (
    Meeting,
    MeetingRequest,
    MeetingStatus,
    RequestStatus,
    Whom,
)
from tracker.meetings.operations.booking import MeetingDetails
from tracker.meetings.operations.meetings import call_off, confirm_meeting, schedule_meeting
from tracker.meetings.operations.steps import advance, keep_step, requests_of_meeting
from tracker.meetings.rules import OPEN, may_step
from tracker.officials.models import Institution, Official

MOST_DAYS = 15


@dataclass(frozen=True, kw_only=True)
class RequestDetails:
    """What a delegation asks for; `days` are local days, none where any will do."""

    whom: Whom
    official_id: int | None = None
    institution_id: int | None = None
    topics: str
    days: tuple[date, ...] = ()
    length_minutes: int = 45
    language: str | None = None
    people: int = 1
    needs_hall: bool = False
    priority: int = 3


def _check(election: Election, details: RequestDetails, *, old: tuple[date, ...] = ()) -> None:
    if details.whom is Whom.INSTITUTION:
        if details.institution_id is None or not db.session.get(
            Institution, details.institution_id
        ):
            raise Refused(N_("Choose an institution from the list."), field="target")
    else:
        official = db.session.get(Official, details.official_id or 0)
        if official is None or not official.is_active:
            raise Refused(N_("Choose officials from the list."), field="target")
    today = clock.today(election.time_zone)
    if past := [day for day in details.days if day < today and day not in old]:
        raise Refused(N_("%(day)s has passed."), field="days", day=past[0])
    if len(details.days) > MOST_DAYS:
        raise Refused(N_("Name at most %(most)s days."), field="days", most=MOST_DAYS)


def _fill(request: MeetingRequest, details: RequestDetails) -> None:
    is_institution = details.whom is Whom.INSTITUTION
    request.whom = details.whom
    request.official_id = None if is_institution else details.official_id
    request.institution_id = details.institution_id if is_institution else None
    request.wished_days = " ".join(sorted({day.isoformat() for day in details.days}))
    names = ("topics", "length_minutes", "language", "people", "needs_hall", "priority")
    for name in names:
        setattr(request, name, getattr(details, name))


def request_meeting(
    *, actor: Actor, election: Election, delegation: Delegation, details: RequestDetails
) -> MeetingRequest:
    """Enter what a delegation asks for; a focal point does it for its own only."""
    actor.require(Capability.REQUEST_MEETINGS)
    if not actor.sees_delegation(delegation.id) or delegation.election_id != election.id:
        raise NotFound(N_("There is no such delegation."))
    _check(election, details)
    request = MeetingRequest(
        election_id=election.id,
        delegation_id=delegation.id,
        status=RequestStatus.RECEIVED,
        created_by=actor.name,
    )
    _fill(request, details)
    db.session.add(request)
    db.session.flush()
    keep_step(actor, request, None, RequestStatus.RECEIVED)
    db.session.flush()
    return request


def change_request(
    *,
    actor: Actor,
    election: Election,
    request: MeetingRequest,
    details: RequestDetails,
    seen_version: int,
) -> MeetingRequest:
    """Change what is asked for, as long as it is open; raises `Stale`."""
    actor.require(Capability.REQUEST_MEETINGS)
    if request.version != seen_version:
        names = ("topics", "length_minutes", "people", "priority")
        raise Stale(
            N_(
                "This request was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(request, name), getattr(details, name))
                for name in names
                if getattr(request, name) != getattr(details, name)
            ],
        )
    if request.status not in OPEN:
        raise Refused(N_("Only an open request can be changed."))
    _check(election, details, old=request.days)
    _fill(request, details)
    db.session.flush()
    return request


def answer_request(
    *,
    actor: Actor,
    election: Election,
    request: MeetingRequest,
    details: MeetingDetails,
    is_proposal: bool = False,
) -> Meeting:
    """Book a meeting that answers the request, or propose it and hold the time meanwhile."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    name = "propose" if is_proposal else "confirm"
    if not may_step(request.status, name):
        raise Refused(N_("This request is settled otherwise by now. Open it again."))
    if request.delegation_id not in details.delegation_ids:
        raise Refused(N_("The delegation that asks must take part."), field="delegations")
    earlier = request.meeting
    if earlier is not None:
        request.meeting = None
        db.session.flush()
        _call_off_unless_shared(election, earlier, say(N_("Replaced by another time.")))
    status = MeetingStatus.PROPOSED if is_proposal else MeetingStatus.SCHEDULED
    meeting = schedule_meeting(actor=actor, election=election, details=details, status=status)
    advance(actor=actor, request=request, name=name, meeting=meeting)
    return meeting


def confirm_request(*, actor: Actor, request: MeetingRequest) -> Meeting:
    """Confirm what was proposed."""
    if request.status is not RequestStatus.PROPOSED or request.meeting is None:
        raise Refused(N_("Nothing is proposed for this request."))
    return confirm_meeting(actor=actor, meeting=request.meeting)


def settle_request(
    *, actor: Actor, election: Election, request: MeetingRequest, name: str, reason: str
) -> MeetingRequest:
    """Decline, cancel or reopen a request (`name` of the step); its time is free again.

    A meeting that other requests asked for as well stays.
    """
    meeting = request.meeting
    advance(actor=actor, request=request, name=name, reason=reason, meeting=meeting)
    if meeting is not None:
        _call_off_unless_shared(election, meeting, reason)
    return request


def _call_off_unless_shared(election: Election, meeting: Meeting, reason: str) -> None:
    if not requests_of_meeting(meeting.id):
        call_off(election=election, meeting=meeting, reason=reason)


def title_of(request: MeetingRequest) -> str:
    """What a meeting that answers the request is called: its first topic."""
    return request.topics.splitlines()[0][:200]
