"""Very many rows at once, past the unit of work: what a generator brings, with values as they are
stored. Whoever calls this keeps by itself what follows from the rows (record, words, numbers)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from psycopg import sql

from tracker.kernel.database import Base
from tracker.kernel.encryption import EncryptedString

Rows = Iterable[Sequence[Any]]


def insert_rows(
    connection: sa.Connection,
    model: type[Base],
    names: Sequence[str],
    rows: Rows,
) -> None:
    """Insert rows of the columns `names`; encrypted columns are given their ciphertext."""
    table: Any = model.__table__
    converted = _converted(connection, [table.c[name] for name in names], rows)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        with (
            driver.cursor() as cursor,
            cursor.copy(
                sql.SQL("COPY {} ({}) FROM STDIN").format(
                    sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
                )
            ) as copy,
        ):
            for row in converted:
                copy.write_row(row)
        return
    statement = sa.insert(sa.table(table.name, *map(sa.column, names)))
    driver.executemany(str(statement.compile(dialect=connection.dialect)), converted)


def _converted(
    connection: sa.Connection, columns: Sequence[Any], rows: Rows
) -> Iterator[list[Any]]:
    """The rows as the driver takes them."""
    processors = [
        None
        if isinstance(column.type, EncryptedString)
        else column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for column in columns
    ]
    for row in rows:
        yield [
            value if convert is None or value is None else convert(value)
            for convert, value in zip(processors, row, strict=True)
        ]


@contextmanager
def without_indexes(connection: sa.Connection, models: Iterable[type[Base]]) -> Iterator[None]:
    """Indexes of these tables are made once at the end instead of once a row."""
    tables: list[Any] = [model.__table__ for model in models]
    indexes = [index for table in tables for index in sorted(table.indexes, key=str)]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
