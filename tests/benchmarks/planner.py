"""The planner on invented weeks: how near the bound its plan is, and what that takes.

A second here is a second asked for, so that what is printed is a ratio on any machine.
"""

import time

from tests.factories.weeks import week
from tracker.meetings.planner import plan_greedily
from tracker.meetings.planner_model import schedule_all

WEEKS = {200: 3, 1_000: 30}  # requests, seconds asked for


def measure() -> dict[str, str]:
    """For each week: how long the first whole plan and the best take, and the best's distance."""
    found = {}
    for requests, seconds in WEEKS.items():
        problem = week(requests)
        start = time.perf_counter()
        plan_greedily(problem)
        first = time.perf_counter() - start
        problem = week(requests)
        start = time.perf_counter()
        plan = schedule_all(problem, seconds=seconds)
        whole = time.perf_counter() - start
        gap = (plan.bound - plan.objective) / plan.bound
        found[f"planner, {requests:,} requests: first plan, of time asked"] = (
            f"{first / seconds:.3f}"
        )
        found[f"planner, {requests:,} requests: whole, of time asked"] = f"{whole / seconds:.2f}"
        found[f"planner, {requests:,} requests: below the bound"] = f"{gap:.3%}"
    return found
