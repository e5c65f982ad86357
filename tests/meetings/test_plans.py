"""A plan is looked at, changed, accepted in part, stopped; refused where it no longer fits."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.jobs import jobs as queue
from tracker.kernel.permissions import Role
from tracker.meetings import jobs
from tracker.meetings.models import (
    Meeting,
    MeetingKind,
    MeetingPlan,
    MeetingRequest,
    PlanStatus,
    RequestStatus,
    Whom,
)
from tracker.meetings.operations import (
    MeetingDetails,
    PlanDetails,
    PlanRefused,
    RequestDetails,
    accept_plan,
    answer_request,
    change_row,
    drop_plan,
    request_meeting,
    schedule_meeting,
    start_plan,
    stop_plan,
)
from tracker.meetings.proposals import times_beside
from tracker.meetings.queries import rows_of_plan
from tracker.officials.models import OfficialHours

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
ALMATY = ZoneInfo("Asia/Almaty")
MONDAY = date(2022, 11, 14)
TEN = datetime(2022, 11, 14, 10, tzinfo=ALMATY)


@pytest.fixture
def election(app):
    with app.test_request_context(), clock.at(NOW):
        expect_writes(True)
        yield records.election()
        db.session.rollback()


@pytest.fixture
def official(election):
    """Somebody who receives on Monday from ten to twelve."""
    found = records.official()
    found.hours = [OfficialHours(weekday=0, starts=time(10), ends=time(12))]
    return found


def wish(election, official, **more):
    details = {"whom": Whom.OFFICIAL, "official_id": official.id, "topics": "Lists"}
    return request_meeting(
        actor=COORDINATOR,
        election=election,
        delegation=records.delegation(election),
        details=RequestDetails(**details | {"length_minutes": 60} | more),
    )


def planned(election, **more):
    details = PlanDetails(first_on=MONDAY, last_on=MONDAY + timedelta(days=4), **more)
    plan = start_plan(actor=COORDINATOR, election=election, details=details)
    db.session.commit()
    jobs.make_plan(plan.id)
    expect_writes(True)
    db.session.refresh(plan)
    return plan, rows_of_plan(plan.id)


def accepted(election, plan, rows, ids, **more):
    return accept_plan(
        actor=COORDINATOR, election=election, plan=plan, rows=rows, request_ids=ids, **more
    )


def booked():
    return db.session.scalar(sa.select(sa.func.count(Meeting.id)))


def test_what_fits_and_the_reason_for_what_does_not(election, official):
    requests = [wish(election, official, priority=number) for number in (1, 2, 5)]
    plan, rows = planned(election)
    assert (plan.status, plan.is_proven, booked()) == (PlanStatus.READY, True, 0)
    assert [row.request_id for row in rows if row.starts_at] == [r.id for r in requests[:2]]
    assert rows[-1].reason == "official_full"
    assert rows[-1].params == {"who": [f"official:{official.id}"]}


def test_nobody_in_office_is_a_reason_too(election):
    institution = records.institution()
    wish(election, records.official(), whom=Whom.INSTITUTION, official_id=None,
         institution_id=institution.id)  # fmt: skip
    _plan, (row,) = planned(election)
    assert row.reason == "nobody_to_meet"


def test_a_part_is_accepted_and_the_rest_later(election, official):
    first, second = (wish(election, official) for _number in range(2))
    plan, rows = planned(election)
    assert accepted(election, plan, rows, [first.id]) == 1
    assert (plan.status, booked()) == (PlanStatus.READY, 1)
    assert accepted(election, plan, rows, [second.id], is_proposal=True) == 1
    assert (plan.status, booked()) == (PlanStatus.ACCEPTED, 2)
    assert [row.request.status for row in rows] == [
        RequestStatus.CONFIRMED,
        RequestStatus.PROPOSED,
    ]


def test_nothing_is_booked_where_one_row_no_longer_fits(election, official):
    requests = [wish(election, official) for _number in range(2)]
    plan, rows = planned(election)
    details = MeetingDetails(
        kind=MeetingKind.BRIEFING,
        title="Briefing",
        starts_at=TEN,
        ends_at=TEN + timedelta(hours=1),
        official_ids=(official.id,),
    )
    schedule_meeting(actor=COORDINATOR, election=election, details=details)
    with pytest.raises(PlanRefused) as refusal:
        accepted(election, plan, rows, [request.id for request in requests])
    ((key, (fault,)),) = refusal.value.faults.items()
    assert "taken on 2022-11-14 from 10:00 to 11:00 by “Briefing”" in str(fault)
    assert booked() == 1
    others = [request.id for request in requests if request.id != key]
    assert accepted(election, plan, rows, others) == 1


def test_a_request_is_put_elsewhere_in_the_plan(election, official):
    first, second = (wish(election, official, length_minutes=30) for _number in range(2))
    plan, rows = planned(election)
    row = next(each for each in rows if each.request_id == second.id)
    taken = next(each.starts_at for each in rows if each.request_id == first.id)
    times, _reason = times_beside(election, second, rows)
    assert taken not in {free.starts for free in times}
    change = {"actor": COORDINATOR, "plan": plan, "row": row, "free": times[-1]}
    change_row(**change)
    assert accepted(election, plan, rows, [second.id]) == 1
    assert second.meeting.starts_at == times[-1].starts
    with pytest.raises(NotFound, match="no such row"):
        change_row(**change)
    [other] = [each for each in rows if each.request_id == first.id]
    change_row(**change | {"row": other})
    drop_plan(actor=COORDINATOR, plan=plan)
    with pytest.raises(NotFound, match="no such row"):
        change_row(**change | {"row": other})


def test_a_confirmed_meeting_moves_only_where_more_is_met_by_it(election, official):
    other = records.official(institution=official.institution, deputy_of=official)
    other.hours = [OfficialHours(weekday=1, starts=time(10), ends=time(11))]
    flexible = wish(election, official, whom=Whom.DEPUTY)
    details = MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Lists",
        starts_at=TEN + timedelta(minutes=30),
        ends_at=TEN + timedelta(minutes=90),
        official_ids=(official.id,),
        delegation_ids=(flexible.delegation_id,),
        agenda="One\nTwo",
    )
    answer_request(actor=COORDINATOR, election=election, request=flexible, details=details)
    waiting = [wish(election, official, priority=1) for _number in range(2)]
    _plan, rows = planned(election)
    assert not any(row.moves for row in rows), "not unless it is allowed"
    plan, rows = planned(election, may_move=True)
    (moved,) = [row for row in rows if row.moves]
    assert moved.request_id == flexible.id
    ids = [row.request_id for row in rows if row.starts_at]
    assert accepted(election, plan, rows, ids) == len(ids)
    assert flexible.status is RequestStatus.MOVED
    assert flexible.meeting.agenda == "One\nTwo"
    assert {request.status for request in waiting} >= {RequestStatus.CONFIRMED}


def test_a_meeting_outside_the_planned_days_stays_where_it_is(election, official):
    official.hours = []
    settled, waiting = wish(election, official), wish(election, official)
    details = MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Lists",
        starts_at=TEN + timedelta(days=7),
        ends_at=TEN + timedelta(days=7, hours=1),
        official_ids=(official.id,),
        delegation_ids=(settled.delegation_id,),
    )
    answer_request(actor=COORDINATOR, election=election, request=settled, details=details)
    _plan, rows = planned(election, may_move=True)
    assert [row.request_id for row in rows] == [waiting.id]


def test_a_time_that_is_no_longer_offered_is_not_another_one(app, sign_in):
    """What is chosen is the time that was shown, not its place in a list made anew."""
    with app.test_request_context(), clock.at(NOW):
        expect_writes(True)
        election, official = records.election(), records.official()
        official.hours = [OfficialHours(weekday=0, starts=time(10), ends=time(12))]
        request = wish(election, official)
        plan, _rows = planned(election)
        address = f"/e/kz-2022/meetings/plans/{plan.id}/requests/{request.id}"
        other = {"kind": "briefing", "title": "Briefing", "officials": official.id}
        db.session.commit()
    coordinator = sign_in(Role.COORDINATOR)
    with clock.at(NOW):
        first, *_others = re.findall(r'name="time" value="([^"]+)"', coordinator.get(address).text)
        taken = {"day": "2022-11-14", "starts": "10:00", "ends": "10:30"}
        assert coordinator.post("/e/kz-2022/meetings/new", data=other | taken).status_code == 302
        answer = coordinator.post(address, data={"time": first})
        assert answer.status_code == 422
        assert "no longer free" in answer.text
        assert coordinator.post(address, data={"time": "nonsense"}).status_code == 422


@pytest.mark.parametrize(
    ("first", "days", "field"),
    [(MONDAY, -1, "last_on"), (MONDAY - timedelta(9), 1, "first_on"), (MONDAY, 40, "last_on")],
)
def test_days_that_cannot_be_planned(election, first, days, field):
    details = PlanDetails(first_on=first, last_on=first + timedelta(days=days))
    with pytest.raises(Refused) as refusal:
        start_plan(actor=COORDINATOR, election=election, details=details)
    assert refusal.value.field == field


def test_one_plan_at_a_time_and_a_stopped_one_keeps_its_best(election, official):
    wish(election, official)
    details = PlanDetails(first_on=MONDAY, last_on=MONDAY)
    around = {"actor": COORDINATOR, "election": election, "details": details}
    plan = start_plan(**around)
    with pytest.raises(Refused, match="being made already"):
        start_plan(**around)
    stop_plan(actor=COORDINATOR, plan=plan)
    db.session.commit()
    jobs.make_plan(plan.id)
    expect_writes(True)
    db.session.refresh(plan)
    assert (plan.status, plan.is_stopped) == (PlanStatus.READY, True)
    assert len([row for row in rows_of_plan(plan.id) if row.starts_at]) == 1
    drop_plan(actor=COORDINATOR, plan=plan)
    with pytest.raises(Refused, match="not ready"):
        accepted(election, plan, rows_of_plan(plan.id), [1])


def test_a_process_that_died_leaves_a_plan_that_the_next_one_makes(election, official, monkeypatch):
    wish(election, official)
    details = PlanDetails(first_on=MONDAY, last_on=MONDAY)
    plan = start_plan(actor=COORDINATOR, election=election, details=details)
    plan.status = PlanStatus.RUNNING
    db.session.commit()
    monkeypatch.setattr(queue.huey, "immediate", True)
    jobs.resume()
    expect_writes(True)
    assert db.session.scalars(sa.select(MeetingPlan)).one().status is PlanStatus.READY
    assert db.session.scalar(sa.select(sa.func.count(MeetingRequest.id))) == 1


def test_the_same_requests_give_the_same_plan(election, official):
    for number in range(4):
        wish(election, records.official() if number % 2 else official, priority=1 + number)
    plans = [planned(election)[1] for _number in range(2)]
    shown = [[(row.request_id, row.starts_at, row.official_ids) for row in rows] for rows in plans]
    assert shown[0] == shown[1]
