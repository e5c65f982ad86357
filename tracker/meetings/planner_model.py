"""The best whole plan, by CP-SAT; apart because OR-Tools is heavy and only jobs may load it.

A week is too large to be solved moment by moment. So it is first seen from afar: which request on
which day, with whom. That takes a moment and gives a bound that no plan exceeds, and a good
division of the requests among the days. Then the days are planned one by one, moment by moment,
those still to come being seen from afar: whoever finds no place today goes to another day. The
days are taken in several orders, until a plan reaches the bound or the time is used up; a small
week is at last seen from near as a whole.

The same problem must give the same plan, on a busy computer as on an idle one. Hence a fixed seed,
and instead of the clock an account of the work done: variables, the solver's deterministic time,
exchanges tried. (`interleave_search` makes several workers share what they learn at fixed points
of that time; one worker has been faster.) The clock only ends a search that takes several times as
long as it should.
"""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import date
from itertools import chain

from ortools.sat.python import cp_model

from tracker.meetings.planner import plan_greedily, unplaced
from tracker.meetings.planner_board import Board
from tracker.meetings.planner_cells import Cell, cells_of, place
from tracker.meetings.planner_exchange import exchange, in_turn
from tracker.meetings.planner_limits import Limit, limits, limits_of
from tracker.meetings.planner_problem import FAIRNESS, Placement, Plan, Problem
from tracker.meetings.planner_worth import most, value_of

Progress = Callable[[int, int, float], bool]
Variables = dict[Cell, list[cp_model.IntVar]]  # one for each moment; from afar one in all

# What work takes in seconds, about.
A_VARIABLE = 1.5e-4  # to build it with its limits and to simplify the model
A_WORK = 1.8  # a second of the solver's deterministic time
A_TRIAL = 2e-4  # of an exchange
A_MOMENT = 2e-4  # of a week that is seen from near as a whole
NAMING = 1  # seconds at most to give out halls and interpreters
PATIENCE = 5  # the clock ends a search after so many times the seconds it should take
PULSE = 0.25  # seconds between two reports of progress
TRIALS = 20  # of exchanges after each plan, for each request

total = cp_model.LinearExpr.sum
weighted = cp_model.LinearExpr.weighted_sum


def _keep(cp: cp_model.CpModel, limit: Limit, of: Variables) -> None:
    chosen = (of[cell][first:end] for cell, first, end in limit.stretches)
    variables = list(chain.from_iterable(chosen))
    if limit.weights:
        cp.add(weighted(variables, limit.weights) <= limit.most)
    elif limit.most == 1:
        cp.add_at_most_one(variables)
    else:
        cp.add(total(variables) <= limit.most)


class Model:
    """Which cells are met; on the days that are near also at which of their moments."""

    def __init__(
        self,
        board: Board,
        cells: Sequence[Cell],
        near: Collection[date] = (),
        met: Mapping[str, int] = Counter(),
    ) -> None:
        self.cp = cp_model.CpModel()
        self._near, self._met = near, met
        self._of: Variables = {
            cell: [self.cp.new_bool_var("") for _ in range(cell.size if cell.day in near else 1)]
            for cell in cells
        }
        self._steps: dict[str, list[cp_model.IntVar]] = {}
        self.hinted: list[Cell] = []
        for limit in limits(board, cells, near):
            _keep(self.cp, limit, self._of)
        self._value()

    @property
    def size(self) -> int:
        """How many variables there are."""
        return sum(len(variables) for variables in self._of.values())

    def _value(self) -> None:
        """A delegation's first meetings are worth more than its further ones."""
        variables, points = list[cp_model.IntVar](), list[int]()
        by_delegation = defaultdict(list)
        for cell, those in self._of.items():
            variables += those
            points += [cell.points] * len(those)
            for key in cell.request.delegations:
                by_delegation[key].append(cell)
        for key, cells in by_delegation.items():
            gains = FAIRNESS[self._met[key] :][: len({cell.request.key for cell in cells})]
            steps = [self.cp.new_bool_var("") for _gain in gains]
            meetings = list(chain.from_iterable(self._of[cell] for cell in cells))
            self.cp.add(total(steps) <= total(meetings))
            self._steps[key] = steps
            variables += steps
            points += gains
        self.cp.maximize(weighted(variables, points))

    def hint(self, plan: Mapping[int, Placement]) -> None:
        """Begin the search at a plan, as far as it lies in the cells."""
        left, met = dict(plan), Counter[str]()
        for cell, variables in self._of.items():
            place = left.get(cell.request.key)
            index = cell.index(place) if place else None
            if index is not None:
                del left[cell.request.key]
                met.update(cell.request.delegations)
                index = min(index, len(variables) - 1)  # from afar there is one
                self.hinted.append(self._met_at(cell, index))
            for number, variable in enumerate(variables):
                self.cp.add_hint(variable, number == index)
        for key, steps in self._steps.items():
            for number, step in enumerate(steps):
                self.cp.add_hint(step, number < met[key])

    def chosen(self, solver: cp_model.CpSolver) -> list[Cell]:
        """The cells met in the solution found, on the days that are near with one moment."""
        return [
            self._met_at(cell, index)
            for cell, variables in self._of.items()
            for index, variable in enumerate(variables)
            if solver.boolean_value(variable)
        ]

    def _met_at(self, cell: Cell, index: int) -> Cell:
        return cell.at(index) if cell.day in self._near else cell


class Names:
    """Halls and interpreters by name for meetings whose moment is set; for as many as can be."""

    def __init__(self, board: Board, cells: Iterable[Cell]) -> None:
        self.cp = cp_model.CpModel()
        self._met: dict[Cell, cp_model.IntVar] = {}
        self._given: dict[Cell, list[dict[str, cp_model.IntVar]]] = {}
        variables, points = list[cp_model.IntVar](), list[int]()
        users = defaultdict[tuple[str, date], Variables](dict)
        for cell in cells:
            self._met[cell] = met = self.cp.new_bool_var("")
            variables.append(met)
            points.append(100 * cell.points)
            self._given[cell] = []
            for group in (cell.halls, cell.interpreters):
                free = [
                    key for key in group if board.free(key, cell.length, cell.venue) & cell.moments
                ]
                given = {key: self.cp.new_bool_var("") for key in free}
                self._given[cell].append(given)
                if group:
                    self.cp.add(total(list(given.values())) == met)
                for rank, (key, variable) in enumerate(given.items()):
                    users[key, cell.day][cell] = [variable]
                    variables.append(variable)
                    points.append(-rank)
        for (key, day), those in users.items():
            for limit in limits_of(board, [key], list(those), day, is_near=True):
                _keep(self.cp, limit, those)
        self.cp.maximize(weighted(variables, points))

    def placements(self, solver: cp_model.CpSolver) -> list[Placement]:
        """The meetings that have a hall and an interpreter, if they need them."""
        found = []
        for cell, met in self._met.items():
            if solver.boolean_value(met):
                hall, interpreter = (
                    next((key for key, each in given.items() if solver.boolean_value(each)), None)
                    for given in self._given[cell]
                )
                found.append(cell.placement(hall, interpreter))
        return found


class _Search:
    """The best plan so far, and what is left of the seconds."""

    def __init__(
        self, problem: Problem, seconds: float, workers: int, progress: Progress | None
    ) -> None:
        self.problem, self.left, self._workers, self._progress = problem, seconds, workers, progress
        self.best = {each.request: each for each in plan_greedily(problem)}
        self.points, self.bound = value_of(problem, self.best.values()), float(most(problem))
        self.is_stopped = False
        self._empty = Board(problem)
        self._deadline = time.monotonic() + PATIENCE * (1 + seconds)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to gain or no time."""
        is_late = self.left <= 0 or time.monotonic() > self._deadline
        return is_late or self.is_stopped or self.points >= self.bound - 0.5

    def run(self) -> None:
        """Look for better plans."""
        self._tell()
        if self.is_over:
            return
        cells = list(cells_of(self._empty))
        bound, overview = self._solve(Model(self._empty, cells), 0.5)
        self.bound = min(self.bound, bound)
        self._follow(overview)
        cost = 0.0
        for days in _orders(cells, overview):
            if not self.is_over and self.left > cost / 2:
                before = self.left
                self._by_days(cells, overview, days)
                self._by_languages()
                cost = before - self.left
        if not self.is_over:
            self.bound = min(self.bound, self._from_near(Board(self.problem), 1))

    def _tell(self) -> None:
        placed, asked = len(self.best), len(self.problem.requests)
        if self._progress and not self._progress(placed, asked, self.points):
            self.is_stopped = True

    def _solve(self, model: Model, share: float) -> tuple[float, list[Cell]]:
        """A bound, and the cells met in what is found in a share of the time left.

        If nothing is found, the cells met in the best plan so far.
        """
        self._tell()
        self.left -= model.size * A_VARIABLE
        model.hint(self.best)
        solver = self._run(model.cp, self.left * share)
        if solver is None:
            return math.inf, model.hinted
        return solver.best_objective_bound, model.chosen(solver)

    def _run(self, cp: cp_model.CpModel, seconds: float) -> cp_model.CpSolver | None:
        """The solver after so many seconds at most; None if it has found nothing."""
        solver = _solver(max(0.0, seconds), self._workers)
        patience = max(PULSE, self._deadline - time.monotonic())
        solver.parameters.max_time_in_seconds = patience
        with ThreadPoolExecutor(1) as thread:
            search = thread.submit(solver.solve, cp)
            while True:
                try:
                    status = search.result(PULSE)
                    break
                except StillRunning:
                    if not self.is_stopped:
                        self._tell()
                    if self.is_stopped:  # again each time: a search not begun does not hear it
                        solver.stop_search()
        self.left -= solver.response_proto.deterministic_time * A_WORK
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None

    def _follow(self, overview: Iterable[Cell]) -> None:
        """A plan that keeps to the cells seen from afar, each request in turn."""
        board, cells = Board(self.problem), {cell.request.key: cell for cell in overview}
        for request in in_turn(self.problem):
            if request.key in cells:
                place(board, cells[request.key])
        self._finish(board)

    def _by_days(self, cells: Sequence[Cell], chosen: Sequence[Cell], days: Sequence[date]) -> None:
        """A plan made day by day; the cells met so far show whom each day has to do with."""
        board = Board(self.problem)
        for done, day in enumerate(days):
            if self.is_over:
                return
            coming = set(days[done + 1 :])
            today = {(each.request.key, each.officials) for each in chosen if each.day == day}
            today |= {
                (each.request, each.officials)
                for each in self.best.values()
                if self.problem.day_of(each.starts_at) == day
            }
            left = [each for each in cells if each.request.key not in board.placed]
            open_ = [
                cell
                for cell in left
                if cell.day in coming
                or (cell.day == day and (cell.request.key, cell.officials) in today)
            ]
            model = Model(self._empty, open_, {day}, _meetings(board))
            _bound, chosen = self._solve(model, 0.5 / (len(days) - done))
            self._seat(board, [each for each in chosen if each.day == day])
        self._finish(board)

    def _by_languages(self) -> None:
        """Where somebody is left out, all who share the interpreters are planned anew together."""
        request = self.problem.request
        left_out = (each for each in self.problem.requests if each.key not in self.best)
        languages = Counter(each.language for each in left_out if each.language)
        for language, _number in languages.most_common():
            others = (each for key, each in self.best.items() if request[key].language != language)
            if not self.is_over:
                self._from_near(Board(self.problem, others), 0.15)

    def _from_near(self, board: Board, share: float) -> float:
        """Plan moment by moment all who are not on the board; a bound for them."""
        cells = list(cells_of(board))
        if self.left < A_MOMENT * sum(cell.size for cell in cells):
            return math.inf
        model = Model(board, cells, {cell.day for cell in cells}, _meetings(board))
        bound, chosen = self._solve(model, share)
        self._seat(board, chosen)
        self._finish(board)
        return bound

    def _seat(self, board: Board, chosen: Sequence[Cell]) -> None:
        """Place the meetings of a solution, those without hall and interpreter first."""
        for cell in chosen:
            if cell.fixed or not (cell.halls or cell.interpreters):
                place(board, cell)
        shared = [cell for cell in chosen if cell.request.key not in board.placed]
        names = Names(board, shared)
        if solver := self._run(names.cp, NAMING):
            for placement in filter(board.accepts, names.placements(solver)):
                board.add(placement)

    def _finish(self, board: Board) -> None:
        """Better a plan by exchanges, and keep it if none was as good."""
        trials = 0 if self.is_stopped else TRIALS * len(self.problem.requests)
        self.left -= (trials - exchange(board, trials)) * A_TRIAL
        points = value_of(self.problem, board.placed.values())
        if points > self.points:
            self.best, self.points = board.placed, points
            self._tell()


def _meetings(board: Board) -> Counter[str]:
    """How many meetings each delegation has."""
    return Counter(key for one in board.placed for key in board.problem.request[one].delegations)


def _orders(cells: Iterable[Cell], chosen: Iterable[Cell]) -> list[tuple[date, ...]]:
    """Orders of the days: those with most meetings first, last, and the others first in turn."""
    meetings = Counter(cell.day for cell in chosen)
    days = tuple(sorted({cell.day for cell in cells}, key=lambda day: (-meetings[day], day)))
    turned = (days[number:] + days[:number] for number in range(1, len(days)))
    return list(dict.fromkeys((days, days[::-1], *turned)))


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
    solver.parameters.max_deterministic_time = seconds / A_WORK
    return solver


def schedule_all(
    problem: Problem,
    *,
    seconds: float = 3,
    workers: int = 1,
    progress: Progress | None = None,
) -> Plan:
    """The best plan found in about so many seconds; the same input gives the same plan.

    `progress` learns from time to time how many requests are placed, of how many, and the points;
    if it answers False, the best plan so far is given.
    """
    search = _Search(problem, seconds, workers, progress)
    search.run()
    best = search.best
    placements = sorted(best.values(), key=lambda each: (each.starts_at, each.request))
    fixed = (each for each in problem.requests if each.fixed)
    return Plan(
        tuple(placements),
        tuple(unplaced(problem, placements)),
        tuple(each.key for each in fixed if best.get(each.key) != each.fixed),
        search.points,
        search.bound,
        search.points >= search.bound - 0.5,
        search.is_stopped,
    )
