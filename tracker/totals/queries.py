"""Figures as of any moment, and the list behind each.

Now: the statuses that are stored beside the history. As of a moment: the last row in force of
each accreditation, found through an index, so that the cost follows the election's history once
and never the whole database.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Transition,
)
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.observers.models import Observer
from tracker.organizations.models import Organization, OrganizationKind
from tracker.totals.figures import (
    Figures,
    History,
    Standing,
    figures_from,
    standing_of,
)

ACCREDITED = AccreditationStatus.ACCREDITED


def _in_force(model: Any, as_of: datetime | None, known_at: datetime | None) -> Any:
    """For each accreditation the id of its last row in force, as a correlated scalar."""
    rows = sa.orm.aliased(model)
    query = sa.select(rows.id).where(rows.accreditation_id == Accreditation.id)
    if as_of is not None:
        query = query.where(rows.effective_at <= as_of)
    if known_at is not None:
        query = query.where(rows.recorded_at <= known_at)
    query = query.order_by(rows.effective_at.desc(), rows.id.desc()).limit(1)
    return query.correlate(Accreditation).scalar_subquery()


def standing(
    election_id: int, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> sa.Subquery:
    """accreditation_id, status, function, region of every accreditation as of a moment.

    Without moments it reads what is stored; with one, the history.
    """
    if as_of is None and known_at is None:
        query: Any = sa.select(
            Accreditation.id.label("accreditation_id"),
            Accreditation.status,
            Accreditation.function,
            Accreditation.region,
        ).where(Accreditation.election_id == election_id)
    else:
        query = (
            sa.select(
                Accreditation.id.label("accreditation_id"),
                Transition.to_status.label("status"),
                Assignment.function,
                Assignment.region,
            )
            .select_from(Accreditation)
            .join(Transition, Transition.id == _in_force(Transition, as_of, known_at))
            .outerjoin(Assignment, Assignment.id == _in_force(Assignment, as_of, known_at))
            .where(Accreditation.election_id == election_id)
        )
    found: sa.Subquery = query.subquery("standing")
    return found


def _sender() -> Any:
    return sa.case(
        (Organization.kind == OrganizationKind.FOREIGN_STATE, Organization.country),
        else_=sa.func.coalesce(Organization.acronym, Organization.name_en),
    )


def _is_state() -> Any:
    return Organization.kind == OrganizationKind.FOREIGN_STATE


def figures(
    election: Election, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Figures:
    """Every figure, in one statement."""
    stand = standing(election.id, as_of=as_of, known_at=known_at)
    details = (stand.c.region, Observer.citizenship, Observer.sex)
    return _figures(election, stand, details, as_of=as_of, known_at=known_at)


def headline_figures(election: Election, *, as_of: datetime | None = None) -> Figures:
    """The figures of the headline only (senders and pipeline), with far fewer groups to add up.

    Citizenships, sexes and regions stay empty.
    """
    stand = standing(election.id, as_of=as_of)
    details = (sa.null(), sa.null(), sa.null())
    return _figures(election, stand, details, as_of=as_of, known_at=None)


def _figures(
    election: Election,
    stand: sa.Subquery,
    details: tuple[Any, Any, Any],
    *,
    as_of: datetime | None,
    known_at: datetime | None,
) -> Figures:
    region, citizenship, sex = details
    rows = (
        sa.select(
            stand.c.status,
            stand.c.function,
            region.label("region"),
            _sender().label("sender"),
            _is_state().label("is_state"),
            citizenship.label("citizenship"),
            sex.label("sex"),
        )
        .select_from(stand)
        .join(Accreditation, Accreditation.id == stand.c.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .subquery("rows")
    )
    query = sa.select(*rows.c, sa.func.count()).group_by(*rows.c)
    counted = ((Standing(*row[:-1]), row[-1]) for row in db.session.execute(query))
    return figures_from(
        counted,
        election=election.slug,
        time_zone=election.time_zone,
        as_of=as_of,
        known_at=known_at,
    )


def recount(
    election: Election, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Figures:
    """The same figures by folding the whole history in Python, without the stored statuses."""
    histories = _histories(election.id).values()
    found = (standing_of(history, as_of=as_of, known_at=known_at) for history in histories)
    return figures_from(
        ((row, 1) for row in found if row is not None),
        election=election.slug,
        time_zone=election.time_zone,
        as_of=as_of,
        known_at=known_at,
    )


def _histories(election_id: int) -> dict[int, History]:
    people = (
        sa.select(Accreditation.id, _sender(), _is_state(), Observer.citizenship, Observer.sex)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(Accreditation.election_id == election_id)
    )
    found = {row[0]: History([], [], *row[1:]) for row in db.session.execute(people)}
    moves = sa.select(
        Transition.accreditation_id,
        Transition.id,
        Transition.to_status,
        Transition.effective_at,
        Transition.recorded_at,
    ).where(Transition.election_id == election_id)
    for row in db.session.execute(moves):
        found[row.accreditation_id].transitions.append(row)
    for row in db.session.execute(_assignments(election_id)):
        found[row.accreditation_id].assignments.append(row)
    return found


def _assignments(election_id: int) -> Any:
    return (
        sa.select(
            Assignment.accreditation_id,
            Assignment.id,
            Assignment.function,
            Assignment.region,
            Assignment.effective_at,
            Assignment.recorded_at,
        )
        .join(Accreditation, Accreditation.id == Assignment.accreditation_id)
        .where(Accreditation.election_id == election_id)
    )


@dataclass(frozen=True)
class Point:
    """How many observers were accredited at the end of a local day, and the day's change."""

    day: date
    total: int
    change: int


def curve(election: Election, *, until: datetime | None = None) -> list[Point]:
    """Accredited observers at the end of each local day on which their number changed."""
    change = sa.func.sum(sa.case((Transition.to_status == ACCREDITED, 1), else_=-1))
    query = (
        sa.select(Transition.effective_at, change)
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .where(
            Transition.election_id == election.id,
            sa.or_(Transition.to_status == ACCREDITED, Transition.from_status == ACCREDITED),
            sa.or_(Accreditation.function.is_(None), Accreditation.function.not_in(SUPPORT_STAFF)),
        )
    )
    if until is not None:
        query = query.where(Transition.effective_at <= until)
    query = query.group_by(Transition.effective_at)
    zone = ZoneInfo(election.time_zone)
    changes: dict[date, int] = defaultdict(int)
    for effective_at, number in db.session.execute(query):
        changes[effective_at.astimezone(zone).date()] += number
    days = sorted(day for day, number in changes.items() if number)
    totals = accumulate(changes[day] for day in days)
    return [Point(day, total, changes[day]) for day, total in zip(days, totals, strict=True)]
