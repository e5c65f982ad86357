"""The database as of one moment, while others go on writing.

SQLite: its online backup, in one step, which holds up nobody in WAL mode. PostgreSQL: every table
by COPY within one REPEATABLE READ transaction, so that no tool of the server's version is needed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg import sql

from tracker.backup.container import BackupRefused
from tracker.kernel.database import UNFINISHED_MOVE

CHUNK = 8 * 1024**2  # bytes of one part of a table
REVISIONS = "alembic_version"


@dataclass(frozen=True)
class Facts:
    """What a database says of itself at one moment."""

    revision: str
    tables: dict[str, int]
    audit_position: int
    audit_digest: str


def facts(connection: sa.Connection) -> Facts:
    """Counted in the connection's own transaction."""
    names = tables_of(connection)
    revision = revision_of(connection)
    counts = {
        name: connection.scalar(sa.select(sa.func.count()).select_from(_table(name))) or 0
        for name in names
    }
    newest = connection.execute(
        sa.text("SELECT position, digest FROM audit_entries ORDER BY position DESC LIMIT 1")
    ).first()
    position, digest = newest or (0, "")
    return Facts(revision, counts, position, digest)


def revision_of(connection: sa.Connection) -> str:
    """Of the schema; refuses a database that has none."""
    if REVISIONS not in sa.inspect(connection).get_table_names():
        raise BackupRefused("The database is not migrated: `tracker migrate` first.")
    number: sa.ColumnClause[str] = sa.column("version_num")
    return str(connection.scalar(sa.select(number).select_from(_table(REVISIONS))))


def _table(name: str) -> sa.TableClause:
    return sa.table(name)


def tables_of(connection: sa.Connection) -> list[str]:
    """The tables with data, those first that others refer to."""
    *ordered, (_none, circular) = sa.inspect(connection).get_sorted_table_and_fkc_names()
    if circular:
        raise BackupRefused(f"Tables refer to each other in a circle: {circular}.")
    return [name for name, _keys in ordered if name not in {None, REVISIONS, UNFINISHED_MOVE}]


def copy_sqlite(database: Path, target: Path) -> None:
    """A copy of `database` in `target`, as of now."""
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
    close_sqlite(target)


def close_sqlite(database: Path) -> None:
    """Have all of a database that nobody uses in its one file, with no journal beside it."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def rows_of(connection: sa.Connection, table: str) -> Iterator[bytes]:
    """A PostgreSQL table in COPY's text format, some megabytes of whole rows at a time.

    The first line names the columns.
    """
    columns = [
        column["name"]
        for column in sa.inspect(connection).get_columns(table)
        if not column.get("computed")
    ]
    header = ("\t".join(columns) + "\n").encode()
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    kept = bytearray(header)
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            if len(kept) + len(block) > CHUNK and len(kept) > len(header):
                yield bytes(kept)
                kept = bytearray(header)
            kept += block
    if len(kept) > len(header):
        yield bytes(kept)


def put_rows(connection: sa.Connection, table: str, content: bytes) -> None:
    """Bring back what `rows_of` gave once."""
    header, _, rows = content.partition(b"\n")
    put_lines(connection, table, header.decode().split("\t"), [rows])


def put_lines(
    connection: sa.Connection, table: str, columns: Iterable[str], lines: Iterable[bytes]
) -> None:
    """Bring rows in COPY's text format into a PostgreSQL table, in one statement."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for line in lines:
            copy.write(line)


def sequences_of(connection: sa.Connection) -> dict[str, int]:
    """The last number that each sequence of a PostgreSQL database gave out, where it gave one.

    Asked after the rows, and not part of their transaction: it may be greater than any of them.
    """
    query = sa.text(
        "SELECT sequencename, last_value FROM pg_sequences "
        "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
    )
    return {name: value for name, value in connection.execute(query)}


def put_sequences(connection: sa.Connection, values: dict[str, int]) -> None:
    """Let the sequences go on where they were."""
    query = sa.text("SELECT setval(CAST(quote_ident(:name) AS regclass), :value)")
    for name, value in values.items():
        connection.execute(query, {"name": name, "value": value})


def driver(connection: sa.Connection) -> Any:
    """The driver's own connection, within the same transaction."""
    return connection.connection.driver_connection
