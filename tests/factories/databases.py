"""The databases that tests run on: files of SQLite, or with TRACKER_TEST_DATABASE=postgresql those
of one PostgreSQL server a test process.

A database is made by copying a template, which is made once a process through the migrations.
"""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.factories.postgresql import CARELESS, Server

KIND = os.environ.get("TRACKER_TEST_DATABASE") or "sqlite"
if KIND not in {"sqlite", "postgresql"}:
    raise ValueError(f"TRACKER_TEST_DATABASE is sqlite or postgresql, not {KIND!r}")


@lru_cache
def address() -> sa.URL:
    """Where the PostgreSQL server of the tests is: given (`TRACKER_TEST_POSTGRES_URL`), or started
    now for this process."""
    given = os.environ.get("TRACKER_TEST_POSTGRES_URL")
    return make_url(given or Server(*CARELESS).url)


@lru_cache
def _server() -> sa.Engine:
    options = {"isolation_level": "AUTOCOMMIT", "poolclass": sa.NullPool}
    return sa.create_engine(address(), **options)


def _tell(*statements: str) -> None:
    with _server().connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def new_database(name: str, template: str = "template0") -> str:
    """The address of a new PostgreSQL database, a copy of `template`; one of the same name goes."""
    # Copying files needs two checkpoints, which cost little where nothing waits for the disk.
    create = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
    _tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", create)
    return address().set(database=name).render_as_string(hide_password=False)


def drop(folder: Path, kind: str = KIND) -> None:
    """Throw away the database of this folder; on SQLite it goes with the folder."""
    if kind == "postgresql":
        _made.discard(name_of(folder))
        _tell(f"DROP DATABASE IF EXISTS {name_of(folder)} WITH (FORCE)")


def name_of(folder: Path) -> str:
    """What the PostgreSQL database of the installation in `folder` is called."""
    text = f"{os.getpid()} {folder.resolve()}"  # a server may be given to several test processes
    return f"t_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


_made: set[str] = set()


def url_of(folder: Path, kind: str = KIND) -> str:
    """The address of the database of the installation in `folder`, empty where it is new."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'tracker.sqlite'}"
    name = name_of(folder)
    if name not in _made:
        _made.add(name)
        return new_database(name)
    return address().set(database=name).render_as_string(hide_password=False)


def copy(template: Path, folder: Path, kind: str = KIND) -> None:
    """Give the installation in `folder` a copy of the database of another; on SQLite it is a file
    that is copied with the others."""
    if kind == "postgresql":
        _made.add(name_of(folder))
        new_database(name_of(folder), name_of(template))
