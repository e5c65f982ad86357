"""The production server and the job process, started together or apart."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Any

import structlog
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from huey import Huey, crontab

from tracker.accreditation.operations import expire_ended_elections
from tracker.app import create_app
from tracker.audit.jobs import anchor_today
from tracker.config import Settings, SettingsError
from tracker.credentials import jobs as certificate_jobs
from tracker.credentials.models import KeyPurpose
from tracker.credentials.register import key_in_use
from tracker.credentials.signing import vault
from tracker.headquarters.jobs import issue_digests
from tracker.kernel import clock, kept_jobs, logs
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, refresh_statistics, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.jobs import jobs
from tracker.kernel.metrics import metrics, share_counts
from tracker.kernel.outbox import send_due
from tracker.kernel.repeats import forget_answers
from tracker.kernel.turns import alone
from tracker.lists import jobs as list_jobs
from tracker.meetings import jobs as meeting_jobs
from tracker.notices.jobs import tell_of_changes
from tracker.officials import jobs as official_jobs
from tracker.retention import jobs as retention_jobs
from tracker.webhooks import jobs as webhook_jobs

log = structlog.get_logger()


def refuse_used_port(settings: Settings) -> None:
    """Raises `SettingsError` where nothing can listen, or somebody does already: the workers of
    two servers would share the port (SO_REUSEPORT), each answering half of what is asked."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has ended is nobody
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"Cannot serve on {settings.host}:{settings.port}: {error.strerror}. "
                "PORT and TRACKER_HOST say where else."
            ) from error


def serve(settings: Settings, *, workers: int, with_jobs: bool) -> None:
    """Serve until a signal; the job process ends with the server."""
    share_counts(settings.instance)
    logs.take_over()
    worker = _Worker() if with_jobs else None
    try:
        while _served(settings, workers) is Ended.BY_ITSELF:
            log.error("web workers died one after the other; starting anew")
            time.sleep(1)  # a server that cannot start must not spin
    finally:
        if worker:
            worker.stop()


class Ended(Enum):
    """Why a server does not serve any more."""

    ASKED = auto()
    BY_ITSELF = auto()


def _served(settings: Settings, workers: int) -> Ended:
    """Serve until a signal, or until the server gives up: it does so when a worker dies twice
    within seconds, whatever killed it."""
    granian = Granian(
        "tracker.server:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=1,  # threads share one interpreter lock; processes do not
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_dictconfig=logs.standard_logging(),
    )
    try:
        granian.serve()
    except SystemExit:
        return Ended.ASKED if granian.interrupt_signal else Ended.BY_ITSELF
    return Ended.ASKED


def know_secrets() -> None:
    """Refuse to serve with other secrets than the database was given by the hosts before: raises
    `KeyMissing` or `Refused`, which say what to set."""
    keyring.keys.ring()
    for purpose in KeyPurpose:
        found = key_in_use(purpose, clock.now())
        if found is not None and vault.is_configured:
            vault.open(found.private_key)
    db.session.rollback()


def application() -> Flask:
    """The application of one web process."""
    logs.take_over()
    app = create_app()
    metrics.process_started("web")
    return app


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


def work(settings: Settings) -> None:
    """Run queued and periodic jobs until a signal."""
    share_counts(settings.instance)
    logs.take_over()
    app = create_app(settings)
    metrics.process_started("jobs")
    with app.app_context():
        know_secrets()
        take_up()
    consumer = worker_queue(app).create_consumer(workers=1, worker_type="thread")
    consumer.run()


def take_up() -> None:
    """Give out what the database waits for and the queue does not hold: what a process that died
    had taken, and what a queue that was lost never got."""
    list_jobs.resume()
    certificate_jobs.resume()
    meeting_jobs.resume()
    retention_jobs.resume()
    kept_jobs.resume()
    official_jobs.encrypt_reasons()


def _expire() -> None:
    expired = 1
    while expired:
        with unit_of_work(SYSTEM):
            expired = expire_ended_elections(actor=SYSTEM)


def _look_at_tables() -> None:
    with unit_of_work(SYSTEM):
        refresh_statistics()
        forget_answers()
        webhook_jobs.forget_deliveries()


def _rounds(settings: Settings) -> Iterable[tuple[str, Any, Callable[[], Any], bool]]:
    """Periodic jobs: name, when, what, and whether one process does it for all; what claims each
    message by itself is done by every one."""
    minute, file, recipient = crontab(), settings.anchors_file, settings.anchors_to
    return (
        ("expire", crontab(minute="*/5"), _expire, True),
        ("look_at_tables", crontab(minute="17"), _look_at_tables, True),
        ("send_mail", minute, send_due, False),
        ("send_webhooks", minute, webhook_jobs.send_due, False),
        ("look_for_work", minute, take_up, True),  # what the queue has lost
        ("issue_digest", minute, issue_digests, True),
        ("tell_people", minute, tell_of_changes, True),
        # Once a day; every hour, should it fail.
        (
            *("anchor", crontab(minute="23")),
            lambda: anchor_today(file=file, recipient=recipient),
            True,
        ),
    )


def worker_queue(app: Flask) -> Huey:
    """The queue with this application's periodic jobs.

    The job process of every host begins them at the same minute; one of them does it.
    """
    settings: Settings = app.config["SETTINGS"]

    def register(name: str, when: Any, call: Callable[[], Any], by_one: bool) -> None:
        def turn() -> None:
            with app.app_context():
                if not by_one:
                    call()
                    return
                with alone(db.engine, f"periodic {name}") as is_ours:
                    if is_ours:
                        call()

        jobs.huey.periodic_task(when, name=name)(turn)

    for each in _rounds(settings):
        register(*each)
    return jobs.huey
