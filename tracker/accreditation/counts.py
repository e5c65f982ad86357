"""How many accreditations there are, kept while they change: the dashboard asks on every view, and
must not read a million rows for it.

`accreditation_counts` holds the present numbers by status and dimension, `accredited_by_day` by how
many the accredited observers grew on each local day. Nobody need remember to keep them: like the
audit record this sees every flush, and what `insert_many` brings past it. What a changed
accreditation counted is taken off and what it counts now is added, after the record, whose lock
lets one writer through at a time: what is read here nobody else is changing, and rows of counts are
never waited for. Accreditations and their history are never deleted.

`tracker totals --recount` proves the numbers, `tracker counts remake` makes them anew.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, UOWTransaction

from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    AccreditedOnDay,
    Dimension,
    Function,
    Transition,
)
from tracker.accreditation.rules import SUPPORT_STAFF, counts_as_observer
from tracker.audit.capture import after_recording
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import Base, db, in_chunks
from tracker.observers.models import Observer

ACCREDITED = AccreditationStatus.ACCREDITED
IS_OBSERVER = sa.or_(Accreditation.function.is_(None), Accreditation.function.not_in(SUPPORT_STAFF))

# The key of a delegation's row; that of any other is no number and must not even be tried.
DELEGATION_ID: sa.ColumnElement[int | None] = sa.case(
    (
        AccreditationCount.dimension == Dimension.DELEGATION,
        sa.cast(AccreditationCount.key, sa.Integer),
    ),
    else_=None,
)


class Counted(NamedTuple):
    """All of one accreditation that decides where it counts."""

    id: int
    observer_id: int
    election_id: int
    time_zone: str
    status: AccreditationStatus
    function: Function | None
    delegation_id: int
    citizenship: str | None
    sex: str | None
    region: str | None

    def groups(self) -> Iterator[tuple[int, AccreditationStatus, Dimension, str]]:
        """The rows of `accreditation_counts` in which it is one."""
        for dimension, key in (
            (Dimension.FUNCTION, self.function),
            (Dimension.DELEGATION, self.delegation_id),
            (Dimension.CITIZENSHIP, self.citizenship),
            (Dimension.SEX, self.sex),
            (Dimension.REGION, self.region),
        ):
            if dimension is Dimension.FUNCTION or counts_as_observer(self.function):
                yield self.election_id, self.status, dimension, str(key or "")


class Move(NamedTuple):
    """A step into the accredited observers (+1) or out of them (-1)."""

    id: int
    accreditation_id: int
    effective_at: datetime
    change: int


@dataclass
class Changes:
    """What one flush changed: the values before, by identity; what is new."""

    accreditations: dict[int, dict[str, Any]] = field(default_factory=dict)
    observers: dict[int, dict[str, Any]] = field(default_factory=dict)
    new: set[int] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)
    zones: list[int] = field(default_factory=list)  # elections that moved to another time zone


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
    after_recording(flushed=_flushed, inserted=_inserted)


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    changes = Changes()
    for row in (*session.new, *session.dirty):
        match row:
            case Accreditation():
                changes.accreditations[row.id] = _before(row, *Counted._fields)
            case Observer():
                if before := _before(row, "citizenship", "sex"):
                    changes.observers[row.id] = before
            case Election():
                changes.zones += [row.id] if _before(row, "time_zone") else []
    for row in session.new:
        if isinstance(row, Accreditation):
            changes.new.add(row.id)
        elif isinstance(row, Transition):
            changes.moves += _move(vars(row))
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


def _move(row: Mapping[str, Any]) -> list[Move]:
    change = (row["to_status"] == ACCREDITED) - (row.get("from_status") == ACCREDITED)
    values = row["id"], row["accreditation_id"], row["effective_at"], change
    return [Move(*values)] if change else []


def _inserted(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    changes = Changes()
    if model is Accreditation:
        changes.new = {row["id"] for row in rows}
    elif model is Transition:
        changes.moves = [move for row in rows for move in _move(row)]
    _apply(session.connection(), changes)


def _apply(connection: sa.Connection, changes: Changes) -> None:
    """Take off what was counted, add what counts now."""
    counts: Counter[Any] = Counter()
    days: Counter[Any] = Counter()
    now = {row.id: row for row in _counted(connection, changes)}
    crossed = []
    for row in now.values():
        counts.update(row.groups())
        if row.id in changes.new:
            continue
        old = changes.accreditations.get(row.id, {}) | changes.observers.get(row.observer_id, {})
        before = row._replace(**old)
        counts.subtract(before.groups())
        if counts_as_observer(before.function) != counts_as_observer(row.function):
            crossed.append(row.id)
    for move in changes.moves:
        row = now[move.accreditation_id]
        if counts_as_observer(row.function):
            days[_day(row, move)] += move.change
    for move in _earlier_moves(connection, crossed, changes.moves):
        row = now[move.accreditation_id]
        days[_day(row, move)] += move.change if counts_as_observer(row.function) else -move.change
    _add(connection, AccreditationCount, counts)
    _add(connection, AccreditedOnDay, days)
    for election_id in changes.zones:
        _remake_days(connection, election_id)


def _day(row: Counted, move: Move) -> tuple[int, date]:
    return row.election_id, clock.local(move.effective_at, row.time_zone).date()


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


def _counted(connection: sa.Connection, changes: Changes) -> Iterator[Counted]:
    moved = {move.accreditation_id for move in changes.moves}
    for column, keys in (
        (Accreditation.id, moved.union(changes.new, changes.accreditations)),
        (Accreditation.observer_id, changes.observers.keys()),
    ):
        for chunk in in_chunks(keys):
            yield from map(Counted._make, connection.execute(COUNTED.where(column.in_(chunk))))


def _earlier_moves(
    connection: sa.Connection, crossed: Iterable[int], moves: Iterable[Move]
) -> Iterator[Move]:
    """The steps, but these, of those who were an observer and are not, or the other way."""
    known = {move.id for move in moves}
    columns = Transition.__table__.c
    for chunk in in_chunks(crossed):
        query = sa.select(*columns).where(Transition.accreditation_id.in_(chunk))
        for row in connection.execute(query).mappings():
            yield from (move for move in _move(dict(row)) if move.id not in known)


def _add(connection: sa.Connection, model: type[Base], sums: Counter[Any]) -> None:
    """Add to the stored numbers, always in one order."""
    table: Any = model.__table__
    names = table.c.keys()
    rows = [
        dict(zip(names, (*key, number), strict=True))
        for key, number in sorted(sums.items())
        if number
    ]
    if not rows:
        return
    connection.execute(_addition(connection.dialect.name, table), rows)


@lru_cache
def _addition(dialect: str, table: sa.Table) -> Any:
    """A statement that adds to a row of counts, or begins it."""
    *_key, number = table.c
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Any = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={number: number + statement.excluded[number.name]},
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


def _expected_days(connection: sa.Connection, election_id: int) -> Counter[tuple[int, date]]:
    """The rows of `accredited_by_day` as the history gives them."""
    change = sa.func.sum(sa.case((Transition.to_status == ACCREDITED, 1), else_=-1))
    query = (
        sa.select(Election.time_zone, Transition.effective_at, change)
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .join(Election, Election.id == Transition.election_id)
        .where(
            Transition.election_id == election_id,
            sa.or_(Transition.to_status == ACCREDITED, Transition.from_status == ACCREDITED),
            IS_OBSERVER,
        )
        .group_by(Election.time_zone, Transition.effective_at)
    )
    days: Counter[tuple[int, date]] = Counter()
    for time_zone, moment, number in connection.execute(query):
        days[election_id, clock.local(moment, time_zone).date()] += number
    return days


def _remake_days(connection: sa.Connection, election_id: int) -> None:
    connection.execute(sa.delete(AccreditedOnDay).where(AccreditedOnDay.election_id == election_id))
    _add(connection, AccreditedOnDay, _expected_days(connection, election_id))


def remake(connection: sa.Connection, election_id: int) -> None:
    """Make the numbers of an election anew; the caller holds the chain (`capture.hold_chain`)."""
    mine = AccreditationCount.election_id == election_id
    connection.execute(sa.delete(AccreditationCount).where(mine))
    columns = AccreditationCount.__table__.c.keys()
    expected = _expected(election_id)
    connection.execute(sa.insert(AccreditationCount).from_select(columns, expected))
    _remake_days(connection, election_id)


def differences(connection: sa.Connection, election_id: int) -> list[str]:
    """Where the stored numbers are not what the rows give: dimension names, "day"."""
    table: Any = AccreditationCount.__table__
    stored = sa.select(*table.c).where(table.c.election_id == election_id, table.c.count != 0)
    ours, theirs = (
        {(row.dimension, row.status, row.key, row.count) for row in connection.execute(query)}
        for query in (stored, _expected(election_id))
    )
    found = sorted({str(row[0]) for row in ours ^ theirs})
    days: Any = AccreditedOnDay.__table__
    kept = sa.select(*days.c).where(days.c.election_id == election_id, days.c.change != 0)
    by_day = {(row.election_id, row.on): row.change for row in connection.execute(kept)}
    expected = {day: n for day, n in _expected_days(connection, election_id).items() if n}
    return found + ([] if by_day == expected else ["day"])
