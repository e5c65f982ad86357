"""Which cells keep each other from being met: nobody is at two places at once.

On a day seen from near, of the moments that need somebody at the same time one can be chosen, or as
many as there are halls or interpreters to stand in for each other. On a day seen from afar it is
only counted how many moments of the day the meetings hold of each. No limit is stricter than the
truth, so that a bound found with them holds for every real plan.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import permutations, product
from typing import NamedTuple

from tracker.meetings.planner_board import Board
from tracker.meetings.planner_cells import Cell
from tracker.meetings.planner_grid import TICK, first_of, spread
from tracker.meetings.planner_problem import Problem, Venue


class Stretch(NamedTuple):
    """Neighbouring moments of a cell: from the one of index `first` on, before that of `end`."""

    cell: Cell
    first: int
    end: int


class Limit(NamedTuple):
    """The weights of the moments chosen from these stretches make no more than `most`."""

    stretches: list[Stretch]
    most: int
    weights: list[int] | None = None  # of each stretch; one each if not given


def limits(board: Board, cells: Iterable[Cell], near: Collection[date]) -> Iterator[Limit]:
    """All limits for the cells; those of the days that are near speak of moments."""
    by_request, by_day = defaultdict(list), defaultdict(list)
    for cell in cells:
        by_request[cell.request.key].append(cell)
        by_day[cell.day].append(cell)
    for those in by_request.values():
        yield Limit(_whole(those), 1)
    for day, those in by_day.items():
        people = defaultdict(list)
        for cell in those:
            for key in cell.people:
                people[key].append(cell)
        needed = {(key,): users for key, users in people.items()} | _pools(those)
        for members, users in needed.items():
            yield from limits_of(board, members, users, day, is_near=day in near)


def limits_of(
    board: Board, members: Sequence[str], cells: Sequence[Cell], day: date, *, is_near: bool
) -> Iterator[Limit]:
    """The limits because each cell of a day needs one of the members."""
    if len({cell.request.key for cell in cells}) < 2:
        return  # each of the cells is free for it
    rooms = [room for key in members if (room := board.room(key, day)) is not None]
    if len(rooms) == len(members):
        yield Limit(_whole(cells), sum(rooms))
    if is_near:
        yield from _at_once(board, members, cells)
    else:
        yield from _in_a_day(board, members, cells)


def _whole(cells: Iterable[Cell]) -> list[Stretch]:
    return [Stretch(cell, 0, cell.size) for cell in cells]


def _pools(cells: Sequence[Cell]) -> dict[tuple[str, ...], list[Cell]]:
    """Halls or interpreters that stand in for each other; the cells that need one of them."""
    found: dict[tuple[str, ...], list[Cell]] = {}
    for needs in (
        [(frozenset(cell.halls), cell) for cell in cells if cell.halls],
        [(frozenset(cell.interpreters), cell) for cell in cells if cell.interpreters],
    ):
        groups = {keys for keys, _cell in needs}
        for group in sorted({*groups, frozenset().union(*groups)} if groups else (), key=sorted):
            found[tuple(sorted(group))] = [cell for keys, cell in needs if keys <= group]
    return found


def _in_a_day(board: Board, members: Sequence[str], cells: Sequence[Cell]) -> Iterator[Limit]:
    """The meetings that must be held between two moments fill no more than the members' time."""
    buffer = _buffer(board.problem, members)
    widths = {cell: cell.width(buffer) for cell in cells}
    begins = {cell: first_of(cell.moments) for cell in cells}
    ends = {cell: cell.moments.bit_length() + widths[cell] for cell in cells}
    seen = set[tuple[Cell, ...]]()
    for begin, end in product(sorted({*begins.values()}), sorted({*ends.values()})):
        within = tuple(each for each in cells if begin <= begins[each] and ends[each] <= end)
        if within not in seen:
            seen.add(within)
            confirmed = 0
            for cell in within:
                confirmed |= spread(cell.moments, widths[cell]) if cell.fixed else 0
            reach = _reach(board, members, within, buffer)
            most = sum((held | confirmed).bit_count() for held in reach)
            weights = [widths[cell] for cell in within]
            if sum({cell.request.key: widths[cell] for cell in within}.values()) > most:
                yield Limit(_whole(within), most, weights)


def _buffer(problem: Problem, members: Iterable[str]) -> int:
    return min(problem.resource(key).buffer for key in members) // TICK


def _reach(board: Board, members: Iterable[str], cells: Iterable[Cell], buffer: int) -> list[int]:
    """For each member the moments of a day at which a cell, if not confirmed, could hold it."""
    asked = defaultdict[tuple[int, Venue, int], int](int)
    for cell in cells:
        if not cell.fixed:
            asked[cell.length, cell.venue, cell.width(buffer)] |= cell.moments
    found = []
    for key in members:
        held = 0
        for (length, venue, width), moments in asked.items():
            held |= spread(moments & board.free(key, length, venue), width)
        found.append(held)
    return found


def _at_once(board: Board, members: Sequence[str], cells: Sequence[Cell]) -> Iterator[Limit]:
    """For each moment: no more meetings that need one of the members than can come then.

    Whoever has to get to another venue is needed there from when the way begins: see `_clocks`.
    """
    grid, buffer = board.grid, _buffer(board.problem, members)
    reach = _reach(board, members, cells, buffer)
    venues = sorted({cell.venue for cell in cells}, key=str)
    for clocks in _clocks(board.problem, venues, buffer, min(cell.length for cell in cells)):
        there = [cell for cell in cells if cell.venue in clocks]
        early, late = min(clocks.values()) - grid.step, max(clocks.values())
        before = Limit([], 0)
        for moment in sorted({at - clocks[each.venue] for each in there for at in each.starts}):
            now = grid.within(moment + early + 1, moment + late + 1)
            running = []
            for cell in there:
                latest = moment + clocks[cell.venue]
                first = bisect_right(cell.starts, latest - cell.length - buffer)
                running.append(Stretch(cell, first, bisect_right(cell.starts, latest)))
            confirmed = sum(end - first for cell, first, end in running if cell.fixed)
            able = sum(bool(held & now) for held in reach)
            limit = Limit(running, min(len(members), able + confirmed))
            if _binds(before) and not _covers(limit, before):
                yield before
            before = limit
        if _binds(before):
            yield before


def _binds(limit: Limit) -> bool:
    """Whether a choice could exceed the limit at all."""
    some = {each.cell.request.key for each in limit.stretches if each.first < each.end}
    return len(some) > limit.most


def _covers(limit: Limit, before: Limit) -> bool:
    """Whether a limit makes that of the moment before needless: nothing ended since."""
    pairs = zip(limit.stretches, before.stretches, strict=False)
    return limit.most <= before.most and all(
        now.first <= old.first or old.first == old.end for now, old in pairs
    )


def _clocks(
    problem: Problem, venues: Sequence[Venue], buffer: int, shortest: int
) -> list[dict[Venue, int]]:
    """How to shift the clock of each venue so that meetings exclude each other that run at once.

    Shifts differ by no more than the way beyond the buffer. For every two venues, in either order,
    they differ by the whole of it in one of the answers, by nothing in another, and by so much
    between that any two meetings that exclude each other run at once in one of them.
    """

    def way(here: Venue, there: Venue) -> int:
        return max(0, problem.way(here, there) // TICK - buffer)

    found: list[dict[Venue, int]] = []
    for here, there in permutations(venues, 2):
        both = [each for each in found if here in each and there in each]
        if any(each[there] - each[here] == way(here, there) for each in both):
            continue
        clocks = {here: 0, there: way(here, there)}
        for other in venues:
            if other not in clocks:
                high = min(shift + way(one, other) for one, shift in clocks.items())
                if all(shift - high <= way(one, other) for one, shift in clocks.items()):
                    clocks[other] = high
        parts = max(clocks.values()) // (2 * shortest - 1) + 1
        for part in range(parts + 1):
            shifted = {venue: shift * part // parts for venue, shift in clocks.items()}
            found += [shifted] if shifted not in found else []
    return found or [dict.fromkeys(venues, 0)]
