"""The demonstration installation for tests: built once, copied for each that needs it."""

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from tracker.accounts.models import User
from tracker.app import create_app
from tracker.config import Settings
from tracker.demonstration import installation
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

SECRET = "tests only, never a real installation 0123456789"
PASSWORD = "demonstration password"
PASSPHRASE = "tests only, never a real installation"


def settings(folder: Path) -> Settings:
    """Settings of an installation in `folder`."""
    url = f"sqlite:///{folder / 'tracker.sqlite'}"
    return Settings(folder, url, SECRET, None, "127.0.0.1", 8000, signing_passphrase=PASSPHRASE)


@lru_cache
def _built() -> Path:
    """The folder of a demonstration that was built through migrations and operations."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-demonstration-"))
    (folder / "demonstration_password").write_text(PASSWORD)
    (folder / "signing_passphrase").write_text(PASSPHRASE)  # for servers of their own
    app = create_app(settings(folder))
    with app.app_context():
        upgrade()
        installation.load(report=lambda line: None)
        db.engine.dispose()
    return folder


def demonstration(folder: Path, **overrides: object) -> Flask:
    """An application on a copy of the demonstration in `folder`."""
    shutil.copytree(_built(), folder, dirs_exist_ok=True)
    options = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}
    return create_app(settings(folder), **options | overrides)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """A browser signed in with the demonstration account of a role."""
    with app.app_context():
        query = sa.select(User.fs_uniquifier).where(User.email == installation.address_of(role))
        identity = db.session.scalars(query).one()
        db.session.rollback()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client
