"""What needs a person now: kinds, severity and wording, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=3)
ARRIVING = timedelta(days=7)  # before election day everybody's arrival should be known


class Kind(StrEnum):
    """A kind of matter on the attention list."""

    OVERDUE_REQUEST = "overdue_request"  # an assistance request whose answer is owed by now
    LATE_REGISTERED = "late_registered"  # registered, not submitted, the close near or past
    WAITING = "waiting"  # submitted, not decided
    EXPIRING = "expiring"  # a passport that ends before election day + 1
    PORTRAIT = "portrait"
    DRAFT = "draft"
    DUPLICATE = "duplicate"
    FOLLOW_UP = "follow_up"  # promised at a meeting, and its day has passed
    NO_ANSWER = "no_answer"
    NO_ARRIVAL = "no_arrival"  # accredited, and nobody knows when they arrive


TONES = {
    Kind.OVERDUE_REQUEST: "bad",
    Kind.LATE_REGISTERED: "bad",
    Kind.WAITING: "warn",
    Kind.EXPIRING: "bad",
    Kind.PORTRAIT: "warn",
    Kind.DRAFT: "warn",
    Kind.DUPLICATE: "warn",
    Kind.FOLLOW_UP: "warn",
    Kind.NO_ANSWER: "go",
    Kind.NO_ARRIVAL: "warn",
}
ORDER = ("bad", "warn", "go")


@dataclass(frozen=True)
class Matter:
    """One line of the attention list."""

    kind: Kind
    tone: str
    count: int


def matters(
    counts: Mapping[Kind, int],
    *,
    now: datetime,
    closes_at: datetime,
    polls_open_at: datetime,
    ends_at: datetime,
) -> list[Matter]:
    """The lines to show, the gravest first; after the election nothing needs anybody."""
    if now >= ends_at:
        return []
    found = []
    for kind in Kind:
        count = counts.get(kind, 0)
        if kind is Kind.LATE_REGISTERED and now < closes_at - SOON:
            continue
        if kind is Kind.NO_ARRIVAL and now < polls_open_at - ARRIVING:
            continue
        if count:
            found.append(Matter(kind, TONES[kind], count))
    return sorted(found, key=lambda matter: ORDER.index(matter.tone))
