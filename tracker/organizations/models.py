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


class Organization(Versioned, Model):
    """A sending organization or State; a State carries its ISO 3166-1 alpha-2 code."""

    __tablename__ = "organizations"
    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'foreign_state') = (country IS NOT NULL)", name="state_has_country"
        ),
        sa.CheckConstraint("merged_into_id != id", name="not_merged_into_itself"),
        sa.Index(
            "uq_organizations_acronym",
            "acronym",
            unique=True,
            sqlite_where=sa.text("acronym IS NOT NULL AND merged_into_id IS NULL"),
            postgresql_where=sa.text("acronym IS NOT NULL AND merged_into_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganizationKind] = mapped_column(enum_type(OrganizationKind), index=True)
    # OSCE/ODIHR, CIS …; none of two that stand have the same.
    acronym: Mapped[str | None] = mapped_column(sa.String(30))
    name_en: Mapped[str] = mapped_column(sa.String(200))
    name_ru: Mapped[str] = mapped_column(sa.String(200))
    name_kk: Mapped[str] = mapped_column(sa.String(200))
    # Of a foreign state: ISO 3166-1 alpha-2.
    country: Mapped[str | None] = mapped_column(sa.String(2), unique=True)
    # Where it has its seat: ISO 3166-1 alpha-2.
    seat_country: Mapped[str | None] = mapped_column(sa.String(2))
    # Its names in plain Latin letters, to be found by.
    search_key: Mapped[str] = mapped_column(sa.Text, info={"audit": "skip"})
    is_archived: Mapped[bool] = mapped_column(default=False)  # whether it is not offered any more
    # The same organization, entered twice: this row is the other one's.
    merged_into_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organizations.id"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def is_state(self) -> bool:
        """Whether the sender is a State itself."""
        return self.kind is OrganizationKind.FOREIGN_STATE
