"""How soon headquarters owes an answer, and what an assistance request may become."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.kernel.permissions import Capability
from tracker.logistics.models.assistance import AssistanceStatus, Priority

S = AssistanceStatus

TARGETS: dict[Priority, timedelta] = {
    Priority.URGENT: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
}


@dataclass(frozen=True)
class Step:
    """One way from a status to another: who may take it, and whether they say why."""

    sources: frozenset[AssistanceStatus]
    target: AssistanceStatus
    capability: Capability
    needs_reason: bool = False


OURS = frozenset({S.NEW, S.ASSIGNED, S.IN_PROGRESS})  # headquarters is to act
OPEN = OURS | {S.WAITING}
SETTLED = frozenset(S) - OPEN
_HANDLE, _ASK = Capability.HANDLE_REQUESTS, Capability.ASK_ASSISTANCE

STEPS: dict[str, Step] = {
    "take": Step(frozenset({S.NEW}), S.ASSIGNED, _HANDLE),  # never from a colleague
    "assign": Step(OPEN, S.ASSIGNED, _HANDLE),
    "start": Step(frozenset({S.ASSIGNED, S.WAITING}), S.IN_PROGRESS, _HANDLE),
    "wait": Step(frozenset({S.ASSIGNED, S.IN_PROGRESS}), S.WAITING, _HANDLE, needs_reason=True),
    "reply": Step(frozenset({S.WAITING}), S.IN_PROGRESS, _ASK),  # what was waited for has come
    "finish": Step(OPEN - {S.NEW}, S.DONE, _HANDLE),
    "decline": Step(OPEN, S.DECLINED, _HANDLE, needs_reason=True),
    "cancel": Step(OPEN, S.CANCELLED, _ASK, needs_reason=True),
    "merge": Step(OPEN, S.CANCELLED, _HANDLE, needs_reason=True),  # a duplicate
    "reopen": Step(SETTLED, S.NEW, _HANDLE, needs_reason=True),
}


def may_step(status: AssistanceStatus, name: str) -> bool:
    """Whether the table leads from `status` by the step of this name."""
    return status in STEPS[name].sources


def steps_from(status: AssistanceStatus) -> tuple[str, ...]:
    """The names of the steps that lead from `status`."""
    return tuple(name for name in STEPS if may_step(status, name))


def is_overdue(status: AssistanceStatus, due_at: datetime, now: datetime) -> bool:
    """Whether headquarters owes an answer; never while it waits for the delegation."""
    return status in OURS and due_at < now
