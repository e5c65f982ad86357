"""What is asked of the planner, what is wrong with a placement, and who is taken by it.

Nothing here knows the database or the web. All moments are aware and in UTC, days are local days
of the problem's time zone. Parameters of reasons hold keys of resources ("official:3") under `who`
and `hall`; pages put the names in their place.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tracker.kernel.i18n import N_
from tracker.meetings.conflicts import CONFLICTS, Reason, Resource, Ways, way
from tracker.meetings.planner_grid import TICK, Grid

REASONS = CONFLICTS | {
    # why a time is good
    "wished_day": N_("on a wished day"),
    "other_day": N_("not on a wished day"),
    "first_choice_official": N_("with the official named first"),
    "other_official": N_("with another of the officials named"),
    "short_way": N_("the delegation is at the same place before or after"),
    "hall_fits": N_("%(hall)s: seats for %(seats)s, %(people)s people"),
    "no_interpreter_needed": N_("no interpreter needed"),
    "interpreter_free": N_("%(who)s: interprets"),
    # why there is none
    "official_has_no_hours": N_("%(who)s: no hours on the planned days"),
    "longer_than_any_window": N_("%(who)s: no hours long enough for %(minutes)s minutes"),
    "official_full": N_("%(who)s: no free time left on the planned days"),
    "day_full": N_("%(who)s: as many meetings as allowed on every day with free time"),
    "delegation_busy": N_("%(who)s: engaged or absent whenever the officials are free"),
    "no_hall_large_enough": N_("no hall for %(people)s people"),
    "no_hall_free": N_("no hall for %(people)s people is free whenever all others are"),
    "no_interpreter_of_language": N_("no interpreter of the language %(language)s"),
    "no_interpreter_free": N_(
        "no interpreter of the language %(language)s is free whenever all others are"
    ),
    "no_common_time": N_("%(who)s: no hours in common at which the meeting could begin"),
}

Venue = str | None

# What a plan is worth, in points; one step of priority is 1,000.
FAIRNESS = (1500, 700, 300, 100)  # for a delegation's first, second ... meeting
WISHED, KEPT, CONFIRMED, NEAR = 600, 2500, 20_000, 50


@dataclass(frozen=True)
class Placement:
    """When, with whom and where a request is met; the delegations are those of the request."""

    request: int
    starts_at: datetime
    ends_at: datetime
    officials: tuple[str, ...]
    hall: str | None = None
    interpreter: str | None = None


@dataclass(frozen=True)
class Request:
    """A wish for a meeting with all of `all_of` and, if named, one of `any_of`, best first.

    Priority 1 is the highest, 5 the lowest; a lower precedence goes first. `fixed` is a confirmed
    meeting, which may move only where that gains more than moving costs.
    """

    key: int
    delegations: tuple[str, ...]
    length: timedelta
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    people: int = 1
    wished_days: tuple[date, ...] = ()
    language: str | None = None
    priority: int = 3
    precedence: int = 100
    hall_needed: bool = False
    fixed: Placement | None = None

    @cached_property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """The officials of the meeting, every possible group, best first."""
        if not self.any_of:
            return (self.all_of,)
        return tuple((*self.all_of, one) for one in self.any_of if one not in self.all_of)

    @cached_property
    def ticks(self) -> int:
        """The length as the grid counts."""
        return self.length // TICK

    @cached_property
    def worth(self) -> int:
        """Points for a place at all."""
        points = 1000 * (6 - self.priority) + max(0, 500 - 5 * self.precedence)
        return points + (CONFIRMED if self.fixed else 0)


@dataclass(frozen=True)
class Problem:
    """All that is asked and all there is. `travel` holds a pair of venues in either order."""

    requests: tuple[Request, ...]
    resources: tuple[Resource, ...]
    time_zone: str
    days: tuple[date, ...]
    travel: Ways = field(default_factory=dict)
    step: timedelta = timedelta(minutes=15)

    @cached_property
    def request(self) -> dict[int, Request]:
        """The requests by key."""
        return {each.key: each for each in self.requests}

    @cached_property
    def known(self) -> dict[str, Resource]:
        """The resources by key."""
        return {each.key: each for each in self.resources}

    def resource(self, key: str) -> Resource:
        """The resource of this key; whoever is not described is always free."""
        return self.known.get(key) or Resource(key)

    @cached_property
    def _halls(self) -> list[tuple[int, str]]:
        found = [each for each in self.resources if each.key.startswith("hall:")]
        return sorted(
            (10**9 if each.capacity is None else each.capacity, each.key) for each in found
        )

    def halls_for(self, request: Request) -> tuple[str | None, ...]:
        """The halls with seats enough, smallest first; only None if none is needed."""
        if not request.hall_needed:
            return (None,)
        large = bisect_left(self._halls, (request.people, ""))
        return tuple(key for _seats, key in self._halls[large:])

    @cached_property
    def _interpreters(self) -> dict[str, tuple[str, ...]]:
        found = [each for each in self.resources if each.key.startswith("interpreter:")]
        speakers = defaultdict(list)
        for each in sorted(found, key=lambda each: (len(each.languages), each.key)):
            for language in each.languages:
                speakers[language].append(each.key)
        return {language: tuple(keys) for language, keys in speakers.items()}

    def interpreters_for(self, request: Request) -> tuple[str | None, ...]:
        """The interpreters of the language, those of few others first; None if none is needed."""
        return (None,) if request.language is None else self._interpreters.get(request.language, ())

    def venue_of(self, officials: Sequence[str], hall: str | None) -> str | None:
        """Where a meeting takes place: in the hall, otherwise with the first official."""
        return self.resource(hall or officials[0]).venue if hall or officials else None

    def way(self, one: str | None, other: str | None) -> timedelta:
        """The time from one venue to another; none if equal or not known."""
        return way(self.travel, one, other)

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    @cached_property
    def grid(self) -> Grid:
        """The moments at which a new meeting may begin."""
        return Grid(self.days, self.time_zone, self.step)


@dataclass(frozen=True)
class Proposal:
    """A free slot for one request, its points and what speaks for and against it."""

    placement: Placement
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Unplaced:
    """A request without a place and the binding reason."""

    request: int
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A whole plan; `moved` are the fixed requests it moves or leaves out.

    No plan is worth more points than `bound`; `stopped` says whether the caller broke off.
    """

    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    moved: tuple[int, ...]
    objective: int
    bound: float
    is_proven: bool
    stopped: bool


def everybody(request: Request, placement: Placement) -> list[str]:
    keys = (*placement.officials, *request.delegations, placement.hall, placement.interpreter)
    return [key for key in keys if key]


def faults_of(problem: Problem, placement: Placement) -> Iterator[Reason]:
    """What is wrong with a placement whatever the others are."""
    request = problem.request[placement.request]
    for key in everybody(request, placement):
        if not problem.resource(key).is_in(placement.starts_at, placement.ends_at):
            yield Reason("outside_hours", {"who": key})
    if set(placement.officials) not in [set(choice) for choice in request.choices]:
        yield Reason("wrong_officials")
    if placement != request.fixed and placement.ends_at - placement.starts_at != request.length:
        yield Reason("wrong_length")
    hall = problem.resource(placement.hall or "")
    if request.hall_needed and not placement.hall:
        yield Reason("no_hall")
    elif hall.capacity is not None and hall.capacity < request.people:
        params = {"who": hall.key, "people": request.people, "seats": hall.capacity}
        yield Reason("too_many_people", params)
    spoken = problem.resource(placement.interpreter or "").languages
    if request.language is not None and request.language not in spoken:
        yield Reason("no_interpreter", {"language": request.language})
