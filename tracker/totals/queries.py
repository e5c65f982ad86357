"""Figures as of any moment, and the list behind each.

Now: the numbers that `accreditation.counts` keeps, a few hundred rows whatever they count. As of a
moment since when little has changed: these, and what changed since taken off. As of any other, or
as known at one: the last row in force of each accreditation, found through an index, so that the
cost follows the election's history once and never the whole database.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from tracker.accreditation import counts
from tracker.accreditation.models import (
    LIVE,
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    AccreditedOnDay,
    Assignment,
    Dimension,
    Transition,
)
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.observers.models import Observer
from tracker.organizations.models import Organization, OrganizationKind
from tracker.totals.figures import (
    GROUPS,
    Figures,
    History,
    Standing,
    Sums,
    standing_of,
)

ACCREDITED = AccreditationStatus.ACCREDITED
HEADLINE = (Dimension.FUNCTION, Dimension.DELEGATION)


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
    election_id: int,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    only: sa.CTE | None = None,
) -> sa.Subquery:
    """accreditation_id, status, function, region of every accreditation as of a moment.

    Without moments it reads what is stored; with one, the history. `only` names some of the
    election's accreditations.
    """
    query: Any
    if as_of is None and known_at is None:
        query = sa.select(
            Accreditation.id.label("accreditation_id"),
            Accreditation.status,
            Accreditation.function,
            Accreditation.region,
        )
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
        )
    if only is None:
        query = query.where(Accreditation.election_id == election_id)
    else:
        query = query.join(only, only.c.accreditation_id == Accreditation.id)
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
    """Every figure, in one statement (and one to choose it, as of a moment)."""
    return _figures(election, tuple(Dimension), as_of=as_of, known_at=known_at)


def headline_figures(election: Election, *, as_of: datetime | None = None) -> Figures:
    """The figures of the headline only: senders, functions and pipeline.

    Citizenships, sexes and regions stay empty.
    """
    return _figures(election, HEADLINE, as_of=as_of, known_at=None)


def _figures(
    election: Election,
    dimensions: Collection[Dimension],
    *,
    as_of: datetime | None,
    known_at: datetime | None,
) -> Figures:
    query: Any
    if known_at is not None or (as_of is not None and not _is_short(election.id, as_of)):
        query = _standings(standing(election.id, as_of=as_of, known_at=known_at), dimensions)
    elif as_of is not None:
        # One statement, so that the numbers and what is taken off them are of the same instant.
        touched = _touched(election.id, as_of)
        query = sa.union_all(
            _standings(standing(election.id, as_of=as_of, only=touched), dimensions),
            _standings(standing(election.id, only=touched), dimensions, sign=-1),
            _counts(election.id, dimensions),
        )
    else:
        query = _counts(election.id, dimensions)
    sums = Sums()
    for row in db.session.execute(query):
        if row.dimension is None:
            sums.add(Standing(*row[:7]), row.number)
        elif row.dimension != Dimension.DELEGATION:
            sums.add_count(Dimension(row.dimension), row.status, row.key, row.number)
        elif row.status is ACCREDITED:
            sums.add_sent(row.sender, is_state=row.is_state, number=row.number)
    return sums.figures(
        election=election.slug, time_zone=election.time_zone, as_of=as_of, known_at=known_at
    )


def _standings(stand: sa.Subquery, dimensions: Collection[Dimension], *, sign: int = 1) -> Any:
    """How many stand in each way, in the columns of `Standing`; `sign` -1 takes them off."""

    def wanted(dimension: Dimension, column: Any) -> Any:
        return column if dimension in dimensions else sa.null()

    rows = (
        sa.select(
            stand.c.status,
            stand.c.function,
            wanted(Dimension.REGION, stand.c.region).label("region"),
            _sender().label("sender"),
            _is_state().label("is_state"),
            wanted(Dimension.CITIZENSHIP, Observer.citizenship).label("citizenship"),
            wanted(Dimension.SEX, Observer.sex).label("sex"),
        )
        .select_from(stand)
        .join(Accreditation, Accreditation.id == stand.c.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .subquery()
    )
    return sa.select(
        *rows.c,
        (sign * sa.func.count()).label("number"),
        sa.null().label("dimension"),
        sa.null().label("key"),
    ).group_by(*rows.c)


def _counts(election_id: int, dimensions: Collection[Dimension]) -> Any:
    """The numbers that are kept, in the columns of `_standings`."""
    row = AccreditationCount
    return (
        sa.select(
            row.status,
            sa.null().label("function"),
            sa.null().label("region"),
            _sender().label("sender"),
            _is_state().label("is_state"),
            sa.null().label("citizenship"),
            sa.null().label("sex"),
            row.count.label("number"),
            row.dimension,
            row.key,
        )
        .outerjoin(Delegation, Delegation.id == counts.DELEGATION_ID)
        .outerjoin(Organization, Organization.id == Delegation.organization_id)
        .where(
            row.election_id == election_id,
            row.status.in_(LIVE),
            row.dimension.in_(list(dimensions)),
            sa.or_(row.status == ACCREDITED, row.dimension == Dimension.FUNCTION),
        )
    )


def _is_short(election_id: int, moment: datetime) -> bool:
    """Whether fewer steps took effect after `moment` than there are accreditations: taking these
    off is shorter then than folding the history. Counts no further than it must."""
    row = AccreditationCount
    stored = sa.select(sa.func.coalesce(sa.func.sum(row.count), 0)).where(
        row.election_id == election_id, row.dimension == Dimension.FUNCTION
    )
    most = stored.scalar_subquery()
    steps = sa.select(Transition.id).where(
        Transition.election_id == election_id, Transition.effective_at > moment
    )
    assigned = sa.select(Assignment.id).where(Assignment.effective_at > moment)
    numbers = (
        sa.select(sa.func.count()).select_from(rows.limit(most + 1).subquery())
        for rows in (steps, assigned)
    )
    query = sa.select(most, *(number.scalar_subquery() for number in numbers))
    accreditations, steps_since, assigned_since = db.session.execute(query).one()
    return bool(max(steps_since, assigned_since) <= accreditations)


def _touched(election_id: int, moment: datetime) -> sa.CTE:
    """The accreditations whose standing may have been another at `moment`."""
    moved = sa.select(Transition.accreditation_id).where(
        Transition.election_id == election_id, Transition.effective_at > moment
    )
    # A scalar, not a join: the few assignments must lead to their elections, not the other way.
    theirs = sa.select(Accreditation.election_id).where(
        Accreditation.id == Assignment.accreditation_id
    )
    assigned = sa.select(Assignment.accreditation_id).where(
        Assignment.effective_at > moment, theirs.scalar_subquery() == election_id
    )
    return sa.union(moved, assigned).cte("touched")


def counted(
    election: Election, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Sequence[tuple[int, int, str, str]]:
    """The list behind `observers` as of a moment: numbers of accreditation and delegation,
    function and region (empty for none), ascending."""
    stand = standing(election.id, as_of=as_of, known_at=known_at)
    query = (
        sa.select(
            stand.c.accreditation_id, Accreditation.delegation_id, stand.c.function, stand.c.region
        )
        .join(Accreditation, Accreditation.id == stand.c.accreditation_id)
        .where(
            stand.c.status == ACCREDITED,
            sa.or_(stand.c.function.is_(None), stand.c.function.not_in(SUPPORT_STAFF)),
        )
        .order_by(stand.c.accreditation_id)
    )
    return [
        (row[0], row[1], row[2].value if row[2] else "", row[3] or "")
        for row in db.session.execute(query)
    ]


def recount(
    election: Election, *, as_of: datetime | None = None, known_at: datetime | None = None
) -> Figures:
    """The same figures by folding the whole history in Python, without the stored statuses."""
    histories = _histories(election.id).values()
    sums = Sums()
    for history in histories:
        found = standing_of(history, as_of=as_of, known_at=known_at)
        if found is not None:
            sums.add(found)
    return sums.figures(
        election=election.slug, time_zone=election.time_zone, as_of=as_of, known_at=known_at
    )


def unproven(
    election: Election, found: Figures, *, as_of: datetime | None, known_at: datetime | None
) -> list[str]:
    """What of `found` a recount of the history does not give, and which kept numbers are not
    what the rows give; empty where all is proven."""
    proof = recount(election, as_of=as_of, known_at=known_at)
    differing = [name for name in GROUPS if getattr(found, name) != getattr(proof, name)]
    return differing + counts.differences(db.session.connection(), election.id)


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
    row = AccreditedOnDay
    query = sa.select(row.on, row.change).where(row.election_id == election.id)
    changes: dict[date, int] = defaultdict(int)
    if until is not None:  # the day of the moment counts as far as it had come
        day = clock.local(until, election.time_zone).date()
        query = query.where(row.on < day)
        changes[day] += _changed(election, since=day, until=until)
    for on, change in db.session.execute(query):
        changes[on] += change
    days = sorted(day for day, number in changes.items() if number)
    totals = accumulate(changes[day] for day in days)
    return [Point(day, total, changes[day]) for day, total in zip(days, totals, strict=True)]


def _changed(election: Election, *, since: date, until: datetime) -> int:
    """By how many the accredited observers grew from the beginning of a local day to a moment."""
    change = sa.func.sum(sa.case((Transition.to_status == ACCREDITED, 1), else_=-1))
    query = (
        sa.select(sa.func.coalesce(change, 0))
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .where(
            Transition.election_id == election.id,
            Transition.effective_at >= clock.local_moment(since, time(0), election.time_zone),
            Transition.effective_at <= until,
            sa.or_(Transition.to_status == ACCREDITED, Transition.from_status == ACCREDITED),
            counts.IS_OBSERVER,
        )
    )
    return db.session.scalar(query) or 0
