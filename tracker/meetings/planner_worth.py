"""What times and plans are worth, in points."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from tracker.meetings.planner_grid import first_of
from tracker.meetings.planner_problem import (
    FAIRNESS,
    KEPT,
    WISHED,
    Placement,
    Problem,
    Request,
)


class Grade(NamedTuple):
    """Moments of the grid that are worth equally many points with these officials."""

    points: int
    officials: tuple[str, ...]
    moments: int


def appeal(problem: Problem, request: Request, officials: tuple[str, ...], at: datetime) -> int:
    """Points for this time and these officials rather than others."""
    points = -20 * min(request.choices.index(officials), 5) if officials in request.choices else 0
    if not request.wished_days or problem.day_of(at) in request.wished_days:
        points += WISHED
    fixed = request.fixed
    return points + (KEPT if fixed and (fixed.starts_at, fixed.officials) == (at, officials) else 0)


def grades(problem: Problem, request: Request) -> list[Grade]:
    """All moments with each group of officials by what they appeal, best first."""
    grid, found = problem.grid, []
    wished = sum(grid.days.get(day, 0) for day in set(request.wished_days))
    kept = grid.set_of(request.fixed.starts_at) if request.fixed else 0
    for officials in request.choices:
        same = kept if request.fixed and request.fixed.officials == officials else 0
        for part in (wished, grid.every & ~wished):
            for moments in (part & same, part & ~same):
                if moments:
                    number = first_of(moments)
                    points = appeal(problem, request, officials, grid.moments[number])
                    found.append(Grade(points, officials, moments))
    return sorted(found, key=lambda each: -each.points)


def fair(meetings: Mapping[str, int]) -> int:
    """The points of delegations that have so many meetings."""
    return sum(sum(FAIRNESS[:number]) for number in meetings.values())


def value_of(problem: Problem, placements: Iterable[Placement]) -> int:
    """The points of a plan."""
    points, meetings = 0, Counter[str]()
    for placement in placements:
        request = problem.request[placement.request]
        points += request.worth + appeal(problem, request, placement.officials, placement.starts_at)
        meetings.update(request.delegations)
    return points + fair(meetings)


def most_appeal(problem: Problem, request: Request) -> int:
    """The points of a request's best time."""
    best = [grade.points for grade in grades(problem, request)[:1]]
    if fixed := request.fixed:
        best.append(appeal(problem, request, fixed.officials, fixed.starts_at))
    return max(best, default=0)


def most(problem: Problem) -> int:
    """More points than any plan can have: every request at its best time."""
    points = sum(each.worth + most_appeal(problem, each) for each in problem.requests)
    return points + fair(Counter(key for each in problem.requests for key in each.delegations))
