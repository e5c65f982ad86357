"""Meetings as stored."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.officials.models import Hall, Official


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
    place: Mapped[str | None] = mapped_column(sa.String(200))  # where it is no hall of ours
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"), index=True)
    people: Mapped[int | None]  # expected in the hall, both sides together
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")  # RFC 5545, 3.8.7.4
    changed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(sa.Text)
    cancelled_because: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    hall: Mapped[Hall | None] = relationship(lazy="joined")
    officials: Mapped[list[Official]] = relationship(
        secondary=meeting_officials, lazy="selectin", order_by=(Official.precedence, Official.id)
    )
    delegations: Mapped[list[Delegation]] = relationship(
        secondary=meeting_delegations, lazy="selectin", order_by=Delegation.id
    )


class CalendarKind(StrEnum):
    """Whose meetings a calendar shows."""

    ELECTION = "election"
    OFFICIAL = "official"
    DELEGATION = "delegation"
    HALL = "hall"


class CalendarAddress(Versioned, Model):
    """A secret address at which a telephone reads meetings; whoever holds it reads them.

    Only a keyed digest of the secret is kept, so that a stolen database opens no calendar.
    """

    __tablename__ = "calendar_addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), index=True)
    kind: Mapped[CalendarKind] = mapped_column(enum_type(CalendarKind))
    official_id: Mapped[int | None] = mapped_column(sa.ForeignKey("officials.id"))
    delegation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegations.id"))
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"))
    language: Mapped[str] = mapped_column(sa.String(2))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True, info={"audit": "redact"})
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    revoked_at: Mapped[datetime | None]

    official: Mapped[Official | None] = relationship(lazy="joined")
    hall: Mapped[Hall | None] = relationship(lazy="joined")
    delegation: Mapped[Delegation | None] = relationship(lazy="joined")


class MeetingBooking(Model):
    """One chair, room or delegation taken by one meeting that stands; the database refuses two.

    On PostgreSQL by the exclusion constraint below; on SQLite, which has one writer, by the check
    in the transaction that books.
    """

    __tablename__ = "meeting_bookings"
    __table_args__ = (
        sa.Index("ix_meeting_bookings_by_resource", "resource", "starts_at"),
        {"info": {"audit": "skip"}},  # follows from the meeting, which is recorded
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meetings.id", ondelete="CASCADE"), index=True
    )
    resource: Mapped[str] = mapped_column(sa.String(40))  # official:3, delegation:12, hall:2
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


# Half-open spans: a meeting may begin when another ends.
EXCLUDE_OVERLAPS = (
    "ALTER TABLE meeting_bookings ADD CONSTRAINT ex_meeting_bookings_overlap "
    "EXCLUDE USING gist (resource WITH =, tstzrange(starts_at, ends_at) WITH &&)"
)
for _statement in ("CREATE EXTENSION IF NOT EXISTS btree_gist", EXCLUDE_OVERLAPS):
    sa.event.listen(
        MeetingBooking.__table__,
        "after_create",
        sa.DDL(_statement).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
    )
