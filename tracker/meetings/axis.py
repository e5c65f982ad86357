"""Meetings of a day on a time axis: moments in, places in percent out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class AxisBlock:
    """One meeting on the axis; `left` and `width` in percent of what is shown of the day."""

    meeting: Any
    left: float
    width: float
    state: str


@dataclass(frozen=True)
class AxisRow:
    """The line of one official, delegation or hall."""

    owner: Any
    blocks: tuple[AxisBlock, ...]


@dataclass(frozen=True)
class Axis:
    """A day of meetings: its hours, one row for each owner, and where the present is."""

    hours: tuple[tuple[int, float], ...]
    rows: tuple[AxisRow, ...]
    now: float | None
    first: int
    last: int


def axis_of(
    rows: Sequence[tuple[Any, Sequence[Any]]], *, day_start: datetime, now: datetime
) -> Axis:
    """Place each owner's meetings (with local `starts` and `ends`) on a day's axis.

    The axis shows 8 to 19 o'clock, more where a meeting needs it.
    """
    hours = [8, 19]
    for _owner, meetings in rows:
        for meeting in meetings:
            ends = meeting.ends.hour + (meeting.ends.minute > 0)
            overnight = meeting.ends.date() > meeting.starts.date()
            hours += [meeting.starts.hour, 24 if overnight else ends]
    first, last = min(hours), max(max(hours), min(hours) + 1)
    start, length = day_start + timedelta(hours=first), (last - first) * 3600

    def percent(moment: datetime) -> float:
        return round((moment - start).total_seconds() / length * 100, 2)

    here = percent(now)
    return Axis(
        hours=tuple(
            (hour, round((hour - first) / (last - first) * 100, 2)) for hour in range(first, last)
        ),
        rows=tuple(
            AxisRow(owner, tuple(_block(meeting, percent, now) for meeting in meetings))
            for owner, meetings in rows
        ),
        now=here if 0 <= here <= 100 else None,
        first=first,
        last=last,
    )


def _block(meeting: Any, percent: Callable[[datetime], float], now: datetime) -> AxisBlock:
    left, right = percent(meeting.starts), min(percent(meeting.ends), 100)
    state = "now" if meeting.starts <= now < meeting.ends else ""
    state = "done" if meeting.ends <= now else state
    return AxisBlock(meeting, left, round(right - left, 2), state)
