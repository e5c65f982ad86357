"""Meetings as stored."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.officials.models import Official


class MeetingKind(StrEnum):
    """A meeting with delegations, or one official's briefing for all heads of missions."""

    BILATERAL = "bilateral"
    BRIEFING = "briefing"


class MeetingStatus(StrEnum):
    """Whether the meeting stands."""

    SCHEDULED = "scheduled"
    HELD = "held"
    CANCELLED = "cancelled"


meeting_officials = sa.Table(
    "meeting_officials",
    Model.metadata,
    sa.Column("meeting_id", sa.ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("official_id", sa.ForeignKey("officials.id"), primary_key=True, index=True),
)
meeting_delegations = sa.Table(
    "meeting_delegations",
    Model.metadata,
    sa.Column("meeting_id", sa.ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("delegation_id", sa.ForeignKey("delegations.id"), primary_key=True, index=True),
)


class Meeting(Versioned, Model):
    """One meeting: from, to, where, who, and what came of it."""

    __tablename__ = "meetings"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        sa.Index("ix_meetings_by_start", "election_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    kind: Mapped[MeetingKind] = mapped_column(enum_type(MeetingKind))
    status: Mapped[MeetingStatus] = mapped_column(
        enum_type(MeetingStatus), default=MeetingStatus.SCHEDULED
    )
    title: Mapped[str] = mapped_column(sa.String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str | None] = mapped_column(sa.String(200))
    note: Mapped[str | None] = mapped_column(sa.Text)
    cancelled_because: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    officials: Mapped[list[Official]] = relationship(
        secondary=meeting_officials, lazy="selectin", order_by=(Official.precedence, Official.id)
    )
    delegations: Mapped[list[Delegation]] = relationship(
        secondary=meeting_delegations, lazy="selectin", order_by=Delegation.id
    )
