"""Institutions, officials, halls and interpreters as stored, and when they are free."""

from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString

PERSONAL = {"audit": "redact"}


class BlockSource(StrEnum):
    """How a blocked time came in."""

    TYPED = "typed"
    CALENDAR = "calendar"


class Institution(Versioned, Model):
    """A ministry, a chamber of parliament, a commission.

    Hours, days and halls there are in its `time_zone` (an IANA name); None: the election's.
    """

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_en: Mapped[str] = mapped_column(sa.String(200), unique=True)
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    # Street and house, as visitors are told.
    address: Mapped[str | None] = mapped_column(sa.String(300))
    # An IANA name; none: the election's.
    time_zone: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Official(Versioned, Model):
    """A person whom delegations meet; lower `precedence` is listed first."""

    __tablename__ = "officials"
    __table_args__ = (
        sa.CheckConstraint("deputy_of_id != id", name="not_their_own_deputy"),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 240", name="buffer"),
        sa.CheckConstraint("most_a_day BETWEEN 1 AND 30", name="longest_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The institution at which they hold office.
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(200))  # the person's name
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    position_en: Mapped[str] = mapped_column(sa.String(200))  # the office that they hold
    position_ru: Mapped[str] = mapped_column(sa.String(200))
    position_kk: Mapped[str] = mapped_column(sa.String(200))
    precedence: Mapped[int] = mapped_column(default=100)  # by protocol: a lower one is listed first
    # Whom to call about a meeting.
    assistant_contact: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # Invitations go there.
    # The address that invitations go to.
    assistant_email: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # The official for whom they may receive.
    deputy_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("officials.id"), index=True)
    # Minutes to be left free between two meetings.
    buffer_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    most_a_day: Mapped[int | None]  # how many meetings on one day at most
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    institution: Mapped[Institution] = relationship(lazy="joined", innerjoin=True)
    deputy_of: Mapped["Official | None"] = relationship(remote_side=[id])
    hours: Mapped[list["OfficialHours"]] = relationship(
        order_by="(OfficialHours.weekday, OfficialHours.starts)",
        cascade="all, delete-orphan",
    )


class OfficialHours(Model):
    """When an official receives on one day of the week, local wall time; no row: at any time."""

    __tablename__ = "official_hours"
    __table_args__ = (
        sa.CheckConstraint("starts < ends", name="starts_before_end"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The official who receives.
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("officials.id"), index=True)
    weekday: Mapped[int]  # 0 is Monday (ISO 8601 counts from 1)
    starts: Mapped[time]  # from when on, local wall time
    ends: Mapped[time]  # until when, local wall time


class OfficialDay(Model):
    """An exception: on that day an official receives at these hours instead of the weekly ones.

    Local wall time; several rows a day make several spans, a row without hours a day off.
    """

    __tablename__ = "official_days"
    __table_args__ = (
        sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="both_or_neither"),
        sa.CheckConstraint("starts < ends", name="starts_before_end"),
        sa.Index("ix_official_days_of_official", "official_id", "on"),
        sa.Index("ix_official_days_on", "on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The official who receives.
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("officials.id"))
    on: Mapped[date]  # the day, in the zone of the institution
    starts: Mapped[time | None]  # from when on, local wall time
    ends: Mapped[time | None]  # until when, local wall time
    # Why the day is another than usual, which may well be private.
    reason: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # The same in clear, as entered before revision 0040; the job process empties it.
    label: Mapped[str | None] = mapped_column(sa.String(200), info=PERSONAL)


class Hall(Versioned, Model):
    """A room of an institution in which meetings take place."""

    __tablename__ = "halls"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    capacity: Mapped[int]  # how many people have a seat
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    institution: Mapped[Institution] = relationship(lazy="joined", innerjoin=True)


class Interpreter(Versioned, Model):
    """A person who interprets between the languages that they have."""

    __tablename__ = "interpreters"
    __table_args__ = (sa.CheckConstraint("languages != ''", name="languages"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    # Between which they interpret: ISO 639-1, sorted, by commas.
    languages: Mapped[str] = mapped_column(sa.String(200))
    # The number under which they are reached.
    phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # The address that invitations go to.
    email: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    hours: Mapped[list["InterpreterHours"]] = relationship(
        order_by="(InterpreterHours.weekday, InterpreterHours.starts)",
        cascade="all, delete-orphan",
    )

    @property
    def language_codes(self) -> tuple[str, ...]:
        """The languages one by one."""
        return tuple(self.languages.split(","))


class InterpreterHours(Model):
    """When an interpreter works on one day of the week, in the election's wall time; no row: at
    any time."""

    __tablename__ = "interpreter_hours"
    __table_args__ = (
        sa.CheckConstraint("starts < ends", name="starts_before_end"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The interpreter who works.
    interpreter_id: Mapped[int] = mapped_column(sa.ForeignKey("interpreters.id"), index=True)
    weekday: Mapped[int]  # 0 is Monday (ISO 8601 counts from 1)
    starts: Mapped[time]  # from when on, local wall time
    ends: Mapped[time]  # until when, local wall time


class TravelTime(Model):
    """How long the way between two institutions takes, in either direction; no row: not known."""

    __tablename__ = "travel_times"
    __table_args__ = (
        sa.CheckConstraint("from_institution_id < to_institution_id", name="one_row_a_pair"),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name="minutes"),
        sa.UniqueConstraint("from_institution_id", "to_institution_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # One of the two institutions.
    from_institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"))
    # The other institution.
    to_institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    minutes: Mapped[int]  # how long the way takes, in minutes


_ONE_OWNER = " + ".join(
    f"CASE WHEN {name}_id IS NULL THEN 0 ELSE 1 END" for name in ("official", "hall", "interpreter")
)


class BlockedTime(Model):
    """A time at which an official, a hall or an interpreter is not to be had."""

    __tablename__ = "blocked_times"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        sa.CheckConstraint(f"{_ONE_OWNER} = 1", name="one_owner"),
        sa.Index("ix_blocked_times_of_official", "official_id", "starts_at"),
        sa.Index("ix_blocked_times_of_hall", "hall_id", "starts_at"),
        sa.Index("ix_blocked_times_of_interpreter", "interpreter_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    official_id: Mapped[int | None] = mapped_column(sa.ForeignKey("officials.id"))
    hall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("halls.id"))
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("interpreters.id"))
    starts_at: Mapped[datetime]  # from when on they are not to be had
    ends_at: Mapped[datetime]  # until when they are not to be had
    # What their calendar calls it, at most 200 characters; it may well be private.
    label: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    source: Mapped[BlockSource] = mapped_column(enum_type(BlockSource))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))


Owner = Official | Hall | Interpreter


def owned_by(owner: Owner) -> dict[str, int]:
    """The column that names the owner of a blocked time, and its value."""
    return {f"{type(owner).__name__.lower()}_id": owner.id}
