"""Who is taken when: the placements made so far, kept so that a free seat is found fast."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from tracker.meetings.conflicts import Busy, clash
from tracker.meetings.planner_problem import (
    Placement,
    Problem,
    Request,
    everybody,
    faults_of,
)


class Board:
    """What is placed so far, and who is still free."""

    def __init__(self, problem: Problem, placements: Iterable[Placement] = ()) -> None:
        self.problem = problem
        self.placed: dict[int, Placement] = {}
        self._taken: defaultdict[str, list[Busy]] = defaultdict(list)
        self._days: Counter[tuple[str, date]] = Counter()
        for resource in problem.resources:
            self._taken[resource.key] += resource.busy
            for day, number in resource.meetings_by_day(problem.time_zone).items():
                self._days[resource.key, day] += number
        for placement in placements:
            self.add(placement)

    def add(self, placement: Placement) -> None:
        """Place a meeting."""
        self.placed[placement.request] = placement
        venue = self.problem.venue_of(placement.officials, placement.hall)
        for key in everybody(self.problem.request[placement.request], placement):
            self._taken[key].append(Busy(placement.starts_at, placement.ends_at, venue))
            self._days[key, self.problem.day_of(placement.starts_at)] += 1

    def is_free(self, key: str, starts_at: datetime, ends_at: datetime, venue: str | None) -> bool:
        """Whether somebody can be at `venue` for a meeting of these times."""
        resource = self.problem.resource(key)
        if not resource.is_in(starts_at, ends_at):
            return False
        most = resource.most_a_day
        if most is not None and self._days[key, self.problem.day_of(starts_at)] >= most:
            return False
        wanted, way, buffer = (
            Busy(starts_at, ends_at, venue),
            self.problem.longest_way,
            resource.buffer,
        )
        early, late = starts_at - max(way, buffer), ends_at + max(way, buffer)
        return not any(
            other.starts_at < late
            and early < other.ends_at
            and clash(resource, wanted, other, self.problem.travel)
            for other in self._taken[key]
        )

    def is_near(self, delegation: str, placement: Placement) -> bool:
        """Whether the delegation has another meeting at the same place on the same day."""
        day, venue_of = self.problem.day_of(placement.starts_at), self.problem.venue_of
        venue = venue_of(placement.officials, placement.hall)
        return venue is not None and any(
            each.venue == venue and self.problem.day_of(each.starts_at) == day
            for each in self._taken[delegation]
        )

    def can_stay(self, placement: Placement) -> bool:
        """Whether a confirmed meeting can be kept as it is beside those placed."""
        if any(faults_of(self.problem, placement)):
            return False
        venue = self.problem.venue_of(placement.officials, placement.hall)
        return all(
            self.is_free(key, placement.starts_at, placement.ends_at, venue)
            for key in everybody(self.problem.request[placement.request], placement)
        )

    def seat(
        self,
        request: Request,
        officials: tuple[str, ...],
        starts_at: datetime,
        halls: Iterable[str | None] | None = None,
    ) -> Placement | None:
        """The meeting at this time in the smallest hall free, with an interpreter if needed."""
        problem, ends_at = self.problem, starts_at + request.length
        for hall in problem.halls_for(request) if halls is None else halls:
            venue = problem.venue_of(officials, hall)
            who = (*officials, *request.delegations, *((hall,) if hall else ()))
            if not all(self.is_free(key, starts_at, ends_at, venue) for key in who):
                continue
            for one in problem.interpreters_for(request):
                if one is None or self.is_free(one, starts_at, ends_at, venue):
                    return Placement(request.key, starts_at, ends_at, officials, hall, one)
        return None
