"""What every test may use: an application on its own database, people to act as, pages to read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from tests.factories import accounts
from tracker.app import create_app
from tracker.config import Settings
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

settings.register_profile("tests", deadline=None)  # a busy machine breaks no law
settings.load_profile("tests")

# Accreditation of the election that factories build is open at this moment.
NOW = datetime(2022, 11, 10, 6, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application with an empty database of its own."""
    settings = Settings(
        instance=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'tracker.sqlite'}",
        secret_key="tests only, never a real installation 0123456789",
        redis_url=None,
        host="127.0.0.1",
        port=8000,
        signing_passphrase="tests only, never a real installation",
    )
    app = create_app(
        settings,
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_ENABLED=False,
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_HASHING_SCHEMES=["plaintext"],
        SECURITY_PASSWORD_SINGLE_HASH=["plaintext"],
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """A database session at `NOW`, for tests of queries and operations; roll back or commit."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        yield db.session
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, not signed in."""
    return app.test_client()


@pytest.fixture
def actor() -> Callable[..., Actor]:
    """Builds actors: `actor(Role.REGISTRAR)`; without roles, the system."""

    def build(*roles: Role, delegation_ids: frozenset[int] | None = None) -> Actor:
        if not roles:
            return SYSTEM
        name = " and ".join(roles)
        return Actor(1, name, frozenset(roles), delegation_ids=delegation_ids)

    return build


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """Signs somebody in: `sign_in(Role.REGISTRAR)` gives a client of a user who holds the role.

    `delegation_ids` makes a focal point of those delegations.
    """

    def signed_in(*roles: Role, delegation_ids: tuple[int, ...] = ()) -> FlaskClient:
        with app.app_context():
            expect_writes(True)
            user = accounts.user(*roles, delegation_ids=delegation_ids)
            db.session.commit()
            identity = user.fs_uniquifier
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = identity
            session["_fresh"] = True
            session["identity"] = {"id": identity}
        return client

    return signed_in
