"""What needs a person now: kinds, severity, and when a matter that was put off comes back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from tracker.kernel import clock
from tracker.logistics.models.attention import Kind, Snooze

SOON = timedelta(days=3)
ARRIVING = timedelta(days=7)  # before election day everybody's arrival should be known
CARRYING = timedelta(days=5)  # before election day everybody should have a certificate

TONES = {
    Kind.OVERDUE_REQUEST: "bad",
    Kind.MESSAGE: "warn",
    Kind.LIST: "warn",
    Kind.LATE_REGISTERED: "bad",
    Kind.WAITING: "warn",
    Kind.EXPIRING: "bad",
    Kind.PORTRAIT: "warn",
    Kind.DRAFT: "warn",
    Kind.DUPLICATE: "warn",
    Kind.FOLLOW_UP: "warn",
    Kind.NO_ANSWER: "go",
    Kind.NO_ARRIVAL: "warn",
    Kind.NO_CERTIFICATE: "warn",
}
ORDER = ("bad", "warn", "go")
EARLIEST = {Kind.NO_ARRIVAL: ARRIVING, Kind.NO_CERTIFICATE: CARRYING}  # before the polls open


class Span(StrEnum):
    """How long a matter may be put off."""

    HOUR = "hour"
    FOUR_HOURS = "four_hours"
    MORNING = "morning"


MORNING = time(9)  # local wall time


@dataclass(frozen=True)
class Matter:
    """One line of the attention list; `snooze` where it is put off."""

    kind: Kind
    tone: str
    count: int
    snooze: Snooze | None = None


def matters(
    counts: Mapping[Kind, int],
    snoozes: Iterable[Snooze] = (),
    *,
    now: datetime,
    closes_at: datetime,
    polls_open_at: datetime,
    ends_at: datetime,
) -> list[Matter]:
    """The lines to show, the gravest first; after the election nothing needs anybody."""
    if now >= ends_at:
        return []
    put_off = {row.kind: row for row in snoozes if is_asleep(row, counts.get(row.kind, 0), now)}
    found = []
    for kind in Kind:
        count = counts.get(kind, 0)
        if kind is Kind.LATE_REGISTERED and now < closes_at - SOON:
            continue
        if kind in EARLIEST and now < polls_open_at - EARLIEST[kind]:
            continue
        if count:
            found.append(Matter(kind, TONES[kind], count, put_off.get(kind)))
    return sorted(found, key=lambda matter: ORDER.index(matter.tone))


def is_asleep(snooze: Snooze, count: int, now: datetime) -> bool:
    """Whether a matter stays put off: its time has not come, and it has not grown."""
    return snooze.ended_at is None and now < snooze.until_at and count <= snooze.count


def until(span: Span, now: datetime, time_zone: str) -> datetime:
    """The moment in UTC when a matter put off `now` comes back."""
    if span is Span.MORNING:
        tomorrow = clock.local(now, time_zone).date() + timedelta(days=1)
        return clock.local_moment(tomorrow, MORNING, time_zone)
    return now + {Span.HOUR: timedelta(hours=1), Span.FOUR_HOURS: timedelta(hours=4)}[span]
