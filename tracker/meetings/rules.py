"""When a meeting cannot be: who is already taken, and what its times must be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.meetings.models import MeetingStatus

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=12)

NEXT: dict[MeetingStatus, tuple[MeetingStatus, ...]] = {
    MeetingStatus.SCHEDULED: (MeetingStatus.HELD, MeetingStatus.CANCELLED),
    MeetingStatus.HELD: (),
    MeetingStatus.CANCELLED: (),
}


@dataclass(frozen=True)
class Slot:
    """A meeting as far as conflicts go: half-open, from its start up to its end."""

    meeting_id: int
    starts_at: datetime
    ends_at: datetime
    officials: frozenset[int]
    delegations: frozenset[int]
    hall: int | None = None


@dataclass(frozen=True)
class Conflict:
    """Who is taken, and by which meeting."""

    meeting_id: int
    officials: frozenset[int]
    delegations: frozenset[int]
    hall: int | None = None


def resources_of(slot: Slot) -> frozenset[str]:
    """Every chair, delegation and room that a meeting takes, as the database names them."""
    found = {f"official:{key}" for key in slot.officials}
    found |= {f"delegation:{key}" for key in slot.delegations}
    return frozenset(found | ({f"hall:{slot.hall}"} if slot.hall else set()))


def overlap(one: Slot, other: Slot) -> bool:
    """Whether the two share a moment; a meeting may begin when another ends."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def conflicts(candidate: Slot, others: Iterable[Slot]) -> list[Conflict]:
    """Every other meeting that takes one of the candidate's officials, delegations or its hall."""
    found = []
    for other in others:
        if other.meeting_id == candidate.meeting_id or not overlap(candidate, other):
            continue
        officials = candidate.officials & other.officials
        delegations = candidate.delegations & other.delegations
        hall = candidate.hall if candidate.hall and candidate.hall == other.hall else None
        if officials or delegations or hall:
            found.append(Conflict(other.meeting_id, officials, delegations, hall))
    return found


def is_fit_length(starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a meeting may last from the one to the other."""
    return SHORTEST <= ends_at - starts_at <= LONGEST
