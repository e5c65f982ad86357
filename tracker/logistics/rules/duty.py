"""What a log allows, which shifts a pattern makes, and where a roster has a gap or a clash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from tracker.kernel.clock import local_moment
from tracker.logistics.models.duty import DutyFunction

LONGEST_SHIFT = timedelta(hours=26)  # a day and the hour by which clocks go back, and one more
LONGEST_PATTERN = 62  # days
AHEAD = timedelta(hours=12)  # what is handed over of what comes
OWED_FOR = timedelta(hours=24)  # how long a missing hand-over is pointed out
ROUND_THE_CLOCK = DutyFunction.DUTY_OFFICER  # whom headquarters is never without


class Span(Protocol):
    """From a moment to another."""

    @property
    def starts_at(self) -> datetime:
        """The first moment of it."""

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""


class Booked(Span, Protocol):
    """A shift as the rules see it."""

    @property
    def function(self) -> DutyFunction:
        """As what."""

    @property
    def user_id(self) -> int | None:
        """Whose account, where they have one."""

    @property
    def person(self) -> str:
        """Their name."""


B = TypeVar("B", bound=Booked)


@dataclass(frozen=True)
class Turn:
    """A shift of every day, in local time; one that ends no later than it starts ends tomorrow."""

    starts: time
    ends: time

    def on(self, day: date, time_zone: str) -> tuple[datetime, datetime]:
        """From when to when it lasts, once begun on `day`."""
        last = day + timedelta(days=1) if self.ends <= self.starts else day
        return local_moment(day, self.starts, time_zone), local_moment(last, self.ends, time_zone)


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def gaps(
    spans: Iterable[Span], first: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Where between two moments none of the spans lies, in order."""
    found, covered = [], first
    for span in sorted(spans, key=lambda each: (each.starts_at, each.ends_at)):
        if span.starts_at >= until:
            break
        if span.starts_at > covered:
            found.append((covered, span.starts_at))
        covered = max(covered, span.ends_at)
    return [*found, (covered, until)] if covered < until else found


def is_same_person(one: Booked, other: Booked) -> bool:
    """Whether two shifts are of one person: by account, else by name."""
    if one.user_id is not None and other.user_id is not None:
        return one.user_id == other.user_id
    return one.person.casefold() == other.person.casefold()


def clashes(shifts: Sequence[B]) -> list[tuple[B, B]]:
    """Each two shifts of one person that overlap, by their start."""
    ordered = sorted(shifts, key=lambda each: (each.starts_at, each.ends_at))
    found = []
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if is_same_person(one, other):
                found.append((one, other))
    return found


def left_alone(shifts: Sequence[B], now: datetime) -> list[B]:
    """The duty officers' shifts (none of them taken over) that ended lately with nobody told.

    Whoever goes on themselves has nobody to tell.
    """
    officers = [each for each in shifts if each.function is ROUND_THE_CLOCK]
    return [
        shift
        for shift in officers
        if now - OWED_FOR < shift.ends_at <= now
        and not any(
            is_same_person(shift, other) and other.starts_at <= shift.ends_at < other.ends_at
            for other in officers
        )
    ]
