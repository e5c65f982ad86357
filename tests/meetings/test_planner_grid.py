"""Sets of moments say the same as the functions that judge one moment."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.plans import FIRST, MINUTE, SECOND, ZONE, at, hours, official, problem
from tracker.meetings.conflicts import Busy, clash
from tracker.meetings.planner_board import Board
from tracker.meetings.planner_grid import Grid, first_of, numbers, span, spread, ticks

minutes = st.integers(1, 90)


def test_sets_are_whole_numbers():
    assert list(numbers(0b101100)) == [2, 3, 5]
    assert first_of(0b101100) == 2
    assert span(2, 4) == 0b1100
    assert span(4, 2) == 0
    assert spread(0b100010, 3) == 0b11101110


@given(st.integers(0, 600), minutes, minutes, st.integers(0, 45), st.integers(0, 45))
def test_who_is_free_when(start, busy, length, buffer, way):
    begins = at(8) + start * MINUTE
    other = Busy(begins, begins + busy * MINUTE, "west")
    one = official(1, hours(9, 12, FIRST), busy=(other,), buffer=buffer * MINUTE, venue="east")
    asked = problem([], one, travel={("east", "west"): way * MINUTE})
    found = Board(asked).free(one.key, length * MINUTE // timedelta.resolution, "east")
    for number, moment in enumerate(asked.grid.moments):
        wanted = Busy(moment, moment + length * MINUTE, "east")
        is_free = one.is_in(wanted.starts_at, wanted.ends_at) and not clash(
            one, wanted, other, asked.travel
        )
        assert bool(found >> number & 1) is is_free


def test_days_are_local_and_moments_found_again():
    grid = Grid((SECOND, FIRST), ZONE, 15 * MINUTE)
    assert list(grid.days) == [FIRST, SECOND]
    assert [each.bit_count() for each in grid.days.values()] == [96, 96]
    assert grid.set_of(at(0, 15)) == 0b10
    assert grid.set_of(at(0, 20)) == 0
    assert grid.within(ticks(at(0, 10)), ticks(at(0, 45))) == 0b110
