"""Hours in local wall time, and the days that replace them."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import Refused
from tracker.officials.models import Hall, Institution, Interpreter
from tracker.officials.rules import (
    hours_on,
    in_short,
    makes_a_circle,
    parse_hours,
    receives,
    written_hours,
    written_languages,
    zone_of,
)

FRIDAY = date(2022, 11, 18)
minutes = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
spans = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])
weekly = st.lists(st.tuples(st.integers(0, 6), spans).map(lambda row: (row[0], *row[1])))
days = st.dates(FRIDAY, FRIDAY + timedelta(days=9))
closed = days.map(lambda on: (on, None, None))
exceptional = st.lists(st.tuples(days, spans).map(lambda row: (row[0], *row[1])) | closed)


def covers(parts, at):
    return any(starts <= at < ends for starts, ends in parts)


@given(weekly, exceptional, days, minutes)
def test_what_is_said_of_a_day_replaces_the_week(week, exceptions, day, at):
    found = hours_on(week, exceptions, day)
    said = [(starts, ends) for on, starts, ends in exceptions if on == day]
    if said:
        assert covers(found, at) == covers([pair for pair in said if pair[0]], at)
    elif week:
        usual = [(starts, ends) for weekday, starts, ends in week if weekday == day.weekday()]
        assert covers(found, at) == covers(usual, at)
    else:
        assert found is None


@given(weekly, exceptional, days)
def test_spans_come_in_order_and_apart(week, exceptions, day):
    found = hours_on(week, exceptions, day) or ()
    assert all(starts < ends for starts, ends in found)
    assert all(one[1] < other[0] for one, other in zip(found, found[1:], strict=False))
    assert hours_on(reversed(week), reversed(exceptions), day) == hours_on(week, exceptions, day)


@given(weekly, days, minutes, st.integers(1, 300))
def test_a_meeting_lies_within_one_span(week, day, at, length):
    starts = datetime.combine(day, at)
    ends = starts + timedelta(minutes=length)
    steps = [starts + timedelta(minutes=n) for n in range(length)]
    usual = [(a, b) for weekday, a, b in week if weekday == day.weekday()]
    inside = ends.date() == day and all(covers(usual, step.time()) for step in steps)
    assert receives(week, starts, ends) == (inside or not week)


@given(st.lists(spans))
def test_hours_are_read_as_they_are_written(parts):
    merged = hours_on([(0, *span) for span in parts], (), date(2022, 11, 14)) or ()
    assert parse_hours(written_hours(merged), field="monday") == merged


@pytest.mark.parametrize("text", ["9", "9-12", "25:00-26:00", "09:00–12:00 14:00", "12:00-09:00"])
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(Refused) as refusal:
        parse_hours(text, field="monday")
    assert refusal.value.field == "monday"


def test_a_day_off_and_an_exceptional_saturday():
    week = [(weekday, time(9), time(18)) for weekday in range(5)]
    saturday = FRIDAY + timedelta(days=1)
    assert hours_on(week, (), FRIDAY) == ((time(9), time(18)),)
    assert hours_on(week, [(FRIDAY, None, None)], FRIDAY) == ()
    assert hours_on(week, [(saturday, time(10), time(13))], saturday) == ((time(10), time(13)),)
    assert hours_on((), [(FRIDAY, None, None)], saturday) is None


def test_a_meeting_may_lie_across_two_spans_that_touch():
    week = [(4, time(9), time(12)), (4, time(12), time(18))]
    assert hours_on(week, (), FRIDAY) == ((time(9), time(18)),)
    noon = datetime.combine(FRIDAY, time(12))
    assert receives(week, noon - timedelta(minutes=30), noon + timedelta(minutes=30))


def test_a_week_in_short():
    morning, whole = (time(9), time(12)), (time(9), time(18))
    week = [(0, *whole), (1, *whole), (2, *whole), (3, *morning), (5, *morning)]
    assert in_short(week) == [(0, 2, (whole,)), (3, 3, (morning,)), (5, 5, (morning,))]
    assert in_short(()) == []


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 9)), st.integers(1, 9), st.integers(1, 9))
def test_deputies_never_go_round_in_a_circle(wanted, who, of):
    deputies = {}
    for one, other in [*wanted.items(), (who, of)]:
        if not makes_a_circle(deputies, one, other):
            deputies[one] = other
    for one in deputies:
        above = one
        for _step in range(len(deputies) + 1):
            above = deputies.get(above)
        assert above is None


def test_deputies_of_deputies():
    assert makes_a_circle({}, 1, 1)
    assert makes_a_circle({2: 1, 3: 2}, 1, 3)
    assert not makes_a_circle({2: 1, 3: 2}, 4, 3)


def test_languages_are_stored_in_order():
    assert written_languages(["tr", "en", "tr"]) == "en,tr"
    for codes in ([], ["xx"], ["en", "EN"], ["en,fr"]):
        with pytest.raises(Refused) as refusal:
            written_languages(codes)
        assert refusal.value.field == "languages"


def test_hours_are_in_the_zone_of_the_institution_else_of_the_election():
    hall = Hall(institution=Institution(time_zone="Asia/Oral"))
    assert zone_of(hall, "Asia/Almaty") == "Asia/Oral"
    hall.institution.time_zone = None
    assert zone_of(hall, "Asia/Almaty") == "Asia/Almaty"
    assert zone_of(Interpreter(), "Asia/Almaty") == "Asia/Almaty"
