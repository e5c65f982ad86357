"""Moving an installation from SQLite to PostgreSQL: cut off anywhere, it goes on where it stopped.

SQLite's write lock is held all the while, so that what is copied is one state. In the target a
table that stands until everything is proven says how far the move has come, and keeps the
application away (`kernel/database.py`). What a former attempt has copied is compared with the
source before it goes on: where it has changed since, the target is filled anew.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError

from tracker.app import create_app
from tracker.backup import files, proof, snapshot
from tracker.backup.container import BackupRefused
from tracker.backup.copytext import Form, form_of, postgres_blocks, sqlite_lines
from tracker.backup.making import head_of
from tracker.backup.manifest import Head
from tracker.backup.restoring import migrate_to
from tracker.config import Settings
from tracker.kernel.database import (
    UNFINISHED_MOVE,
    db,
    expect_writes,
    refuse_unfinished_move,
    sample_tables,
)
from tracker.ops.health import newest_revision

BATCH = 20_000  # rows a transaction
MOVE_LOCK = 0x6D6F7665  # of PostgreSQL's advisory locks: one move into a database at a time
# Its first row, without a name, holds the digest of the record's first entry: whose data these are.
progress = sa.table(
    UNFINISHED_MOVE,
    sa.column("name", sa.Text),
    sa.column("rows", sa.BigInteger),
    sa.column("digest", sa.Text),
)
Report = Callable[[str], None]


@dataclass(frozen=True)
class Moved:
    """What a move has brought to its target."""

    tables: int
    rows: int
    rows_before: int  # of them by former attempts
    entries: int  # of the audit record
    elections: int


class _Changed(Exception):
    """What was copied before is not what the source holds now."""


def move(settings: Settings, url: str, *, report: Report = lambda _line: None) -> Moved:
    """Move the database of `settings` to the PostgreSQL database at `url`, and prove it there.

    Raises `BackupRefused` where that cannot be; the source is not changed.
    """
    path = files.sqlite_path(settings)
    if path is None or not path.exists():
        raise BackupRefused("What is moved is an installation on SQLite; there is none here.")
    with files.workplace(settings), _held(f"sqlite:///{path}") as source:
        head, figures = _source(settings, source)
        with _target(replace(settings, database_url=_checked(url))) as target:
            try:
                return _move(source, target, head, figures, report)
            except psycopg.OperationalError as error:
                raise BackupRefused(
                    "The target was lost; the same command goes on where it stopped."
                ) from error
            except psycopg.Error as error:  # its whole text would show the row
                reason = error.diag.message_primary or type(error).__name__
                raise BackupRefused(f"PostgreSQL does not take the rows: {reason}.") from error


def _checked(url: str) -> str:
    try:
        found = sa.make_url(url)
    except ArgumentError:
        found = None
    if found is None or found.get_backend_name() != "postgresql":
        raise BackupRefused("The target must be postgresql+psycopg://user:password@host/database.")
    return found.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def _held(url: str) -> Iterator[sa.Connection]:
    """The source, which nobody can write to meanwhile; readers go on."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    expect_writes(True)  # the lock is the writers'
    try:
        with engine.connect() as connection:
            try:
                connection.execute(sa.text("SELECT 1"))
            except sa.exc.OperationalError as error:
                raise BackupRefused("Somebody is writing: stop the service first.") from error
            expect_writes(False)
            yield connection
    finally:
        expect_writes(False)


def _source(settings: Settings, source: sa.Connection) -> tuple[Head, dict[str, Any]]:
    """What the source says of itself, and its figures; it must be sound and of this version."""
    facts = snapshot.facts(source)
    if facts.revision != newest_revision():
        raise BackupRefused(
            f"The source is at revision {facts.revision}, this version at {newest_revision()}: "
            "`tracker migrate` first."
        )
    with create_app(settings).app_context():
        try:
            head = head_of(db.session.connection(), facts.revision)
            return head, proof.figures_hold()
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _target(settings: Settings) -> Iterator[sa.Connection]:
    """A connection to the target that no other move has, within its application's context."""
    with create_app(settings).app_context():
        event.remove(db.engine, "connect", refuse_unfinished_move)
        try:
            with db.engine.connect() as connection:
                connection.execute(sa.text("SET TIME ZONE 'UTC'"))
                if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(MOVE_LOCK))):
                    raise BackupRefused("Another move into this database is under way.")
                connection.commit()
                yield connection
                connection.rollback()
        finally:
            db.session.remove()
            db.engine.dispose()  # ends the session, and the lock with it


def _move(
    source: sa.Connection,
    target: sa.Connection,
    head: Head,
    figures: dict[str, Any],
    report: Report,
) -> Moved:
    owner = str(source.scalar(sa.text(_OWNER)) or "")
    _prepare(target, head, owner)
    tables = snapshot.tables_of(target)
    _refuse_other_tables(source, tables)
    before = _progress(target)
    try:
        digests = _copy_all(source, target, tables, before, report)
    except _Changed:
        report("The source has changed since the move began: it begins anew.")
        _empty(target, tables)
        before = {}
        digests = _copy_all(source, target, tables, before, report)
    report("Everything is copied; now it is compared.")
    _compare(target, digests)
    snapshot.put_sequences(target, _sequences(target, tables))
    target.commit()
    entries = _prove(head, figures)
    target.execute(sa.text(f"DROP TABLE {UNFINISHED_MOVE}"))
    sample_tables(target)
    target.commit()
    return Moved(
        tables=len(tables),
        rows=sum(rows for rows, _digest in digests.values()),
        rows_before=sum(rows for rows, _digest in before.values()),
        entries=entries,
        elections=len(figures),
    )


_OWNER = "SELECT digest FROM audit_entries ORDER BY position LIMIT 1"


def _prepare(target: sa.Connection, head: Head, owner: str) -> None:
    """An empty schema of the source's revision, marked as unfinished; or the one begun before."""
    inspector = sa.inspect(target)
    known = set(inspector.get_table_names())
    if UNFINISHED_MOVE in known:
        begun = target.scalar(sa.select(progress.c.digest).where(progress.c.name == ""))
        if begun != owner:
            raise BackupRefused("The target holds an unfinished move of another installation.")
    elif known:
        _refuse_used(target, known, owner)
    if known and (found := snapshot.revision_of(target)) != head.revision:
        raise BackupRefused(
            f"The target is at revision {found}, the source at {head.revision}: empty the target, "
            "or bring both to the same version."
        )
    if UNFINISHED_MOVE in known:
        return
    target.execute(
        sa.text(
            f"CREATE TABLE {UNFINISHED_MOVE} "
            "(name text PRIMARY KEY, rows bigint NOT NULL, digest text NOT NULL)"
        )
    )
    target.execute(sa.insert(progress).values(name="", rows=0, digest=owner))
    if not known:
        migrate_to(head, head.revision, target)
    for table in reversed(snapshot.tables_of(target)):  # what migrations wrote
        target.execute(sa.delete(sa.table(table)))
    target.commit()


def _refuse_used(target: sa.Connection, known: set[str], owner: str) -> None:
    """Whatever anybody did stands in the audit record; without an entry nothing was done."""
    found = target.scalar(sa.text(_OWNER)) if "audit_entries" in known else None
    if found is not None and found == owner:
        newest = target.scalar(sa.text("SELECT max(position) FROM audit_entries"))
        raise BackupRefused(
            f"The target holds this installation already, as of its audit entry {newest}."
        )
    if found is not None or "audit_entries" not in known:
        raise BackupRefused("The target is not empty: an installation is moved into nothing.")


def _refuse_other_tables(source: sa.Connection, tables: list[str]) -> None:
    """Both have the same tables; those behind SQLite's own indexes of words hold no data."""
    rows = source.execute(sa.text("PRAGMA table_list"))
    ordinary = {row.name for row in rows if row.type == "table"}
    ordinary -= {name for name in ordinary if name.startswith("sqlite_")} | {snapshot.REVISIONS}
    if differing := ordinary ^ set(tables):
        raise BackupRefused(f"The two databases differ in their tables: {sorted(differing)}.")


def _progress(target: sa.Connection) -> dict[str, tuple[int, str]]:
    """By table: how many rows were copied, and the digest of their text."""
    query = sa.select(progress).where(progress.c.name != "")
    return {row.name: (row.rows, row.digest) for row in target.execute(query)}


def _copy_all(
    source: sa.Connection,
    target: sa.Connection,
    tables: list[str],
    before: dict[str, tuple[int, str]],
    report: Report,
) -> dict[str, tuple[int, str]]:
    """Copy what is not copied yet; rows and digest of every table as the source has them."""
    found = {}
    for table in tables:
        done = before.get(table, (0, hashlib.sha256().hexdigest()))
        found[table] = _copy(source, target, form_of(target, table), done)
        report(f"{table}: {found[table][0]} rows")
    return found


def _copy(
    source: sa.Connection, target: sa.Connection, form: Form, done: tuple[int, str]
) -> tuple[int, str]:
    """Copy a table after the rows that are there, in batches that are each committed.

    A table whose rows refer to each other goes in one piece: a row may refer to a later one.
    """
    lines = _Counted(sqlite_lines(source, form))
    for _line in islice(lines, done[0]):
        pass
    if lines.passed != done:
        raise _Changed
    size = None if form.refers_to_itself else BATCH
    while True:
        before = lines.passed
        snapshot.put_lines(target, form.table, form.columns, islice(lines, size))
        if lines.passed == before:
            return before
        _note(target, form.table, *lines.passed)
        target.commit()


class _Counted(Iterator[bytes]):
    """Lines, and how many of them have passed with which digest."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._digest, self._count = hashlib.sha256(), 0

    def __next__(self) -> bytes:
        line = next(self._lines)
        self._digest.update(line)
        self._count += 1
        return line

    @property
    def passed(self) -> tuple[int, str]:
        """So many lines, and the digest of them."""
        return self._count, self._digest.hexdigest()


def _note(target: sa.Connection, table: str, rows: int, digest: str) -> None:
    values = {"rows": rows, "digest": digest}
    where = progress.c.name == table
    if not target.execute(sa.update(progress).where(where).values(values)).rowcount:
        target.execute(sa.insert(progress).values(name=table, **values))


def _empty(target: sa.Connection, tables: list[str]) -> None:
    preparer = target.dialect.identifier_preparer
    target.execute(sa.text(f"TRUNCATE {', '.join(map(preparer.quote, tables))}"))
    target.execute(sa.delete(progress).where(progress.c.name != ""))
    target.commit()


def _compare(target: sa.Connection, digests: dict[str, tuple[int, str]]) -> None:
    """Read every table back: as many rows, and the same text of them."""
    for table, expected in digests.items():
        digest, rows = hashlib.sha256(), 0
        for block in postgres_blocks(target, form_of(target, table)):
            digest.update(block)
            rows += block.count(b"\n")
        if (rows, digest.hexdigest()) != expected:
            raise BackupRefused(f"In the target {table} is not what the source holds.")
    target.rollback()


def _sequences(target: sa.Connection, tables: list[str]) -> dict[str, int]:
    """The last number of each sequence that gives out a table's identities."""
    found = {}
    for table in tables:
        for column in sa.inspect(target).get_columns(table):
            of_column = sa.select(sa.func.pg_get_serial_sequence(table, column["name"]))
            if name := target.scalar(of_column):
                numbers: sa.ColumnClause[int] = sa.column(column["name"])
                last = sa.select(sa.func.max(numbers)).select_from(sa.table(table))
                if number := target.scalar(last):
                    found[name.rpartition(".")[2].strip('"')] = number
    return found


def _prove(head: Head, figures: dict[str, Any]) -> int:
    """The keys open what was moved, the record holds, the figures are those of the source."""
    proof.keys_open(head)
    entries = proof.record_holds()
    if proof.figures_hold() != figures:
        raise BackupRefused("The figures in the target are not those of the source.")
    db.session.rollback()
    return entries
