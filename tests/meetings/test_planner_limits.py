"""What the solver is told: everything that excludes each other, and nothing else."""

from dataclasses import replace
from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.factories.plans import (
    FIRST,
    MINUTE,
    at,
    hours,
    is_sound,
    official,
    problem,
    problems,
    request,
)
from tracker.meetings.conflicts import Busy
from tracker.meetings.planner_board import Board
from tracker.meetings.planner_cells import cells_of
from tracker.meetings.planner_limits import limits
from tracker.meetings.planner_problem import Placement


def breaks(found, chosen):
    """Whether a choice of moments, by cell and index, exceeds one of the limits."""
    for limit in found:
        weights = limit.weights or [1] * len(limit.stretches)
        weighed = [
            weight
            for (cell, first, end), weight in zip(limit.stretches, weights, strict=True)
            for one, index in chosen
            if cell is one and first <= index < end
        ]
        if sum(weighed) > limit.most:
            return True
    return False


def by_name(cell, index):
    """The meeting with each hall and interpreter there is for it."""
    if cell.fixed:
        return [cell.fixed]
    names = product(cell.halls or [None], cell.interpreters or [None])
    return [cell.at(index).placement(hall, interpreter) for hall, interpreter in names]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.data())
def test_two_meetings_are_kept_apart_if_and_only_if_they_must(asked, data):
    board = Board(asked)
    cells = list(cells_of(board))
    assume(len(cells) > 1)
    day = data.draw(st.sampled_from(cells)).day
    there = [cell for cell in cells if cell.day == day]
    chosen = [
        (cell, data.draw(st.integers(0, cell.size - 1)))
        for cell in (data.draw(st.sampled_from(there)) for _number in range(2))
    ]
    assume(chosen[0] != chosen[1])
    can_be = any(is_sound(asked, pair) for pair in product(*(by_name(*each) for each in chosen)))
    near, afar = (list(limits(board, cells, days)) for days in ({day}, ()))
    if can_be:
        assert not breaks(near, chosen)
        assert not breaks(afar, chosen)
    elif not any(cell.halls or cell.interpreters or cell.fixed for cell, _index in chosen):
        assert breaks(near, chosen)


def test_ways_longer_than_meetings_exclude_meetings_at_once():
    asked = problem(
        [request(1, 15), request(2, 15, any_of=("official:2",))],
        official(1, venue="east"),
        official(2, venue="west"),
        travel={("east", "west"): 50 * MINUTE},
    )
    board = Board(asked)
    one, *_others = cells = list(cells_of(board))
    other = next(cell for cell in cells if cell.day == one.day and cell.venue == "west")
    found = list(limits(board, cells, {one.day}))
    apart = [number for number in range(one.size) if not breaks(found, [(one, 4), (other, number)])]
    assert apart == list(range(4 + 5, one.size))  # 10:00 to 10:15, then 50 minutes on the way


def test_a_day_from_afar_counts_what_a_meeting_holds():
    confirmed = Placement(1, at(9, 5), at(9, 50), ("official:1",))
    asked = problem(
        [request(1, 45, fixed=confirmed), request(2, 30, delegation=2)],
        official(buffer=15 * MINUTE, busy=(Busy(at(10, 15), at(12)),)),
        days=(at(9).date(),),
    )
    cells = list(cells_of(Board(asked)))
    limit = next(each for each in limits(Board(asked), cells, ()) if each.weights)
    assert dict(zip((cell.size for cell, *_ in limit.stretches), limit.weights, strict=True)) == {
        1: 4,  # confirmed: 9:15 to 10:00, with the buffer up to 10:05
        2: 4,
        3: 3,
    }
    assert limit.most == 5


def test_from_afar_the_morning_is_not_spent_in_the_afternoon():
    asked = problem(
        [request(key, 60, delegation=7, any_of=(f"official:{key}",)) for key in (1, 2, 3)],
        official(1, hours(9, 11, FIRST)),
        official(2, hours(9, 11, FIRST)),
        official(3, hours(14, 18, FIRST)),
        days=(FIRST,),
    )
    cells = list(cells_of(Board(asked)))
    counted = [each for each in limits(Board(asked), cells, ()) if each.weights]
    assert [len(each.stretches) for each in counted] == []
    asked = replace(asked, requests=(*asked.requests, request(4, 60, delegation=7)))
    cells = list(cells_of(Board(asked)))
    counted = [each for each in limits(Board(asked), cells, ()) if each.weights]
    assert [(len(each.stretches), each.most) for each in counted] == [(3, 8)]
