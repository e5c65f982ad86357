"""Requests for meetings: their life by the table, with a dated row for every step."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused, Stale
from tracker.kernel.permissions import Role
from tracker.meetings.models import (
    MeetingBooking,
    MeetingKind,
    MeetingStatus,
    RequestStatus,
    RequestStep,
    Whom,
)
from tracker.meetings.operations import (
    MeetingDetails,
    RequestDetails,
    answer_request,
    cancel_meeting,
    change_meeting,
    change_request,
    confirm_request,
    keep_record,
    request_meeting,
    settle_request,
)
from tracker.meetings.operations.record import Record
from tracker.meetings.planning import choices_of
from tracker.meetings.proposals import times_for
from tracker.meetings.rules import BOOKED, OPEN, STEPS, may_step, steps_from
from tracker.officials.queries import officials

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)
R = RequestStatus


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


@pytest.fixture
def official(session):
    return records.official()


def wanted(official, **more):
    values = {
        "whom": Whom.OFFICIAL,
        "official_id": official.id,
        "topics": "Voter lists\nComplaints",
    }
    return RequestDetails(**values | more)


def asked(election, delegation, official, actor=COORDINATOR, **more):
    return request_meeting(
        actor=actor, election=election, delegation=delegation, details=wanted(official, **more)
    )


def details(request, official, starts=NINE):
    return MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Voter lists",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
        official_ids=(official.id,),
        delegation_ids=(request.delegation_id,),
    )


def answered(election, request, official, **more):
    return answer_request(
        actor=COORDINATOR,
        election=election,
        request=request,
        details=details(request, official),
        **more,
    )


def life(request):
    query = sa.select(RequestStep).where(RequestStep.request_id == request.id)
    return [row.to_status for row in db.session.scalars(query.order_by(RequestStep.id))]


def booked():
    return db.session.scalar(sa.select(sa.func.count(MeetingBooking.id)))


def test_a_request_is_proposed_confirmed_moved_and_held(election, delegation, official):
    request = asked(election, delegation, official)
    meeting = answered(election, request, official, is_proposal=True)
    assert (request.status, meeting.status) == (R.PROPOSED, MeetingStatus.PROPOSED)
    assert booked() == 2, "a proposed time is held"
    confirm_request(actor=COORDINATOR, request=request)
    assert (request.status, meeting.status) == (R.CONFIRMED, MeetingStatus.SCHEDULED)
    later = details(request, official, NINE + timedelta(hours=2))
    around = {"actor": COORDINATOR, "election": election, "meeting": meeting, "details": later}
    with pytest.raises(Refused, match="Say why the meeting is moved") as refusal:
        change_meeting(**around, seen_version=meeting.version)
    assert refusal.value.field == "reason"
    change_meeting(**around, seen_version=meeting.version, reason="The plane is late")
    assert request.status is R.MOVED
    with clock.at(NINE + timedelta(hours=3)):
        keep_record(actor=COORDINATOR, meeting=meeting, record=Record(outcome="Lists are open."))
    assert (request.status, meeting.status) == (R.HELD, MeetingStatus.HELD)
    assert life(request) == [R.RECEIVED, R.PROPOSED, R.CONFIRMED, R.MOVED, R.HELD]
    steps = db.session.scalars(sa.select(RequestStep).order_by(RequestStep.id)).all()
    assert steps[3].reason == "The plane is late"
    assert steps[3].starts_at == later.starts_at


@pytest.mark.parametrize("is_proposal", [False, True])
def test_who_asked_stays_in_the_meeting_that_answers(election, delegation, official, is_proposal):
    request = asked(election, delegation, official)
    meeting = answered(election, request, official, is_proposal=is_proposal)
    other = records.delegation(election)
    around = {"actor": COORDINATOR, "election": election, "meeting": meeting}
    without = replace(details(request, official), delegation_ids=(other.id,))
    with pytest.raises(Refused, match="delegation that asks must take part") as refusal:
        change_meeting(**around, details=without, seen_version=meeting.version)
    assert refusal.value.field == "delegations"
    both = replace(without, delegation_ids=(other.id, delegation.id))
    change_meeting(**around, details=both, seen_version=meeting.version)
    assert request.delegation in meeting.delegations
    settle_request(
        actor=COORDINATOR, election=election, request=request, name="reopen", reason="Ill"
    )


def test_declining_frees_the_time_that_was_held(election, delegation, official):
    request = asked(election, delegation, official)
    meeting = answered(election, request, official, is_proposal=True)
    around = {"actor": COORDINATOR, "election": election, "request": request, "name": "decline"}
    with pytest.raises(Refused, match="Give the reason"):
        settle_request(**around, reason=" ")
    settle_request(**around, reason="Abroad on these days")
    assert (request.status, meeting.status, booked()) == (
        R.DECLINED,
        MeetingStatus.CANCELLED,
        0,
    )
    settle_request(**around | {"name": "reopen"}, reason="Back earlier")
    assert answered(election, request, official).status is MeetingStatus.SCHEDULED


def test_another_proposal_replaces_the_first(election, delegation, official):
    request = asked(election, delegation, official)
    first = answered(election, request, official, is_proposal=True)
    second = answered(election, request, official)
    assert first.status is MeetingStatus.CANCELLED
    assert request.meeting is second
    assert life(request) == [R.RECEIVED, R.PROPOSED, R.CONFIRMED]


def test_a_meeting_that_two_asked_for_stays_when_one_lets_go(election, delegation, official):
    other = records.delegation(election)
    requests = [asked(election, each, official) for each in (delegation, other)]
    meeting = answered(election, requests[0], official)
    requests[1].meeting, requests[1].status = meeting, R.CONFIRMED
    db.session.flush()
    settle_request(
        actor=COORDINATOR, election=election, request=requests[0], name="cancel", reason="No need"
    )
    assert meeting.status is MeetingStatus.SCHEDULED
    assert requests[1].meeting is meeting


@pytest.mark.parametrize(("reopens", "status"), [(True, R.RECEIVED), (False, R.CANCELLED)])
def test_a_cancelled_meeting_opens_its_request_again_or_ends_it(
    election, delegation, official, reopens, status
):
    request = asked(election, delegation, official)
    meeting = answered(election, request, official)
    cancel_meeting(
        actor=COORDINATOR, election=election, meeting=meeting, reason="Fog", reopens=reopens
    )
    assert request.status is status
    assert request.meeting is None


def test_a_focal_point_asks_and_cancels_for_its_own_delegation_only(election, delegation, official):
    own = Actor(
        2, "Focal", frozenset({Role.FOCAL_POINT}), delegation_ids=frozenset({delegation.id})
    )
    request = asked(election, delegation, official, actor=own)
    with pytest.raises(NotFound):
        asked(election, records.delegation(election), official, actor=own)
    with pytest.raises(Forbidden):
        answer_request(
            actor=own, election=election, request=request, details=details(request, official)
        )
    meeting = answered(election, request, official)
    settle_request(actor=own, election=election, request=request, name="cancel", reason="Ill")
    assert (request.status, meeting.status) == (R.CANCELLED, MeetingStatus.CANCELLED)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"official_id": 999}, "target"),
        ({"whom": Whom.INSTITUTION, "official_id": None, "institution_id": 999}, "target"),
        ({"days": (date(2022, 11, 9),)}, "days"),
        ({"days": tuple(date(2022, 11, 11) + timedelta(n) for n in range(16))}, "days"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_its_field(
    election, delegation, official, more, field
):
    with pytest.raises(Refused) as refusal:
        asked(election, delegation, official, **more)
    assert refusal.value.field == field


def test_an_open_request_changes_and_a_stale_save_is_refused(election, delegation, official):
    request = asked(election, delegation, official)
    seen = request.version
    around = {"actor": COORDINATOR, "election": election, "request": request}
    change_request(**around, details=wanted(official, priority=1), seen_version=seen)
    with pytest.raises(Stale):
        change_request(**around, details=wanted(official), seen_version=seen)
    answered(election, request, official)
    with pytest.raises(Refused, match="Only an open request"):
        change_request(**around, details=wanted(official), seen_version=request.version)


def test_who_may_answer(election, delegation, official):
    deputies = [
        records.official(institution=official.institution, deputy_of=official, precedence=101 + n)
        for n in range(2)
    ]
    records.official(institution=official.institution, is_active=False)
    kinds = {
        Whom.OFFICIAL: {"official_id": official.id},
        Whom.DEPUTY: {"official_id": official.id},
        Whom.INSTITUTION: {"official_id": None, "institution_id": official.institution_id},
    }
    found = {
        kind: choices_of(
            asked(election, delegation, official, whom=kind, **more), officials(only_active=True)
        )
        for kind, more in kinds.items()
    }
    assert found[Whom.OFFICIAL] == (official,)
    assert found[Whom.DEPUTY] == found[Whom.INSTITUTION] == (official, *deputies)


def test_free_times_of_a_request_keep_to_everybodys_hours(app, election, delegation, official):
    request = asked(election, delegation, official, days=(date(2022, 11, 16),))
    records.day_off(official, date(2022, 11, 16))
    with app.test_request_context():
        times, reason = times_for(election, request)
    assert reason == ""
    assert date(2022, 11, 16) not in {free.starts.date() for free in times}
    delegation.arrival_on = delegation.departure_on = date(2022, 11, 16)
    with app.test_request_context():
        times, reason = times_for(election, request)
    assert times == []
    assert reason


@given(st.sampled_from(RequestStatus), st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_table_never_leads_out_of_itself(status, names):
    for name in names:
        assert may_step(status, name) == (name in steps_from(status))
        if may_step(status, name):
            status = STEPS[name].target
    assert status is not R.HELD or steps_from(status) == ()
    if status in OPEN | BOOKED:
        assert "cancel" in steps_from(status)


def test_every_status_can_be_reached():
    reached, new = set(), {R.RECEIVED}
    while new:
        reached |= new
        new = {STEPS[name].target for status in reached for name in steps_from(status)} - reached
    assert reached == set(RequestStatus)
