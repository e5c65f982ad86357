"""Reading from streaming replicas of PostgreSQL: never older than the installation allows, and
never older than what the reader wrote.

How old a replica's answer may be is proven without any clock but this process's own. The primary
is asked at a moment how far its log reaches; once a replica has replayed it to there, it holds
all that was committed by that moment. This holds when nothing is written, when the replica has
lost the primary, and however the machines' clocks differ.

Whoever changes something gets, in a signed cookie, how far the log reached after it, and is
answered by a replica that has replayed as much, else by the primary. The cookie lives as long as
a replica may be behind: what is older, every replica that is used has.

A replica that cannot be reached or is behind costs nothing but the primary being asked. Who
signs in and what they may do is asked of the primary alone.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
import structlog
from flask import Flask, Response, current_app, g, has_request_context, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session
from werkzeug.http import parse_cookie

from tracker.kernel.database import db, reading_from, rollback
from tracker.kernel.metrics import metrics
from tracker.kernel.outage import is_outage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

T = TypeVar("T")
EXTENSION = "replicas"
CHOSEN = "tracker.replica"  # in a request's environment: the one that answers it, or None
COOKIE = "tracker_written"
FORGIVEN = 15.0  # seconds that a replica is left alone after it failed
AGAIN = 0.05  # seconds until one is asked again that was not far enough
CONFLICT = "40"  # class of SQLSTATE: a statement that replaying the log ended
# As numbers of bytes since the beginning of the log. What is acknowledged is flushed; what was
# inserted beside it may wait for the next commit, and would let an idle replica seem behind.
FLUSHED = "pg_current_wal_flush_lsn() - '0/0'"
INSERTED = "pg_current_wal_insert_lsn() - '0/0'"
REPLAYED = "pg_last_wal_replay_lsn() - '0/0'"
REACHED = "SELECT {}, (SELECT system_identifier FROM pg_control_system())"
log = structlog.get_logger()


class NoReplica(Exception):
    """What answers is no replica of this installation's database."""


@dataclass
class Replica:
    """One replica as this process knows it; moments are of its monotonic clock."""

    name: str
    engine: sa.Engine
    replayed: int = -1
    asked_at: float = float("-inf")
    as_of: float = float("-inf")  # all that was committed by then is there
    failed_until: float = float("-inf")

    @property
    def behind(self) -> float:
        """At most so many seconds; infinite where it has failed or nothing is known yet."""
        now = time.monotonic()
        return now - self.as_of if now >= self.failed_until else float("inf")


@dataclass
class Replicas:
    """The replicas of one application; none is where none is configured, or on SQLite."""

    primary: sa.Engine
    bound: float = 0.0  # seconds that an answer may be old
    signer: URLSafeTimedSerializer | None = None
    all: list[Replica] = field(default_factory=list)
    # How far the primary's log reached, and when.
    _reached: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=100))

    def choose(self, environ: "WSGIEnvironment") -> Replica | None:
        """Who answers this request; None for the primary. Each request is asked for once."""
        if CHOSEN not in environ:
            written = self._written(environ) if self.all else 0
            found = (each for each in self.all if self._serves(each, written))
            environ[CHOSEN] = next(found, None)
        chosen: Replica | None = environ[CHOSEN]
        return chosen

    def read(self, environ: "WSGIEnvironment", call: Callable[[sa.Engine], T]) -> T:
        """What `call` reads from who answers this request; once more from the primary, where the
        replica fails meanwhile."""
        replica = self.choose(environ)
        if replica is not None:
            try:
                found = call(replica.engine)
            except (DBAPIError, TimeoutError) as error:
                if not _is_fault_of_replica(error):
                    raise
                self._fail(replica, error)
                environ[CHOSEN] = None
            else:
                metrics.reads.labels("replica").inc()
                return found
        if self.all:
            metrics.reads.labels("primary").inc()
        return call(self.primary)

    def look(self) -> list[Replica]:
        """The replicas, after each has been asked how far it is."""
        for replica in self.all:
            if time.monotonic() >= replica.failed_until:
                self._ask(replica)
        return self.all

    def mark(self, response: Response) -> None:
        """Let the browser know how far the log reaches after its change."""
        if self.signer is None:
            return
        with self.primary.connect() as connection:
            reached = connection.scalar(sa.text(f"SELECT {INSERTED}"))
        response.set_cookie(
            COOKIE,
            self.signer.dumps(int(reached or 0)),
            max_age=int(self.bound) + 1,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )

    def _written(self, environ: "WSGIEnvironment") -> int:
        """How far the log reached when the reader last changed something; 0 where that is long
        ago."""
        if self.signer is None or COOKIE not in environ.get("HTTP_COOKIE", ""):
            return 0
        with suppress(BadData):
            given = parse_cookie(environ).get(COOKIE, "")
            return int(self.signer.loads(given, max_age=int(self.bound) + 1))
        return 0

    def _serves(self, replica: Replica, written: int) -> bool:
        now = time.monotonic()
        if now < replica.failed_until:
            return False
        is_due = replica.replayed < written or replica.behind > self.bound / 2
        if is_due and now - replica.asked_at > AGAIN:
            self._ask(replica)
        return replica.replayed >= written and replica.behind <= self.bound

    def _ask(self, replica: Replica) -> None:
        """Ask the primary how far its log reaches, then the replica how far it has replayed it."""
        replica.asked_at = now = time.monotonic()
        try:
            reached, system = self._reach(self.primary, FLUSHED)
        except (DBAPIError, TimeoutError):
            return  # what is known of the replica holds as long as it would have
        self._reached.append((now, reached))
        try:
            replica.replayed, copied = self._reach(replica.engine, REPLAYED)
            if copied != system:
                raise NoReplica
        except (DBAPIError, TimeoutError, NoReplica) as error:
            self._fail(replica, error)
            return
        known = [moment for moment, place in self._reached if place <= replica.replayed]
        replica.as_of = max(known, default=replica.as_of)

    def _reach(self, engine: sa.Engine, what: str) -> tuple[int, int]:
        with engine.connect() as connection:
            place, system = connection.execute(sa.text(REACHED.format(what))).one()
        if place is None:
            raise NoReplica
        return int(place), int(system)

    def _fail(self, replica: Replica, error: Exception) -> None:
        """Leave a replica alone for a while; one that only ended a statement is not at fault."""
        log.warning("replica left out", replica=replica.name, reason=type(error).__name__)
        if isinstance(error, NoReplica) or is_outage(error):
            replica.failed_until = time.monotonic() + FORGIVEN


def _is_fault_of_replica(error: Exception) -> bool:
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    return is_outage(error) or state.startswith(CONFLICT)


def replicas() -> Replicas:
    """Those of this application."""
    found: Replicas = current_app.extensions[EXTENSION]
    return found


def read(answer: Callable[[], Response]) -> Response:
    """The answer of a view that only reads, whose session asks a replica where one will do."""
    known = replicas()

    def call(engine: sa.Engine) -> Response:
        if engine is known.primary:
            return answer()
        try:
            with reading_from(engine):
                return answer()
        except (DBAPIError, TimeoutError):
            rollback()
            g.pop("disclosures", None)  # noted by the attempt that failed
            raise

    return known.read(request.environ, call)


def _note_commit(_session: Session) -> None:
    if has_request_context():
        g.has_committed = True


def _mark(response: Response) -> Response:
    if g.get("has_committed"):
        with suppress(DBAPIError):  # a database that is gone now has told of the commit before
            replicas().mark(response)
    return response


def init_app(
    app: Flask, urls: Sequence[str], *, bound: float, secrets: Sequence[str], **options: Any
) -> Replicas:
    """Use the replicas at `urls`, no more than `bound` seconds behind; `options` are of engines."""
    with app.app_context():
        found = app.extensions[EXTENSION] = Replicas(db.engine, bound)
    if not urls:
        return found
    for url in urls:
        engine = sa.create_engine(url, **options)
        address = engine.url
        name = f"{address.host or address.query.get('host')}:{address.port or 5432}"
        found.all.append(Replica(name, engine))
    # Processes begin with different ones, and stay: a reader does not go back in time.
    turn = os.getpid() % len(urls)
    found.all[:] = found.all[turn:] + found.all[:turn]
    found.signer = URLSafeTimedSerializer(
        list(reversed(secrets)), salt="written", signer_kwargs={"digest_method": sha256}
    )
    if not sa.event.contains(Session, "after_commit", _note_commit):
        sa.event.listen(Session, "after_commit", _note_commit)
    app.after_request(_mark)
    return found
