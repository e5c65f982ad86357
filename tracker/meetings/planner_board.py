"""Who is taken when: the placements made so far, kept so that a free seat is found fast."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.meetings.conflicts import Busy, clash
from tracker.meetings.planner_grid import TICK, first_of
from tracker.meetings.planner_problem import (
    Placement,
    Problem,
    Request,
    Venue,
    everybody,
    faults_of,
)
from tracker.meetings.planner_worth import Grade, appeal, grades

Groups = Sequence[Sequence[str | None]]  # one of each is needed; None if nobody is


class Seat(NamedTuple):
    """A place for a request, and what it appeals."""

    points: int
    placement: Placement


@dataclass
class _Diary:
    """When somebody could begin meetings of one length at one venue; made current when asked."""

    hours: int
    open: int
    taken: dict[int, int] = field(default_factory=dict)  # by the request that is in the way
    seen: int = 0  # of the changes


class Board:
    """What is placed so far, and at which moments of the grid somebody is still free."""

    def __init__(self, problem: Problem, placements: Iterable[Placement] = ()) -> None:
        self.problem, self.grid = problem, problem.grid
        self.placed: dict[int, Placement] = {}
        self._held: defaultdict[str, dict[int, Busy]] = defaultdict(dict)
        self._changes: defaultdict[str, list[int]] = defaultdict(list)
        self._met: Counter[tuple[str, date]] = Counter()
        self._diaries: defaultdict[str, dict[tuple[int, Venue], _Diary]] = defaultdict(dict)
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
            self._changes[key].append(placement.request)

    def remove(self, key: int) -> Placement:
        """Take a request's meeting off the board."""
        placement = self.placed.pop(key)
        for one in everybody(self.problem.request[key], placement):
            del self._held[one][key]
            self._count(one, self.problem.day_of(placement.starts_at), -1)
            self._changes[one].append(key)
        return placement

    def _too_near(self, key: str, length: int, venue: Venue, other: Busy) -> int:
        apart = max(self.problem.resource(key).buffer, self.problem.way(venue, other.venue))
        return self.grid.too_near(other, length, apart // TICK)

    def _diary(self, key: str, length: int, venue: Venue) -> _Diary:
        diary = self._diaries[key].get((length, venue))
        if diary is None:
            resource = self.problem.resource(key)
            hours = self.grid.inside_hours(resource, length)
            for other in resource.busy:
                hours &= ~self._too_near(key, length, venue, other)
            diary = self._diaries[key][length, venue] = _Diary(hours, hours)
        changed = self._changes[key][diary.seen :]
        if changed:
            for request in dict.fromkeys(changed):
                diary.taken.pop(request, None)
                if held := self._held[key].get(request):
                    diary.taken[request] = self._too_near(key, length, venue, held)
            diary.seen += len(changed)
            diary.open = diary.hours
            for moments in diary.taken.values():
                diary.open &= ~moments
        return diary

    def hours(self, key: str, length: int, venue: Venue) -> int:
        """When somebody could begin a meeting of this length at a venue if none were placed."""
        return self._diary(key, length, venue).hours

    def taken(self, key: str, length: int, venue: Venue) -> dict[int, int]:
        """By request, the moments at which somebody cannot because of its meeting."""
        return self._diary(key, length, venue).taken

    def unengaged(self, key: str, length: int, venue: Venue) -> int:
        """When somebody could begin such a meeting, however many they have that day."""
        return self._diary(key, length, venue).open

    def room(self, key: str, day: date) -> int | None:
        """How many more meetings somebody may have on a day; None if any number."""
        most = self.problem.resource(key).most_a_day
        return None if most is None else max(0, most - self._met[key, day])

    def full(self, key: str, without: int | None = None) -> int:
        """The moments of the days on which somebody has as many meetings as allowed.

        Of the day of one meeting it is not said, if somebody could come `without` it.
        """
        held = self._held[key].get(without) if without is not None else None
        day = self.grid.days.get(self.problem.day_of(held.starts_at), 0) if held else 0
        return self._full[key] & ~day

    def free(self, key: str, length: int, venue: Venue) -> int:
        """When somebody may begin such a meeting."""
        return self.unengaged(key, length, venue) & ~self._full[key]

    def grades(self, request: Request) -> list[Grade]:
        """The moments of a request by what they appeal."""
        if request.key not in self._grades:
            self._grades[request.key] = grades(self.problem, request)
        return self._grades[request.key]

    def venues(self, request: Request, officials: tuple[str, ...]) -> dict[Venue, Groups]:
        """Where a meeting can be; the halls there and the interpreters of which it needs one."""
        problem, halls = self.problem, defaultdict[Venue, list[str | None]](list)
        for hall in problem.halls_for(request):
            halls[problem.venue_of(officials, hall)].append(hall)
        interpreters = problem.interpreters_for(request)
        return {venue: (there, interpreters) for venue, there in halls.items()}

    def starts(self, request: Request, officials: tuple[str, ...], within: int) -> dict[Venue, int]:
        """When in a set of moments a meeting may begin, by venue; with a hall and interpreter."""
        length, found = request.ticks, dict[Venue, int]()
        for venue, groups in self.venues(request, officials).items():
            moments = within
            for key in (*officials, *request.delegations):
                moments &= self.free(key, length, venue)
            for group in groups:
                moments &= self._any_of(group, length, venue) if moments else 0
            if moments:
                found[venue] = moments
        return found

    def _any_of(self, group: Iterable[str | None], length: int, venue: Venue) -> int:
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
        if (fixed := request.fixed) and self.accepts(fixed):
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

    def accepts(self, placement: Placement) -> bool:
        """Whether a meeting can be as it is beside those placed."""
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
