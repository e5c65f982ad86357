"""Deployment teams as pages read them, with their people and what they need for themselves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.accreditation.rules import counts_as_observer
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.logistics.models.deployment import DeploymentMember as Seat
from tracker.logistics.models.deployment import DeploymentStep, TeamStatus
from tracker.logistics.models.deployment import DeploymentTeam as Team
from tracker.logistics.rules.deployment import COUNTED, PLACEABLE, STANDING, Days, is_elsewhere
from tracker.observers.models import Observer


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What narrows the list of teams; None for everything."""

    day: date | None = None
    region: str | None = None
    delegation_id: int | None = None
    status: TeamStatus | None = None


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person of a team, or one who may become so."""

    accreditation_id: int
    name: str
    function: Function | None
    status: AccreditationStatus
    certificate_region: str | None

    @property
    def stands(self) -> bool:
        """Whether the person's accreditation was not ended before the election did."""
        return self.status in COUNTED

    @property
    def counts(self) -> bool:
        """Whether the person is one of the observers of a region."""
        return self.stands and counts_as_observer(self.function)

    def is_elsewhere(self, region: str) -> bool:
        """Whether the certificate names another region."""
        return is_elsewhere(region, self.certificate_region)


def standing(election_id: int, day: date | None = None) -> sa.ColumnElement[bool]:
    """That a team stands, on a day or at all."""
    conditions = [Team.election_id == election_id, Team.status.in_(STANDING)]
    if day:
        conditions += [Team.starts_on <= day, Team.ends_on >= day]
    return sa.and_(*conditions)


def filtered(actor: Actor, election: Election, wanted: Filter) -> sa.Select[Team, str, date, int]:
    """The teams within the actor's scope that match, in no order yet."""
    query = sa.select(Team, Team.region, Team.starts_on, Team.id).where(
        Team.election_id == election.id
    )
    if actor.delegation_ids is not None:
        query = query.where(Team.delegation_id.in_(actor.delegation_ids))
    if wanted.day:
        query = query.where(Team.starts_on <= wanted.day, Team.ends_on >= wanted.day)
    for column, value in (
        (Team.region, wanted.region),
        (Team.delegation_id, wanted.delegation_id),
        (Team.status, wanted.status),
    ):
        if value:
            query = query.where(column == value)
    return query


def teams_page(query: sa.Select[Team, str, date, int], cursor: str | None) -> Page:
    """One page of teams by region and day."""
    return keyset(query, keys=(Team.region, Team.starts_on, Team.id), cursor=cursor)


def all_teams(query: sa.Select[Team, str, date, int]) -> Sequence[Team]:
    """Every team of a list, by region and day."""
    return db.session.scalars(query.order_by(Team.region, Team.starts_on, Team.id)).all()


def standing_teams(election_id: int, day: date | None = None) -> Sequence[Team]:
    """The teams that stand, on a day or at all, by region and day."""
    query = sa.select(Team).where(standing(election_id, day))
    return db.session.scalars(query.order_by(Team.region, Team.starts_on, Team.id)).all()


def teams_of_delegation(election_id: int, delegation_id: int) -> Sequence[Team]:
    """The teams of one delegation that stand, by day and region."""
    query = sa.select(Team).where(standing(election_id), Team.delegation_id == delegation_id)
    return db.session.scalars(query.order_by(Team.starts_on, Team.region, Team.id)).all()


def teams_of_observer(accreditation_id: int) -> Sequence[Team]:
    """Where and when one observer is deployed, by day."""
    query = (
        sa.select(Team)
        .join(Seat, Seat.team_id == Team.id)
        .where(Seat.accreditation_id == accreditation_id, Team.status.in_(STANDING))
    )
    return db.session.scalars(query.order_by(Team.starts_on, Team.id)).all()


def team_for(actor: Actor, election_id: int, team_id: int) -> Team:
    """The team; raises `NotFound`, also outside the actor's scope."""
    query = sa.select(Team).where(Team.id == team_id, Team.election_id == election_id)
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such team."))
    return found


def steps_of(team_id: int) -> Sequence[DeploymentStep]:
    """The steps of a team's life, oldest first."""
    query = sa.select(DeploymentStep).where(DeploymentStep.team_id == team_id)
    return db.session.scalars(query.order_by(DeploymentStep.id)).all()


PERSON = (
    Accreditation.id,
    Observer.given_names,
    Observer.surname,
    Accreditation.function,
    Accreditation.status,
    Accreditation.region,
)


def _member(row: Any) -> Member:
    return Member(
        accreditation_id=row.id,
        name=f"{row.given_names} {row.surname}".strip(),
        function=row.function,
        status=row.status,
        certificate_region=row.region,
    )


def members_of(team_ids: Iterable[int]) -> dict[int, list[Member]]:
    """The people of these teams, by name; a few hundred teams in one statement."""
    found: dict[int, list[Member]] = defaultdict(list)
    for ids in in_chunks(team_ids):
        query = (
            sa.select(Seat.team_id, *PERSON)
            .join(Accreditation, Accreditation.id == Seat.accreditation_id)
            .join(Observer, Observer.id == Accreditation.observer_id)
            .where(Seat.team_id.in_(ids))
            .order_by(Observer.sort_key, Accreditation.id)
        )
        for row in db.session.execute(query):
            found[row.team_id].append(_member(row))
    return found


def _taken(days: Days, but: int | None = None) -> Any:
    """Accreditations that have a place on one of these days, in another team than `but`."""
    query = sa.select(Seat.accreditation_id).where(
        Seat.is_standing, Seat.starts_on <= days.ends_on, Seat.ends_on >= days.starts_on
    )
    return query if but is None else query.where(Seat.team_id != but)


def who_may_go(team: Team) -> list[Member]:
    """The people of a team's delegation without another place on its days, by name.

    Who is in the team already is there, whatever has become of them since.
    """
    mine = sa.select(Seat.accreditation_id).where(Seat.team_id == team.id)
    may_go = sa.and_(
        Accreditation.status.in_(PLACEABLE), Accreditation.id.not_in(_taken(team, team.id))
    )
    query = (
        sa.select(*PERSON)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.delegation_id == team.delegation_id,
            sa.or_(may_go, Accreditation.id.in_(mine)),
        )
        .order_by(Observer.sort_key, Accreditation.id)
    )
    return [_member(row) for row in db.session.execute(query)]


def places_of(accreditation_ids: Iterable[int], days: Days, but: int | None = None) -> list[Any]:
    """(accreditation id, team) of the places that these people have on one of these days."""
    found: list[Any] = []
    for ids in in_chunks(accreditation_ids):
        query = (
            sa.select(Seat.accreditation_id, Team)
            .join(Team, Team.id == Seat.team_id)
            .where(
                Seat.accreditation_id.in_(ids),
                Seat.is_standing,
                Seat.starts_on <= days.ends_on,
                Seat.ends_on >= days.starts_on,
            )
        )
        if but is not None:
            query = query.where(Team.id != but)
        found += db.session.execute(query.order_by(Seat.accreditation_id, Team.id)).all()
    return found


def placeable(election_id: int) -> Sequence[Any]:
    """Everybody who may be placed: (id, delegation_id, surname, given_names, native_name)."""
    query = (
        sa.select(
            Accreditation.id,
            Accreditation.delegation_id,
            Observer.surname,
            Observer.given_names,
            Observer.native_name,
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(Accreditation.election_id == election_id, Accreditation.status.in_(PLACEABLE))
    )
    return db.session.execute(query.order_by(Accreditation.id)).all()


def seats(election_id: int) -> Sequence[Any]:
    """(accreditation_id, team_id) of every place in a team that stands."""
    query = sa.select(Seat.accreditation_id, Seat.team_id).join(Team, Team.id == Seat.team_id)
    query = query.where(standing(election_id))
    return db.session.execute(query.order_by(Seat.team_id, Seat.accreditation_id)).all()


@dataclass(frozen=True, kw_only=True)
class Use:
    """Whom and what a team needs for itself on its days, without its people."""

    team_id: int
    name: str
    delegation_id: int
    region: str
    starts_on: date
    ends_on: date
    liaison_officer: str | None
    plate: str | None


def uses(election_id: int, days: Days) -> list[Use]:
    """Liaison officers and vehicles of the teams that stand on one of these days."""
    query = (
        sa.select(
            Team.id.label("team_id"),
            Team.name,
            Team.delegation_id,
            Team.region,
            Team.starts_on,
            Team.ends_on,
            Team.liaison_officer,
            Team.plate,
        )
        .where(
            standing(election_id),
            Team.starts_on <= days.ends_on,
            Team.ends_on >= days.starts_on,
            sa.or_(Team.liaison_officer.is_not(None), Team.plate.is_not(None)),
        )
        .order_by(Team.starts_on, Team.id)
    )
    return [Use(**row._mapping) for row in db.session.execute(query)]
