"""What delegations ask for: whom they want to meet, when, and what became of it."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.words import Searched
from tracker.meetings.models.meeting import Meeting
from tracker.officials.models import Institution, Official


class Whom(StrEnum):
    """Exactly one official, the official or a deputy, or anybody of an institution."""

    OFFICIAL = "official"
    DEPUTY = "deputy"
    INSTITUTION = "institution"


class RequestStatus(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    HELD = "held"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class MeetingRequest(Searched, Versioned, Model):
    """A delegation's wish for a meeting."""

    __tablename__ = "meeting_requests"
    SEARCHED = ("topics",)
    __table_args__ = (
        sa.CheckConstraint(
            "(whom = 'institution') = (official_id IS NULL) "
            "AND (official_id IS NULL) = (institution_id IS NOT NULL)",
            name="whom_is_named",
        ),
        sa.CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
        sa.CheckConstraint("length_minutes BETWEEN 5 AND 720", name="length"),
        sa.CheckConstraint("people >= 1", name="people"),
        sa.Index("ix_meeting_requests_by_status", "election_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    whom: Mapped[Whom] = mapped_column(enum_type(Whom))
    # Whom they want to meet.
    official_id: Mapped[int | None] = mapped_column(sa.ForeignKey("officials.id"), index=True)
    # The institution at which anybody will do.
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    topics: Mapped[str] = mapped_column(sa.String(500))  # what they want to speak about
    # The days that would suit: ISO 8601, by spaces; empty: any.
    wished_days: Mapped[str] = mapped_column(sa.String(200), default="")
    length_minutes: Mapped[int] = mapped_column(default=45)  # how long it should take, in minutes
    # What is to be interpreted, ISO 639-1.
    language: Mapped[str | None] = mapped_column(sa.String(2))
    people: Mapped[int] = mapped_column(default=1)  # how many of the delegation come
    needs_hall: Mapped[bool] = mapped_column(default=False)  # whether a hall is to be found for it
    priority: Mapped[int] = mapped_column(default=3)  # how much it matters: 1 is the highest
    status: Mapped[RequestStatus] = mapped_column(
        enum_type(RequestStatus), default=RequestStatus.RECEIVED
    )
    # The meeting that it became.
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meetings.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    delegation: Mapped[Delegation] = relationship(lazy="joined", innerjoin=True)
    official: Mapped[Official | None] = relationship(lazy="joined")
    institution: Mapped[Institution | None] = relationship(lazy="joined")
    meeting: Mapped[Meeting | None] = relationship(lazy="joined")

    @property
    def days(self) -> tuple[date, ...]:
        """The wished days in order; none where any day will do."""
        return tuple(sorted(date.fromisoformat(day) for day in self.wished_days.split()))


class RequestStep(Model):
    """One step of a request's life; append-only."""

    __tablename__ = "request_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The request that it belongs to.
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_requests.id"), index=True)
    from_status: Mapped[RequestStatus | None] = mapped_column(
        enum_type(RequestStatus, "from_status")
    )
    to_status: Mapped[RequestStatus] = mapped_column(enum_type(RequestStatus, "to_status"))
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meetings.id"))
    starts_at: Mapped[datetime | None]  # when the meeting was to begin then
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
