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
    first_on: Mapped[date]  # the first day that is planned
    last_on: Mapped[date]  # the last day that is planned
    seconds: Mapped[int]  # for how long to search at most
    may_move: Mapped[bool]  # whether confirmed meetings may be moved, where much is gained
    status: Mapped[PlanStatus] = mapped_column(enum_type(PlanStatus), default=PlanStatus.QUEUED)
    # Whether somebody wants what there is by now.
    is_stop_asked: Mapped[bool] = mapped_column(default=False, info={"audit": "skip"})
    # Whether it ended because somebody asked.
    is_stopped: Mapped[bool] = mapped_column(default=False)
    # Whether it is proven that no better plan exists.
    is_proven: Mapped[bool] = mapped_column(default=False)
    points: Mapped[int] = mapped_column(default=0)  # what it is worth: more is better
    bound: Mapped[float] = mapped_column(default=0)  # the points that no plan can pass
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    finished_at: Mapped[datetime | None]  # when the search ended


class PlanRow(Model):
    """What a plan says of one request: a place, or the reason why there is none."""

    __tablename__ = "plan_rows"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "request_id"),
        {"info": {"audit": "skip"}},  # a suggestion; what is booked of it is recorded
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The plan that it belongs to.
    plan_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meeting_plans.id", ondelete="CASCADE"), index=True
    )
    # The request that it answers.
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_requests.id"), index=True)
    starts_at: Mapped[datetime | None]  # when it would begin; none: there is no place
    ends_at: Mapped[datetime | None]  # when it would end; none: there is no place
    # The officials who would receive.
    official_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    # The hall where it would be.
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"))
    # The interpreter who would interpret.
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interpreters.id"))
    # Whether it moves a meeting that stands already.
    moves: Mapped[bool] = mapped_column(default=False)
    is_booked: Mapped[bool] = mapped_column(default=False)  # whether it was accepted and booked
    reason: Mapped[str | None] = mapped_column(sa.String(60))  # why there is no place, as a code
    # What the reason speaks of, by name.
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    request: Mapped[MeetingRequest] = relationship(lazy="joined", innerjoin=True)
