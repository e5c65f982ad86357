"""Speed as ratios: the product's pages against a bare Flask page on the same server in one run.

Two workers of the production server; the same loader asks each page in turn, several rounds, so
that a machine that slows down slows both sides. Printed as a table, written as JSON.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks import lists, planner, search, totals
from tests.benchmarks.meetings import WEEK, fill_week
from tests.browser.conftest import free_port
from tests.journeys.demonstration import SECRET, demonstration, signed_in
from tracker.accreditation.models import Accreditation
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

ROUNDS, REQUESTS, CLIENTS = 5, 60, 4


def bare() -> Flask:
    """A page that does nothing but answer."""
    app = Flask("bare")
    app.add_url_rule("/", view_func=lambda: "<!doctype html><title>bare</title>" + "x" * 2000)
    return app


def _ask(port: int, path: str, cookie: str, times: list[float]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for _number in range(REQUESTS // CLIENTS):
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        times.append(time.perf_counter() - start)
    connection.close()


def measure(port: int, path: str, cookie: str) -> tuple[float, float]:
    """Requests a second and the 95th percentile in seconds of one round."""
    times: list[float] = []
    threads = [
        threading.Thread(target=_ask, args=(port, path, cookie, times)) for _ in range(CLIENTS)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.perf_counter() - start), statistics.quantiles(times, n=20)[-1]


def serve(target: str, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The production server with two workers on `target`."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log"]
    command += ["--workers", "2", "--port", str(port), target]
    server = subprocess.Popen(command, env=os.environ | environment)
    for _attempt in range(100):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/")
            connection.getresponse().read()
            return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{target} does not answer")


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-benchmark-"))
    app = demonstration(folder)
    fill_week(app)
    client = signed_in(app, Role.REGISTRAR)
    cookie = "; ".join(f"{item.key}={item.value}" for item in client._cookies.values())
    with app.app_context():
        person = db.session.scalars(sa.select(Accreditation.id).limit(1)).one()
        db.engine.dispose()
    pages = {
        "headquarters": "/e/kz-2022/",
        "observer list, 50 rows": "/e/kz-2022/observers/",
        "observer": f"/e/kz-2022/observers/{person}",
        "week of 1,000 meetings": WEEK,
        "totals JSON": "/e/kz-2022/totals.json",
        "totals JSON as of a moment": "/e/kz-2022/totals.json?as_of=2022-11-08T23:59",
    }
    ports = free_port(), free_port()
    servers = [
        serve("tests.benchmarks.__main__:bare", ports[0], {}),
        serve(
            "tracker.app:create_app",
            ports[1],
            {"TRACKER_INSTANCE": str(folder), "TRACKER_SECRET_KEY": SECRET},
        ),
    ]
    results: dict[str, dict[str, list[float]]] = {
        name: {"rate": [], "rate_ratio": [], "p95_ratio": []} for name in pages
    }
    try:
        for round_number in range(ROUNDS + 1):
            for name, path in pages.items():
                bare_rate, bare_p95 = measure(ports[0], "/", "")
                rate, p95 = measure(ports[1], path, cookie)
                if round_number:  # the first round warms up
                    results[name]["rate"].append(rate)
                    results[name]["rate_ratio"].append(bare_rate / rate)
                    results[name]["p95_ratio"].append(p95 / bare_p95)
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=10)
    summary = {
        name: {key: round(statistics.median(values), 2) for key, values in found.items()}
        for name, found in results.items()
    }
    print(f"{'page':<28}{'requests/s':>12}{'bare / page':>14}{'p95 / bare':>12}")
    for name, found in summary.items():
        print(f"{name:<28}{found['rate']:>12}{found['rate_ratio']:>14}{found['p95_ratio']:>12}")
    parts = {
        "planner": planner.measure(),
        "lists": lists.measure(),
        "search": search.measure(),
        "totals": totals.measure(),
    }
    for found in parts.values():
        for name, value in found.items():
            print(f"{name:<64}{value:>10}")
    Path("benchmarks.json").write_text(json.dumps(summary | parts, indent=2) + "\n")


if __name__ == "__main__":
    main()
