"""Deployment: which observers go to which region of the host country, when, in which team."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString

PERSONAL = {"audit": "redact"}


class TeamStatus(StrEnum):
    """Where a team stands."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class DeploymentTeam(Versioned, Model):
    """Observers of one delegation who are in one region on the same days.

    A team that moves on is two rows: another region, other days, the same name.
    """

    __tablename__ = "deployment_teams"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["delegation_id", "election_id"], ["delegations.id", "delegations.election_id"]
        ),
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_end"),
        sa.Index("ix_deployment_teams_by_region", "election_id", "region", "starts_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    delegation_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(sa.String(60))  # what the delegation calls it: 3, Almaty B
    region: Mapped[str] = mapped_column(sa.String(6))  # the region where it works: ISO 3166-2
    # The city or districts where it works.
    place: Mapped[str | None] = mapped_column(sa.String(200))
    starts_on: Mapped[date]  # the first day there
    ends_on: Mapped[date]  # the last day there
    # Of headquarters, for this team.
    liaison_officer: Mapped[str | None] = mapped_column(sa.String(200))
    # The telephone number of the liaison officer.
    liaison_phone: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    vehicle: Mapped[str | None] = mapped_column(sa.String(100))  # the vehicle: make and colour
    plate: Mapped[str | None] = mapped_column(sa.String(20))  # the vehicle's number plate
    # The driver: name and telephone number.
    driver: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # The interpreter: name and telephone number.
    interpreter: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    # For headquarters alone.
    # What headquarters alone reads.
    note: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    status: Mapped[TeamStatus] = mapped_column(enum_type(TeamStatus), default=TeamStatus.PLANNED)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    delegation: Mapped[Delegation] = relationship(
        lazy="joined",
        innerjoin=True,
        primaryjoin="foreign(DeploymentTeam.delegation_id) == Delegation.id",
        viewonly=True,
    )
    members: Mapped[list["DeploymentMember"]] = relationship(
        cascade="all, delete-orphan", order_by="DeploymentMember.accreditation_id"
    )


class DeploymentMember(Model):
    """An observer's place in a team; nobody has two on one day while the teams stand.

    The team's days and standing are repeated here: on PostgreSQL the exclusion constraint below
    reads them; on SQLite, which has one writer, the transaction that places people checks.
    """

    __tablename__ = "deployment_members"
    __table_args__ = (sa.Index("ix_deployment_members_by_person", "accreditation_id", "starts_on"),)

    # The team in which the place is.
    team_id: Mapped[int] = mapped_column(
        sa.ForeignKey("deployment_teams.id", ondelete="CASCADE"), primary_key=True
    )
    # The observer who has the place.
    accreditation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accreditations.id"), primary_key=True
    )
    starts_on: Mapped[date] = mapped_column(info={"audit": "skip"})  # the first day of the team
    ends_on: Mapped[date] = mapped_column(info={"audit": "skip"})  # the last day of the team
    # Whether the team is not cancelled.
    is_standing: Mapped[bool] = mapped_column(default=True, info={"audit": "skip"})


class DeploymentStep(Model):
    """One step of a team's life, or a change of its region, days or people; append-only."""

    __tablename__ = "deployment_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The team that it belongs to.
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("deployment_teams.id"), index=True)
    from_status: Mapped[TeamStatus | None] = mapped_column(enum_type(TeamStatus, "from_status"))
    to_status: Mapped[TeamStatus] = mapped_column(enum_type(TeamStatus, "to_status"))
    # The region, as it was from this step on: ISO 3166-2.
    region: Mapped[str] = mapped_column(sa.String(6))
    starts_on: Mapped[date]  # the first day, as it was from this step on
    ends_on: Mapped[date]  # the last day, as it was from this step on
    people: Mapped[int]  # how many the team had from this step on
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))


EXCLUDE_OVERLAPS = (
    "ALTER TABLE deployment_members ADD CONSTRAINT ex_deployment_members_overlap "
    "EXCLUDE USING gist (accreditation_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&) "
    "WHERE (is_standing)"
)
for _statement in ("CREATE EXTENSION IF NOT EXISTS btree_gist", EXCLUDE_OVERLAPS):
    sa.event.listen(
        DeploymentMember.__table__,
        "after_create",
        sa.DDL(_statement).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
    )
