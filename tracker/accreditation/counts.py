"""How many accreditations there are, kept while they change: the dashboard asks on every view, and
must not read a million rows for it.

`accreditation_counts` holds the present numbers by status and dimension, and `quarters` those of
each quarter of an hour. Nobody need remember to keep them: like the audit record this sees every
flush, and what `insert_many` brings past it. What a changed accreditation counted is taken off and
what it counts now is added, after the record, whose lock lets one writer through at a time: what is
read here nobody else is changing, and rows of counts are never waited for. Accreditations and their
history are never deleted.

`tracker totals --recount` proves the numbers, `tracker counts remake` makes them anew.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction

from tracker.accreditation import quarters
from tracker.accreditation.groups import Counted, Group, Placing, Step, changes_by_quarter
from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Assignment,
    Dimension,
    Function,
    Transition,
)
from tracker.accreditation.quarters import COUNTED
from tracker.accreditation.rules import SUPPORT_STAFF, counts_as_observer
from tracker.audit.capture import Before, after_recording
from tracker.kernel.database import Base, db, in_chunks, insert_into
from tracker.observers.models import Observer

HISTORY: dict[type[Base], type] = {Transition: Step, Assignment: Placing}
IS_OBSERVER = sa.or_(Accreditation.function.is_(None), Accreditation.function.not_in(SUPPORT_STAFF))

# The key of a delegation's row; that of any other is no number and must not even be tried.
DELEGATION_ID: sa.ColumnElement[int | None] = sa.case(
    (
        AccreditationCount.dimension == Dimension.DELEGATION,
        sa.cast(AccreditationCount.key, sa.Integer),
    ),
    else_=None,
)


@dataclass
class Changes:
    """What one flush changed: the values before, by identity; what is new."""

    accreditations: dict[int, dict[str, Any]] = field(default_factory=dict)
    observers: dict[int, dict[str, Any]] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)
    # Rows of history: which kind, of which accreditation, which.
    history: set[tuple[type, int, int]] = field(default_factory=set)


def by_status(election_id: int) -> Counter[tuple[AccreditationStatus, bool]]:
    """How many accreditations of each status there are, observers (True) and support staff."""
    row = AccreditationCount
    query = sa.select(row.status, row.key, row.count).where(
        row.election_id == election_id,
        row.status.in_(list(AccreditationStatus)),
        row.dimension == Dimension.FUNCTION,
    )
    found: Counter[tuple[AccreditationStatus, bool]] = Counter()
    for status, key, number in db.session.execute(query):
        found[status, counts_as_observer(Function(key) if key else None)] += number
    return found


def install() -> None:
    """Keep the numbers in every session of this process from now on."""
    after_recording(flushed=_flushed, inserted=_inserted, updated=_updated)


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    changes = Changes()
    for row in (*session.new, *session.dirty):
        match row:
            case Accreditation():
                changes.accreditations[row.id] = _before(row, *Counted._fields)
            case Observer():
                if before := _before(row, "citizenship", "sex"):
                    changes.observers[row.id] = before
    for row in session.new:
        if isinstance(row, Accreditation):
            changes.new.add(row.id)
        elif isinstance(row, Transition | Assignment):
            changes.history.add((HISTORY[type(row)], row.accreditation_id, row.id))
    _apply(session.connection(), changes)


def _before(row: Base, *names: str) -> dict[str, Any]:
    """The values that the row had, of those attributes that changed."""
    attributes = sa.inspect(row).attrs
    return {
        name: old
        for name in names
        if name in attributes
        for old in attributes[name].history.deleted or ()
    }


def _inserted(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    changes = Changes()
    if model is Accreditation:
        changes.new = {row["id"] for row in rows}
    elif kind := HISTORY.get(model):
        changes.history = {(kind, row["accreditation_id"], row["id"]) for row in rows}
    _apply(session.connection(), changes)


def _updated(session: Session, model: type[Base], before: Before) -> None:
    known = {
        key: {name: value for name, value in old.items() if name in Counted._fields}
        for key, old in before.items()
    }
    if model is Accreditation:
        _apply(session.connection(), Changes(accreditations=known))
    elif model is Observer:
        _apply(session.connection(), Changes(observers=known))


def _apply(connection: sa.Connection, changes: Changes) -> None:
    """Take off what was counted, add what counts now."""
    counts: Counter[Group] = Counter()
    now = {row.id: row for row in _counted(connection, changes)}
    before = {}
    for row in now.values():
        counts.update(row.groups())
        if row.id in changes.new:
            continue
        old = changes.accreditations.get(row.id, {}) | changes.observers.get(row.observer_id, {})
        before[row.id] = row._replace(**old)
        counts.subtract(before[row.id].groups())
    _add(connection, counts)
    _apply_quarters(connection, changes, before, now)


def _apply_quarters(
    connection: sa.Connection, changes: Changes, before: dict[int, Counted], now: dict[int, Counted]
) -> None:
    """The same for quarters: of who has new rows of history, or is known by other things now."""
    known = {key for key, row in before.items() if _undated(row) != _undated(now[key])}
    found: quarters.Quarters = Counter()
    touched = known | {key for _kind, key, _id in changes.history}
    histories = quarters.histories_of(connection, touched)
    for key, history in histories.items():
        found.update(changes_by_quarter(now[key], history))
        former = [row for row in history if (type(row), key, row.id) not in changes.history]
        found.subtract(changes_by_quarter(before.get(key, now[key]), former))
    quarters.add(connection, found)


def _undated(row: Counted) -> tuple[Any, ...]:
    return row.delegation_id, row.citizenship, row.sex


def _counted(connection: sa.Connection, changes: Changes) -> Iterator[Counted]:
    moved = {key for _kind, key, _id in changes.history}
    for column, keys in (
        (Accreditation.id, moved.union(changes.new, changes.accreditations)),
        (Accreditation.observer_id, changes.observers.keys()),
    ):
        for chunk in in_chunks(keys):
            yield from map(Counted._make, connection.execute(COUNTED.where(column.in_(chunk))))


def _add(connection: sa.Connection, counts: Counter[Group]) -> None:
    """Add to the stored numbers, always in one order."""
    rows = [
        {**group._asdict(), "count": number} for group, number in sorted(counts.items()) if number
    ]
    if rows:
        connection.execute(_addition(connection.dialect.name), rows)


@lru_cache
def _addition(dialect: str) -> Any:
    """A statement that adds to a row of counts, or begins it."""
    table: Any = AccreditationCount.__table__
    statement = insert_into(table, dialect)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={"count": table.c.count + statement.excluded.count},
    )


def _expected(election_id: int) -> Any:
    """The rows of `accreditation_counts` as the accreditations themselves give them."""
    columns: dict[Dimension, Any] = {
        Dimension.FUNCTION: Accreditation.function,
        Dimension.DELEGATION: Accreditation.delegation_id,
        Dimension.CITIZENSHIP: Observer.citizenship,
        Dimension.SEX: Observer.sex,
        Dimension.REGION: Accreditation.region,
    }
    return sa.union_all(
        *(
            sa.select(
                Accreditation.election_id,
                Accreditation.status,
                sa.literal(dimension.value).label("dimension"),
                (key := sa.func.coalesce(sa.cast(column, sa.String), "")).label("key"),
                sa.func.count().label("count"),
            )
            .join(Observer, Observer.id == Accreditation.observer_id)
            .where(
                Accreditation.election_id == election_id,
                sa.true() if dimension is Dimension.FUNCTION else IS_OBSERVER,
            )
            .group_by(Accreditation.election_id, Accreditation.status, key)
            for dimension, column in columns.items()
        )
    )


def remake(connection: sa.Connection, election_id: int) -> None:
    """Make the numbers of an election anew; the caller holds the chain (`hold_chain`)."""
    quarters.forget(connection, election_id)
    mine = AccreditationCount.election_id == election_id
    connection.execute(sa.delete(AccreditationCount).where(mine))
    columns = AccreditationCount.__table__.c.keys()
    expected = _expected(election_id)
    connection.execute(sa.insert(AccreditationCount).from_select(columns, expected))
    quarters.remake(connection, election_id)


def differences(connection: sa.Connection, election_id: int) -> list[str]:
    """Where the stored numbers are not what the rows give: dimension names, "quarter"."""
    table: Any = AccreditationCount.__table__
    stored = sa.select(*table.c).where(table.c.election_id == election_id, table.c.count != 0)
    ours, theirs = (
        {(row.dimension, row.status, row.key, row.count) for row in connection.execute(query)}
        for query in (stored, _expected(election_id))
    )
    found = sorted({str(row[0]) for row in ours ^ theirs})
    return found + ([] if quarters.is_true(connection, election_id) else ["quarter"])
