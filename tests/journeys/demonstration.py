"""Installations for tests, new or with the demonstration: built once, copied for each test."""

import shutil
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from tests.factories import accounts, databases
from tracker.accounts.models import User
from tracker.app import create_app
from tracker.config import Settings
from tracker.demonstration import installation
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
    )


def environment(folder: Path) -> dict[str, str]:
    """The same for a process of its own."""
    return {
        "TRACKER_INSTANCE": str(folder),
        "TRACKER_DATABASE_URL": databases.url_of(folder),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
    }


@lru_cache
def _migrated(kind: str) -> Path:
    """The folder of an installation that the migrations made, and nobody uses yet."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-migrated-"))
    with create_app(settings(folder, kind)).app_context():
        upgrade()
        db.engine.dispose()
    return folder


@lru_cache
def _built() -> Path:
    """The folder of a demonstration that was built through migrations and operations."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-demonstration-"))
    (folder / "demonstration_password").write_text(PASSWORD)
    with create_app(_copy(_migrated(databases.KIND), folder)).app_context():
        installation.load(report=lambda line: None)
        db.engine.dispose()
    return folder


def _copy(template: Path, folder: Path, kind: str = databases.KIND) -> Settings:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    databases.copy(template, folder, kind)
    return settings(folder, kind)


def demonstration(folder: Path, **overrides: object) -> Flask:
    """An application on a copy of the demonstration in `folder`."""
    return create_app(_copy(_built(), folder), **OPTIONS | overrides)


def empty(folder: Path, *, kind: str = databases.KIND, **overrides: object) -> Flask:
    """An application on a database in `folder` in which nothing stands yet."""
    found = replace(_copy(_migrated(kind), folder, kind), security_contacts=())
    return create_app(found, **OPTIONS | overrides)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """A browser signed in with the demonstration account of a role."""
    with app.app_context():
        query = sa.select(User.id).where(User.email == installation.address_of(role))
        user_id = db.session.scalars(query).one()
        db.session.rollback()
    return accounts.browser(app, user_id)
