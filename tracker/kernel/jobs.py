"""Background work: one queue for all, on SQLite beside the database or on Redis.

A job is a name and plain values; its handler is registered where the roof is built, so that the
web process that gives it out and the job process that does it agree on the name alone. How each
kind of job ended last, and which ones broke, is kept beside the queue.

The queue may be lost at any moment (a Redis that was killed, a full disk): what has to be done
stands in the database as well, and the job process takes it up from there every minute.
"""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.constant_time import bytes_eq
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey
from huey.api import Task
from huey.serializer import Serializer

from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.keys import derived
from tracker.kernel.logs import errors_logged
from tracker.kernel.permissions import Capability
from tracker.kernel.turns import alone
from tracker.kernel.watch import Begun, begin_job, current_request_id, end_job

Handler = Callable[..., None]
log = structlog.get_logger()
NAME = "run_job"
QUEUE = "tracker-signed"  # apart from a queue that was not signed: the database knows what waited
SIGNATURE = 32  # bytes
MOST_FAILURES = 50
REMEMBERED = timedelta(days=7)
_TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _text(key: bytes | str) -> str:
    return key.decode() if isinstance(key, bytes) else key


class Signed(Serializer):
    """What stands in the queue, signed: the library pickles it, and whoever could write a pickle
    into Redis or the file would run code in the job process."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._keys = [derived(secret, b"queue of jobs") for secret in secrets]

    def _serialize(self, message: Any) -> bytes:
        data: bytes = super()._serialize(message)
        return _signature(self._keys[0], data) + data

    def _deserialize(self, data: bytes) -> Any:
        signature, message = data[:SIGNATURE], data[SIGNATURE:]
        if not any(bytes_eq(signature, _signature(key, message)) for key in self._keys):
            raise ValueError("a message of the queue is not signed by this installation")
        return super()._deserialize(message)


def _signature(key: bytes, message: bytes) -> bytes:
    signer = hmac.HMAC(key, hashes.SHA256())
    signer.update(message)
    return signer.finalize()


def queue(instance: Path, redis_url: str | None, secrets: Sequence[str]) -> Huey:
    """The queue of this installation; its SQLite file is apart from the application's database.

    The newest of `secrets` signs, each is believed: what waits outlives another secret.
    """
    signed = Signed(secrets)
    if redis_url:
        return RedisHuey(QUEUE, url=redis_url, serializer=signed)
    filename = str(instance / "jobs.sqlite")
    return SqliteHuey(QUEUE, filename=filename, timeout=30, serializer=signed)


@dataclass(frozen=True)
class Run:
    """The last time that a kind of job ran; `ended_at` is None while it runs, or broke off."""

    job: str
    began_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    ms: int = 0


@dataclass(frozen=True)
class Failure:
    """A job that broke: what it was is kept, so that it can be given out again."""

    job: str
    failed_at: datetime
    kind: str  # of the error
    task_id: str
    message: bytes | None  # None for one that comes again by itself


@dataclass(frozen=True)
class Waiting:
    """What waits in the queue."""

    count: int
    oldest_at: datetime | None


class Jobs:
    """What can be given out, and how far it is."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._huey: Huey | None = None
        self._give: Any = None

    def configure(self, app: Flask, huey: Huey, handlers: dict[str, Handler]) -> None:
        """Use `huey`; handlers run inside the application's context."""
        self._handlers = dict(handlers)
        self._huey = huey
        huey.immediate = bool(app.config.get("JOBS_IMMEDIATE"))

        def run(
            name: str, values: dict[str, Any], given_by: str | None = None, given_at: str = ""
        ) -> None:
            with app.app_context():
                self._do(name, values)

        self._give = huey.task(name=NAME)(run)
        watcher = _Watcher(huey)
        huey.pre_execute(name="watch")(watcher.begin)
        huey.post_execute(name="watch")(watcher.end)

    def _do(self, name: str, values: dict[str, Any]) -> None:
        if not values:  # a round, which knows itself what another process has
            self._handlers[name]()
            return
        with alone(db.engine, f"{name} {json.dumps(values, sort_keys=True)}") as is_ours:
            if is_ours:
                self._handlers[name](**values)
            else:  # given out twice; what is not done at the end is given out again
                log.info("job is under way elsewhere", job=name)

    @property
    def huey(self) -> Huey:
        """The queue; an error if the application has not been configured."""
        if self._huey is None:
            raise RuntimeError("there is no queue: create_app() configures it")
        return self._huey

    @property
    def handlers(self) -> dict[str, Handler]:
        """What can be given out, by name."""
        return self._handlers

    def enqueue(self, name: str, **values: Any) -> None:
        """Give out a job that the database knows of; to be called after the commit of what it
        reads. A queue that does not answer delays it until the job process looks for itself."""
        if name not in self._handlers:
            raise KeyError(name)
        about = {"given_by": current_request_id(), "given_at": clock.now().isoformat()}
        try:
            self._give(name, values, **about)
        except Exception as error:
            if self.huey.immediate:
                raise
            log.error("the queue does not answer", job=name, reason=type(error).__name__)

    def enqueue_once(self, name: str, **values: Any) -> None:
        """As `enqueue`, unless the same waits in the queue already."""
        if (name, values) not in self._in_queue():
            self.enqueue(name, **values)

    def _in_queue(self) -> list[tuple[str, dict[str, Any]]]:
        try:
            return [tuple(task.args[:2]) for task in self.huey.pending() if task.name == NAME]
        except Exception as error:
            log.error("the queue does not answer", reason=type(error).__name__)
            return []

    def report(self, key: str, done: int, total: int) -> None:
        """Say how far a job is; kept beside the queue, so that a long transaction may say it."""
        with suppress(Exception):  # whoever waits sees less, and the work goes on
            self.huey.put(f"progress-{key}", (done, total))

    def progress(self, key: str) -> tuple[int, int] | None:
        """How far the job is that was reported last: done, of how many; None where unknown."""
        with suppress(Exception):
            found: tuple[int, int] | None = self.huey.get(f"progress-{key}", peek=True)
            return found
        return None

    def waiting(self) -> Waiting:
        """How many jobs wait, and since when the one has that is next."""
        count = self.huey.storage.queue_size()
        times = [_given_at(task) for task in self.huey.pending(limit=1)]
        return Waiting(count, next(iter(times), None))

    def runs(self) -> list[Run]:
        """How each kind of job ran last, by name."""
        return sorted(_kept(self.huey, "run-"), key=lambda run: run.job)

    def failures(self) -> list[Failure]:
        """The jobs that broke lately and were not given out again, the newest first."""
        kept: list[Failure] = _kept(self.huey, "failure-")
        return sorted(kept, key=lambda failure: failure.failed_at, reverse=True)

    def retry(self, *, actor: Actor, task_id: str) -> str:
        """Give out a job once more that broke; its name."""
        actor.require(Capability.ADMINISTER)
        found: Failure | None = self.huey.get(f"failure-{task_id[:64]}")  # taken out, so only once
        if found is None or found.message is None:
            raise NotFound(N_("There is no such job any more."))
        self.huey.enqueue(self.huey.deserialize_task(found.message))
        return found.job

    def forget_results(self) -> None:
        """Drop what finished jobs left beside the queue: how far they were, why they failed. What
        waits stays. On SQLite the file is rewritten, so that nothing remains in its free pages."""
        storage = self.huey.storage
        for key in map(_text, storage.result_items()):
            if key.startswith("progress-") or _TASK_ID.fullmatch(key):
                storage.pop_data(key)
        if isinstance(self.huey, SqliteHuey):
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                storage.sql(statement, results=True)


def _kept(huey: Huey, prefix: str) -> list[Any]:
    """The values that are kept beside the queue under names that begin with `prefix`."""
    items = huey.storage.result_items().items()
    return [huey.serializer.deserialize(data) for name, data in items if name.startswith(prefix)]


def _given_at(task: Task) -> datetime | None:
    text = task.kwargs.get("given_at", "") if task.name == NAME else ""
    return datetime.fromisoformat(text) if text else None


def job_name(task: Task) -> str:
    """What a task of the queue is called: a handler's name, or a periodic job's."""
    return str(task.args[0]) if task.name == NAME and task.args else str(task.name)


@dataclass(frozen=True)
class _Start:
    begun: Begun
    began_at: datetime
    errors: int
    outer: "_Start | None"


class _Watcher:
    """Tells of every task that the queue runs, whoever wrote it."""

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._start: ContextVar[_Start | None] = ContextVar("start", default=None)

    def begin(self, task: Task) -> None:
        """Before a task."""
        name, now = job_name(task), clock.now()
        given_by = task.kwargs.get("given_by") if task.name == NAME else None
        begun = begin_job(name, given_by)
        self._start.set(_Start(begun, now, errors_logged(), self._start.get()))
        with suppress(Exception):  # whether this can be noted decides nothing about the job
            self._huey.put(f"run-{name}", Run(name, now))

    def end(self, task: Task, _value: Any, error: BaseException | None) -> None:
        """After a task, however it ended; one that told of an error itself has failed, too."""
        start, name = self._start.get(), job_name(task)
        if start is None:
            return
        self._start.set(start.outer)
        outcome = "failed" if error or errors_logged() > start.errors else "done"
        given_at = _given_at(task)
        waited = (start.began_at - given_at).total_seconds() if given_at else None
        ms = end_job(start.begun, name, error=error, outcome=outcome, waited=waited)
        with suppress(Exception):
            self._huey.put(f"run-{name}", Run(name, start.began_at, clock.now(), outcome, ms))
            if error:
                self._keep(task, Failure(name, clock.now(), type(error).__name__, task.id, None))

    def _keep(self, task: Task, failure: Failure) -> None:
        """Remember a failure, and forget the oldest."""
        is_ours = task.name == NAME
        message = bytes(self._huey.serialize_task(task)) if is_ours else None
        kept = Failure(failure.job, failure.failed_at, failure.kind, task.id, message)
        self._huey.put(f"failure-{task.id}", kept)
        older: list[Failure] = sorted(
            _kept(self._huey, "failure-"), key=lambda each: each.failed_at, reverse=True
        )
        for place, each in enumerate(older):
            if place >= MOST_FAILURES or each.failed_at < failure.failed_at - REMEMBERED:
                self._huey.delete(f"failure-{each.task_id}")


jobs = Jobs()
