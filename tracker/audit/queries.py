"""The audit record as read by auditors and by its verification."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tracker.audit.anchors import (
    ANCHOR,
    Announced,
    Lines,
    Stored,
    breaks_of_announced,
    breaks_of_file,
    breaks_of_record,
)
from tracker.audit.capture import identity
from tracker.audit.chain import COVERED, START, Break, Unreadable, breaks
from tracker.audit.models import IS_CHANGE, AuditEntry
from tracker.kernel.database import db, in_chunks
from tracker.kernel.listing import Page, keyset, streamed_records

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
    return streamed_records(query)


def elections_of(rows: Iterable[AuditEntry], tables: Collection[str]) -> dict[tuple[str, str], str]:
    """To which election, by its short name, the records of these tables belong, by table and key;
    without those that are no longer there. One statement."""
    every, elections = db.metadata.tables, db.metadata.tables["elections"]
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record_table in tables and row.record_id.isdecimal():
            wanted.setdefault(row.record_table, set()).add(int(row.record_id))
    asked = [
        sa.select(sa.literal(name), every[name].c.id, elections.c.slug)
        .join(elections, elections.c.id == every[name].c.election_id)
        .where(every[name].c.id.in_(ids))
        for name, ids in sorted(wanted.items())
    ]
    found = db.session.execute(sa.union_all(*asked)) if asked else ()
    return {(table, str(key)): slug for table, key, slug in found}


def last_position() -> int:
    """The position of the newest change: the version of all that is recorded.

    Entries are chained one behind the other in the order of their commits, whichever process
    makes them, so a greater position is a later state and an equal one the same. What was only
    read or exported leaves an entry, too, and the state as it was.
    """
    return db.session.scalar(_newest()) or 0


def _newest() -> sa.Select[int | None]:
    return sa.select(sa.func.max(AuditEntry.position)).where(IS_CHANGE)


@lru_cache
def _newest_as_text() -> str:
    return str(_newest())


def newest_position(engine: sa.Engine) -> int:
    """`last_position`, asked of the driver alone: for who asks at every request of the public."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(_newest_as_text())
        (position,) = cursor.fetchone() or (0,)
    finally:
        connection.close()
    return position or 0


def last_change(*rows: Any) -> tuple[str, datetime] | None:
    """Who was the last to change one of these records, and when; None where nothing is kept."""
    ones = (
        sa.and_(
            AuditEntry.record_table == row.__tablename__,
            AuditEntry.record_id == identity(sa.inspect(row)),
        )
        for row in rows
    )
    query = sa.select(AuditEntry.actor_name, AuditEntry.recorded_at).where(sa.or_(*ones), IS_CHANGE)
    found = db.session.execute(query.order_by(AuditEntry.position.desc()).limit(1)).first()
    return (found.actor_name, found.recorded_at) if found else None


def changes_of(
    record_table: str, record_ids: sa.Select[str], since: datetime, until: datetime
) -> sa.Select[AuditEntry]:
    """What was done to these records of a table after `since` up to `until`, in no order yet.

    Found along the index of the records, whatever else was recorded meanwhile.
    """
    return sa.select(AuditEntry).where(
        AuditEntry.record_table == record_table,
        AuditEntry.record_id.in_(record_ids),
        AuditEntry.action.in_(("insert", "update")),
        AuditEntry.recorded_at > since,
        AuditEntry.recorded_at <= until,
    )


def latest(query: sa.Select[AuditEntry], *, most: int) -> list[AuditEntry]:
    """The latest entries of a query, by time."""
    # Sorted by an expression: along the positions themselves all of the record would be read.
    query = query.order_by((AuditEntry.position + 0).desc()).limit(most)
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


CHECKED = sa.select(
    *(
        getattr(AuditEntry, name)
        for name in (*COVERED, "before", "after", "content_salt", "erased_at", "digest")
    )
).order_by(AuditEntry.position)


def _checked_entries() -> Iterator[Any]:
    """What the chain is checked by, in order of position; what no column can hold as such."""
    last: Any = None
    while True:
        positions = sa.select(AuditEntry.position).order_by(AuditEntry.position).limit(BATCH)
        if last is not None:
            positions = positions.where(AuditEntry.position > last)
        found = db.session.scalars(positions).all()
        if not found:
            return
        try:
            yield from db.session.execute(
                CHECKED.where(AuditEntry.position.between(found[0], found[-1]))
            ).all()
        except (ValueError, TypeError):  # no date, no JSON: tampered with; see which it is
            for position in found:
                yield _checked_entry(position)
        last = found[-1]


def _checked_entry(position: Any) -> Any:
    try:
        return db.session.execute(CHECKED.where(AuditEntry.position == position)).one()
    except (ValueError, TypeError):
        return Unreadable(position)


def head() -> tuple[int, str]:
    """Position and digest of the last entry."""
    query = sa.select(AuditEntry.position, AuditEntry.digest)
    found = db.session.execute(query.order_by(AuditEntry.position.desc()).limit(1)).first()
    return (found.position, found.digest) if found else (0, START)


def announced_lines() -> list[Announced]:
    """What the record says of lines in the file of anchors, in its order."""
    query = (
        sa.select(AuditEntry.position, AuditEntry.recorded_at, AuditEntry.action, AuditEntry.after)
        .where(AuditEntry.record_table == AuditEntry.__tablename__, AuditEntry.action == ANCHOR)
        .order_by(AuditEntry.position)
    )
    return [said for row in db.session.execute(query) if (said := _announced(row))]


def _announced(entry: Any) -> Announced | None:
    match entry.after if entry.action == ANCHOR else None:
        case {"line": int(line), "follows": str(follows), "anew": bool(is_anew)}:
            return Announced(entry.position, entry.recorded_at, line, follows, is_anew)
    return None


def verify(lines: Lines | None = None) -> tuple[int, list[Break]]:
    """How many entries there are, and every place where they do not hold.

    They are compared with one another, and with the anchors in `lines` where these are given.
    """
    count, last, announced = 0, 0, []

    def seen() -> Iterator[Any]:
        nonlocal count, last
        for entry in _checked_entries():
            count += 1
            if isinstance(entry.position, int):
                last = entry.position
            if isinstance(entry, sa.Row) and (said := _announced(entry)):
                announced.append(said)
            yield entry

    broken = list(breaks(seen()))
    if lines is not None:
        doubted = frozenset(place.position for place in broken)
        stored = Stored(_digests_of(lines, last), last, doubted)
        of_file = list(breaks_of_file(lines))
        wrong = {place.line for place in of_file if place.line}
        broken += breaks_of_record(lines, stored, wrong)
        broken += of_file
        if not lines.is_copy:
            broken += breaks_of_announced(lines, stored, announced)
    return count, list({place.where: place for place in reversed(broken)}.values())[::-1]


def _digests_of(lines: Lines, last: int) -> dict[int, str]:
    """The stored digests of the entries that are anchored."""
    found: dict[int, str] = {}
    query = sa.select(AuditEntry.position, AuditEntry.digest)
    named = {anchor.position for anchor in lines.known.values() if anchor.position <= last}
    for chunk in in_chunks(named):
        rows = db.session.execute(query.where(AuditEntry.position.in_(chunk))).all()
        found |= {position: digest for position, digest in rows}
    return found
