"""A week cut into cells: a request met on one day, by certain officials, at one venue.

All moments of a cell are worth the same. So a week can be seen from afar, where a cell is met or
not, and a day from near, moment by moment.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from tracker.meetings.planner_board import Board
from tracker.meetings.planner_grid import TICK, first_of, numbers, ticks
from tracker.meetings.planner_problem import Placement, Problem, Request, Venue
from tracker.meetings.planner_worth import appeal, grades


@dataclass(frozen=True, eq=False)
class Cell:
    """The moments at which a request may be met on one day by certain officials at one venue."""

    problem: Problem
    request: Request
    officials: tuple[str, ...]
    venue: Venue
    day: date
    points: int
    moments: int
    fixed: Placement | None = None  # the confirmed meeting as it stands, on the grid or off it

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Who takes part in any case."""
        return tuple(dict.fromkeys((*self.officials, *self.request.delegations)))

    @cached_property
    def halls(self) -> tuple[str, ...]:
        """The halls at the venue of which one is needed, smallest first."""
        halls, venue_of = self.problem.halls_for(self.request), self.problem.venue_of
        return tuple(each for each in halls if each and venue_of((), each) == self.venue)

    @cached_property
    def interpreters(self) -> tuple[str, ...]:
        """The interpreters of whom one is needed."""
        return tuple(filter(None, self.problem.interpreters_for(self.request)))

    @cached_property
    def size(self) -> int:
        """How many moments there are."""
        return self.moments.bit_count()

    @cached_property
    def numbers(self) -> Sequence[int]:
        """The moments by their numbers in the grid."""
        return list(numbers(self.moments))

    @cached_property
    def starts(self) -> Sequence[int]:
        """The moments in ticks."""
        if self.fixed:
            return [ticks(self.fixed.starts_at)]
        return [self.problem.grid.ticks[number] for number in self.numbers]

    @cached_property
    def length(self) -> int:
        """The length in ticks."""
        if self.fixed:
            return (self.fixed.ends_at - self.fixed.starts_at) // TICK
        return self.request.ticks

    def at(self, index: int) -> "Cell":
        """The cell with one of its moments only."""
        return replace(self, moments=1 << self.numbers[index])

    def placement(self, hall: str | None, interpreter: str | None) -> Placement:
        """The meeting at the first of the moments."""
        starts_at = self.problem.grid.moments[self.numbers[0]]
        ends_at = starts_at + self.request.length
        return Placement(self.request.key, starts_at, ends_at, self.officials, hall, interpreter)

    def index(self, placement: Placement) -> int | None:
        """Which of the moments that of a placement is."""
        if self.fixed:
            return 0 if placement == self.fixed else None
        where = self.problem.venue_of(placement.officials, placement.hall)
        moment = self.problem.grid.set_of(placement.starts_at)
        if (placement.officials, where) != (self.officials, self.venue):
            return None
        return (self.moments & (moment - 1)).bit_count() if moment & self.moments else None

    def width(self, buffer: int) -> int:
        """How many moments of the grid a meeting holds, with the buffer after it."""
        grid, end = self.problem.grid, self.length + buffer
        if self.fixed:
            return grid.within(self.starts[0], self.starts[0] + end).bit_count()
        return -(-end // grid.step)


def cells_of(board: Board) -> Iterator[Cell]:
    """All cells of the requests not yet placed, beside what is on the board."""
    problem, grid = board.problem, board.grid
    for request in (each for each in problem.requests if each.key not in board.placed):
        if (fixed := request.fixed) and board.accepts(fixed):
            yield _as_it_is(problem, request, fixed)
        for points, officials, moments in grades(problem, request):
            worth = request.worth + points
            for venue, free in board.starts(request, officials, moments).items():
                for day, whole in grid.days.items():
                    if free & whole:
                        yield Cell(problem, request, officials, venue, day, worth, free & whole)


def _as_it_is(problem: Problem, request: Request, fixed: Placement) -> Cell:
    worth = request.worth + appeal(problem, request, fixed.officials, fixed.starts_at)
    venue, day = problem.venue_of(fixed.officials, fixed.hall), problem.day_of(fixed.starts_at)
    moment = 1 << bisect_left(problem.grid.ticks, ticks(fixed.starts_at))
    return Cell(problem, request, fixed.officials, venue, day, worth, moment, fixed)


def place(board: Board, cell: Cell) -> None:
    """Place a meeting of a cell at the first moment that is free, if there is one."""
    fixed = cell.request.fixed
    as_it_is = fixed and fixed.officials == cell.officials and ticks(fixed.starts_at) in cell.starts
    if fixed and as_it_is and board.accepts(fixed):
        board.add(fixed)
    elif not cell.fixed:
        free = board.starts(cell.request, cell.officials, cell.moments).get(cell.venue)
        halls = cell.halls or [None]
        if free and (found := board.seat(cell.request, cell.officials, first_of(free), halls)):
            board.add(found)
