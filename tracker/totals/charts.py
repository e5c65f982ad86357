"""Geometry of the small charts that the server draws: numbers in, coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.elections.models import Election
from tracker.kernel import clock
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


def drawn(election: Election, points: Sequence[Point], moment: datetime) -> Curve | None:
    """The curve from the opening of accreditation to the moment, at most to election day."""
    first = clock.local(election.opens_at, election.time_zone).date()
    last = min(clock.local(moment, election.time_zone).date(), election.election_on)
    return curve_of(points, first=first, last=max(first, last))


def _labelled(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The marks whose labels do not collide: the last always, then leftwards."""
    kept: list[Mark] = []
    for mark in reversed(marks):
        if not kept or kept[-1].x - mark.x > 34 or kept[-1].y - mark.y < -16:
            kept.append(mark)
    return tuple(reversed(kept))
