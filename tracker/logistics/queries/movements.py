"""Arrivals and departures as pages read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.counts import DELEGATION_ID, IS_OBSERVER
from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Dimension,
)
from tracker.audit.queries import values_before
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, by_name
from tracker.kernel.listing import Page, keyset
from tracker.logistics.models.movements import (
    Direction,
    Movement,
    MovementPassenger,
    MovementStatus,
    MovementStep,
    Point,
)
from tracker.observers.models import Observer


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What narrows the list; None for everything."""

    day: date | None = None
    direction: Direction | None = None
    delegation_id: int | None = None
    point_id: int | None = None
    status: MovementStatus | None = None


def _within(election: Election, first: date, days: int) -> sa.ColumnElement[bool]:
    zone = election.time_zone
    return sa.and_(
        Movement.moves_at >= local_moment(first, time(0), zone),
        Movement.moves_at < local_moment(first + timedelta(days=days), time(0), zone),
    )


def filtered(
    actor: Actor, election: Election, wanted: Filter
) -> sa.Select[Movement, datetime, int]:
    """The movements within the actor's scope that match, in no order yet."""
    query = sa.select(Movement, Movement.moves_at, Movement.id).where(
        Movement.election_id == election.id
    )
    if actor.delegation_ids is not None:
        query = query.where(Movement.delegation_id.in_(actor.delegation_ids))
    if wanted.day:
        query = query.where(_within(election, wanted.day, 1))
    for column, value in (
        (Movement.direction, wanted.direction),
        (Movement.delegation_id, wanted.delegation_id),
        (Movement.point_id, wanted.point_id),
        (Movement.status, wanted.status),
    ):
        if value:
            query = query.where(column == value)
    return query


def movements_page(query: sa.Select[Movement, datetime, int], cursor: str | None) -> Page:
    """One page of movements by time."""
    return keyset(query, keys=(Movement.moves_at, Movement.id), cursor=cursor)


def all_movements(query: sa.Select[Movement, datetime, int]) -> Sequence[Movement]:
    """Every movement of a list, by time."""
    return db.session.scalars(query.order_by(Movement.moves_at, Movement.id)).all()


def movements_on(
    election: Election, first: date, days: int = 1, direction: Direction | None = None
) -> Sequence[Movement]:
    """What is expected on these local days, by time; without what is cancelled."""
    query = sa.select(Movement).where(
        Movement.election_id == election.id,
        _within(election, first, days),
        Movement.status != MovementStatus.CANCELLED,
    )
    if direction:
        query = query.where(Movement.direction == direction)
    return db.session.scalars(query.order_by(Movement.moves_at, Movement.id)).all()


@dataclass(frozen=True)
class Crossing:
    """An arrival or a departure as it stood at a moment."""

    direction: Direction
    delegation_id: int
    people: int
    moves_at: datetime
    is_done: bool


def crossings_as_of(election: Election, first: date, days: int, moment: datetime) -> list[Crossing]:
    """What was known at `moment` of these local days, by time; without what was cancelled."""
    last = (
        sa.select(sa.func.max(MovementStep.id))
        .where(MovementStep.movement_id == Movement.id, MovementStep.recorded_at <= moment)
        .correlate(Movement)
        .scalar_subquery()
    )
    step, zone = MovementStep, election.time_zone
    query = (
        sa.select(
            Movement.id,
            Movement.direction,
            Movement.delegation_id,
            Movement.people,
            step.moves_at,
            step.to_status,
        )
        .join(step, step.id == last)
        .where(
            Movement.election_id == election.id,
            step.moves_at >= local_moment(first, time(0), zone),
            step.moves_at < local_moment(first + timedelta(days=days), time(0), zone),
            step.to_status != MovementStatus.CANCELLED,
        )
        .order_by(step.moves_at, Movement.id)
    )
    people = values_before("movements", "people", moment)  # steps do not tell of it
    return [
        Crossing(
            row.direction,
            row.delegation_id,
            people.get(row.id, row.people),
            row.moves_at,
            row.to_status is MovementStatus.DONE,
        )
        for row in db.session.execute(query)
    ]


def movements_of_delegation(election_id: int, delegation_id: int) -> Sequence[Movement]:
    """The arrivals and departures of one delegation, cancelled ones too, by time."""
    query = sa.select(Movement).where(
        Movement.election_id == election_id, Movement.delegation_id == delegation_id
    )
    return db.session.scalars(query.order_by(Movement.moves_at, Movement.id)).all()


def movement_for(actor: Actor, election_id: int, movement_id: int) -> Movement:
    """The movement; raises `NotFound`, also outside the actor's scope."""
    query = sa.select(Movement).where(
        Movement.id == movement_id, Movement.election_id == election_id
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such arrival or departure."))
    return found


def steps_of(movement_id: int) -> Sequence[MovementStep]:
    """The steps of a movement's life, oldest first."""
    query = sa.select(MovementStep).where(MovementStep.movement_id == movement_id)
    return db.session.scalars(query.order_by(MovementStep.id)).all()


def passengers_of(movement_id: int) -> list[tuple[int, str]]:
    """Accreditations and names of the observers who are named for a movement, by name."""
    query = (
        sa.select(Accreditation.id, Observer.given_names, Observer.surname)
        .join(MovementPassenger, MovementPassenger.accreditation_id == Accreditation.id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(MovementPassenger.movement_id == movement_id)
        .order_by(Observer.sort_key, Accreditation.id)
    )
    return [
        (row.id, f"{row.given_names} {row.surname}".strip()) for row in db.session.execute(query)
    ]


def points(*, only_active: bool = False) -> Sequence[Point]:
    """Airports, stations and border crossings, by kind and name."""
    query = sa.select(Point).order_by(Point.id)
    if only_active:
        query = query.where(Point.is_active)
    return sorted(by_name(db.session.scalars(query)), key=lambda row: row.kind)


def point_for(point_id: int) -> Point:
    """The point; raises `NotFound`."""
    found = db.session.get(Point, point_id)
    if found is None:
        raise NotFound(N_("There is no such airport, station or border crossing."))
    return found


def _arriving(election_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        Movement.election_id == election_id,
        Movement.direction == Direction.ARRIVAL,
        Movement.status != MovementStatus.CANCELLED,
    )


def _places(election_id: int) -> sa.Subquery:
    """How many people each delegation's arrivals count without naming them."""
    names = (
        sa.select(sa.func.count())
        .where(MovementPassenger.movement_id == Movement.id)
        .correlate(Movement)
        .scalar_subquery()
    )
    return (
        sa.select(Movement.delegation_id, sa.func.sum(Movement.people - names).label("count"))
        .where(_arriving(election_id))
        .group_by(Movement.delegation_id)
        .subquery()
    )


def without_arrival(election_id: int) -> Any:
    """Accredited observers whose arrival nobody has announced, as a query of their ids.

    Who is named for an arrival has one. Where a delegation's arrivals count people without
    naming them, its other observers have one as long as there are enough such places for all of
    them; where there are not, nobody can tell whom they are for, and all are still asked about.
    """
    named = (
        sa.exists()
        .where(
            MovementPassenger.accreditation_id == Accreditation.id,
            MovementPassenger.movement_id == Movement.id,
            _arriving(election_id),
        )
        .correlate(Accreditation)
    )
    asked = _asked_about(election_id).subquery()
    return sa.select(Accreditation.id).where(
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        IS_OBSERVER,
        ~named,
        Accreditation.delegation_id.in_(
            sa.select(asked.c.delegation_id).where(asked.c.missing > 0)
        ),
    )


def without_arrival_count(election_id: int) -> Any:
    """How many `without_arrival` finds, as a part of another statement."""
    asked = _asked_about(election_id).subquery()
    total = sa.func.coalesce(sa.func.sum(asked.c.missing), 0)
    # PostgreSQL adds whole numbers up to a decimal.
    return sa.select(sa.cast(total, sa.Integer)).scalar_subquery()


def _asked_about(election_id: int) -> Any:
    """Delegations and how many of each are `missing` an arrival: from the kept numbers of each
    delegation and who of it is named, so that nobody else is read."""
    counted = AccreditationCount
    accredited = (
        sa.select(DELEGATION_ID.label("delegation_id"), counted.count.label("count"))
        .where(
            counted.election_id == election_id,
            counted.status == AccreditationStatus.ACCREDITED,
            counted.dimension == Dimension.DELEGATION,
        )
        .subquery()
    )
    # A scalar, not a join: those named must lead to their delegations, not the other way.
    whose = sa.select(Accreditation.delegation_id).where(
        Accreditation.id == MovementPassenger.accreditation_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        IS_OBSERVER,
    )
    passengers = (
        sa.select(
            MovementPassenger.accreditation_id, whose.scalar_subquery().label("delegation_id")
        )
        .join(Movement, Movement.id == MovementPassenger.movement_id)
        .where(_arriving(election_id))
        .distinct()
        .subquery()
    )
    named = (
        sa.select(passengers.c.delegation_id, sa.func.count().label("count"))
        .group_by(passengers.c.delegation_id)
        .subquery()
    )
    places = _places(election_id)
    asked = accredited.c.count - sa.func.coalesce(named.c.count, 0)
    missing = sa.case((asked > sa.func.coalesce(places.c.count, 0), asked), else_=0)
    return (
        sa.select(accredited.c.delegation_id, missing.label("missing"))
        .select_from(accredited)
        .outerjoin(named, named.c.delegation_id == accredited.c.delegation_id)
        .outerjoin(places, places.c.delegation_id == accredited.c.delegation_id)
    )
