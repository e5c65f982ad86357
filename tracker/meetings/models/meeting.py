"""One meeting: when, where, who, what came of it, and the chairs and rooms that it takes."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.storage import StorageKey
from tracker.kernel.words import Searched
from tracker.officials.models import Hall, Interpreter, Official


class MeetingKind(StrEnum):
    """A meeting with delegations, or one official's briefing for all heads of missions."""

    BILATERAL = "bilateral"
    BRIEFING = "briefing"


class MeetingStatus(StrEnum):
    """Whether the meeting stands; a proposed one holds its people and its hall already."""

    PROPOSED = "proposed"
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


class Meeting(Searched, Versioned, Model):
    """One meeting: from, to, where, who, and what came of it."""

    __tablename__ = "meetings"
    SEARCHED = ("title",)
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
    place: Mapped[str | None] = mapped_column(sa.String(200))  # where it is, if in no hall of ours
    # The hall where it is.
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"), index=True)
    people: Mapped[int | None]  # how many are expected in the hall, both sides together
    language: Mapped[str | None] = mapped_column(sa.String(2))  # what is interpreted, ISO 639-1
    # The interpreter who was booked.
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interpreters.id"), index=True)
    # Whether the protocol department comes.
    protocol_attends: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Whether the press is invited.
    press_attends: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    agenda: Mapped[str | None] = mapped_column(sa.Text)  # what is to be spoken about
    # How often invitations changed (RFC 5545, 3.8.7.4).
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]  # when time, place or people last changed
    invited_at: Mapped[datetime | None]  # when invitations went out; changes follow them
    note: Mapped[str | None] = mapped_column(sa.Text)  # what headquarters alone reads
    outcome: Mapped[str | None] = mapped_column(sa.Text)  # what was said
    # Who came without being named.
    others_present: Mapped[str | None] = mapped_column(sa.String(500))
    # Why it does not take place.
    cancelled_because: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    hall: Mapped[Hall | None] = relationship(lazy="joined")
    interpreter: Mapped[Interpreter | None] = relationship(lazy="joined")
    officials: Mapped[list[Official]] = relationship(
        secondary=meeting_officials, lazy="selectin", order_by=(Official.precedence, Official.id)
    )
    delegations: Mapped[list[Delegation]] = relationship(
        secondary=meeting_delegations, lazy="selectin", order_by=Delegation.id
    )
    participants: Mapped[list["MeetingParticipant"]] = relationship(
        cascade="all, delete-orphan", order_by="MeetingParticipant.accreditation_id"
    )


class MeetingParticipant(Model):
    """An observer who is named for a meeting, and whether they came."""

    __tablename__ = "meeting_participants"

    meeting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True
    )
    accreditation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accreditations.id"), primary_key=True, index=True
    )
    was_present: Mapped[bool | None]  # whether they came; none: not said

    accreditation: Mapped[Accreditation] = relationship(lazy="raise")


class MeetingDocument(Model):
    """A paper of a meeting; its content is an encrypted file."""

    __tablename__ = "meeting_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meetings.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(StorageKey)  # the paper itself
    size: Mapped[int]  # how many bytes it has
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))


class FollowUp(Model):
    """What somebody promised at a meeting, until when, and when it was done."""

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("meetings.id", ondelete="CASCADE"), index=True
    )
    task: Mapped[str] = mapped_column(sa.String(500))  # what was promised
    responsible: Mapped[str | None] = mapped_column(sa.String(200))  # who promised it
    due_on: Mapped[date | None]  # the last day for it
    done_at: Mapped[datetime | None]  # when it was done
    done_by: Mapped[str | None] = mapped_column(sa.String(200))  # who said that it was done
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been done before this day."""
        return self.done_at is None and self.due_on is not None and self.due_on < today


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
    # Where it is; none: not at an institution.
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institutions.id"))
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
