"""How many accreditations each group had at the end of a local day, so that a figure as of any past
day costs what the present one costs.

A row of `accreditation_counts_by_day` stands for a day on which the number changed and holds it
until the next. What a changed accreditation had counted by its former history is taken off and what
it counts by the present one is added, so that a step recorded late moves every day since. `counts`
calls this under the lock of the audit record.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.groups import Counted, Group, Placing, Step, changes_by_day
from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationCountOnDay,
    Assignment,
    Transition,
)
from tracker.elections.models import Election
from tracker.kernel.database import in_chunks, insert_into, side_by_side
from tracker.observers.models import Observer

Days = Counter[tuple[Group, date]]

COUNTED = (
    sa.select(
        Accreditation.id,
        Accreditation.observer_id,
        Accreditation.election_id,
        Election.time_zone,
        Accreditation.status,
        Accreditation.function,
        Accreditation.delegation_id,
        Observer.citizenship,
        Observer.sex,
        Accreditation.region,
    )
    .join(Observer, Observer.id == Accreditation.observer_id)
    .join(Election, Election.id == Accreditation.election_id)
)
_steps = sa.select(
    Transition.accreditation_id, Transition.id, Transition.effective_at, Transition.to_status
)
_placings = sa.select(
    Assignment.accreditation_id,
    Assignment.id,
    Assignment.effective_at,
    Assignment.function,
    Assignment.region,
)


def histories_of(connection: sa.Connection, ids: Iterable[int]) -> dict[int, list[Step | Placing]]:
    """Every row of history of these accreditations."""
    found: dict[int, list[Step | Placing]] = defaultdict(list)
    for chunk in in_chunks(ids):
        for step in connection.execute(_steps.where(Transition.accreditation_id.in_(chunk))):
            found[step[0]].append(Step(*step))
        for placing in connection.execute(_placings.where(Assignment.accreditation_id.in_(chunk))):
            found[placing[0]].append(Placing(*placing))
    return found


def add(connection: sa.Connection, days: Days) -> None:
    """Change the stored numbers of these days, and with them of all that follow."""
    table: Any = AccreditationCountOnDay.__table__
    rows = [
        {**group._asdict(), "on": day, "change": change}
        for (group, day), change in sorted(days.items())
        if change
    ]
    if not rows:
        return
    begin_groups(connection, {group for (group, _day), change in days.items() if change})
    connection.execute(_beginning_of_day(connection.dialect.name), rows)
    asked = [{f"in_{name}": value for name, value in row.items()} for row in rows]
    since = [table.c[name] == sa.bindparam(f"in_{name}") for name in Group._fields]
    since.append(table.c.on >= sa.bindparam("in_on", type_=table.c.on.type))
    more = table.c.count + sa.bindparam("in_change", type_=sa.Integer)
    connection.execute(sa.update(table).where(*since).values(count=more), asked)


def begin_groups(connection: sa.Connection, groups: Iterable[Group]) -> None:
    """Have a row of `accreditation_counts` for each, if only to hold nought: these are the groups
    that are looked up for a day."""
    statement = insert_into(AccreditationCount.__table__, connection.dialect.name)
    rows = [{**group._asdict(), "count": 0} for group in sorted(groups)]
    connection.execute(statement.on_conflict_do_nothing(), rows)


@lru_cache
def _beginning_of_day(dialect: str) -> Any:
    """A statement that begins a group's day with the number of the day before, where need be."""
    table: Any = AccreditationCountOnDay.__table__
    earlier = table.alias()
    given: list[Any] = [
        sa.bindparam(name, type_=table.c[name].type) for name in (*Group._fields, "on")
    ]
    # PostgreSQL cannot tell the type of a word that is only selected.
    given[1:4] = (sa.cast(word, sa.String) for word in given[1:4])
    *same, before = zip(earlier.primary_key, given, strict=True)
    number = (
        sa.select(earlier.c.count)
        .where(*(column == value for column, value in same), before[0] < before[1])
        .order_by(earlier.c.on.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = sa.select(*given, sa.func.coalesce(number, 0)).where(sa.true())
    statement = insert_into(table, dialect).from_select([*table.primary_key, table.c.count], rows)
    return statement.on_conflict_do_nothing()


def number_on(day: date) -> Any:
    """The number that a row of `accreditation_counts` had at the end of a day, as a scalar."""
    row = AccreditationCountOnDay
    same = (getattr(row, name) == getattr(AccreditationCount, name) for name in Group._fields)
    found = sa.select(row.count).where(*same, row.on <= day).order_by(row.on.desc()).limit(1)
    return sa.func.coalesce(found.correlate(AccreditationCount).scalar_subquery(), 0)


def expected(connection: sa.Connection, election_id: int) -> Days:
    """By how many each group changed on each day, as the whole history gives it."""
    mine = Accreditation.election_id == election_id
    owned = _placings.join(Accreditation, Accreditation.id == Assignment.accreditation_id)
    queries = (
        COUNTED.where(mine).order_by(Accreditation.id),
        _steps.where(Transition.election_id == election_id).order_by(Transition.accreditation_id),
        owned.where(mine).order_by(Assignment.accreditation_id),
    )
    days: Days = Counter()
    for person, *history in side_by_side(connection, *queries):
        rows = (Step(*row) if "to_status" in row._fields else Placing(*row) for row in history)
        for key, change in changes_by_day(Counted(*person), rows).items():
            days[key] += change
    return days


def forget(connection: sa.Connection, election_id: int) -> None:
    """Take away the numbers of an election."""
    row = AccreditationCountOnDay
    connection.execute(sa.delete(row).where(row.election_id == election_id))


def remake(connection: sa.Connection, election_id: int) -> None:
    """Make the numbers of an election anew."""
    forget(connection, election_id)
    add(connection, expected(connection, election_id))


def is_true(connection: sa.Connection, election_id: int) -> bool:
    """Whether the stored numbers are those of the history."""
    table: Any = AccreditationCountOnDay.__table__
    query = sa.select(table).where(table.c.election_id == election_id).order_by(*table.primary_key)
    stored: Days = Counter()
    for group, days in groupby(connection.execute(query), key=lambda row: Group(*row[:4])):
        before = 0
        for *_group, on, number in days:
            stored[group, on] += number - before
            before = number
    return {key: n for key, n in stored.items() if n} == {
        key: n for key, n in expected(connection, election_id).items() if n
    }
