"""One at a time, in whatever process of whatever host.

A lock of PostgreSQL that belongs to a connection and to no transaction, so that the work inside
may commit as often as it likes; a process that dies loses it at once, a host that dies within
half a minute (`database.py` has the server look). On SQLite every process is on one machine, where
one writer at a time is the rule of the database itself.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError


@contextmanager
def alone(engine: sa.Engine, what: str) -> Iterator[bool]:
    """Whether `what` is done here and nowhere else until the block ends; False: it is elsewhere."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    digest = hashlib.sha256(what.encode()).digest()
    key = {"key": int.from_bytes(digest[:8], "big", signed=True)}
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # the pool may be given up meanwhile (a purge does)
        if not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), key):
            yield False
            return
        try:
            yield True
        finally:
            with suppress(DBAPIError):  # a connection that broke holds it no more
                connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)
