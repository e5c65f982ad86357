"""What every test may use: an application on its own database, people to act as, pages to read."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, Engine, event
from werkzeug.routing import Rule

from tests.factories import accounts, databases, once
from tests.journeys.demonstration import empty
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

# The same tree is judged the same every time, on a busy machine too; `make assault` looks further.
settings.register_profile(
    "tests",
    deadline=None,
    derandomize="TRACKER_FUZZ_ROUNDS" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")
once.begin()  # before there are workers
pytest_plugins = ["tests.factories.chromium"]


class Browser(FlaskClient):
    """Takes every answer whole and closes it and what was sent, as a server does: a file may stand
    behind either."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> Any:
        response = super().open(*args, buffered=buffered, **kwargs)
        response.request.environ["wsgi.input"].close()
        return response


class KnownRule(Rule):
    """An address of which werkzeug compiles once a process how it is built. Every test makes an
    application of its own, and that would be four fifths of the work."""

    _known: ClassVar[dict[Any, Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        key = (self.rule, tuple(self._trace), str(self.defaults), append_unknown)
        if key not in self._known:
            self._known[key] = super()._compile_builder(append_unknown)
        return self._known[key]


Flask.test_client_class = Browser
Flask.url_rule_class = KnownRule
# Nor is each template compiled anew by each of these applications.
TEMPLATES = once.made("templates", lambda _empty: None)
Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(TEMPLATES))}

# Accreditation of the election that factories build is open at this moment.
NOW = datetime(2022, 11, 10, 6, 0, tzinfo=UTC)


@pytest.fixture
def database() -> str:
    """The kind of database; what is about one of them is parametrized with its name."""
    return databases.KIND


@pytest.fixture
def app(tmp_path: Path, database: str) -> Iterator[Flask]:
    """An application with an empty database of its own."""
    app = empty(
        tmp_path,
        kind=database,
        SECURITY_PASSWORD_HASH="plaintext",
        SECURITY_HASHING_SCHEMES=["plaintext"],
        SECURITY_PASSWORD_SINGLE_HASH=["plaintext"],
    )
    yield app
    with app.app_context():
        db.engine.dispose()
    databases.drop(tmp_path, database)


@pytest.fixture(autouse=True, scope="module")
def _connections() -> Iterator[None]:
    """What the applications of a module hold open is closed once it is done."""
    engines: set[Engine] = set()

    def note(connection: Connection) -> None:
        engines.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    yield
    event.remove(Engine, "engine_connect", note)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """A database session at `NOW`, for tests of queries and operations; roll back or commit."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        yield db.session
        db.session.rollback()


@pytest.fixture
def as_jobs_begin(app: Flask) -> Iterator[None]:
    """The application in context as the job process begins: a test says itself where it writes."""
    with app.app_context():
        expect_writes(False)  # another test may have left it
        yield
        db.session.remove()


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
            user_id = accounts.user(*roles, delegation_ids=delegation_ids).id
            db.session.commit()
        return accounts.browser(app, user_id)

    return signed_in
