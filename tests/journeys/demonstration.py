"""Installations for tests, new or with the demonstration: built once, copied for each test."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from tests.factories import accounts, databases, once
from tracker.accounts.models import User
from tracker.app import create_app
from tracker.config import Settings
from tracker.demonstration import installation
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

SECRET = "tests only, never a real installation 0123456789"
PASSWORD = "demonstration password"
PASSPHRASE = "tests only, never a real installation"
OPTIONS = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}


def settings(folder: Path, kind: str = databases.KIND) -> Settings:
    """Settings of an installation in `folder`."""
    return Settings(
        folder,
        databases.url_of(folder, kind),
        SECRET,
        None,
        "127.0.0.1",
        8000,
        signing_passphrase=PASSPHRASE,
        security_contacts=("mailto:security@example.org",),
        api_rate=1_000_000,
    )


def environment(folder: Path) -> dict[str, str]:
    """The same for a process of its own."""
    return {
        "TRACKER_INSTANCE": str(folder),
        "TRACKER_DATABASE_URL": databases.url_of(folder),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
    }


def _ours(kind: str) -> str:
    """A file of SQLite is the whole run's; a database of PostgreSQL is on this process's server."""
    return kind if kind == "sqlite" else f"{kind}-{os.getpid()}"


@lru_cache
def _migrated(kind: str) -> Path:
    """The folder of an installation that the migrations made, and nobody uses yet."""

    def make(folder: Path) -> None:
        with create_app(settings(folder, kind)).app_context():
            upgrade()
            db.engine.dispose()

    return once.made(f"migrated-{_ours(kind)}", make)


def at_head() -> None:
    """Bring the database of the application in context to the newest revision: an empty one as a
    copy of one that is there, another through the revisions that it lacks."""
    engine, kind = db.engine, db.engine.dialect.name
    if sa.inspect(engine).get_table_names():
        upgrade()
        return
    db.session.remove()
    engine.dispose()
    template, name = _migrated(kind), str(engine.url.database)
    if kind == "sqlite":
        shutil.copyfile(template / "tracker.sqlite", name)
    else:
        databases.new_database(name, databases.name_of(template))


@lru_cache
def _built() -> Path:
    """The folder of a demonstration that was built through migrations and operations."""

    def make(folder: Path) -> None:
        (folder / "demonstration_password").write_text(PASSWORD)
        with create_app(_copy(_migrated(databases.KIND), folder)).app_context():
            installation.load(report=lambda line: None)
            db.session.execute(sa.update(User).values(toured_at=clock.now()))
            db.session.commit()
            db.engine.dispose()

    return once.made(f"demonstration-{_ours(databases.KIND)}", make)


def _copy(template: Path, folder: Path, kind: str = databases.KIND) -> Settings:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    databases.copy(template, folder, kind)
    return settings(folder, kind)


def demonstration(folder: Path, **overrides: object) -> Flask:
    """An application on a copy of the demonstration in `folder`."""
    return copied(_built(), folder, **overrides)


def copied(template: Path, folder: Path, **overrides: object) -> Flask:
    """An application on a copy in `folder` of another installation, which nobody uses meanwhile."""
    return create_app(_copy(template, folder), **OPTIONS | overrides)


def empty(
    folder: Path,
    *,
    kind: str = databases.KIND,
    changes: Mapping[str, Any] | None = None,
    **overrides: object,
) -> Flask:
    """An application on a database in `folder` in which nothing stands yet, with `changes` of its
    settings."""
    found = replace(_copy(_migrated(kind), folder, kind), security_contacts=(), **changes or {})
    return create_app(found, **OPTIONS | overrides)


def build(folder: Path, **changes: Any) -> Flask:
    """An application whose settings differ from a test's; nobody has made its database yet."""
    return create_app(replace(settings(folder), **changes), **OPTIONS)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """A browser signed in with the demonstration account of a role."""
    with app.app_context():
        query = sa.select(User.id).where(User.email == installation.address_of(role))
        user_id = db.session.scalars(query).one()
        db.session.rollback()
    return accounts.browser(app, user_id)
