"""Assistance requests, arrivals and departures."""

from datetime import datetime

from tracker.api.shapes.common import (
    AskedFlag,
    AskedId,
    Day,
    Id,
    Listed,
    Names,
    PageQuery,
    Shape,
    line,
    lines,
)
from tracker.logistics.models.assistance import AssistanceKind, AssistanceStatus, Priority
from tracker.logistics.models.movements import Direction, Means, MovementStatus


class AssistanceQuery(PageQuery):
    """Which assistance requests."""

    status: AssistanceStatus | None = None
    kind: AssistanceKind | None = None
    delegation: AskedId | None = None
    is_open: AskedFlag = False


class AssistanceRow(Shape):
    """What a delegation asks headquarters for."""

    id: int
    number: int
    delegation_id: int
    kind: AssistanceKind
    title: str
    priority: Priority
    status: AssistanceStatus
    due_at: datetime
    settled_at: datetime | None
    observer_id: int | None
    meeting_id: int | None
    created_at: datetime
    created_by: str


class AssistanceList(Listed[AssistanceRow]):
    """Assistance requests, the newest first."""


class Assistance(AssistanceRow):
    """One assistance request with its details."""

    text: str | None


class NewAssistance(Shape):
    """What is asked for, and whom or which meeting it is about."""

    delegation_id: Id
    kind: AssistanceKind
    title: line(200, least=1)  # type: ignore[valid-type]
    text: lines(10_000) | None = None  # type: ignore[valid-type]
    priority: Priority = Priority.NORMAL
    observer_id: Id | None = None
    meeting_id: Id | None = None


class MovementQuery(PageQuery):
    """Which arrivals and departures."""

    day: Day | None = None
    direction: Direction | None = None
    delegation: AskedId | None = None
    status: MovementStatus | None = None


class Movement(Shape):
    """An arrival or a departure of a delegation or of a part of it."""

    id: int
    delegation_id: int
    direction: Direction
    means: Means
    number: str | None
    place: str | None
    point: Names
    moves_at: datetime
    people: int
    status: MovementStatus
    hotel: str | None
    vehicle: str | None


class MovementList(Listed[Movement]):
    """Arrivals and departures by time."""
