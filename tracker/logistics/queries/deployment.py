"""Who covers which region on a day, and who has no place: deployment as figures and lists."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.delegations.models import Delegation
from tracker.kernel.database import db
from tracker.kernel.i18n import language
from tracker.kernel.listing import Page, keyset
from tracker.logistics.models.deployment import DeploymentMember as Seat
from tracker.logistics.models.deployment import DeploymentTeam as Team
from tracker.logistics.queries.teams import PERSON, standing
from tracker.logistics.rules.deployment import COUNTED, Placing
from tracker.observers.models import Observer
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

IS_OBSERVER = sa.or_(Accreditation.function.is_(None), Accreditation.function.not_in(SUPPORT_STAFF))
COUNTS = sa.and_(Accreditation.status.in_(COUNTED), IS_OBSERVER)


def placings_on(election_id: int, day: date) -> list[Placing]:
    """How many observers each team has on a day, by function; a row for a team without people."""
    query = (
        sa.select(
            Team.region,
            Team.id,
            Team.delegation_id,
            Accreditation.function,
            sa.func.count(Accreditation.id),
        )
        .outerjoin(Seat, Seat.team_id == Team.id)
        .outerjoin(Accreditation, sa.and_(Accreditation.id == Seat.accreditation_id, COUNTS))
        .where(standing(election_id, day))
        .group_by(Team.region, Team.id, Team.delegation_id, Accreditation.function)
        .order_by(Team.region, Team.id, Accreditation.function)
    )
    return [Placing(*row) for row in db.session.execute(query)]


def deployed_by_region(election_id: int, day: date) -> dict[str, int]:
    """How many observers are in each region on a local day; regions with none are left out."""
    query = (
        sa.select(Team.region, sa.func.count(Accreditation.id))
        .join(Seat, Seat.team_id == Team.id)
        .join(Accreditation, Accreditation.id == Seat.accreditation_id)
        .where(standing(election_id, day), COUNTS)
        .group_by(Team.region)
        .order_by(Team.region)
    )
    return {region: count for region, count in db.session.execute(query)}


def not_deployed(election_id: int, day: date | None = None) -> Any:
    """Accredited observers without a place, as a query of their ids.

    Without a place on the day; where none is given, at no time at all.
    """
    placed = sa.select(Seat.accreditation_id).join(Team, Team.id == Seat.team_id)
    return sa.select(Accreditation.id).where(
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        IS_OBSERVER,
        Accreditation.id.not_in(placed.where(standing(election_id, day))),
    )


def not_deployed_by_delegation(election_id: int, day: date) -> dict[int, int]:
    """How many accredited observers of each delegation have no place on a day."""
    query = (
        sa.select(Accreditation.delegation_id, sa.func.count())
        .where(Accreditation.id.in_(not_deployed(election_id, day)))
        .group_by(Accreditation.delegation_id)
        .order_by(sa.func.count().desc(), Accreditation.delegation_id)
    )
    return {delegation_id: count for delegation_id, count in db.session.execute(query)}


def unplaced(election_id: int, day: date, delegation_id: int | None) -> Any:
    """Accredited observers without a place on a day, in no order yet; columns ready to show."""
    sender = sender_in(language())
    query = (
        sa.select(
            *PERSON,
            Accreditation.sort_name,
            Accreditation.delegation_id,
            sender.label("sender"),
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(Accreditation.id.in_(not_deployed(election_id, day)))
    )
    return query.where(Accreditation.delegation_id == delegation_id) if delegation_id else query


def unplaced_page(query: Any, cursor: str | None) -> tuple[Page, int]:
    """One page of them by name, and how many there are in all."""
    count = db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))
    keys = (Accreditation.sort_name, Accreditation.id)
    return keyset(query, keys=keys, cursor=cursor), count or 0


def all_unplaced(query: Any) -> Sequence[Any]:
    """All of them, by name."""
    return db.session.execute(query.order_by(Accreditation.sort_name, Accreditation.id)).all()


def ended_on(election_id: int, day: date) -> Sequence[Any]:
    """(name, team id, team, delegation id) of those in a team on a day whose accreditation was
    withdrawn or revoked since: somebody else is to go, or nobody."""
    name = (Observer.given_names + " " + Observer.surname).label("name")
    query = (
        sa.select(name, Team.id, Team.name.label("team"), Team.delegation_id)
        .join(Seat, Seat.team_id == Team.id)
        .join(Accreditation, Accreditation.id == Seat.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(standing(election_id, day), Accreditation.status.not_in(COUNTED))
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return db.session.execute(query).all()
