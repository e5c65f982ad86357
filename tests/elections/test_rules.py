"""The calendar of an election: legal deadlines, phases, local minutes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.elections.rules import (
    Calendar,
    Phase,
    default_end,
    default_open,
    legal_close,
    may_submit,
    moment_typed,
    phase_at,
)
from tracker.kernel.clock import exists_locally, local_moment

ALMATY = "Asia/Almaty"


@pytest.mark.parametrize(
    ("election_on", "close"),
    [
        (date(2022, 11, 20), "2022-11-14T18:00+06:00"),
        (date(2023, 3, 19), "2023-03-13T18:00+06:00"),
        (date(2019, 6, 9), "2019-06-03T18:00+06:00"),
        (date(2024, 10, 6), "2024-09-30T18:00+05:00"),  # after the zone moved to UTC+5
    ],
)
def test_the_legal_close_leaves_five_full_days(election_on, close):
    assert legal_close(election_on, ALMATY) == datetime.fromisoformat(close)


def calendar(on=date(2022, 11, 20)):
    return Calendar(
        ALMATY, on, default_open(on, ALMATY), legal_close(on, ALMATY), default_end(on, ALMATY)
    )


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-80 * 1440, 10 * 1440))
def test_phases_follow_one_another(on, minutes):
    order = list(Phase)
    moment = local_moment(on, datetime.min.time(), ALMATY) + timedelta(minutes=minutes)
    before, after = phase_at(calendar(on), moment), phase_at(calendar(on), moment + timedelta(1))
    assert order.index(before) <= order.index(after)
    if may_submit(calendar(on), moment):
        assert before in {Phase.ACCREDITATION_OPEN, Phase.CLOSED}


def test_the_phases_of_2022():
    for text, phase in {
        "2022-09-20T12:00": Phase.PREPARATION,
        "2022-11-14T17:59": Phase.ACCREDITATION_OPEN,
        "2022-11-14T18:00": Phase.CLOSED,
        "2022-11-20T00:00": Phase.ELECTION_DAY,
        "2022-11-20T23:59": Phase.ELECTION_DAY,
        "2022-11-21T12:00": Phase.ELECTION_DAY,
        "2022-11-22T00:00": Phase.CLOSED_FOR_GOOD,
    }.items():
        assert phase_at(calendar(), datetime.fromisoformat(f"{text}+06:00")) is phase


def test_the_present_minute_means_now():
    now = datetime(2022, 11, 18, 4, 40, 25, tzinfo=UTC)
    assert moment_typed(datetime(2022, 11, 18, 10, 40), ALMATY, now) == now
    earlier = datetime(2022, 11, 18, 4, 39, tzinfo=UTC)
    assert moment_typed(datetime(2022, 11, 18, 10, 39), ALMATY, now) == earlier


def test_skipped_times_do_not_exist():
    assert not exists_locally(datetime(2024, 3, 31, 2, 30), "Europe/Berlin")
    assert exists_locally(datetime(2024, 3, 31, 3, 30), "Europe/Berlin")
