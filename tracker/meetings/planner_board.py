"""Who is taken when: the placements made so far, kept so that a free seat is found fast."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.meetings.conflicts import Busy, clash
from tracker.meetings.planner_grid import TICK, first_of
from tracker.meetings.planner_problem import (
    Placement,
    Problem,
    Request,
    everybody,
    faults_of,
)
from tracker.meetings.planner_worth import Grade, appeal, grades


class Seat(NamedTuple):
    """A place for a request, and what it appeals."""

    points: int
    placement: Placement


@dataclass
class _Diary:
    """When somebody could begin meetings of one length at one venue; made anew when asked."""

    hours: int
    open: int = 0
    changes: int = -1
    taken: dict[int, tuple[Busy, int]] = field(default_factory=dict)


class Board:
    """What is placed so far, and at which moments of the grid somebody is still free."""

    def __init__(self, problem: Problem, placements: Iterable[Placement] = ()) -> None:
        self.problem, self.grid = problem, problem.grid
        self.placed: dict[int, Placement] = {}
        self._held: defaultdict[str, dict[int, Busy]] = defaultdict(dict)
        self._changes: Counter[str] = Counter()
        self._met: Counter[tuple[str, date]] = Counter()
        self._diaries: defaultdict[str, dict[tuple[int, str | None], _Diary]] = defaultdict(dict)
        self._full: defaultdict[str, int] = defaultdict(int)
        self._grades: dict[int, list[Grade]] = {}
        for resource in problem.resources:
            if resource.most_a_day is not None:
                met = resource.meetings_by_day(problem.time_zone)
                for day in {*self.grid.days, *met}:
                    self._count(resource.key, day, met[day])
        for placement in placements:
            self.add(placement)

    def _count(self, key: str, day: date, more: int) -> None:
        most, moments = self.problem.resource(key).most_a_day, self.grid.days.get(day, 0)
        if most is not None:
            self._met[key, day] += more
            self._full[key] &= ~moments
            self._full[key] |= moments if self._met[key, day] >= most else 0

    def add(self, placement: Placement) -> None:
        """Place a meeting."""
        self.placed[placement.request] = placement
        venue = self.problem.venue_of(placement.officials, placement.hall)
        held = Busy(placement.starts_at, placement.ends_at, venue)
        for key in everybody(self.problem.request[placement.request], placement):
            self._held[key][placement.request] = held
            self._count(key, self.problem.day_of(placement.starts_at), 1)
            self._changes[key] += 1

    def remove(self, key: int) -> Placement:
        """Take a request's meeting off the board."""
        placement = self.placed.pop(key)
        for one in everybody(self.problem.request[key], placement):
            del self._held[one][key]
            self._count(one, self.problem.day_of(placement.starts_at), -1)
            self._changes[one] += 1
        return placement

    def beside(self, key: str) -> list[int]:
        """The requests whose meetings somebody takes part in."""
        return list(self._held[key])

    def _too_near(self, key: str, length: int, venue: str | None, other: Busy) -> int:
        apart = max(self.problem.resource(key).buffer, self.problem.way(venue, other.venue))
        return self.grid.too_near(other, length, apart // TICK)

    def unengaged(self, key: str, length: int, venue: str | None) -> int:
        """When somebody could begin a meeting of this length at a venue, however many they have."""
        diary = self._diaries[key].get((length, venue))
        if diary is None:
            resource = self.problem.resource(key)
            hours = self.grid.inside_hours(resource, length)
            for other in resource.busy:
                hours &= ~self._too_near(key, length, venue, other)
            diary = self._diaries[key][length, venue] = _Diary(hours)
        if diary.changes != self._changes[key]:
            diary.changes, before = self._changes[key], diary.taken
            diary.taken = {
                request: known
                if (known := before.get(request)) and known[0] is held
                else (held, self._too_near(key, length, venue, held))
                for request, held in self._held[key].items()
            }
            diary.open = diary.hours
            for _held, moments in diary.taken.values():
                diary.open &= ~moments
        return diary.open

    def room(self, key: str, day: date) -> int | None:
        """How many more meetings somebody may have on a day; None if any number."""
        most = self.problem.resource(key).most_a_day
        return None if most is None else max(0, most - self._met[key, day])

    def full(self, key: str) -> int:
        """The moments of the days on which somebody has as many meetings as allowed."""
        return self._full[key]

    def free(self, key: str, length: int, venue: str | None) -> int:
        """When somebody may begin a meeting of this length at this venue."""
        return self.unengaged(key, length, venue) & ~self._full[key]

    def grades(self, request: Request) -> list[Grade]:
        """The moments of a request by what they appeal."""
        if request.key not in self._grades:
            self._grades[request.key] = grades(self.problem, request)
        return self._grades[request.key]

    def starts(
        self,
        request: Request,
        officials: tuple[str, ...],
        within: int,
        *,
        only_people: bool = False,
    ) -> dict[str | None, int]:
        """When in a set of moments a meeting may begin, by venue; with a hall and interpreter."""
        problem, length = self.problem, request.ticks
        halls, found = defaultdict(list), dict[str | None, int]()
        for hall in problem.halls_for(request):
            halls[problem.venue_of(officials, hall)].append(hall)
        for venue, there in halls.items():
            moments = within
            for key in (*officials, *request.delegations):
                moments &= self.free(key, length, venue)
            for group in () if only_people else (there, problem.interpreters_for(request)):
                moments &= self._any_of(group, length, venue) if moments else 0
            if moments:
                found[venue] = moments
        return found

    def _any_of(self, group: Iterable[str | None], length: int, venue: str | None) -> int:
        moments = 0
        for key in group:
            moments |= self.grid.every if key is None else self.free(key, length, venue)
        return moments

    def seat(
        self,
        request: Request,
        officials: tuple[str, ...],
        number: int,
        halls: Iterable[str | None] | None = None,
    ) -> Placement | None:
        """The meeting at a moment of the grid in the smallest hall free, interpreter included."""
        problem, length = self.problem, request.ticks
        starts_at = self.grid.moments[number]

        def is_free(key: str | None) -> bool:
            return key is None or bool(self.free(key, length, venue) >> number & 1)

        for hall in problem.halls_for(request) if halls is None else halls:
            venue = problem.venue_of(officials, hall)
            if all(map(is_free, (*officials, *request.delegations, hall))):
                for one in filter(is_free, problem.interpreters_for(request)):
                    ends_at = starts_at + request.length
                    return Placement(request.key, starts_at, ends_at, officials, hall, one)
        return None

    def best(self, request: Request, least: int | None = None) -> Seat | None:
        """The place that appeals most, of equal ones the earliest; only if more than `least`."""
        if (fixed := request.fixed) and self.can_stay(fixed):
            points = appeal(self.problem, request, fixed.officials, fixed.starts_at)
            return Seat(points, fixed) if least is None or points > least else None
        for points, officials, moments in self.grades(request):
            if least is not None and points <= least:
                break
            free = 0
            for found in self.starts(request, officials, moments).values():
                free |= found
            if free and (placement := self.seat(request, officials, first_of(free))):
                return Seat(points, placement)
        return None

    def can_stay(self, placement: Placement) -> bool:
        """Whether a confirmed meeting can be kept as it is beside those placed."""
        problem, day = self.problem, self.problem.day_of(placement.starts_at)
        venue = problem.venue_of(placement.officials, placement.hall)
        wanted = Busy(placement.starts_at, placement.ends_at, venue)
        if any(faults_of(problem, placement)):
            return False
        for key in everybody(problem.request[placement.request], placement):
            resource = problem.resource(key)
            if self.room(key, day) == 0 or any(
                clash(resource, wanted, other, problem.travel) for other in self._all(key)
            ):
                return False
        return True

    def is_near(self, delegation: str, placement: Placement) -> bool:
        """Whether the delegation has another meeting at the same place on the same day."""
        day, venue_of = self.problem.day_of(placement.starts_at), self.problem.venue_of
        venue = venue_of(placement.officials, placement.hall)
        return venue is not None and any(
            each.venue == venue and self.problem.day_of(each.starts_at) == day
            for each in self._all(delegation)
        )

    def _all(self, key: str) -> tuple[Busy, ...]:
        return (*self.problem.resource(key).busy, *self._held[key].values())
