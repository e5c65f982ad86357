"""The database: one declarative base, one session, one way to make a change whole or not at all.

Times are stored in UTC and come back aware. On SQLite every transaction that may write begins
with BEGIN IMMEDIATE, so that two writers queue instead of failing half-way; on PostgreSQL the
same code relies on row locks and constraints.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.types import TypeDecorator

from tracker.kernel.actor import Actor, acting

T = TypeVar("T")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; refuses naive datetimes instead of guessing their zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True
    python_type = datetime  # a decorator knows none by itself; cursors of lists are read by it

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every model; a `datetime` annotation means UTC."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UtcDateTime()},
    )


_reading_from: ContextVar[Engine | None] = ContextVar("reading_from", default=None)
_writing: ContextVar[bool] = ContextVar("writing", default=False)


class Routed(Session):
    """The session of the primary database, or of the one that `reading_from` names."""

    def get_bind(self, *args: Any, **options: Any) -> Engine | Connection:
        """Who is asked; what writes asks the primary, wherever it happens."""
        other = _reading_from.get()
        if other is not None and not _writing.get():
            return other
        return super().get_bind(*args, **options)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": Routed})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Versioned:
    """Adds a row version: a change of a row that another transaction changed is refused."""

    version: Mapped[int] = mapped_column(default=1, info={"audit": "skip"})

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class method in effect
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


def move_version(row: Base, attribute: str) -> None:
    """Let a `Versioned` row's version move where only rows beside it change.

    `attribute` is written once more unless it changes itself: what was changed is left alone,
    since touched it would go on record without its former value.
    """
    if not inspect(row).attrs[attribute].history.has_changes():
        flag_modified(row, attribute)


def in_chunks(values: Iterable[T], size: int = 400) -> Iterator[list[T]]:
    """`values` in order, so many at a time as one IN list may hold."""
    ordered = sorted(values)  # type: ignore[type-var]
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def side_by_side(
    connection: Connection, *queries: sa.Select[*tuple[Any, ...]]
) -> Iterator[list[Any]]:
    """The rows of all queries that begin with the same value, a list a value, ascending.

    Each query is ordered by its first column. They are streamed, so that the memory taken does not
    grow with them.
    """
    options = {"yield_per": 10_000}
    first = itemgetter(0)
    streams = (connection.execute(query, execution_options=options) for query in queries)
    for _value, rows in groupby(merge(*streams, key=first), key=first):
        yield list(rows)


def insert_into(table: Any, dialect: str) -> Any:
    """An INSERT that can be told what to do where a row is there already."""
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)


def reserve_ids(model: type[Base], count: int) -> list[int]:
    """Identities for `count` new rows, so that they can be inserted together with what refers
    to them. On SQLite the caller holds the one write lock; elsewhere a sequence gives them out."""
    table = model.__table__
    if db.session.connection().dialect.name == "sqlite":
        first = db.session.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0
        return list(range(first + 1, first + 1 + count))
    query = sa.text(
        "SELECT nextval(CAST(pg_get_serial_sequence(:name, 'id') AS regclass)) "
        "FROM generate_series(1, :count)"
    )
    return list(db.session.scalars(query, {"name": model.__tablename__, "count": count}))


def enum_type(kind: type[StrEnum], name: str | None = None) -> sa.Enum:
    """A StrEnum stored by value with a CHECK, the same on both databases.

    Two columns of one kind in one table need different names for their checks.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def ordered_by_bytes(length: int) -> sa.String:
    """Text that both databases put in one order, whatever language PostgreSQL was set up with."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


CHAIN_LOCK = 7_319_260_841  # any constant: one advisory lock on PostgreSQL


def hold_chain(connection: Connection) -> None:
    """Keep every other writer that records anything waiting until this transaction ends.

    The audit record is a chain, and what is kept beside rows (counts, words) is changed by one
    writer at a time. To be called before what is kept is read.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))


def refresh_statistics() -> None:
    """Let SQLite look at samples of its tables, as PostgreSQL does by itself a minute after much
    has changed. To be called within a change."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        sample_tables(connection)


def sample_tables(connection: sa.Connection) -> None:
    """Look at samples of all tables, so that plans are made for what they hold; for who has brought
    in rows by the thousand, since the next page may be asked for before a minute is over."""
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("PRAGMA analysis_limit = 1000"))  # rows a table: milliseconds
    connection.execute(sa.text("ANALYZE"))


def expect_writes(expected: bool) -> None:
    """Say whether transactions of this context may write; the web says it for each request."""
    _writing.set(expected)


_after: ContextVar[tuple[Callable[[], None], ...]] = ContextVar("after", default=())


def after_commit(call: Callable[[], None]) -> None:
    """Call `call` once the change under way is committed; never, if it is rolled back.

    The same function given twice is called once.
    """
    waiting = _after.get()
    if call not in waiting:
        _after.set((*waiting, call))


def commit() -> None:
    """Commit the change under way, then send what waited for it."""
    db.session.commit()
    waiting = _after.get()
    _after.set(())
    for call in waiting:
        call()


def rollback() -> None:
    """Undo the change under way, and forget what waited for it."""
    _after.set(())
    db.session.rollback()


@contextmanager
def unit_of_work(actor: Actor) -> Iterator[Actor]:
    """Run the block as `actor` in one transaction: committed whole at the end, or not at all.

    For commands and jobs; a route declares `writes=True` instead.
    """
    token = _writing.set(True)
    try:
        with acting(actor):
            yield actor
            commit()
    except BaseException:
        rollback()
        raise
    finally:
        _writing.reset(token)


@contextmanager
def reading_from(engine: Engine | None) -> Iterator[None]:
    """Let the session read from `engine` within the block; None: from the primary database."""
    token = _reading_from.set(engine)
    try:
        yield
    finally:
        _reading_from.reset(token)


@contextmanager
def reading_aside(engine: Engine) -> Iterator[Connection]:
    """A connection for a short read beside the transaction under way; it waits for nobody."""
    token = _writing.set(False)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        _writing.reset(token)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # transactions begin below, not inside the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=30000")
        # What was acknowledged survives a loss of power too, for one fsync (milliseconds) a commit.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten in its page
        cursor.close()


@event.listens_for(Engine, "connect")
def _prepare_postgresql(connection: Any, _record: Any) -> None:
    """Have the server look whether we are still there: what a host held that lost its power is
    given back in half a minute and not after two hours."""
    if type(connection).__module__.startswith("psycopg"):
        connection.autocommit = True
        connection.execute(
            "SELECT set_config('tcp_keepalives_idle', '10', false),"
            " set_config('tcp_keepalives_interval', '5', false),"
            " set_config('tcp_keepalives_count', '4', false)"
        )
        connection.autocommit = False


UNFINISHED_MOVE = "unfinished_move"  # a table that stands while a database is being filled


class UnfinishedMove(Exception):
    """The database is being filled, or a move into it was cut off: nobody may work with it."""


def refuse_unfinished_move(connection: Any, _record: Any) -> None:
    """Let nobody have a connection to a PostgreSQL database that is not filled yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [UNFINISHED_MOVE])
        [found] = cursor.fetchone()
    connection.rollback()  # SQLAlchemy takes it over without a transaction
    if found is not None:
        raise UnfinishedMove(
            "The database holds a move that is not finished: run `tracker move` once more."
        )


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
