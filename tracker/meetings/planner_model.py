"""The whole plan as a CP-SAT model; apart because OR-Tools is heavy and only jobs may load it.

Every request has one boolean for each time, group of officials and venue it could have. Whoever
takes part can be at one place at a time (with buffers and ways), halls and interpreters are
counted, and are given out by name afterwards. The counts are never stricter than the truth, so the
solver's bound holds for every real plan.

The same problem must give the same plan, on a busy computer as on an idle one. Hence a fixed seed,
a limit in the solver's deterministic time, and `interleave_search`, by which several workers share
what they learn at fixed points of that time and not whenever they happen to run. The clock only
ends a search that takes several times as long as it should. One worker, led by the reduced costs
of the linear relaxation, has been faster than several in turn.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

from ortools.sat.python import cp_model

from tracker.meetings.conflicts import Resource
from tracker.meetings.planner import (
    appeal,
    candidates,
    fill,
    in_turn,
    plan_greedily,
    value_of,
    why_not,
)
from tracker.meetings.planner_board import Board
from tracker.meetings.planner_problem import (
    FAIRNESS,
    Placement,
    Plan,
    Problem,
    Request,
    Unplaced,
)

Progress = Callable[[int, int, float], bool]

WORK_PER_SECOND = 0.7  # of deterministic time in a second of the clock, about
PATIENCE = 5  # the clock stops a search after so many times the seconds asked for
PULSE = 0.25  # seconds between two reports of progress


@dataclass(frozen=True)
class Option:
    """One way to meet a request: when, with whom, at which venue; `points` is its value."""

    request: Request
    officials: tuple[str, ...]
    venue: str | None
    starts_at: datetime
    ends_at: datetime
    points: int
    variable: cp_model.IntVar

    @property
    def moment(self) -> tuple[int, tuple[str, ...], str | None, datetime]:
        """What tells options apart."""
        return self.request.key, self.officials, self.venue, self.starts_at


def _options(problem: Problem, request: Request, model: cp_model.CpModel) -> Iterator[Option]:
    """Every way to meet a request that no busy time or hour forbids."""
    empty, fixed = Board(problem), request.fixed
    kept = fixed if fixed and empty.can_stay(fixed) else None
    if kept:
        points = request.worth + appeal(problem, request, kept.officials, kept.starts_at)
        venue = problem.venue_of(kept.officials, kept.hall)
        times = (kept.starts_at, kept.ends_at)
        yield Option(request, kept.officials, venue, *times, points, model.new_bool_var(""))
    for points, moment, officials in candidates(problem, request):
        if kept and (kept.starts_at, kept.officials) == (moment, officials):
            continue
        seen = set()
        for hall in problem.halls_for(request):
            venue = problem.venue_of(officials, hall)
            if venue not in seen and empty.seat(request, officials, moment, (hall,)):
                seen.add(venue)
                ends_at, worth = moment + request.length, request.worth + points
                variable = model.new_bool_var("")
                yield Option(request, officials, venue, moment, ends_at, worth, variable)


class Model:
    """The CP-SAT model of a problem, with a plan as a hint."""

    def __init__(self, problem: Problem, hint: Iterable[Placement]) -> None:
        self.problem, self.cp = problem, cp_model.CpModel()
        self.options: list[Option] = []
        self._users: defaultdict[str, list[Option]] = defaultdict(list)
        for request in problem.requests:
            found = list(_options(problem, request, self.cp))
            self.options += found
            if len(found) > 1:
                self.cp.add_at_most_one(each.variable for each in found)
            for option in found:
                for key in (*option.officials, *request.delegations):
                    self._users[key].append(option)
        for key, users in self._users.items():
            self._one_at_a_time(problem.resource(key), users)
            self._days(problem.resource(key), users)
            self._ways(problem.resource(key), users)
        self._halls()
        self._interpreters()
        self._value(list(hint))

    def _one_at_a_time(self, resource: Resource, users: list[Option]) -> None:
        for running in _running(users, resource.buffer):
            if len(running) > 1:
                self.cp.add_at_most_one(each.variable for each in running)

    def _days(self, resource: Resource, users: list[Option]) -> None:
        if resource.most_a_day is None:
            return
        days = defaultdict(list)
        for option in users:
            days[self.problem.day_of(option.starts_at)].append(option.variable)
        met = resource.meetings_by_day(self.problem.time_zone)
        for day, variables in days.items():
            self.cp.add(
                cp_model.LinearExpr.sum(variables) <= max(0, resource.most_a_day - met[day])
            )

    def _ways(self, resource: Resource, users: list[Option]) -> None:
        """Whoever meets at one venue starts nowhere else until the way is covered."""
        by_venue = defaultdict(list)
        for option in users:
            by_venue[option.venue].append(option)
        for here, there in permutations(by_venue, 2):
            way = self.problem.way(here, there)
            if way > resource.buffer:
                self._way(by_venue[here], by_venue[there], way)

    def _way(self, here: list[Option], there: list[Option], way: timedelta) -> None:
        points = sorted({moment for each in here for moment in (each.starts_at, each.ends_at)})
        inside = defaultdict(list)
        for option in here:
            first, last = (bisect_left(points, at) for at in (option.starts_at, option.ends_at))
            for number in range(first, last):
                inside[number].append(option.variable)
        there = sorted(there, key=lambda each: each.starts_at)
        starts = [each.starts_at for each in there]
        shortest = min(each.ends_at - each.starts_at for each in there)
        for number, variables in inside.items():
            moment, end = points[number], points[number + 1] + way
            while moment < end:  # two starts within the shortest meeting exclude each other
                until = min(moment + shortest, end)
                late = there[bisect_left(starts, moment) : bisect_left(starts, until)]
                if late:
                    self.cp.add_at_most_one([*variables, *(each.variable for each in late)])
                moment = until

    def _halls(self) -> None:
        """At no venue more meetings of a size than halls with seats enough for it."""
        pools = defaultdict(set)
        fitting = {each.key: each for each in self.problem.requests if each.hall_needed}
        for request in fitting.values():
            halls = [self.problem.resource(key or "") for key in self.problem.halls_for(request)]
            for venue in {hall.venue for hall in halls}:
                pools[venue].add(tuple(hall for hall in halls if hall.venue == venue))
        for venue, levels in pools.items():
            for level in sorted(levels, key=len):
                keys = {hall.key for hall in level}
                users = [
                    each
                    for each in self.options
                    if each.request.key in fitting
                    and each.venue == venue
                    and self._seats(each.request, venue) <= keys
                ]
                self._pool(users, list(level))

    def _seats(self, request: Request, venue: str | None) -> set[str]:
        halls = [key for key in self.problem.halls_for(request) if key]
        return {key for key in halls if self.problem.resource(key).venue == venue}

    def _interpreters(self) -> None:
        """Never more meetings in a language than interpreters of it, nor than there are at all."""
        users = [each for each in self.options if each.request.language is not None]
        able: dict[str, tuple[str, ...]] = {}
        for option in users:
            if option.request.language not in able:
                keys = self.problem.interpreters_for(option.request)
                able[str(option.request.language)] = tuple(key for key in keys if key)
        groups = {frozenset(keys) for keys in able.values()}
        groups.add(frozenset(key for keys in able.values() for key in keys))
        for group in sorted(groups, key=sorted):
            members = [self.problem.resource(key) for key in sorted(group)]
            within = [each for each in users if set(able[str(each.request.language)]) <= group]
            self._pool(within, members)

    def _pool(self, users: list[Option], members: list[Resource]) -> None:
        """At no moment more users than members who are then neither away nor busy."""
        buffer = min((each.buffer for each in members), default=timedelta())
        for running in _running(users, buffer):
            now = running[-1].starts_at
            free = sum(
                each.is_in(now, now)
                and not any(busy.starts_at <= now < busy.ends_at for busy in each.busy)
                for each in members
            )
            if len({each.request.key for each in running}) > free:
                variables = [each.variable for each in running]
                self.cp.add(cp_model.LinearExpr.sum(variables) <= free)

    def _value(self, hint: list[Placement]) -> None:
        """A delegation's first meetings are worth more than its further ones."""
        variables: list[cp_model.IntVar] = [each.variable for each in self.options]
        points = [each.points for each in self.options]
        places = [self.problem.venue_of(each.officials, each.hall) for each in hint]
        hinted = {
            (each.request, each.officials, venue, each.starts_at)
            for each, venue in zip(hint, places, strict=True)
        }
        for option in self.options:
            self.cp.add_hint(option.variable, option.moment in hinted)
        meetings = Counter(
            key for each in hint for key in self.problem.request[each.request].delegations
        )
        by_delegation = defaultdict(list)
        for option in self.options:
            for key in option.request.delegations:
                by_delegation[key].append(option)
        for key, options in by_delegation.items():
            most = min(len({each.request.key for each in options}), len(FAIRNESS))
            steps = [self.cp.new_bool_var("") for _number in range(most)]
            self.cp.add(
                cp_model.LinearExpr.sum(steps)
                <= cp_model.LinearExpr.sum([each.variable for each in options])
            )
            for number, step in enumerate(steps):
                self.cp.add_hint(step, number < meetings[key])
            variables += steps
            points += FAIRNESS[:most]
        self.cp.maximize(cp_model.LinearExpr.weighted_sum(variables, points))


def _running(users: list[Option], after: timedelta) -> Iterator[list[Option]]:
    """For each start in turn, the options that then run or ended less than `after` ago."""
    running: list[Option] = []
    ordered = sorted(users, key=lambda each: each.starts_at)
    for number, option in enumerate(ordered):
        running.append(option)
        now = option.starts_at
        if number + 1 == len(ordered) or ordered[number + 1].starts_at != now:
            running = [each for each in running if each.ends_at + after > now]
            yield running


class _Watch(cp_model.CpSolverSolutionCallback):
    """Remembers how far the search is; the caller's thread reports it."""

    def __init__(self, options: list[Option], placed: int, points: float) -> None:
        super().__init__()
        self._options, self.placed, self.points = options, placed, points

    def on_solution_callback(self) -> None:
        if self.objective_value > self.points:
            self.points = self.objective_value
            self.placed = sum(self.boolean_value(each.variable) for each in self._options)


def _search(
    solver: cp_model.CpSolver, model: Model, watch: _Watch, progress: Progress | None
) -> tuple[bool, bool]:
    """Run the search in a thread of its own; whether it has a plan, whether it was stopped."""
    total, stopped = len(model.problem.requests), False
    with ThreadPoolExecutor(1) as thread:
        search = thread.submit(solver.solve, model.cp, watch)
        while True:
            try:
                status = search.result(PULSE)
                break
            except StillRunning:
                if progress and not stopped and not progress(watch.placed, total, watch.points):
                    stopped = True
                if stopped:  # again each time: a search that has not begun does not hear it
                    solver.stop_search()
    return status in (cp_model.OPTIMAL, cp_model.FEASIBLE), stopped


def _seated(problem: Problem, chosen: list[Option]) -> list[Placement]:
    """The plan of the options: halls and interpreters by name; who gets none is placed anew."""
    board = Board(problem)
    kept = [each for each in chosen if _stays(each)]
    for option in kept:
        if option.request.fixed and board.can_stay(option.request.fixed):
            board.add(option.request.fixed)
    for option in sorted(chosen, key=lambda each: (each.starts_at, -each.points)):
        if option.request.key in board.placed:
            continue
        halls = [
            hall
            for hall in problem.halls_for(option.request)
            if problem.venue_of(option.officials, hall) == option.venue
        ]
        if place := board.seat(option.request, option.officials, option.starts_at, halls):
            board.add(place)
    fill(board, in_turn(problem))
    return list(board.placed.values())


def _stays(option: Option) -> bool:
    fixed = option.request.fixed
    return fixed is not None and (fixed.starts_at, fixed.officials) == (
        option.starts_at,
        option.officials,
    )


def _solver(seconds: float, workers: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = 1
    solver.parameters.num_workers = workers
    solver.parameters.max_presolve_iterations = 1  # further rounds cost more than they bring
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.hint_conflict_limit = 0  # the hint is complete: no search around it
    solver.parameters.subsolvers.extend(["reduced_costs"])
    solver.parameters.merge_at_most_one_work_limit = 1e7
    solver.parameters.interleave_search = workers > 1
    solver.parameters.max_deterministic_time = seconds * WORK_PER_SECOND
    solver.parameters.max_time_in_seconds = seconds * PATIENCE
    return solver


def schedule_all(
    problem: Problem,
    *,
    seconds: float = 3,
    workers: int = 1,
    progress: Callable[[int, int, float], bool] | None = None,
) -> Plan:
    """The best plan found in about so many seconds; the same input gives the same plan.

    `progress` learns from time to time how many requests are placed, of how many, and the points;
    if it answers False, the best plan so far is given.
    """
    best = plan_greedily(problem)
    points, total = value_of(problem, best), len(problem.requests)
    if progress and not progress(len(best), total, points):
        return _plan(problem, best, _most(problem), True)
    model, solver = Model(problem, best), _solver(seconds, workers)
    watch = _Watch(model.options, len(best), points)
    found, stopped = _search(solver, model, watch, progress)
    bound = min(solver.best_objective_bound, _most(problem)) if found else _most(problem)
    if found:
        chosen = [each for each in model.options if solver.boolean_value(each.variable)]
        best = max(best, _seated(problem, chosen), key=lambda plan: value_of(problem, plan))
    return _plan(problem, best, bound, stopped)


def _most(problem: Problem) -> float:
    """More points than any plan can have: every request at its best time."""
    meetings = Counter(key for each in problem.requests for key in each.delegations)
    fair = sum(sum(FAIRNESS[:number]) for number in meetings.values())
    best = (
        (found[0][0] if (found := candidates(problem, each)) else 0) for each in problem.requests
    )
    kept = sum(10**4 for each in problem.requests if each.fixed)
    return float(sum(each.worth for each in problem.requests) + sum(best) + fair + kept)


def _plan(problem: Problem, placements: list[Placement], bound: float, stopped: bool) -> Plan:
    by_request = {each.request: each for each in placements}
    moved = [each.key for each in problem.requests if each.fixed]
    unplaced = [
        why_not(problem, placements, each)
        or Unplaced(each.key, "official_full", {"who": each.choices[0]})
        for each in problem.requests
        if each.key not in by_request
    ]
    points = value_of(problem, placements)
    return Plan(
        tuple(sorted(placements, key=lambda each: (each.starts_at, each.request))),
        tuple(unplaced),
        tuple(key for key in moved if by_request.get(key) != problem.request[key].fixed),
        points,
        bound,
        points >= bound - 0.5,
        stopped,
    )
