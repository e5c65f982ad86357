"""How many accreditations each group had at the end of a quarter of an hour, so that a figure as of
any past moment costs what the present one costs.

A row of `accreditation_counts_by_quarter` stands for a quarter in which the number changed and
holds it until the next. What a changed accreditation had counted by its former history is taken off
and what it counts by the present one is added, so that a step recorded late moves every quarter
since. `counts` calls this under the lock of the audit record.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.groups import Counted, Group, Placing, Step, changes_by_quarter
from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationCountInQuarter,
    Assignment,
    Transition,
)
from tracker.kernel.database import in_chunks, insert_into, side_by_side
from tracker.observers.models import Observer

Quarters = Counter[tuple[Group, datetime]]

COUNTED = sa.select(
    Accreditation.id,
    Accreditation.observer_id,
    Accreditation.election_id,
    Accreditation.status,
    Accreditation.function,
    Accreditation.delegation_id,
    Observer.citizenship,
    Observer.sex,
    Accreditation.region,
).join(Observer, Observer.id == Accreditation.observer_id)
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


def add(connection: sa.Connection, quarters: Quarters) -> None:
    """Change the stored numbers of these quarters, and with them of all that follow."""
    table: Any = AccreditationCountInQuarter.__table__
    rows = [
        {**group._asdict(), "quarter": quarter, "change": change}
        for (group, quarter), change in sorted(quarters.items())
        if change
    ]
    if not rows:
        return
    begin_groups(connection, {group for (group, _quarter), change in quarters.items() if change})
    connection.execute(_beginning_of_quarter(connection.dialect.name), rows)
    asked = [{f"in_{name}": value for name, value in row.items()} for row in rows]
    since = [table.c[name] == sa.bindparam(f"in_{name}") for name in Group._fields]
    since.append(table.c.quarter >= sa.bindparam("in_quarter", type_=table.c.quarter.type))
    more = table.c.count + sa.bindparam("in_change", type_=sa.Integer)
    connection.execute(sa.update(table).where(*since).values(count=more), asked)


def begin_groups(connection: sa.Connection, groups: Iterable[Group]) -> None:
    """Have a row of `accreditation_counts` for each, if only to hold nought: these are the groups
    that are looked up as of a moment."""
    statement = insert_into(AccreditationCount.__table__, connection.dialect.name)
    rows = [{**group._asdict(), "count": 0} for group in sorted(groups)]
    if rows:
        connection.execute(statement.on_conflict_do_nothing(), rows)


@lru_cache
def _beginning_of_quarter(dialect: str) -> Any:
    """A statement that begins a group's quarter, where need be, with the number before."""
    table: Any = AccreditationCountInQuarter.__table__
    earlier = table.alias()
    given: list[Any] = [
        sa.bindparam(name, type_=table.c[name].type) for name in (*Group._fields, "quarter")
    ]
    # PostgreSQL cannot tell the type of a word that is only selected.
    given[1:4] = (sa.cast(word, sa.String) for word in given[1:4])
    *same, before = zip(earlier.primary_key, given, strict=True)
    number = (
        sa.select(earlier.c.count)
        .where(*(column == value for column, value in same), before[0] < before[1])
        .order_by(earlier.c.quarter.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = sa.select(*given, sa.func.coalesce(number, 0)).where(sa.true())
    statement = insert_into(table, dialect).from_select([*table.primary_key, table.c.count], rows)
    return statement.on_conflict_do_nothing()


def number_at(end: datetime) -> Any:
    """The number that a row of `accreditation_counts` had at the end of a quarter, as a scalar."""
    row = AccreditationCountInQuarter
    same = (getattr(row, name) == getattr(AccreditationCount, name) for name in Group._fields)
    found = sa.select(row.count).where(*same, row.quarter <= end)
    last = found.order_by(row.quarter.desc()).limit(1).correlate(AccreditationCount)
    return sa.func.coalesce(last.scalar_subquery(), 0)


def expected(connection: sa.Connection, election_id: int) -> Quarters:
    """By how many each group changed in each quarter, as the whole history gives it."""
    mine = Accreditation.election_id == election_id
    owned = _placings.join(Accreditation, Accreditation.id == Assignment.accreditation_id)
    queries = (
        COUNTED.where(mine).order_by(Accreditation.id),
        _steps.where(Transition.election_id == election_id).order_by(Transition.accreditation_id),
        owned.where(mine).order_by(Assignment.accreditation_id),
    )
    found: Quarters = Counter()
    for person, *history in side_by_side(connection, *queries):
        rows = (Step(*row) if "to_status" in row._fields else Placing(*row) for row in history)
        for key, change in changes_by_quarter(Counted(*person), rows).items():
            found[key] += change
    return found


def forget(connection: sa.Connection, election_id: int) -> None:
    """Take away the numbers of an election."""
    row = AccreditationCountInQuarter
    connection.execute(sa.delete(row).where(row.election_id == election_id))


def remake(connection: sa.Connection, election_id: int) -> None:
    """Make the numbers of an election anew."""
    forget(connection, election_id)
    changes = expected(connection, election_id)
    begin_groups(connection, {group for group, _quarter in changes})
    rows = [
        {**group._asdict(), "quarter": quarter, "count": number}
        for group, quarter, number in _running(changes)
    ]
    if rows:
        connection.execute(sa.insert(AccreditationCountInQuarter), rows)


def _running(changes: Quarters) -> Iterator[tuple[Group, datetime, int]]:
    """The number of each group at the end of each quarter in which it changed."""
    for group, quarters in groupby(sorted(changes), key=itemgetter(0)):
        number = 0
        for key in quarters:
            if change := changes[key]:
                number += change
                yield group, key[1], number


def is_true(connection: sa.Connection, election_id: int) -> bool:
    """Whether the stored numbers are those of the history."""
    table: Any = AccreditationCountInQuarter.__table__
    query = sa.select(table).where(table.c.election_id == election_id).order_by(*table.primary_key)
    stored: Quarters = Counter()
    for group, rows in groupby(connection.execute(query), key=lambda row: Group(*row[:4])):
        before = 0
        for *_group, quarter, number in rows:
            stored[group, quarter] += number - before
            before = number
    return {key: n for key, n in stored.items() if n} == {
        key: n for key, n in expected(connection, election_id).items() if n
    }
