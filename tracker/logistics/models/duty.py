"""Duty at headquarters: its log, who is on duty when, how shifts hand over, whom to call."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString

PERSONAL = {"audit": "redact"}


class NoteKind(StrEnum):
    """What a note of the log tells of."""

    NOTE = "note"
    CALL = "call"
    INCIDENT = "incident"
    INSTRUCTION = "instruction"
    HAND_OVER = "hand_over"


class NoteStepKind(StrEnum):
    """What became of a note; its text stays."""

    CLOSED = "closed"  # it was followed up
    STRUCK = "struck"


class DutyFunction(StrEnum):
    """As what somebody is on duty; headquarters is never without a duty officer."""

    DUTY_OFFICER = "duty_officer"
    DEPUTY = "deputy"
    LIAISON = "liaison"
    DRIVERS = "drivers"
    TECHNICIAN = "technician"


class DutyNote(Model):
    """One entry of the log, never changed: a correction is another note that refers to it.

    `number` counts within the election. `is_open` follows from the later rows and is kept beside
    them in the same transaction: a follow-up is owed, and the note stands.
    """

    __tablename__ = "duty_notes"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "number"),
        sa.UniqueConstraint("corrects_id"),  # one correction, which can be corrected in turn
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("corrects_id <> id", name="corrects_another"),
        sa.CheckConstraint("happened_at <= recorded_at", name="never_ahead"),
        sa.CheckConstraint("needs_follow_up OR NOT is_open", name="open_where_needed"),
        sa.Index("ix_duty_notes_by_moment", "election_id", "happened_at", "id"),
        sa.Index("ix_duty_notes_open", "election_id", "is_open"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    number: Mapped[int]  # 1, 2, 3 … within the election
    kind: Mapped[NoteKind] = mapped_column(enum_type(NoteKind))
    happened_at: Mapped[datetime]  # when it happened
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    # The account that wrote.
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    author_name: Mapped[str] = mapped_column(sa.String(200))  # who wrote, as they were called then
    text: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)  # what happened
    # The delegation that it concerns.
    delegation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    # As it was typed: "Request No. 17", "ZZ 417".
    reference: Mapped[str | None] = mapped_column(sa.String(60))
    # The note in whose place it stands.
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("duty_notes.id"))
    # Whether somebody has to see to it.
    needs_follow_up: Mapped[bool] = mapped_column(default=False)
    is_open: Mapped[bool] = mapped_column(default=False)  # whether nobody has seen to it yet

    delegation: Mapped[Delegation | None] = relationship(lazy="joined")


class DutyNoteStep(Model):
    """A note was followed up or struck out, and how or why; append-only, each once."""

    __tablename__ = "duty_note_steps"
    __table_args__ = (sa.UniqueConstraint("note_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The note that it belongs to.
    note_id: Mapped[int] = mapped_column(sa.ForeignKey("duty_notes.id"))
    kind: Mapped[NoteStepKind] = mapped_column(enum_type(NoteStepKind))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    # How it was followed up, or why it was struck out.
    word: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)


class DutyShift(Versioned, Model):
    """Somebody is on duty from one moment to another: an account, or a name."""

    __tablename__ = "duty_shifts"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        sa.CheckConstraint("(user_id IS NULL) <> (name IS NULL)", name="account_or_name"),
        sa.Index("ix_duty_shifts_by_start", "election_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    function: Mapped[DutyFunction] = mapped_column(enum_type(DutyFunction))
    # Who is on duty, where they have an account.
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str | None] = mapped_column(sa.String(200))  # who is on duty, where they have none
    phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def person(self) -> str:
        """Who is on duty."""
        return self.user.name if self.user else self.name or ""


class HandOver(Model):
    """One shift has handed over, with a note of the log that says what; append-only."""

    __tablename__ = "duty_hand_overs"

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), index=True)
    # The note of the log that says what.
    note_id: Mapped[int] = mapped_column(sa.ForeignKey("duty_notes.id"), unique=True)
    # The shift that ended.
    shift_id: Mapped[int | None] = mapped_column(sa.ForeignKey("duty_shifts.id"), index=True)
    given_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was handed over
    # The account that handed over.
    given_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    # Who handed over, as they were called then.
    given_by: Mapped[str] = mapped_column(sa.String(200))

    note: Mapped[DutyNote] = relationship(lazy="joined", innerjoin=True)
    taken: Mapped["TakeOver | None"] = relationship(lazy="joined", viewonly=True)


class TakeOver(Model):
    """Somebody has taken over what was handed over; append-only, once."""

    __tablename__ = "duty_take_overs"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What was handed over.
    hand_over_id: Mapped[int] = mapped_column(sa.ForeignKey("duty_hand_overs.id"), unique=True)
    taken_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was taken over
    # The account that took over.
    taken_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    taken_by: Mapped[str] = mapped_column(sa.String(200))  # who took over, as they were called then


class DutyContact(Versioned, Model):
    """Whom else to call: an ambulance, the protocol desk of an airport, the police of a region."""

    __tablename__ = "duty_contacts"
    __table_args__ = (sa.Index("ix_duty_contacts_by_position", "election_id", "position", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    name_en: Mapped[str] = mapped_column(sa.String(200))  # in any language where it is the one
    name_ru: Mapped[str | None] = mapped_column(sa.String(200))
    name_kk: Mapped[str | None] = mapped_column(sa.String(200))
    duty: Mapped[str | None] = mapped_column(sa.String(200))  # what they are called for
    phone: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)
    email: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # What headquarters alone reads.
    note: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    position: Mapped[int] = mapped_column(default=100)  # in the list: lower ones stand first
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
