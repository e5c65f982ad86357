"""Geometry of the small charts that the server draws: numbers in, coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tracker.totals.queries import Point

WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 8, 44, 22, 26


@dataclass(frozen=True)
class Mark:
    """One labelled step of the curve."""

    x: float
    y: float
    day: date
    total: int


@dataclass(frozen=True)
class Curve:
    """A step line of cumulative totals by day, in a box of WIDTH × HEIGHT units."""

    line: str
    area: str
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, date], ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def curve_of(points: Sequence[Point], *, first: date, last: date) -> Curve | None:
    """The curve from `first` to `last`; None where nothing was accredited yet."""
    shown = [point for point in points if first <= point.day <= last]
    if not shown:
        return None
    span = max((last - first).days, 1)
    most = max(point.total for point in shown) or 1

    def x_of(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span, 1)

    def y_of(total: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * total / most, 1)

    base = y_of(0)
    marks = tuple(Mark(x_of(p.day), y_of(p.total), p.day, p.total) for p in shown)
    steps = "".join(f"H{mark.x}V{mark.y}" for mark in marks)
    end = x_of(last)
    every = -(-span // 6)
    days = (first + timedelta(days=number) for number in range(0, span + 1, every))
    ticks = tuple((x_of(day), day) for day in days)
    line = f"M{LEFT} {base}{steps}H{end}"
    return Curve(line, f"{line}V{base}Z", _labelled(marks), ticks)


def _labelled(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks whose labels do not collide: the last always, then leftwards."""
    kept: list[Mark] = []
    for mark in reversed(marks):
        if not kept or kept[-1].x - mark.x > 34 or kept[-1].y - mark.y < -16:
            kept.append(mark)
    return tuple(reversed(kept))


@dataclass(frozen=True)
class AxisBlock:
    """One meeting on the time axis; `left` and `width` in percent of the day shown."""

    meeting: Any
    left: float
    width: float
    lane: int
    state: str


@dataclass(frozen=True)
class AxisRow:
    """One official's line of the time axis."""

    official: Any
    blocks: tuple[AxisBlock, ...]


@dataclass(frozen=True)
class Axis:
    """A day of meetings by official."""

    hours: tuple[tuple[int, float], ...]
    rows: tuple[AxisRow, ...]
    now: float | None


def axis_of(
    meetings: Sequence[Any], officials: Sequence[Any], *, day_start: datetime, now: datetime
) -> Axis:
    """Place meetings (with local starts_at, ends_at and officials) on a day's axis.

    The axis shows 8 to 19 o'clock, more where a meeting needs it.
    """
    hours = [8, 19]
    for meeting in meetings:
        hours += [meeting.starts.hour, meeting.ends.hour + (meeting.ends.minute > 0)]
    first, last = min(hours), max(max(hours), min(hours) + 1)
    start, length = day_start + timedelta(hours=first), (last - first) * 3600

    def percent(moment: datetime) -> float:
        return round((moment - start).total_seconds() / length * 100, 2)

    rows = []
    for official in officials:
        own = [meeting for meeting in meetings if official.id in meeting.official_ids]
        if own:
            rows.append(AxisRow(official, tuple(_blocks(own, percent, now))))
    here = percent(now)
    return Axis(
        hours=tuple(
            (hour, round((hour - first) / (last - first) * 100, 2)) for hour in range(first, last)
        ),
        rows=tuple(rows),
        now=here if 0 <= here <= 100 else None,
    )


def _blocks(meetings: Sequence[Any], percent: Any, now: datetime) -> list[AxisBlock]:
    blocks = []
    for meeting in meetings:
        left, right = percent(meeting.starts), percent(meeting.ends)
        state = "now" if meeting.starts <= now < meeting.ends else ""
        state = "done" if meeting.ends <= now else state
        blocks.append(AxisBlock(meeting, left, round(right - left, 2), 0, state))
    return blocks
