"""The one source of the present moment, so that a demonstration, a test or a replay can move it.

Every moment is an aware datetime in UTC. A demonstration installation runs on a clock set
back to its election (`set_offset`); nothing else may shift it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta()
_fixed: ContextVar[datetime | None] = ContextVar("fixed_moment", default=None)


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return _fixed.get() or datetime.now(UTC) + _offset


def set_offset(offset: timedelta) -> None:
    """Move this process's clock; used once at start by a demonstration installation."""
    global _offset  # noqa: PLW0603 - one clock a process is the point
    _offset = offset


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
