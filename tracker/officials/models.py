"""Institutions and officials as stored."""

from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned


class Institution(Versioned, Model):
    """A ministry, a chamber of parliament, a commission."""

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_en: Mapped[str] = mapped_column(sa.String(200), unique=True)
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Official(Versioned, Model):
    """A person whom delegations meet; lower `precedence` is listed first."""

    __tablename__ = "officials"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    position_en: Mapped[str] = mapped_column(sa.String(200))
    position_ru: Mapped[str] = mapped_column(sa.String(200))
    position_kk: Mapped[str] = mapped_column(sa.String(200))
    precedence: Mapped[int] = mapped_column(default=100)
    assistant_contact: Mapped[str | None] = mapped_column(sa.String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    institution: Mapped[Institution] = relationship(lazy="joined", innerjoin=True)
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
    official_id: Mapped[int] = mapped_column(sa.ForeignKey("officials.id"), index=True)
    weekday: Mapped[int]  # 0 is Monday (ISO 8601 counts from 1)
    starts: Mapped[time]
    ends: Mapped[time]


class Hall(Versioned, Model):
    """A room of an institution in which meetings take place."""

    __tablename__ = "halls"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institutions.id"), index=True)
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    capacity: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    institution: Mapped[Institution] = relationship(lazy="joined", innerjoin=True)
