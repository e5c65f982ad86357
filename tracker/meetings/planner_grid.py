"""The moments at which meetings may begin, and sets of them as whole numbers.

Bit n of a set stands for moment n of the grid. Who is free when is asked millions of times while a
week is planned, and one `&` of such numbers answers for all moments of the week at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.meetings.conflicts import Busy, Resource

TICK = timedelta.resolution
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ticks(moment: datetime) -> int:
    """A moment as a whole number: quick to compare and exact."""
    return (moment - EPOCH) // TICK


def span(first: int, end: int) -> int:
    """The set of the moments from `first` on, before `end`."""
    return (1 << end) - (1 << first) if first < end else 0


def first_of(moments: int) -> int:
    """The number of the earliest moment in a set that is not empty."""
    return (moments & -moments).bit_length() - 1


def numbers(moments: int) -> Iterator[int]:
    """The numbers of the moments in a set, in order."""
    while moments:
        yield first_of(moments)
        moments &= moments - 1


def spread(moments: int, width: int) -> int:
    """The set with, for each moment, the `width` moments from it on."""
    found = 0
    for number in range(width):
        found |= moments << number
    return found


class Grid:
    """The moments at which a new meeting may begin: every step from local midnight on."""

    def __init__(self, days: Iterable[date], time_zone: str, step: timedelta) -> None:
        zone, moments = ZoneInfo(time_zone), list[datetime]()
        self.days: dict[date, int] = {}
        for day in sorted(set(days)):
            first = len(moments)
            moment = datetime.combine(day, time(), zone).astimezone(UTC)
            end = datetime.combine(day + timedelta(1), time(), zone).astimezone(UTC)
            while moment < end:
                moments.append(moment)
                moment += step
            self.days[day] = span(first, len(moments))
        self.moments = tuple(moments)
        self.ticks = tuple(ticks(moment) for moment in moments)
        self.step = step // TICK
        self.every = span(0, len(moments))

    def within(self, start: int, end: int) -> int:
        """The moments from `start` on, before `end`, both in ticks."""
        return span(bisect_left(self.ticks, start), bisect_left(self.ticks, end))

    def inside_hours(self, resource: Resource, length: int) -> int:
        """When a meeting may begin that lies inside somebody's hours."""
        if resource.hours is None:
            return self.every
        found = 0
        for window in resource.hours:
            found |= self.within(ticks(window.starts_at), ticks(window.ends_at) - length + 1)
        return found

    def too_near(self, other: Busy, length: int, apart: int) -> int:
        """When a meeting would overlap another or lie less than `apart` from it."""
        return span(
            bisect_right(self.ticks, ticks(other.starts_at) - apart - length),
            bisect_left(self.ticks, ticks(other.ends_at) + apart),
        )

    def set_of(self, moment: datetime) -> int:
        """The set of one moment; empty if it is not one of the grid."""
        return self.within(ticks(moment), ticks(moment) + 1)
