"""People and rooms are taken once; officials receive at their hours."""

from datetime import datetime, time, timedelta
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
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingBooking, MeetingKind
from tracker.meetings.operations import (
    MeetingDetails,
    cancel_meeting,
    change_meeting,
    schedule_meeting,
)
from tracker.officials.models import OfficialHours
from tracker.officials.operations import HallDetails, create_hall
from tracker.officials.rules import parse_hours, receives, written_hours

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)  # a Friday


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def hall(session):
    institution = records.official().institution
    details = HallDetails(
        institution_id=institution.id,
        name_en="Hall",
        name_ru="Зал",
        name_kk="Зал",
        capacity=12,
    )
    return create_hall(actor=COORDINATOR, details=details)


def details(official, delegation, starts=NINE, **more):
    return MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Meeting",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
        official_ids=(official.id,),
        delegation_ids=(delegation.id,),
        **more,
    )


def book(election, *people, **more):
    chosen = details(*people, **more)
    return schedule_meeting(actor=COORDINATOR, election=election, details=chosen)


def bookings():
    return set(db.session.scalars(sa.select(MeetingBooking.resource)))


def test_a_hall_is_booked_once_and_the_holder_is_named(election, hall):
    pairs = [(records.official(), records.delegation(election)) for _number in range(2)]
    book(election, *pairs[0], hall_id=hall.id)
    with pytest.raises(Refused, match="Hall.*taken on") as refusal:
        book(election, *pairs[1], hall_id=hall.id, starts=NINE + timedelta(minutes=30))
    assert refusal.value.field == "hall_id"
    book(election, *pairs[1], hall_id=hall.id, starts=NINE + timedelta(minutes=45))


def test_a_hall_that_is_too_small_is_refused(election, hall):
    pair = records.official(), records.delegation(election)
    with pytest.raises(Refused, match="seats 12, fewer than the 13"):
        book(election, *pair, hall_id=hall.id, people=13)
    assert book(election, *pair, hall_id=hall.id, people=12).hall_id == hall.id


def test_bookings_follow_the_meeting(election, hall):
    official, delegation = records.official(), records.delegation(election)
    meeting = book(election, official, delegation, hall_id=hall.id)
    assert bookings() == {f"official:{official.id}", f"delegation:{delegation.id}", "hall:1"}
    other = records.official()
    chosen = details(other, delegation, starts=NINE + timedelta(hours=2))
    change_meeting(
        actor=COORDINATOR,
        election=election,
        meeting=meeting,
        details=chosen,
        seen_version=meeting.version,
    )
    assert bookings() == {f"official:{other.id}", f"delegation:{delegation.id}"}
    assert meeting.sequence == 1
    cancel_meeting(actor=COORDINATOR, election=election, meeting=meeting, reason="Fog")
    assert bookings() == set()
    assert meeting.sequence == 2


def test_an_official_receives_at_their_hours_only(election):
    official, delegation = records.official(), records.delegation(election)
    official.hours = [OfficialHours(weekday=4, starts=time(9), ends=time(12))]
    db.session.flush()
    assert book(election, official, delegation).id
    with pytest.raises(Refused, match="receives on .* at 09:00–12:00 only"):
        book(election, official, delegation, starts=NINE + timedelta(hours=2, minutes=30))
    with pytest.raises(Refused, match="does not receive on"):
        book(election, official, delegation, starts=NINE + timedelta(days=1))
    assert db.session.scalar(sa.select(sa.func.count(Meeting.id))) == 1


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("09:00–12:00, 14:00-18:00", ((time(9), time(12)), (time(14), time(18)))),
        ("14.00-18.00; 9:00-12:30", ((time(9), time(12, 30)), (time(14), time(18)))),
        ("", ()),
    ],
)
def test_hours_as_typed(typed, spans):
    assert parse_hours(typed, field="monday") == spans
    assert parse_hours(written_hours(spans), field="monday") == spans


@pytest.mark.parametrize(
    "typed", ["nine to five", "12:00-09:00", "9:00-12:00, 11:00-13:00", "25:00-26:00"]
)
def test_hours_that_cannot_be(typed):
    with pytest.raises(Refused) as refusal:
        parse_hours(typed, field="friday")
    assert refusal.value.field == "friday"


@given(st.integers(0, 23), st.integers(1, 180))
def test_a_meeting_lies_within_one_span(hour, minutes):
    week = [(4, time(9), time(12)), (4, time(14), time(18))]
    starts = NINE.replace(hour=hour, tzinfo=None)
    ends = starts + timedelta(minutes=minutes)
    inside = any(
        starts.time() >= begin and ends <= starts.replace(hour=close.hour)
        for _weekday, begin, close in week
    )
    assert receives(week, starts, ends) == inside
    assert receives([], starts, ends)
