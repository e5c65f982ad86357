"""The audit record as read by auditors and by its verification."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tracker.audit.chain import Break, breaks
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.listing import Page, keyset

BATCH = 1_000


@dataclass(frozen=True)
class Filter:
    """Which entries are asked for; empty fields do not narrow."""

    record_table: str = ""
    record_id: str = ""
    actor_name: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _narrowed(wanted: Filter) -> sa.Select[AuditEntry, int]:
    query = sa.select(AuditEntry, AuditEntry.position)
    equal = {
        AuditEntry.record_table: wanted.record_table,
        AuditEntry.record_id: wanted.record_id,
        AuditEntry.action: wanted.action,
    }
    for column, value in equal.items():
        if value:
            query = query.where(column == value)
    if wanted.actor_name:
        query = query.where(AuditEntry.actor_name.icontains(wanted.actor_name, autoescape=True))
    if wanted.since:
        query = query.where(AuditEntry.recorded_at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.recorded_at < wanted.until)
    return query


def entries(wanted: Filter, *, cursor: str | None) -> Page:
    """One page of entries, the newest first."""
    return keyset(_narrowed(wanted), keys=(AuditEntry.position,), cursor=cursor, descending=True)


def all_entries(wanted: Filter) -> Iterator[AuditEntry]:
    """Every wanted entry, the oldest first, in constant memory."""
    query = _narrowed(wanted).order_by(AuditEntry.position)
    for row in db.session.execute(query.execution_options(yield_per=BATCH)):
        yield row[0]


def last_position() -> int:
    """The position of the newest entry: the version of all that is recorded.

    Entries are chained one behind the other in the order of their commits, whichever process
    makes them, so a greater position is a later state and an equal one the same.
    """
    return db.session.scalar(sa.select(sa.func.max(AuditEntry.position))) or 0


@lru_cache
def _newest() -> str:
    return str(sa.select(sa.func.max(AuditEntry.position)))


def newest_position(engine: sa.Engine) -> int:
    """`last_position`, asked of the driver alone: for who asks at every request of the public."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(_newest())
        (position,) = cursor.fetchone() or (0,)
    finally:
        connection.close()
    return position or 0


def latest_entries(
    record_table: str, since: datetime, until: datetime, *, most: int
) -> list[AuditEntry]:
    """What was done to records of one table after `since` up to `until`; the latest, by time."""
    query = (
        sa.select(AuditEntry)
        .where(
            AuditEntry.record_table == record_table,
            AuditEntry.recorded_at > since,
            AuditEntry.recorded_at <= until,
        )
        .order_by(AuditEntry.position.desc())
        .limit(most)
    )
    return list(reversed(db.session.scalars(query).all()))


def values_before(table: str, column: str, moment: datetime) -> dict[int, Any]:
    """What stood in a column at `moment`, by record, of those that were changed since."""
    query = (
        sa.select(AuditEntry.record_id, AuditEntry.before, AuditEntry.after)
        .where(
            AuditEntry.record_table == table,
            AuditEntry.action == "update",
            AuditEntry.recorded_at > moment,
        )
        .order_by(AuditEntry.position)
    )
    found: dict[int, Any] = {}
    for record_id, before, after in db.session.execute(query):
        if column in (after or {}):
            # A column that was only touched has no value before: the one after is the same.
            earlier = (before or {}).get(column)
            found.setdefault(int(record_id), after[column] if earlier is None else earlier)
    return found


def recorded_tables() -> list[str]:
    """The tables that the record covers, by name."""
    return sorted(
        table.name for table in db.metadata.tables.values() if table.info.get("audit") != "skip"
    )


def verify() -> tuple[int, list[Break]]:
    """How many entries there are, and every place where the chain does not hold."""
    count = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) or 0
    rows = db.session.scalars(
        sa.select(AuditEntry)
        .order_by(AuditEntry.position)
        .execution_options(yield_per=BATCH, populate_existing=True)
    )
    return count, list(breaks(rows))
