"""Delegations as stored: standing, head and contacts are dated rows that are never overwritten."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import StorageKey
from tracker.organizations.models import Organization

PERSONAL = {"audit": "redact"}


class DelegationStatus(StrEnum):
    """Where a delegation stands between the invitation and its final report."""

    INVITED = "invited"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    ANNOUNCED = "announced"
    ACCREDITING = "accrediting"
    IN_COUNTRY = "in_country"
    DEPARTED = "departed"
    REPORTED = "reported"


class DelegationFormat(StrEnum):
    """The format of the mission."""

    EOM = "eom"  # election observation mission
    LEOM = "leom"  # limited election observation mission
    EAM = "eam"  # election assessment mission
    EET = "eet"  # election expert team
    PARLIAMENTARY = "parliamentary"
    SHORT_TERM = "short_term"
    STATE = "state"


class Delegation(Versioned, Model):
    """One organization's observation mission to one election."""

    __tablename__ = "delegations"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "organization_id"),
        sa.UniqueConstraint("id", "election_id"),  # accreditations refer to both
        sa.CheckConstraint("departure_on >= arrival_on", name="departs_after_arrival"),
        sa.CheckConstraint(
            "planned_core >= 0 AND planned_long_term >= 0 AND planned_short_term >= 0",
            name="planned_not_negative",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    # The organization or State that sends it.
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organizations.id"), index=True)
    status: Mapped[DelegationStatus] = mapped_column(
        enum_type(DelegationStatus), default=DelegationStatus.INVITED
    )
    format: Mapped[DelegationFormat] = mapped_column(enum_type(DelegationFormat))
    invited_on: Mapped[date | None]  # the day of the invitation
    # To whom the note of invitation was sent.
    invited_to: Mapped[str | None] = mapped_column(sa.String(200))
    # Of the note by which the sender announces it.
    note_verbale_number: Mapped[str | None] = mapped_column(sa.String(60))
    note_verbale_on: Mapped[date | None]  # the date of that note
    # The note as a picture or PDF.
    note_verbale_scan: Mapped[str | None] = mapped_column(StorageKey)
    # What that file was called.
    note_verbale_scan_name: Mapped[str | None] = mapped_column(sa.String(200))
    # Of headquarters, for this delegation.
    liaison_officer: Mapped[str | None] = mapped_column(sa.String(200))
    # The telephone number of the liaison officer.
    liaison_phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    planned_core: Mapped[int] = mapped_column(default=0)  # how many of the core team were announced
    # How many long-term observers were announced.
    planned_long_term: Mapped[int] = mapped_column(default=0)
    # How many short-term observers were announced.
    planned_short_term: Mapped[int] = mapped_column(default=0)
    arrival_on: Mapped[date | None]  # when the first of them comes
    departure_on: Mapped[date | None]  # when the last of them leaves
    remarks: Mapped[str | None] = mapped_column(sa.Text)  # what headquarters alone reads
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    election: Mapped[Election] = relationship(lazy="raise")
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class DelegationStep(Model):
    """One change of a delegation's status; append-only."""

    __tablename__ = "delegation_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    from_status: Mapped[DelegationStatus | None] = mapped_column(
        enum_type(DelegationStatus, "from_status")
    )
    to_status: Mapped[DelegationStatus] = mapped_column(enum_type(DelegationStatus, "to_status"))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    remark: Mapped[str | None] = mapped_column(sa.String(500))  # what was said about it


class DelegationHead(Model):
    """Who heads the delegation from a day on; the latest row in force counts."""

    __tablename__ = "delegation_heads"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))  # the name as it is printed
    title: Mapped[str | None] = mapped_column(sa.String(200))  # the office that they hold at home
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class DelegationContact(Model):
    """A contact of the delegation, from a day on and, once replaced, until a day."""

    __tablename__ = "delegation_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    duty: Mapped[str | None] = mapped_column(sa.String(200))  # what they do in the delegation
    email: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    effective_on: Mapped[date]
    ended_on: Mapped[date | None]  # from that day on it is not the contact any more
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class FocalPoint(Model):
    """Which delegation an account with the role `focal_point` may see."""

    __tablename__ = "focal_points"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    delegation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("delegations.id"), primary_key=True, index=True
    )


class DelegationMessage(Model):
    """One message in the thread between a delegation and headquarters; append-only, but for the
    mark that it needs no answer."""

    __tablename__ = "delegation_messages"
    __table_args__ = (sa.Index("ix_delegation_messages_thread", "delegation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"))
    is_from_headquarters: Mapped[bool]  # whether headquarters wrote, else the delegation
    text: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)  # what was written
    author_id: Mapped[int | None]  # the account that wrote; no key, since accounts may go
    author_name: Mapped[str] = mapped_column(sa.String(200))  # who wrote, as they were called then
    written_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was sent
    settled_at: Mapped[datetime | None]  # when somebody said that it needs no answer
    # Who said so, as they were called then.
    settled_by: Mapped[str | None] = mapped_column(sa.String(200))
