"""Elections and their calendar as stored."""

from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type


class ElectionKind(StrEnum):
    """What is voted on."""

    PRESIDENTIAL = "presidential"
    EARLY_PRESIDENTIAL = "early_presidential"
    PARLIAMENTARY = "parliamentary"
    EARLY_PARLIAMENTARY = "early_parliamentary"
    LOCAL = "local"
    REFERENDUM = "referendum"


class AnnexColumn(StrEnum):
    """A column that the list of candidates for the commission may have."""

    SURNAME = "surname"
    GIVEN_NAMES = "given_names"
    NATIVE_NAME = "native_name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    CITIZENSHIP = "citizenship"
    DOCUMENT = "document"
    DOCUMENT_EXPIRY = "document_expiry"
    FUNCTION = "function"
    SENDER = "sender"
    OCCUPATION = "occupation"


class Election(Versioned, Model):
    """One election or referendum, or one round of it."""

    __tablename__ = "elections"
    __table_args__ = (
        sa.CheckConstraint("opens_at < closes_at", name="opens_before_close"),
        sa.CheckConstraint("first_round_id != id", name="not_its_own_first_round"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Its short name in addresses: kz-2022.
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    kind: Mapped[ElectionKind] = mapped_column(enum_type(ElectionKind))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    # Whose election it is: ISO 3166-1 alpha-2.
    host_country: Mapped[str] = mapped_column(sa.String(2))
    # An IANA name, never an offset; the days of counts follow it.
    time_zone: Mapped[str] = mapped_column(sa.String(64), active_history=True)
    election_on: Mapped[date]  # election day
    polls_open_at: Mapped[time] = mapped_column(default=time(7))  # on election day, local wall time
    # On election day, local wall time.
    polls_close_at: Mapped[time] = mapped_column(default=time(20))
    opens_at: Mapped[datetime]  # when accreditation opens
    closes_at: Mapped[datetime]  # when accreditation closes: nothing is submitted after
    ends_at: Mapped[datetime]  # when accreditations that stand expire
    # The election of which it is a later round.
    first_round_id: Mapped[int | None] = mapped_column(sa.ForeignKey("elections.id"), index=True)
    # The annex of a submission: its columns in order (empty: the usual ones), and who signs.
    annex_columns: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    # Who signs the annex of a submission.
    signatory_name: Mapped[str | None] = mapped_column(sa.String(200))
    # The office of who signs.
    signatory_position_en: Mapped[str | None] = mapped_column(sa.String(200))
    signatory_position_ru: Mapped[str | None] = mapped_column(sa.String(200))
    signatory_position_kk: Mapped[str | None] = mapped_column(sa.String(200))
    digest_at: Mapped[time | None]  # local wall time of the daily digest; none: none is issued
    # Whether polling stations may send what they checked; nobody is followed by default.
    logs_certificate_checks: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Whether the public register names observers; it shows their number alone by default.
    publishes_observers: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Whether the demonstration made it.
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
