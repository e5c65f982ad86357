"""Figures as of any moment, and the list behind each.

Now, and as of a moment: the numbers that `accreditation` keeps of the present and of every quarter
of an hour, a few hundred rows whatever they count, and what took effect between the nearer end of a
quarter and the moment, added or taken off. As known at an earlier moment: the last row in force of
each accreditation, found through an index, so that the cost follows the election's history once
and never the whole database.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from tracker.accreditation import counts, quarters
from tracker.accreditation.groups import QUARTER, quarter_of
from tracker.accreditation.models import (
    LIVE,
    Accreditation,
    AccreditationCount,
    AccreditationCountInQuarter,
    AccreditationStatus,
    Assignment,
    Dimension,
    Transition,
)
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db, side_by_side
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
MICROSECOND = timedelta(microseconds=1)
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
    origin: Any = Accreditation
    if only is not None:
        # An outer join, here and in `_standings`: the few that are meant lead, whatever number a
        # planner expects of them. None is without an accreditation.
        origin = sa.outerjoin(only, Accreditation, Accreditation.id == only.c.accreditation_id)
    if as_of is None and known_at is None:
        query = sa.select(
            Accreditation.id.label("accreditation_id"),
            Accreditation.status,
            Accreditation.function,
            Accreditation.region,
        ).select_from(origin)
    else:
        query = (
            sa.select(
                Accreditation.id.label("accreditation_id"),
                Transition.to_status.label("status"),
                Assignment.function,
                Assignment.region,
            )
            .select_from(origin)
            .join(Transition, Transition.id == _in_force(Transition, as_of, known_at))
            .outerjoin(Assignment, Assignment.id == _in_force(Assignment, as_of, known_at))
        )
    if only is None:
        query = query.where(Accreditation.election_id == election_id)
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
    if known_at is not None:
        query = _standings(standing(election.id, as_of=as_of, known_at=known_at), dimensions)
    elif as_of is not None:
        # One statement, so that the numbers and what is added to them are of the same instant.
        end = _nearer_end(as_of)
        touched = _touched(election.id, *sorted((end, as_of)))
        query = sa.union_all(
            _standings(standing(election.id, as_of=as_of, only=touched), dimensions),
            _standings(standing(election.id, as_of=end, only=touched), dimensions, sign=-1),
            _counts(election.id, dimensions, end=end),
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
        .outerjoin(Accreditation, Accreditation.id == stand.c.accreditation_id)
        .outerjoin(Observer, Observer.id == Accreditation.observer_id)
        .outerjoin(Delegation, Delegation.id == Accreditation.delegation_id)
        .outerjoin(Organization, Organization.id == Delegation.organization_id)
        .subquery()
    )
    return sa.select(
        *rows.c,
        (sign * sa.func.count()).label("number"),
        sa.null().label("dimension"),
        sa.null().label("key"),
    ).group_by(*rows.c)


def _counts(
    election_id: int, dimensions: Collection[Dimension], *, end: datetime | None = None
) -> Any:
    """The numbers that are kept, now or at the end of a quarter, in the columns of `_standings`."""
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
            (row.count if end is None else quarters.number_at(end)).label("number"),
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


def _nearer_end(moment: datetime) -> datetime:
    """The last moment of the quarter of an hour that holds `moment` or of the one before,
    whichever is nearer."""
    begin = quarter_of(moment)
    ends = (begin - MICROSECOND, begin + QUARTER - MICROSECOND)
    return min(ends, key=lambda end: abs(end - moment))


def _touched(election_id: int, after: datetime, until: datetime) -> sa.CTE:
    """The accreditations whose standing may have been another `until` than just `after`."""
    moved = sa.select(Transition.accreditation_id).where(
        Transition.election_id == election_id,
        Transition.effective_at > after,
        Transition.effective_at <= until,
    )
    # A scalar, not a join: the few assignments must lead to their elections, not the other way.
    theirs = sa.select(Accreditation.election_id).where(
        Accreditation.id == Assignment.accreditation_id
    )
    assigned = sa.select(Assignment.accreditation_id).where(
        Assignment.effective_at > after,
        Assignment.effective_at <= until,
        theirs.scalar_subquery() == election_id,
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
    sums = Sums()
    for history in _histories(election.id):
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


def _histories(election_id: int) -> Iterator[History]:
    mine = Accreditation.election_id == election_id
    people = (
        sa.select(Accreditation.id, _sender(), _is_state(), Observer.citizenship, Observer.sex)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(mine)
    )
    moves = sa.select(
        Transition.accreditation_id,
        Transition.id,
        Transition.to_status,
        Transition.effective_at,
        Transition.recorded_at,
    ).where(Transition.election_id == election_id)
    assignments = (
        sa.select(
            Assignment.accreditation_id,
            Assignment.id,
            Assignment.function,
            Assignment.region,
            Assignment.effective_at,
            Assignment.recorded_at,
        )
        .join(Accreditation, Accreditation.id == Assignment.accreditation_id)
        .where(mine)
    )
    queries = (
        people.order_by(Accreditation.id),
        moves.order_by(Transition.accreditation_id),
        assignments.order_by(Assignment.accreditation_id),
    )
    for person, *rows in side_by_side(db.session.connection(), *queries):
        moved = [row for row in rows if "to_status" in row._fields]
        placed = [row for row in rows if "to_status" not in row._fields]
        yield History(moved, placed, *person[1:])


@dataclass(frozen=True)
class Point:
    """How many observers were accredited at the end of a local day, and the day's change."""

    day: date
    total: int
    change: int


def curve(election: Election, *, until: datetime | None = None) -> list[Point]:
    """Accredited observers at the end of each local day on which their number changed; the day
    of `until` counts as far as it had come."""
    row = AccreditationCountInQuarter
    before = sa.func.lag(row.count, 1, 0).over(partition_by=row.key, order_by=row.quarter)
    changes = sa.select(row.quarter, (row.count - before).label("change")).where(
        row.election_id == election.id,
        row.status == ACCREDITED,
        row.dimension == Dimension.FUNCTION,
        row.key.not_in([function.value for function in SUPPORT_STAFF]),
    )
    if until is not None:
        last = clock.local(until, election.time_zone).date()
        changes = changes.where(row.quarter < clock.local_moment(last, time(0), election.time_zone))
    by_quarter = changes.subquery()
    quarter, change = by_quarter.c.quarter, sa.func.sum(by_quarter.c.change)
    by_day: Counter[date] = Counter()
    for begin, number in db.session.execute(sa.select(quarter, change).group_by(quarter)):
        by_day[clock.local(begin, election.time_zone).date()] += number
    days = sorted(day for day, number in by_day.items() if number)
    totals = accumulate(by_day[day] for day in days)
    points = [Point(day, total, by_day[day]) for day, total in zip(days, totals, strict=True)]
    if until is not None:
        total = headline_figures(election, as_of=until).observers
        grew = total - (points[-1].total if points else 0)
        points += [Point(last, total, grew)] if grew else []
    return points
