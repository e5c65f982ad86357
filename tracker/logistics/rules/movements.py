"""What a movement may become, how long a change of it is shown, and which times exist."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.kernel.clock import exists_locally, occurs_twice
from tracker.kernel.i18n import N_
from tracker.logistics.models.movements import MovementStatus

SHOWN_FOR = timedelta(hours=24)  # a change of time or flight
FARTHEST = timedelta(days=180)  # from election day; beyond it the year is mistyped

S = MovementStatus


@dataclass(frozen=True)
class Step:
    """One way from a status of a movement to another, and whether somebody has to say why."""

    sources: frozenset[MovementStatus]
    target: MovementStatus
    needs_reason: bool = False


STANDING = frozenset({S.PLANNED, S.CONFIRMED})  # may be changed, and is waited for
STEPS: dict[str, Step] = {
    "confirm": Step(frozenset({S.PLANNED}), S.CONFIRMED),
    "finish": Step(frozenset({S.CONFIRMED}), S.DONE),
    "cancel": Step(STANDING, S.CANCELLED, needs_reason=True),
}


def may_step(status: MovementStatus, name: str) -> bool:
    """Whether the table leads from `status` by the step of this name."""
    return status in STEPS[name].sources


def is_just_changed(changed_at: datetime | None, now: datetime) -> bool:
    """Whether a change made at `changed_at` is still to be pointed out."""
    return changed_at is not None and changed_at <= now < changed_at + SHOWN_FOR


def is_near(day: date, election_on: date) -> bool:
    """Whether people may come or leave on this day on account of the election."""
    return abs(day - election_on) <= FARTHEST


def clock_fault(typed: datetime, time_zone: str) -> str | None:
    """Why a local time (naive) names no single moment, as a msgid; None where it does."""
    if not exists_locally(typed, time_zone):
        return N_("The clocks skip this time on that day.")
    if occurs_twice(typed, time_zone):
        return N_("The clocks show this time twice on that day.")
    return None
