"""What is counted of this installation, for Prometheus; the client library keeps the counts.

A server has several processes. Where `PROMETHEUS_MULTIPROC_DIR` names a folder, each writes its
counts to a file there and whoever is asked adds them up; without it a process counts for itself.
Labels are names in our code alone: how many series there are does not depend on what people do,
and none of them tells of a person.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOB_SECONDS = (0.05, 0.25, 1, 5, 15, 60, 300, 1800)
STATEMENTS = (0, 2, 5, 10, 20, 40, 80, 160)
RESERVED = {"counter": 2**20, "histogram": 2**22, "gauge_liveall": 2**20}  # bytes a process
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def folder() -> Path | None:
    """Where this process and its siblings count together."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def share_counts(instance: Path) -> None:
    """Let this process, and those that it starts, count together in the instance's folder.

    What processes that are gone have left there is removed, since their counts began before.
    """
    place = instance / "metrics"
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob("*.db"):
        if not _lives(path):
            path.unlink(missing_ok=True)
    os.environ[VARIABLE] = str(place)


def _reserve(place: Path) -> None:
    """Take the room of this process's files now, or let it count for itself: they are mapped into
    memory, and a full disk that has no room for a page of them would end the process (SIGBUS)."""
    for kind, size in RESERVED.items():
        path = place / f"{kind}_{os.getpid()}.db"
        try:
            with path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            path.unlink(missing_ok=True)
            os.environ.pop(VARIABLE)
            return


def _lives(path: Path) -> bool:
    """Whether the process that a file of counts is named after (kind_PID.db) still runs."""
    number = path.stem.rpartition("_")[2]
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return True


class Metrics:
    """The instruments of this process."""

    def __init__(self) -> None:
        self.configure()

    def configure(self) -> None:
        """Make the instruments anew, at nothing or at what this process has counted in its file."""
        if place := folder():
            _reserve(place)
        if folder() and values.ValueClass is values.MutexValue:
            values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        registry = self._registry = CollectorRegistry()
        around: dict[str, Any] = {"registry": registry}
        self._requests = Counter(
            "tracker_requests", "Answers given.", ["endpoint", "method", "status"], **around
        )
        self._seconds = Histogram(
            "tracker_request_seconds",
            "From a request to the end of its answer.",
            ["endpoint"],
            buckets=SECONDS,
            **around,
        )
        self._statements = Histogram(
            "tracker_request_statements",
            "Statements asked of the database for an answer.",
            ["endpoint"],
            buckets=STATEMENTS,
            **around,
        )
        self.slow_statements = Counter(
            "tracker_slow_statements", "Statements over TRACKER_SLOW_QUERY_MS.", **around
        )
        self.reads = Counter(
            "tracker_reads", "Answers that only read, by who was asked.", ["database"], **around
        )
        self.errors = Counter("tracker_errors", "Errors written to the log.", **around)
        self._sign_ins = Counter(
            "tracker_sign_ins", "Sign-ins by their outcome.", ["outcome"], **around
        )
        self._jobs = Counter("tracker_jobs", "Jobs that ended.", ["job", "outcome"], **around)
        self._job_seconds = Histogram(
            "tracker_job_seconds", "Length of jobs.", ["job"], buckets=JOB_SECONDS, **around
        )
        self._started = Gauge(
            "tracker_process_start_time_seconds",
            "When a process began to serve, in seconds since 1970.",
            ["kind"],
            multiprocess_mode="liveall",
            **around,
        )
        self._children: dict[tuple[str, str, int], tuple[Any, ...]] = {}

    def answered(
        self, endpoint: str, method: str, status: int, *, seconds: float, statements: int
    ) -> None:
        """Count an answer; `endpoint` is the name of a route of ours."""
        key = (endpoint, method, status // 100)
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = (
                self._requests.labels(endpoint, method, f"{status // 100}xx"),
                self._seconds.labels(endpoint),
                self._statements.labels(endpoint),
            )
        requests, duration, asked = children
        requests.inc()
        duration.observe(seconds)
        asked.observe(statements)

    def job_ended(self, name: str, outcome: str, seconds: float) -> None:
        """Count a job."""
        self._jobs.labels(name, outcome).inc()
        self._job_seconds.labels(name).observe(seconds)

    def signed_in(self, outcome: str) -> None:
        """Count a sign-in: "succeeded" or "failed"."""
        self._sign_ins.labels(outcome).inc()

    def process_started(self, kind: str) -> None:
        """Say that this process serves: "web" or "jobs"."""
        self._started.labels(kind).set(time.time())

    def processes(self) -> list[tuple[str, float]]:
        """The processes that serve: what each does, and since when (seconds since 1970)."""
        return sorted(
            (sample.labels["kind"], sample.value)
            for family in self._collector().collect()
            for sample in family.samples
            if sample.name == "tracker_process_start_time_seconds"
        )

    def _collector(self) -> CollectorRegistry:
        place = folder()
        if place is None:
            return self._registry
        for path in place.glob("gauge_live*.db"):
            if not _lives(path):
                with suppress(OSError):  # another process has just done so
                    mark_process_dead(  # type: ignore[no-untyped-call]
                        int(path.stem.rpartition("_")[2]), str(place)
                    )
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(place))  # type: ignore[no-untyped-call]
        return registry

    def exposition(self) -> bytes:
        """All counts of all processes in the text format of Prometheus."""
        return generate_latest(self._collector())


metrics = Metrics()
