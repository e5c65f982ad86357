"""The production server and the job process, started together or apart."""

import subprocess
import sys

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from huey import Huey, crontab

from tracker.accreditation.operations import expire_ended_elections
from tracker.config import Settings
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.jobs import queue


def serve(settings: Settings, *, workers: int, with_jobs: bool) -> None:
    """Serve until a signal; the job process ends with the server."""
    jobs = None
    if with_jobs:
        jobs = subprocess.Popen([sys.executable, "-m", "tracker.cli", "work"])  # noqa: S603
    granian = Granian(
        "tracker.app:create_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=1,  # threads share one interpreter lock; processes do not
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_enabled=False,
    )
    try:
        granian.serve()
    finally:
        if jobs:
            jobs.terminate()
            jobs.wait(timeout=10)


def work(app: Flask) -> None:
    """Run queued and periodic jobs until a signal."""
    consumer = worker_queue(app).create_consumer(workers=1, worker_type="thread")
    consumer.run()


def worker_queue(app: Flask) -> Huey:
    """The queue with this application's periodic jobs."""
    settings: Settings = app.config["SETTINGS"]
    huey = queue(settings.instance, settings.redis_url)

    @huey.periodic_task(crontab(minute="*/5"))  # type: ignore[untyped-decorator]
    def expire() -> None:
        """Accreditations end with their election."""
        with app.app_context(), unit_of_work(SYSTEM):
            expire_ended_elections(actor=SYSTEM)

    return huey
