"""Background work: one queue for all, on SQLite beside the database or on Redis.

A job is a name and plain values; its handler is registered where the roof is built, so that the
web process that gives it out and the job process that does it agree on the name alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey

Handler = Callable[..., None]


def queue(instance: Path, redis_url: str | None) -> Huey:
    """The queue of this installation; its SQLite file is apart from the application's database."""
    if redis_url:
        return RedisHuey("tracker", url=redis_url)
    return SqliteHuey("tracker", filename=str(instance / "jobs.sqlite"), timeout=30)


class Jobs:
    """What can be given out, and how far it is."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._huey: Huey | None = None
        self._give: Any = None

    def configure(self, app: Flask, huey: Huey, handlers: dict[str, Handler]) -> None:
        """Use `huey`; handlers run inside the application's context."""
        self._handlers = handlers
        self._huey = huey
        huey.immediate = bool(app.config.get("JOBS_IMMEDIATE"))

        def run(name: str, values: dict[str, Any]) -> None:
            with app.app_context():
                self._handlers[name](**values)

        self._give = huey.task(name="run_job")(run)

    @property
    def huey(self) -> Huey:
        """The queue; an error if the application has not been configured."""
        if self._huey is None:
            raise RuntimeError("there is no queue: create_app() configures it")
        return self._huey

    def enqueue(self, name: str, **values: Any) -> None:
        """Give out a job; to be called after the commit of what it reads."""
        if name not in self._handlers:
            raise KeyError(name)
        self._give(name, values)

    def report(self, key: str, done: int, total: int) -> None:
        """Say how far a job is; kept beside the queue, so that a long transaction may say it."""
        self.huey.put(f"progress-{key}", (done, total))

    def progress(self, key: str) -> tuple[int, int] | None:
        """How far the job is that was reported last: done, of how many."""
        found: tuple[int, int] | None = self.huey.get(f"progress-{key}", peek=True)
        return found


jobs = Jobs()
