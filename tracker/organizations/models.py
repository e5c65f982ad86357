"""The directory of senders."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type


class OrganizationKind(StrEnum):
    """What sends: a State itself, or an organization."""

    INTERGOVERNMENTAL_ORGANIZATION = "intergovernmental_organization"
    PARLIAMENTARY_ASSEMBLY = "parliamentary_assembly"
    FOREIGN_STATE = "foreign_state"
    ELECTION_AUTHORITY_ASSOCIATION = "election_authority_association"
    INTERNATIONAL_NGO = "international_ngo"


# The columns of acronyms by language; "acronym" itself is the one in Latin letters.
ACRONYMS = {"en": "acronym", "ru": "acronym_ru", "kk": "acronym_kk"}


def _once(column: str) -> sa.Index:
    """No two organizations that stand have the same in this column."""
    stands = sa.text(f"{column} IS NOT NULL AND merged_into_id IS NULL")
    name = f"uq_organizations_{column}"
    return sa.Index(name, column, unique=True, sqlite_where=stands, postgresql_where=stands)


class Organization(Versioned, Model):
    """A sending organization or State; a State carries its ISO 3166-1 alpha-2 code."""

    __tablename__ = "organizations"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'foreign_state') = (country IS NOT NULL)", name="state_has_country"
        ),
        sa.CheckConstraint("merged_into_id != id", name="not_merged_into_itself"),
        *map(_once, ACRONYMS.values()),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganizationKind] = mapped_column(enum_type(OrganizationKind), index=True)
    # OSCE/ODIHR, CIS …, in Latin letters: shown to readers of every language that has none of its
    # own, and the name under which figures count it. No two that stand have the same.
    acronym: Mapped[str | None] = mapped_column(sa.String(30))
    # As unique as `acronym`: БДИПЧ ОБСЕ, СНГ …
    acronym_ru: Mapped[str | None] = mapped_column(sa.String(30))
    # As unique as `acronym`: ЕҚЫҰ ДИАҚБ, ТМД …
    acronym_kk: Mapped[str | None] = mapped_column(sa.String(30))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    # Of a foreign state: ISO 3166-1 alpha-2.
    country: Mapped[str | None] = mapped_column(sa.String(2), unique=True)
    # Where it has its seat: ISO 3166-1 alpha-2.
    seat_country: Mapped[str | None] = mapped_column(sa.String(2))
    # Its names and acronyms in plain Latin letters, to be found by.
    search_key: Mapped[str] = mapped_column(sa.Text, info={"audit": "skip"})
    is_archived: Mapped[bool] = mapped_column(default=False)  # whether it is not offered any more
    # The same organization, entered twice: this row is the other one's.
    merged_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def all_names(self) -> list[str]:
        """Its acronyms and names in every language."""
        columns = (*ACRONYMS.values(), "name_en", "name_ru", "name_kk")
        return [text for column in columns if (text := getattr(self, column))]

    @property
    def is_state(self) -> bool:
        """Whether the sender is a State itself."""
        return self.kind is OrganizationKind.FOREIGN_STATE
