"""When an official receives: weekly hours in local wall time."""

import re
from collections.abc import Iterable
from datetime import datetime, time

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_

Span = tuple[time, time]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–—]\s*(\d{1,2})[:.](\d\d)")


def parse_hours(text: str, *, field: str) -> tuple[Span, ...]:
    """Spans such as 09:00–12:00, 14:00–18:00; empty for none. Raises `Refused` beside `field`."""
    spans = []
    for part in filter(None, (piece.strip() for piece in re.split("[,;]", text))):
        found = _SPAN.fullmatch(part)
        numbers = [int(number) for number in found.groups()] if found else []
        if not found or max(numbers[0], numbers[2]) > 23 or max(numbers[1], numbers[3]) > 59:
            raise Refused(
                N_("Write hours like 09:00–12:00, 14:00–18:00, not “%(text)s”."),
                field=field,
                text=part,
            )
        spans.append((time(numbers[0], numbers[1]), time(numbers[2], numbers[3])))
    spans.sort()
    for starts, ends in spans:
        if starts >= ends:
            raise Refused(N_("Hours must end after they start."), field=field)
    if any(one[1] > other[0] for one, other in zip(spans, spans[1:], strict=False)):
        raise Refused(N_("These hours overlap."), field=field)
    return tuple(spans)


def written_hours(spans: Iterable[Span]) -> str:
    """Spans as they are typed."""
    return ", ".join(f"{starts:%H:%M}–{ends:%H:%M}" for starts, ends in spans)


def receives(week: Iterable[tuple[int, time, time]], starts: datetime, ends: datetime) -> bool:
    """Whether weekly hours (weekday from 0, from, to) allow a meeting between two local times.

    Without any hours an official receives at any time; with some, a meeting lies within one span.
    """
    rows = list(week)
    if not rows:
        return True
    return starts.date() == ends.date() and any(
        weekday == starts.weekday() and begins <= starts.time() and ends.time() <= closes
        for weekday, begins, closes in rows
    )
