"""Shifts: nobody is missing unsaid or in two places, and clocks may change at night."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tracker.logistics.models.duty import DutyFunction
from tracker.logistics.rules.duty import Turn, clashes, days_between, gaps, left_alone

F = DutyFunction
START = datetime(2022, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shift:
    """What the rules need to know of a shift."""

    starts_at: datetime
    ends_at: datetime
    person: str = "A"
    user_id: int | None = None
    function: DutyFunction = F.DUTY_OFFICER


def hours(first, last, **more):
    return Shift(START + timedelta(hours=first), START + timedelta(hours=last), **more)


@st.composite
def rosters(draw):
    spans = st.tuples(st.integers(0, 60), st.integers(1, 14), st.sampled_from("ABa"))
    return [
        hours(start, start + length, person=name)
        for start, length, name in draw(st.lists(spans, max_size=12))
    ]


@given(rosters(), st.integers(0, 30), st.integers(1, 40))
def test_an_hour_is_in_a_gap_if_nobody_is_there(shifts, first, length):
    start, end = START + timedelta(hours=first), START + timedelta(hours=first + length)
    found = gaps(shifts, start, end)
    assert found == sorted(found)
    for hour in range(length):
        moment = start + timedelta(hours=hour)
        is_covered = any(each.starts_at <= moment < each.ends_at for each in shifts)
        assert is_covered != any(since <= moment < until for since, until in found)


@given(rosters())
def test_double_bookings_are_all_overlaps_of_one_person(shifts):
    found = {frozenset((id(one), id(other))) for one, other in clashes(shifts)}
    expected = {
        frozenset((id(one), id(other)))
        for one in shifts
        for other in shifts
        if one is not other
        and one.person.casefold() == other.person.casefold()
        and one.starts_at < other.ends_at
        and other.starts_at < one.ends_at
    }
    assert found == expected


def test_an_account_is_one_person_whatever_its_name():
    one, other = hours(0, 5, user_id=1, person="A"), hours(4, 6, user_id=2, person="A")
    assert clashes([one, other]) == []
    assert clashes([one, hours(4, 6, user_id=1, person="B")])


@given(
    st.sampled_from(["Asia/Almaty", "Europe/Warsaw", "America/New_York", "Australia/Lord_Howe"]),
    st.dates(date(2019, 1, 1), date(2026, 12, 1)),
    st.integers(4, 12),
    st.integers(16, 22),
)
def test_two_turns_a_day_leave_no_gap_whatever_the_clocks_do(zone, first, morning, evening):
    """Clocks change at night: the night's shift is longer or shorter, and nobody is missing."""
    turns = (Turn(time(morning), time(evening)), Turn(time(evening), time(morning)))
    days = days_between(first, first + timedelta(days=8))
    shifts = sorted(turn.on(day, zone) for day in days for turn in turns)
    for (_start, end), (start, _end) in zip(shifts, shifts[1:], strict=False):
        assert end == start
    for start, end in shifts:
        assert timedelta(0) < end - start
        assert {start.astimezone(ZoneInfo(zone)).hour, end.astimezone(ZoneInfo(zone)).hour} == {
            morning,
            evening,
        }


def test_the_night_on_which_almaty_moved_lasts_an_hour_longer():
    night = Turn(time(21), time(9))
    lengths = [
        end - start
        for start, end in (night.on(date(2024, 2, day), "Asia/Almaty") for day in (28, 29))
    ]
    assert lengths == [timedelta(hours=12), timedelta(hours=13)]


def test_whoever_goes_on_themselves_has_nobody_to_tell():
    now = START + timedelta(hours=20)
    alone, followed = hours(6, 12, person="A"), hours(12, 18, person="B")
    assert left_alone([alone, followed], now) == [alone, followed]
    assert left_alone([alone, hours(12, 22, person="a")], now) == []
    assert left_alone([hours(6, 12, function=F.DRIVERS)], now) == []
    assert left_alone([alone], START + timedelta(hours=36)) == []
