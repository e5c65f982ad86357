"""One batch of a purge: what is still there of one holding is blanked or taken away.

It goes past the unit of work, since that would put every former value on record once more. So
what follows from rows is kept here: the words of a search, row versions (a form that was open
meanwhile must not bring a name back), files, and the contents of audit entries. Each batch asks
anew what is left, so that a purge which was killed goes on where it stood.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tracker.audit.models import AuditEntry
from tracker.kernel.database import Base, db
from tracker.kernel.words import Searched, remake_words
from tracker.retention.files import await_files
from tracker.retention.holdings import COUNTED, Holding
from tracker.retention.models import RetentionPurge
from tracker.retention.scopes import Reach

BATCH = 200  # rows; a transaction of some tens of milliseconds
RECORDS = 2_000  # of which the audit record forgets the contents at once
LOOKS = ("read", "export")
# What the audit record tells of no row: files that were made, by filters in which a name may stand.
ALONE = ("exports",)


class CountedChanged(Exception):
    """A batch would have changed what totals are made of; it is undone."""


@dataclass
class Batch:
    """What one batch did; `records` are the rows of recorded tables that are gone."""

    numbers: Counter[str] = field(default_factory=Counter)
    records: list[tuple[str, str]] = field(default_factory=list)


def left(holding: Holding, reach: Reach) -> sa.ColumnElement[bool]:
    """Which rows of a holding still hold something that is due."""
    return sa.and_(holding.scope(holding.rows, reach), holding.is_left())


def _keys(rows: sa.Table) -> tuple[sa.Column[Any], ...]:
    return tuple(rows.primary_key.columns)


def _named(rows: sa.Table, found: Sequence[Sequence[Any]]) -> sa.ColumnElement[bool]:
    keys = _keys(rows)
    if len(keys) == 1:
        return keys[0].in_([each[0] for each in found])
    return sa.tuple_(*keys).in_([tuple(each) for each in found])


def _counted(rows: sa.Table, named: sa.ColumnElement[bool]) -> list[Any]:
    columns = [rows.c[name] for name in COUNTED.get(rows.name, ())]
    if not columns:
        return []
    query = sa.select(*_keys(rows), *columns).where(named).order_by(*_keys(rows))
    return [tuple(row) for row in db.session.execute(query)]


def erase_batch(purge: RetentionPurge, holding: Holding, reach: Reach) -> Batch | None:
    """Blank or take away so many rows of a holding; None where nothing is left of it."""
    rows, keys = holding.rows, _keys(holding.rows)
    # The newest first: a row that corrects another goes before it.
    query = sa.select(*keys).where(left(holding, reach)).order_by(*(key.desc() for key in keys))
    found = db.session.execute(query.limit(BATCH)).all()
    if not found:
        return None
    named, batch = _named(rows, found), Batch()
    before = _counted(rows, named)
    await_files(purge, holding, named)
    if holding.blanks is None:
        db.session.execute(sa.delete(rows).where(named))
        batch.numbers["deleted"] = 0 if holding.is_derived else len(found)
        if rows.info.get("audit") != "skip" and len(keys) == 1:
            batch.records = [(rows.name, str(each[0])) for each in found]
    else:
        db.session.execute(sa.update(rows).where(named).values(_blanked(holding)))
        batch.numbers["erased"] = len(found)
    if _counted(rows, named) != before:
        raise CountedChanged(rows.name)
    _renew_words(holding, [each[0] for each in found])
    return batch


def _blanked(holding: Holding) -> dict[str, Any]:
    values: dict[str, Any] = dict(holding.values())
    if "version" in holding.rows.c:
        values["version"] = holding.rows.c.version + 1
    return values


def _renew_words(holding: Holding, ids: Sequence[int]) -> None:
    for mapper in Base.registry.mappers:
        model: Any = mapper.class_
        if mapper.local_table is holding.rows and issubclass(model, Searched):
            if set(model.SEARCHED) & set(holding.columns):
                remake_words(db.session.connection(), model, ids)
            return


# Contents of the audit record


def recorded(holding: Holding, reach: Reach, *, is_gone: bool) -> sa.Select[str] | None:
    """Audit entries with contents about the rows of a holding: those that are there, or, of an age,
    those that are there no more. None where the table is not recorded by number."""
    rows = holding.rows
    if rows.info.get("audit") == "skip" or list(rows.primary_key.columns.keys()) != ["id"]:
        return None
    of_table = sa.select(AuditEntry.record_id).where(
        AuditEntry.record_table == rows.name,
        AuditEntry.erased_at.is_(None),
        # Who looks at what a purge left is no reason for another purge, until that is old, too.
        sa.or_(AuditEntry.action.not_in(LOOKS), AuditEntry.recorded_at < reach.written_until),
    )
    if is_gone:
        # The rows' key finds a number; for a text, SQLite would look through all of them each time.
        # What is filed under no number (many rows at once, as "*") is of no row.
        is_number = sa.func.trim(AuditEntry.record_id, "0123456789") == ""
        number = sa.case((is_number, sa.cast(AuditEntry.record_id, rows.c.id.type)))
        there = sa.select(rows.c.id).where(rows.c.id == number).correlate(AuditEntry)
        return of_table.where(AuditEntry.recorded_at < reach.written_until, ~there.exists())
    there = sa.select(sa.cast(rows.c.id, sa.String)).where(holding.scope(rows, reach))
    return of_table.where(AuditEntry.record_id.in_(there))


def recorded_alone(name: str, reach: Reach) -> sa.Select[str]:
    """Audit entries with contents about what is no row, that are old enough."""
    return sa.select(AuditEntry.record_id).where(
        AuditEntry.record_table == name,
        AuditEntry.erased_at.is_(None),
        AuditEntry.recorded_at < reach.written_until,
    )
