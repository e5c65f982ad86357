"""An empty database of each kind, on which revisions are tried."""

import os

import pytest

from tests.factories import databases
from tests.factories.interpreters import fill
from tests.journeys.demonstration import PASSPHRASE, SECRET, at_head
from tracker.app import create_app
from tracker.config import Settings
from tracker.kernel.database import db


@pytest.fixture
def postgres_url():
    """The address of an empty PostgreSQL database."""
    return databases.new_database(f"migrations_{os.getpid()}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def app(database_url, tmp_path):
    """An application on an empty database of each kind, not migrated yet."""
    settings = Settings(
        tmp_path, database_url, SECRET, None, "127.0.0.1", 8000, signing_passphrase=PASSPHRASE
    )
    app = create_app(settings, TESTING=True)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def filled(app):
    """An application with interpreters whose telephones and addresses are ciphertext."""
    with app.app_context():
        at_head()
        fill(450)  # more than two batches
        yield app
