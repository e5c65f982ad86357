"""When officials and interpreters are to be had: hours in local wall time, and exceptions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zlib import crc32

from babel import Locale

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES as PAGES
from tracker.kernel.i18n import N_
from tracker.officials.models import Owner

Span = tuple[time, time]
Weekly = tuple[int, time, time]  # weekday from 0 (Monday), from, to
Exceptional = tuple[date, time | None, time | None]  # without hours: not that day
Pair = tuple[int, int]  # two institutions, the lower id first
LONGEST_BUFFER = 240  # minutes
MOST_MEETINGS = 30
LONGEST_WAY = 600  # minutes
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# ISO 639-1, as far as they have a name in each language of the pages.
_NAMED = (set(map(str, Locale(name).languages)) for name in PAGES)
LANGUAGES = frozenset(code for code in set.intersection(*_NAMED) if len(code) == 2)
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


def hours_on(
    week: Iterable[Weekly], exceptions: Iterable[Exceptional], day: date
) -> tuple[Span, ...] | None:
    """The spans of one day in order, those that touch as one; None for at any time, () for never.

    What is said of the day itself replaces the weekly hours; without any of these either, the day
    is open.
    """
    said = [(starts, ends) for on, starts, ends in exceptions if on == day]
    rows = list(week)
    if not said and not rows:
        return None
    usual = [(starts, ends) for weekday, starts, ends in rows if weekday == day.weekday()]
    spans = [(a, b) for a, b in said if a is not None and b is not None] if said else usual
    merged: list[Span] = []
    for starts, ends in sorted(spans):
        if merged and starts <= merged[-1][1]:
            first, last = merged.pop()
            starts, ends = first, max(last, ends)
        merged.append((starts, ends))
    return tuple(merged)


def receives(week: Iterable[Weekly], starts: datetime, ends: datetime) -> bool:
    """Whether weekly hours allow a meeting between two local times: it lies within one span."""
    spans = hours_on(week, (), starts.date())
    return spans is None or (
        starts.date() == ends.date()
        and any(begins <= starts.time() and ends.time() <= closes for begins, closes in spans)
    )


def in_short(week: Iterable[Weekly]) -> list[tuple[int, int, tuple[Span, ...]]]:
    """Days that follow each other with the same hours as one: first, last, spans."""
    spans: dict[int, list[Span]] = {}
    for weekday, starts, ends in week:
        spans.setdefault(weekday, []).append((starts, ends))
    groups: list[tuple[int, int, tuple[Span, ...]]] = []
    for weekday in sorted(spans):
        hours = tuple(sorted(spans[weekday]))
        if groups and groups[-1][1] == weekday - 1 and groups[-1][2] == hours:
            groups[-1] = (groups[-1][0], weekday, hours)
        else:
            groups.append((weekday, weekday, hours))
    return groups


def makes_a_circle(deputies: Mapping[int, int | None], official_id: int, of: int) -> bool:
    """Whether somebody, as the deputy of `of`, would become their own through others."""
    seen: set[int] = {official_id}
    above: int | None = of
    while above is not None and above not in seen:
        seen.add(above)
        above = deputies.get(above)
    return above is not None


def written_languages(codes: Sequence[str]) -> str:
    """ISO 639-1 codes as stored; raises `Refused` where there is none, or one nobody knows."""
    if not codes:
        raise Refused(N_("Choose at least one language."), field="languages")
    if not LANGUAGES.issuperset(codes):
        raise Refused(N_("Choose languages from the list."), field="languages")
    return ",".join(sorted(set(codes)))


def zone_of(owner: Owner, usual: str) -> str:
    """The zone of somebody's hours: their institution's, else `usual`, the election's."""
    institution = getattr(owner, "institution", None)
    return (institution.time_zone if institution else None) or usual


def version_of(ways: Mapping[Pair, int]) -> int:
    """A number that changes with any of the ways, so that two people do not undo each other."""
    return crc32(repr(sorted(ways.items())).encode()) % 999_999_999 + 1
