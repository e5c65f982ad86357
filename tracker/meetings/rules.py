"""What a meeting and a request for one may become, and how long a meeting lasts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.kernel.permissions import Capability
from tracker.meetings.models import (
    MeetingPlan,
    MeetingStatus,
    PlanRow,
    PlanStatus,
    RequestStatus,
)

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=12)
MOST_OFFICIALS = 6  # of whom a planner may choose one for a request: the first by precedence

M, R = MeetingStatus, RequestStatus

NEXT: dict[MeetingStatus, tuple[MeetingStatus, ...]] = {
    M.PROPOSED: (M.SCHEDULED, M.CANCELLED),
    M.SCHEDULED: (M.HELD, M.CANCELLED),
    M.HELD: (),
    M.CANCELLED: (),
}
STANDING = frozenset({M.PROPOSED, M.SCHEDULED})  # may be changed, and holds its people


@dataclass(frozen=True)
class Step:
    """One way from a status of a request to another: who may take it, and whether they say why."""

    sources: frozenset[RequestStatus]
    target: RequestStatus
    capability: Capability
    needs_reason: bool = False


OPEN = frozenset({R.RECEIVED, R.PROPOSED})  # not settled: asked about every day
BOOKED = frozenset({R.CONFIRMED, R.MOVED})
_SCHEDULE, _ASK = Capability.SCHEDULE_MEETINGS, Capability.REQUEST_MEETINGS

STEPS: dict[str, Step] = {
    "propose": Step(frozenset({R.RECEIVED}), R.PROPOSED, _SCHEDULE),
    "confirm": Step(OPEN, R.CONFIRMED, _SCHEDULE),
    "move": Step(BOOKED, R.MOVED, _SCHEDULE, needs_reason=True),
    "hold": Step(BOOKED, R.HELD, _SCHEDULE),
    "decline": Step(OPEN, R.DECLINED, _SCHEDULE, needs_reason=True),
    "cancel": Step(OPEN | BOOKED, R.CANCELLED, _ASK, needs_reason=True),
    "reopen": Step(
        frozenset({R.PROPOSED, R.DECLINED, R.CANCELLED}) | BOOKED,
        R.RECEIVED,
        _SCHEDULE,
        needs_reason=True,
    ),
}


def may_step(status: RequestStatus, name: str) -> bool:
    """Whether the table leads from `status` by the step of this name."""
    return status in STEPS[name].sources


def steps_from(status: RequestStatus) -> tuple[str, ...]:
    """The names of the steps that lead from `status`."""
    return tuple(name for name in STEPS if may_step(status, name))


def may_change_row(plan: MeetingPlan, row: PlanRow) -> bool:
    """Whether a row of a plan may go elsewhere: nothing of it is booked, as a meeting that moves
    is already."""
    is_its_own = row.plan_id == plan.id
    return is_its_own and plan.status is PlanStatus.READY and not (row.is_booked or row.moves)


def is_fit_length(starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a meeting may last from the one to the other."""
    return SHORTEST <= ends_at - starts_at <= LONGEST


def resources_of(
    *,
    officials: Iterable[int] = (),
    delegations: Iterable[int] = (),
    hall: int | None = None,
    interpreter: int | None = None,
    observers: Iterable[int] = (),
) -> frozenset[str]:
    """Every chair, delegation, room and person that a meeting takes, as the database names them."""
    found = {f"official:{key}" for key in officials}
    found |= {f"delegation:{key}" for key in delegations}
    found |= {f"observer:{key}" for key in observers}
    found |= {f"hall:{hall}"} if hall else set()
    return frozenset(found | ({f"interpreter:{interpreter}"} if interpreter else set()))
