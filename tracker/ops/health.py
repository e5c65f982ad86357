"""Whether the process lives, and whether it can work: what a supervisor and a proxy ask.

Both answer in plain words and soon, also when what they ask about does not answer at all: a
connection that hangs is waited for in a thread of its own, and not a second time while it hangs.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sa
import structlog
from flask.typing import ResponseReturnValue

from tracker.config import project_folder
from tracker.kernel.database import UnfinishedMove, db
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import requires
from tracker.ops.blueprint import PLAIN, blueprint

T = TypeVar("T")
PATIENCE = 2.0  # seconds for each part
REVISION = "SELECT version_num FROM alembic_version"
log = structlog.get_logger()


class _Waiter:
    """Waits for an answer no longer than it should."""

    def __init__(self) -> None:
        self._hanging: dict[str, threading.Thread] = {}

    def ask(self, name: str, call: Callable[[], T], *, within: float) -> T:
        """What `call` returns; raises what it raises, `TimeoutError` where it takes too long."""
        before = self._hanging.get(name)
        if before is not None and before.is_alive():
            raise TimeoutError(name)
        found: list[T] = []
        failed: list[Exception] = []

        def run() -> None:
            try:
                found.append(call())
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=copy_context().run, args=(run,), daemon=True)
        thread.start()
        thread.join(within)
        if thread.is_alive():
            self._hanging[name] = thread
            raise TimeoutError(name)
        if failed:
            raise failed[0]
        return found[0]


waiter = _Waiter()


@lru_cache
def newest_revision() -> str:
    """The revision of the database that this code is written for."""
    return (project_folder("migrations") / "HEAD").read_text(encoding="ascii").strip()


def revision(engine: sa.Engine) -> str:
    """The revision that the database is at."""
    with engine.connect() as connection:
        return str(connection.execute(sa.text(REVISION)).scalar_one())


def failing() -> list[str]:
    """The parts that fail, as words for anybody; none where everything is ready."""
    engine = db.engine
    parts: tuple[tuple[str, Callable[[], object], str], ...] = (
        ("database", lambda: _reach(engine), "the database does not answer"),
        ("revision", lambda: _at_newest(engine), "the database is not migrated for this version"),
        ("storage", storage.place.check, "files cannot be stored"),
        ("queue", jobs.huey.storage.queue_size, "the queue of jobs does not answer"),
    )
    found: list[str] = []
    for name, call, words in parts:
        if name == "revision" and found:
            continue  # who does not answer cannot say where it is
        try:
            waiter.ask(name, call, within=PATIENCE)
        except UnfinishedMove:
            found.append("a move into the database is not finished")
        except Exception as error:
            log.warning("not ready", part=name, reason=type(error).__name__)
            found.append(words)
    return found


def _reach(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT 1")).scalar_one()


def _at_newest(engine: sa.Engine) -> None:
    if revision(engine) != newest_revision():
        raise LookupError("another revision")


@blueprint.get("/healthz")
@requires(Capability.PUBLIC, of_primary=True)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return "ok\n", 200, PLAIN


@blueprint.get("/readyz")
@requires(Capability.PUBLIC, of_primary=True)
def readyz() -> ResponseReturnValue:
    """Everything that work needs is there."""
    found = failing()
    if found:
        return "".join(f"{words}\n" for words in found), 503, PLAIN
    return "ok\n", 200, PLAIN
