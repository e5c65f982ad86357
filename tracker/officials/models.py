"""Institutions and officials as stored."""

from datetime import datetime

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
