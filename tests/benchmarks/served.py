"""A server with two workers, and a loader that asks it one page over and over."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask

from tests.factories.served import free_port
from tests.journeys.demonstration import SECRET, signed_in
from tracker.kernel.permissions import Role

CLIENTS = 4
BARE: tuple[str, dict[str, str]] = ("tests.benchmarks.served:bare", {})


def bare() -> Flask:
    """A page that does nothing but answer."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>bare</title>" + "x" * 2000)
    return app


def _ask(port: int, path: str, headers: dict[str, str], number: int, times: list[float]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for _number in range(number):
        start = time.perf_counter()
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        if response.status not in {200, 304}:
            raise RuntimeError(f"{path}: {response.status}")
        times.append(time.perf_counter() - start)
    connection.close()


def times_of(
    port: int, path: str, headers: dict[str, str], requests: int = 60
) -> tuple[float, list[float]]:
    """Requests a second of one round, and the seconds of each request."""
    times: list[float] = []
    arguments = port, path, headers, requests // CLIENTS, times
    threads = [threading.Thread(target=_ask, args=arguments) for _client in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.perf_counter() - start), times


def measure(port: int, path: str, headers: dict[str, str]) -> tuple[float, float]:
    """Requests a second and the 95th percentile in seconds of one round."""
    rate, times = times_of(port, path, headers)
    return rate, statistics.quantiles(times, n=20)[-1]


@contextmanager
def serving(*targets: tuple[str, dict[str, str]]) -> Iterator[list[int]]:
    """Servers of these applications and environments side by side; their ports."""
    ports = [free_port() for _target in targets]
    servers = [
        serve(target, port, environment)
        for (target, environment), port in zip(targets, ports, strict=True)
    ]
    try:
        yield ports
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=10)


def installation(folder: Path) -> tuple[str, dict[str, str]]:
    """The application of the installation in this folder, to be served."""
    environment = {"TRACKER_INSTANCE": str(folder), "TRACKER_SECRET_KEY": SECRET}
    return "tracker.app:create_app", environment


def cookie_of(app: Flask, role: Role) -> dict[str, str]:
    """The header by which the demonstration's person of a role is signed in."""
    client = signed_in(app, role)
    return {"Cookie": "; ".join(f"{item.key}={item.value}" for item in client._cookies.values())}


def serve(target: str, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The production server with two workers of a thread each on `target`, as `tracker serve`."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log"]
    command += ["--workers", "2", "--blocking-threads", "1", "--port", str(port), target]
    log = Path(environment.get("TRACKER_INSTANCE") or tempfile.mkdtemp()) / f"server-{port}.log"
    with log.open("w") as lines:  # one for each request: not what is to be read here
        server = subprocess.Popen(command, env=os.environ | environment, stderr=lines)
    for _attempt in range(100):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{target} does not answer: {log.read_text()}")
