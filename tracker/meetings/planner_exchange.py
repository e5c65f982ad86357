"""Whole plans without a solver: each request in turn, then exchanges of places that gain."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from tracker.meetings.planner_board import Board, Groups, Seat
from tracker.meetings.planner_problem import FAIRNESS, Placement, Problem, Request, Venue
from tracker.meetings.planner_worth import appeal, most_appeal

DEPTHS = (1, 2)  # how many others move for one request, at first and at last


def in_turn(problem: Problem) -> list[Request]:
    """The requests by worth, counting that a delegation's further meetings are worth less."""
    meetings, gains = Counter[str](), {}
    for request in sorted(problem.requests, key=lambda each: (-each.worth, each.key)):
        gain = sum(sum(FAIRNESS[meetings[one] :][:1]) for one in request.delegations)
        gains[request.key] = request.worth + gain
        meetings.update(request.delegations)
    return sorted(problem.requests, key=lambda each: (-gains[each.key], each.key))


def fill(board: Board, requests: Iterable[Request]) -> None:
    """Give each request not yet placed, in this order, the best place that is left."""
    for request in requests:
        if request.key not in board.placed and (seat := board.best(request)):
            board.add(seat.placement)


def exchange(board: Board, trials: int) -> int:
    """Better a whole plan by exchanges, in so many trials at most; how many are left."""
    work = _Exchange(board, trials)
    for depth in DEPTHS:
        while work.sweep(depth) and work.trials > 0:
            pass
    fill(board, in_turn(board.problem))
    return work.trials


class _Exchange:
    """A request gets a better place, if need be that of another, which moves or gives way."""

    def __init__(self, board: Board, trials: int) -> None:
        self.board, self.trials = board, trials
        self.points = {
            key: appeal(board.problem, board.problem.request[key], each.officials, each.starts_at)
            for key, each in board.placed.items()
        }
        self.meetings = Counter(
            one for key in board.placed for one in board.problem.request[key].delegations
        )
        self._ideal = {
            each.key: most_appeal(board.problem, each) for each in board.problem.requests
        }

    def sweep(self, depth: int) -> bool:
        """Try each request that has no place, then each that has not its best; whether any gains.

        So many other meetings may move for it in a chain.
        """
        waiting = [each for each in in_turn(self.board.problem) if self._wants(each)]
        waiting.sort(key=lambda each: each.key in self.points)
        gains = [self._better(each, depth) for each in waiting]
        return any(gains)

    def _wants(self, request: Request) -> bool:
        has = self.points.get(request.key)
        return has is None or has < self._ideal[request.key]

    def _better(self, request: Request, depth: int) -> bool:
        if not self._wants(request) or self.trials <= 0:
            return False
        before, least = self.board.placed.get(request.key), self._stake(request)
        if before:
            self._remove(request)
        if self._place(request, least, depth, frozenset()):
            return True
        if before:
            self._add(request, Seat(least, before))
        return False

    def _place(self, request: Request, least: int, depth: int, moving: frozenset[int]) -> bool:
        """Find a place that appeals more than `least`, if need be that of another."""
        if seat := self.board.best(request, least):
            self._add(request, seat)
            return True
        moving |= {request.key}
        for other in self._rivals(request, least) if depth else ():
            if other.key not in moving and self.trials > 0:
                self.trials -= 1
                if self._displaces(request, other, least, depth, moving):
                    return True
        return False

    def _displaces(
        self, request: Request, other: Request, least: int, depth: int, moving: frozenset[int]
    ) -> bool:
        """Whether the request gains more by the other's absence than the other loses."""
        before = Seat(self.points[other.key], self.board.placed[other.key])
        self._remove(other)
        if seat := self.board.best(request, least):
            self._add(request, seat)
            gain = seat.points - least
            if self._place(other, before.points - gain, depth - 1, moving):
                return True
            if before.points - self._stake(other) < gain:
                return True
            self._remove(request)
        self._add(other, before)
        return False

    def _stake(self, request: Request) -> int:
        """What it appeals to be placed as it is; without a place, that much less than nothing."""
        if request.key in self.points:
            return self.points[request.key]
        return -request.worth - sum(
            sum(FAIRNESS[self.meetings[one] :][:1]) for one in request.delegations
        )

    def _rivals(self, request: Request, least: int) -> list[Request]:
        """Those each of whose meetings alone is in the way of a better place."""
        found: dict[int, None] = {}
        for points, officials, moments in self.board.grades(request):
            if points > least:
                for venue, groups in self.board.venues(request, officials).items():
                    people = (*officials, *request.delegations)
                    rivals = self._in_the_way(request, people, venue, groups, moments)
                    found.update(dict.fromkeys(rivals))
        return [self.board.problem.request[key] for key in found]

    def _in_the_way(
        self,
        request: Request,
        people: tuple[str, ...],
        venue: Venue,
        groups: Groups,
        moments: int,
    ) -> Iterator[int]:
        board, length = self.board, request.ticks
        taken, full = defaultdict[int, int](int), 0
        for key in people:
            moments &= board.hours(key, length, venue)
            full |= board.full(key)
            for rival, engaged in board.taken(key, length, venue).items():
                taken[rival] |= engaged
        once = twice = 0
        for engaged in taken.values():
            twice |= once & engaged
            once |= engaged
        free, single = moments & ~once, moments & ~twice
        for rival, engaged in taken.items():
            opened = single & engaged | free & full
            for key in people:
                opened &= ~board.full(key, rival)
            if opened:
                yield rival
        for key in filter(None, chain.from_iterable(groups)):
            for rival, engaged in board.taken(key, length, venue).items():
                if engaged & free & ~full:
                    yield rival

    def _add(self, request: Request, seat: Seat) -> None:
        self.board.add(seat.placement)
        self.points[request.key] = seat.points
        self.meetings.update(request.delegations)

    def _remove(self, request: Request) -> Placement:
        del self.points[request.key]
        self.meetings.subtract(request.delegations)
        return self.board.remove(request.key)
