"""What keeps two engagements apart: hours, overlaps, buffers and ways, judged in one place.

The form that books one meeting and the planner that places two hundred ask the same functions.
Nothing here knows the database or the web; all moments are aware.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tracker.kernel.i18n import N_

CONFLICTS = {
    "taken": N_("%(who)s: engaged at this time"),
    "too_close": N_("%(who)s: too little time between two engagements"),
    "no_time_to_travel": N_("%(who)s: too little time to get from one place to the other"),
    "outside_hours": N_("%(who)s: outside the hours"),
    "too_many_a_day": N_("%(who)s: no more than %(most)s meetings a day"),
    "too_many_people": N_("%(who)s: %(people)s people do not fit, seats for %(seats)s"),
    "no_hall": N_("no hall, although one is needed"),
    "no_interpreter": N_("no interpreter of the language %(language)s"),
    "wrong_officials": N_("not the officials asked for"),
    "wrong_length": N_("not as long as asked for"),
    "placed_twice": N_("planned more than once"),
}


@dataclass(frozen=True)
class Reason:
    """A code of REASONS and the values of its parameters."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """Hours somebody has: from its start up to its end."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Busy:
    """An engagement; where, if known, counts for the way, and a meeting for the day's number."""

    starts_at: datetime
    ends_at: datetime
    venue: str | None = None
    label: str = ""
    meeting_id: int | None = None


@dataclass(frozen=True)
class Resource:
    """An official, delegation, hall or interpreter; the part of `key` before ":" says which.

    No `windows` (None) means at any time, an empty tuple never. `buffer` is the least time between
    two engagements; `most_a_day` counts meetings of a local day, not other busy times.
    """

    key: str
    windows: tuple[Window, ...] | None = None
    busy: tuple[Busy, ...] = ()
    venue: str | None = None
    buffer: timedelta = timedelta()
    most_a_day: int | None = None
    capacity: int | None = None
    languages: frozenset[str] = frozenset()

    @cached_property
    def hours(self) -> tuple[Window, ...] | None:
        """The windows in order, those that touch as one."""
        if self.windows is None:
            return None
        merged: list[Window] = []
        for window in sorted(self.windows, key=lambda each: each.starts_at):
            if merged and window.starts_at <= merged[-1].ends_at:
                last = merged.pop()
                window = Window(last.starts_at, max(last.ends_at, window.ends_at))
            merged.append(window)
        return tuple(merged)

    def is_in(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether a meeting of these times lies inside the hours."""
        return self.hours is None or any(
            window.starts_at <= starts_at and ends_at <= window.ends_at for window in self.hours
        )

    def meetings_by_day(self, time_zone: str) -> Counter[date]:
        """How many of the engagements are meetings, by local day."""
        zone = ZoneInfo(time_zone)
        return Counter(
            each.starts_at.astimezone(zone).date() for each in self.busy if each.meeting_id
        )


Ways = Mapping[tuple[str, str], timedelta]  # between two venues, in either order


def way(ways: Ways, one: str | None, other: str | None) -> timedelta:
    """The time from one venue to another; none if equal or not known."""
    if one is None or other is None or one == other:
        return timedelta()
    return ways.get((one, other)) or ways.get((other, one)) or timedelta()


def clash(resource: Resource, one: Busy, other: Busy, ways: Ways) -> str | None:
    """Why a resource cannot keep both engagements; None if it can."""
    between = max(one.starts_at, other.starts_at) - min(one.ends_at, other.ends_at)
    if between < timedelta():
        return "taken"
    if between < resource.buffer:
        return "too_close"
    return "no_time_to_travel" if between < way(ways, one.venue, other.venue) else None


@dataclass(frozen=True)
class Obstacle:
    """Why a resource cannot come; `other` is the engagement that is in the way, if one is."""

    code: str
    resource: Resource
    other: Busy | None = None


def obstacles(resource: Resource, wanted: Busy, ways: Ways, time_zone: str) -> Iterator[Obstacle]:
    """Everything that keeps a resource from an engagement, what is taken first."""
    found = [
        Obstacle(code, resource, other)
        for other in resource.busy
        if (code := clash(resource, wanted, other, ways))
    ]
    yield from sorted(found, key=lambda each: ORDER.index(each.code))
    if not resource.is_in(wanted.starts_at, wanted.ends_at):
        yield Obstacle("outside_hours", resource)
    if resource.most_a_day is not None:
        day = wanted.starts_at.astimezone(ZoneInfo(time_zone)).date()
        if resource.meetings_by_day(time_zone)[day] >= resource.most_a_day:
            yield Obstacle("too_many_a_day", resource)


ORDER = ("taken", "too_close", "no_time_to_travel")
