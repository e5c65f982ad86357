"""The planner on invented weeks: how fast a first whole plan is, how near the bound the best is."""

import time

from tests.factories.weeks import week
from tracker.meetings.planner import plan_greedily
from tracker.meetings.planner_model import schedule_all
from tracker.meetings.planner_problem import (
    Placement,
    Problem,
)


def _gap(problem: Problem, seconds: float) -> float:
    plan = schedule_all(problem, seconds=seconds)
    return (plan.bound - plan.objective) / plan.bound


def measure() -> dict[str, float]:
    """Seconds of a greedy plan; the distance to the bound as a ratio of it."""
    problem = week(200)
    start = time.perf_counter()
    first: list[Placement] = plan_greedily(problem)
    greedy = time.perf_counter() - start
    if not first:
        raise RuntimeError("an empty plan")
    return {
        "planner: 200 requests, greedy, seconds": greedy,
        "planner: 200 requests, gap after 3 s": _gap(problem, 3),
        "planner: 1,000 requests, gap after 30 s": _gap(week(1000), 30),
    }
