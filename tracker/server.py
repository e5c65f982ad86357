"""The production server and the job process, started together or apart."""

import subprocess
import sys
import threading

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from huey import Huey, crontab

from tracker.accreditation.operations import expire_ended_elections
from tracker.config import Settings
from tracker.credentials import jobs as certificate_jobs
from tracker.headquarters.jobs import issue_digests
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import refresh_statistics, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.outbox import send_due
from tracker.lists import jobs as list_jobs
from tracker.meetings import jobs as meeting_jobs


def serve(settings: Settings, *, workers: int, with_jobs: bool) -> None:
    """Serve until a signal; the job process ends with the server."""
    worker = _Worker() if with_jobs else None
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
        if worker:
            worker.stop()


class _Worker:
    """The job process, started again whenever it dies."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep, daemon=True)
        self._watch.start()

    def _keep(self) -> None:
        while not self._ending.is_set():
            # In a session of its own: Ctrl-C is the server's, which then ends this one in order.
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "tracker.cli", "work"], start_new_session=True
            )
            self._process.wait()
            self._ending.wait(1)  # a process that cannot start must not spin

    def stop(self) -> None:
        """End the process and the watch over it."""
        self._ending.set()
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=10)


def work(app: Flask) -> None:
    """Run queued and periodic jobs until a signal."""
    with app.app_context():
        list_jobs.resume()
        certificate_jobs.resume()
        meeting_jobs.resume()
    consumer = worker_queue(app).create_consumer(workers=1, worker_type="thread")
    consumer.run()


def worker_queue(app: Flask) -> Huey:
    """The queue with this application's periodic jobs."""
    huey = jobs.huey

    @huey.periodic_task(crontab(minute="*/5"))  # type: ignore[untyped-decorator]
    def expire() -> None:
        """Accreditations end with their election."""
        with app.app_context(), unit_of_work(SYSTEM):
            expire_ended_elections(actor=SYSTEM)

    @huey.periodic_task(crontab(minute="17"))  # type: ignore[untyped-decorator]
    def look_at_tables() -> None:
        """What the database knows of its own tables, every hour."""
        with app.app_context(), unit_of_work(SYSTEM):
            refresh_statistics()

    @huey.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def send_mail() -> None:
        """What waits for its next attempt, every minute."""
        with app.app_context():
            send_due()

    @huey.periodic_task(crontab())  # type: ignore[untyped-decorator]
    def issue_digest() -> None:
        """Digests of the day whose hour has passed."""
        with app.app_context():
            issue_digests()

    return huey
