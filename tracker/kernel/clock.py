"""The one source of the present moment, so that a demonstration, a test or a replay can move it.

Every moment is an aware datetime in UTC. A demonstration installation runs on a clock set
back to its election (`set_offset`); nothing else may shift it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta()
_fixed: ContextVar[datetime | None] = ContextVar("fixed_moment", default=None)


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return _fixed.get() or datetime.now(UTC) + _offset


def world() -> datetime:
    """The world's present moment in UTC, whatever a demonstration's clock shows: for sessions,
    which must not end because that clock is set forward."""
    return datetime.now(UTC)


def set_offset(offset: timedelta) -> None:
    """Move this process's clock; used once at start by a demonstration installation."""
    global _offset  # noqa: PLW0603 - one clock a process is the point
    _offset = offset


def offset() -> timedelta:
    """By how much this process's clock differs from the world's; zero but in a demonstration."""
    return _offset


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware `moment` inside the block."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)


def local(moment: datetime, time_zone: str) -> datetime:
    """`moment` as people of `time_zone` (an IANA name) read it on the wall."""
    return moment.astimezone(ZoneInfo(time_zone))


def today(time_zone: str) -> date:
    """The present day where people live by `time_zone`."""
    return local(now(), time_zone).date()


def monday_of(day: date) -> date:
    """The first day of the day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def last_day(until: datetime, time_zone: str) -> date:
    """The last local day that lies before `until`: what ends at midnight held the day before."""
    return local(until - timedelta(microseconds=1), time_zone).date()


def local_moment(day: date, at: time, time_zone: str) -> datetime:
    """The moment in UTC when clocks in `time_zone` show `at` on `day`."""
    return datetime.combine(day, at, ZoneInfo(time_zone)).astimezone(UTC)


def exists_locally(typed: datetime, time_zone: str) -> bool:
    """Whether clocks in `time_zone` ever show the naive moment `typed` (PEP 495 gaps)."""
    aware = typed.replace(tzinfo=ZoneInfo(time_zone))
    back = aware.astimezone(UTC).astimezone(ZoneInfo(time_zone))
    return back.replace(tzinfo=None) == typed


def occurs_twice(typed: datetime, time_zone: str) -> bool:
    """Whether clocks in `time_zone` show the naive moment `typed` twice (PEP 495 folds)."""
    first, second = (typed.replace(tzinfo=ZoneInfo(time_zone), fold=fold) for fold in (0, 1))
    return exists_locally(typed, time_zone) and first.utcoffset() != second.utcoffset()


def is_zone(name: str) -> bool:
    """Whether `name` is the IANA name of a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; a path; a folder of zones
        return False
    return True
