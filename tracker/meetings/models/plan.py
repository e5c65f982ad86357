"""A plan of many meetings, to be looked at before anything is booked."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.meetings.models.request import MeetingRequest


class PlanStatus(StrEnum):
    """How far the plan is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    ACCEPTED = "accepted"
    DROPPED = "dropped"
    FAILED = "failed"


class MeetingPlan(Versioned, Model):
    """One run of the planner over the open requests of some days."""

    __tablename__ = "meeting_plans"
    __table_args__ = (sa.CheckConstraint("first_on <= last_on", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    seconds: Mapped[int]  # of searching
    may_move: Mapped[bool]  # confirmed meetings, where much is gained
    status: Mapped[PlanStatus] = mapped_column(enum_type(PlanStatus), default=PlanStatus.QUEUED)
    is_stop_asked: Mapped[bool] = mapped_column(default=False, info={"audit": "skip"})
    is_stopped: Mapped[bool] = mapped_column(default=False)
    is_proven: Mapped[bool] = mapped_column(default=False)  # no better plan exists
    points: Mapped[int] = mapped_column(default=0)
    bound: Mapped[float] = mapped_column(default=0)  # no plan has more points
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    finished_at: Mapped[datetime | None]


class PlanRow(Model):
    """What a plan says of one request: a place, or the reason why there is none."""

    __tablename__ = "plan_rows"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "request_id"),
        {"info": {"audit": "skip"}},  # a suggestion; what is booked of it is recorded
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meeting_plans.id", ondelete="CASCADE"), index=True
    )
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_requests.id"), index=True)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    official_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"))
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interpreters.id"))
    moves: Mapped[bool] = mapped_column(default=False)  # a meeting that stands already
    is_booked: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(sa.String(60))  # why there is no place
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # of the reason

    request: Mapped[MeetingRequest] = relationship(lazy="joined", innerjoin=True)
