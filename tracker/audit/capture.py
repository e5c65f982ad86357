"""Sees every insert, update and delete at flush and chains it in the same transaction.

Operations need not remember to log: what reaches a table reaches the record, and what is rolled
back leaves neither. A column with `info={"audit": "redact"}` is recorded as changed without its
value, one with "skip" not at all; so a table with "skip".
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, Session, UOWTransaction
from sqlalchemy.orm.state import InstanceState

from tracker.audit.chain import START, chained
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import acting_actor
from tracker.kernel.database import Base, Versioned, db, hold_chain, in_chunks, reserve_ids
from tracker.kernel.words import Searched, keep_words

Inserted = Callable[[Session, type[Base], list[dict[str, Any]]], None]
Before = dict[int, dict[str, Any]]  # values that rows had, by identity and column
Updated = Callable[[Session, type[Base], Before], None]

REDACTED = "[redacted]"


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def _columns(state: InstanceState[Any]) -> Iterator[tuple[str, str]]:
    """Names of the recorded columns and how: "plain" or "redact"."""
    for attribute in state.mapper.column_attrs:
        how = attribute.columns[0].info.get("audit", "plain")
        if how != "skip":
            yield attribute.key, how


def _shown(value: Any, how: str) -> Any:
    return REDACTED if how == "redact" and value is not None else _plain(value)


def _links(state: InstanceState[Any]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Changed many-to-many collections as sorted identities before and after."""
    changed = {}
    for relation in state.mapper.relationships:
        if relation.secondary is None or relation.viewonly:
            continue
        history = state.attrs[relation.key].history
        if history.added or history.deleted:
            kept = list(history.unchanged or ())
            sides = [*kept, *(history.deleted or ())], [*kept, *(history.added or ())]
            before, after = (sorted(identity(inspect(row)) for row in side) for side in sides)
            changed[relation.key] = before, after
    return changed


def identity(state: InstanceState[Any]) -> str:
    """How the record names a row: by its key."""
    key = state.mapper.primary_key_from_instance(state.object)
    return "-".join(str(part) for part in key)


def _change(state: InstanceState[Any], action: str) -> dict[str, Any] | None:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, how in _columns(state):
        history = state.attrs[name].history
        if action == "update" and not history.has_changes():
            continue
        current = state.dict.get(name)
        if action == "insert":
            after[name] = _shown(current, how)
        elif action == "delete":
            before[name] = _shown(current, how)
        else:
            before[name] = _shown(history.deleted[0] if history.deleted else None, how)
            after[name] = _shown(current, how)
    for name, (old, new) in _links(state).items():
        before[name], after[name] = old, new
    if action == "update" and not after:
        return None
    return {
        "action": action,
        "record_table": _table(state.mapper).name,
        "record_id": identity(state),
        "before": before or None,
        "after": after or None,
    }


def _table(mapper: Mapper[Any]) -> sa.Table:
    table = mapper.local_table
    assert isinstance(table, sa.Table)  # noqa: S101 - every model maps one table
    return table


def _is_recorded(row: object) -> bool:
    return _table(inspect(row).mapper).info.get("audit") != "skip"


def append(session: Session, changes: list[dict[str, Any]]) -> None:
    """Chain `changes` behind the last entry, within the session's transaction."""
    connection = session.connection()
    hold_chain(connection)  # two transactions must not both follow the same entry
    last = connection.execute(
        sa.select(AuditEntry.position, AuditEntry.digest)
        .order_by(AuditEntry.position.desc())
        .limit(1)
    ).first()
    position, digest = (last.position, last.digest) if last else (0, START)
    actor = acting_actor()
    common = {
        "recorded_at": clock.now(),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "request_id": actor.request_id,
    }
    rows = chained(changes, position=position, digest=digest, common=common)
    connection.execute(sa.insert(AuditEntry), rows)


def insert_many(model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows in few statements, recorded like any others; each has or is given its `id`."""
    if not rows:
        return
    nameless = [row for row in rows if "id" not in row]
    for key, row in zip(reserve_ids(model, len(nameless)), nameless, strict=True):
        row["id"] = key
    mapper = inspect(model)
    table = _table(mapper)
    defaults = [
        (column.key, column.default)
        for column in table.columns
        if column.default is not None and not column.default.is_sequence
    ]
    for row in rows:
        for name, default in defaults:
            if name not in row:
                row[name] = default.arg(None) if default.is_callable else default.arg  # type: ignore[attr-defined]
    session = db.session()
    session.connection().execute(sa.insert(table), rows)
    keep_words(session.connection(), model, rows)
    if table.info.get("audit") == "skip":
        return
    columns = [
        (attribute.key, how)
        for attribute in mapper.column_attrs
        if (how := attribute.columns[0].info.get("audit", "plain")) != "skip"
    ]
    changes = [
        {
            "action": "insert",
            "record_table": table.name,
            "record_id": str(row["id"]),
            "before": None,
            "after": {name: _shown(row.get(name), how) for name, how in columns},
        }
        for row in rows
    ]
    append(session, changes)
    for call in _told_of_new:
        call(session, model, rows)


def update_many(model: type[Base], ids: Iterable[int], values: dict[str, Any]) -> None:
    """Give rows the same values in few statements, recorded like any others; versions move.

    What is asked for afterwards through the session is read anew. Raises `ValueError` for columns
    that are searched by.
    """
    if issubclass(model, Searched) and not set(values).isdisjoint(model.SEARCHED):
        raise ValueError(f"words follow from {sorted(values)}")
    session, mapper = db.session(), inspect(model)
    table = _table(mapper)
    session.flush()
    connection = session.connection()
    how = {name: table.c[name].info.get("audit", "plain") for name in values}
    is_recorded = table.info.get("audit") != "skip"
    moved = {"version": table.c.version + 1} if issubclass(model, Versioned) else {}
    for chunk in in_chunks(ids):
        mine = table.c.id.in_(chunk)
        read = sa.select(table.c.id, *(table.c[name] for name in values)).where(mine)
        before = {
            row.id: {name: row._mapping[name] for name in values}
            for row in connection.execute(read.order_by(table.c.id).with_for_update(key_share=True))
        }
        connection.execute(sa.update(table).where(mine).values(**values, **moved))
        changes = [
            {
                "action": "update",
                "record_table": table.name,
                "record_id": str(key),
                "before": {name: _shown(old[name], how[name]) for name in names},
                "after": {name: _shown(values[name], how[name]) for name in names},
            }
            for key, old in before.items()
            if (names := [n for n in values if how[n] != "skip" and old[n] != values[n]])
        ]
        if changes and is_recorded:
            append(session, changes)
        for call in _told_of_changes:
            call(session, model, before)
        for key in before:
            row = session.identity_map.get(mapper.identity_key_from_primary_key((key,)))
            if row is not None:
                session.expire(row)


_told_of_new: list[Inserted] = []
_told_of_changes: list[Updated] = []


def after_recording(
    *,
    flushed: Callable[[Session, UOWTransaction], None],
    inserted: Inserted,
    updated: Updated,
) -> None:
    """Have what follows from rows kept: `flushed` sees each flush, `inserted` and `updated` what
    `insert_many` and `update_many` bring past it, all once it is recorded. A second call changes
    nothing."""
    install()
    if not event.contains(db.session, "after_flush", flushed):
        event.listen(db.session, "after_flush", flushed)
        _told_of_new.append(inserted)
        _told_of_changes.append(updated)


def install() -> None:
    """Watch every session of this process from now on; a second call changes nothing."""
    if not event.contains(db.session, "after_flush", _record):
        event.listen(db.session, "after_flush", _record)


def _record(session: Session, _flush: UOWTransaction) -> None:
    sides = (("insert", session.new), ("update", session.dirty), ("delete", session.deleted))
    changes = [
        change
        for action, rows in sides
        for row in rows
        if _is_recorded(row) and (change := _change(inspect(row), action)) is not None
    ]
    if changes:
        append(session, changes)
