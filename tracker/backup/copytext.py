"""Rows of either database as PostgreSQL's own text (COPY, text format), in the order of their keys.

The same row gives the same bytes from both, so that what was moved can be compared by a digest; and
they are the bytes that PostgreSQL takes in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg import sql

from tracker.backup.container import BackupRefused
from tracker.backup.snapshot import driver

NULL = "\\N"
# PostgreSQL, "COPY", file formats: what its text format writes with a backslash.
ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
)


def _text(value: Any) -> str:
    return str(value).translate(ESCAPES)


def _truth(value: Any) -> str:
    return "t" if value else "f"


def _shortened(value: str) -> str:
    """Fractions of a second end with their last digit that says something."""
    return value.rstrip("0").rstrip(".") if "." in value else value


def _number(value: Any) -> str:
    """The fewest digits that give the same number back; both write exponents alike up to 1e15."""
    return repr(float(value)).removesuffix(".0")


def _bytes(value: bytes) -> str:
    return rf"\\x{value.hex()}"


def _moment(value: Any) -> str:
    return f"{_shortened(value)}+00"


# By PostgreSQL's type of a column, how SQLite's value of it is written. Another type belongs here
# before it is used; tests compare with the whole schema.
WRITERS: dict[type[sa.types.TypeEngine[Any]], Callable[[Any], str]] = {
    sa.Boolean: _truth,
    sa.Date: str,
    sa.DateTime: _moment,
    sa.Float: _number,
    sa.Integer: str,
    sa.JSON: _text,
    sa.LargeBinary: _bytes,
    sa.String: _text,
    sa.Time: _shortened,
}


@dataclass(frozen=True)
class Form:
    """The columns of a table as PostgreSQL has them, and what its rows are ordered by."""

    table: str
    columns: tuple[str, ...]
    writers: tuple[Callable[[Any], str], ...]
    key: tuple[str, ...]
    words: frozenset[str]  # columns of the key that hold text
    refers_to_itself: bool


def form_of(target: sa.Connection, table: str) -> Form:
    """What PostgreSQL says of the table; raises `BackupRefused` for a type without a writer."""
    inspector = sa.inspect(target)
    columns = [each for each in inspector.get_columns(table) if not each.get("computed")]
    key = inspector.get_pk_constraint(table)["constrained_columns"]
    names = tuple(each["name"] for each in columns)
    return Form(
        table=table,
        columns=names,
        writers=tuple(_writer(table, each) for each in columns),
        key=tuple(key) or names,
        words=frozenset(each["name"] for each in columns if isinstance(each["type"], sa.String)),
        refers_to_itself=any(
            each["referred_table"] == table for each in inspector.get_foreign_keys(table)
        ),
    )


def _writer(table: str, column: Any) -> Callable[[Any], str]:
    for kind, write in WRITERS.items():
        if isinstance(column["type"], kind):
            return write
    raise BackupRefused(f"Nobody has said how {table}.{column['name']} is moved: {column['type']}.")


def sqlite_lines(source: sa.Connection, form: Form) -> Iterator[bytes]:
    """The rows of a SQLite table."""
    quote = source.dialect.identifier_preparer.quote
    columns, order = (", ".join(map(quote, names)) for names in (form.columns, form.key))
    query = f"SELECT {columns} FROM {quote(form.table)} ORDER BY {order}"  # noqa: S608  # nosec B608
    for row in driver(source).execute(query):
        fields = (
            NULL if value is None else write(value)
            for write, value in zip(form.writers, row, strict=True)
        )
        yield ("\t".join(fields) + "\n").encode()


def postgres_blocks(target: sa.Connection, form: Form) -> Iterator[bytes]:
    """The rows of a PostgreSQL table, some at a time."""
    order = (
        sql.SQL('{} COLLATE "C"' if name in form.words else "{}").format(sql.Identifier(name))
        for name in form.key
    )
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, form.columns)),
        sql.Identifier(form.table),
        sql.SQL(", ").join(order),
    )
    with driver(target).cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)
