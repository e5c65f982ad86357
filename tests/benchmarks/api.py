"""The interface for programs: reads against a bare page that gives as much JSON, and a hundred
thousand observers pulled page by page by one program, in memory that does not grow."""

import json
import os
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import psutil
import sqlalchemy as sa
from flask import Flask, Response, jsonify

from tests.benchmarks.million import SLUG, fill
from tests.benchmarks.served import free_port, installation, measure, serve, serving
from tests.factories import tokens
from tests.journeys.demonstration import demonstration
from tracker.accounts.queries import user_by_email
from tracker.accreditation.models import Accreditation
from tracker.demonstration.installation import address_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, refresh_statistics, unit_of_work
from tracker.kernel.permissions import Role

MANY, ROUNDS = 100_000, 5
ROOT = "/api/v1/elections"
BARE: tuple[str, dict[str, str]] = ("tests.benchmarks.api:bare", {})
RATE = {"TRACKER_API_RATE": "1000000"}
SAME = "JSON, 50 observers: plain SQL / read"


def bare() -> Flask:
    """A page that gives fifty rows of JSON which are there already."""
    app = Flask("bare")
    row = {"id": 1, "surname": "SURNAME", "given_names": "GIVEN NAMES", "citizenship": "NO"}
    row |= {"delegation_id": 1, "sender": "ODIHR", "status": "accredited", "region": None}
    rows = [row | {"id": number} for number in range(50)]
    app.add_url_rule("/", view_func=lambda: jsonify(items=rows, next=None))
    return app


PLAIN = """SELECT a.id, o.surname, o.given_names, o.native_name, o.citizenship, a.delegation_id,
    coalesce(s.acronym, s.name_en) AS sender, a.status, a.function, a.region,
    o.portrait IS NOT NULL AS has_portrait
FROM accreditations a JOIN observers o ON o.id = a.observer_id
    JOIN delegations d ON d.id = a.delegation_id JOIN organizations s ON s.id = d.organization_id
WHERE a.election_id = 1 ORDER BY a.sort_name, a.id LIMIT 50"""


def plain() -> Flask:
    """A page that reads the same fifty observers by one statement and asks nobody who they are."""
    app, database = Flask("plain"), Path(os.environ["TRACKER_INSTANCE"]) / "tracker.sqlite"

    def answer() -> Response:
        with closing(sqlite3.connect(database)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute(PLAIN)]
        return jsonify(items=rows, next=None)

    app.add_url_rule("/", view_func=answer)
    return app


def header_of(app: Flask) -> dict[str, str]:
    """The header of a program of the demonstration's registrar."""
    with app.app_context():
        with unit_of_work(SYSTEM):
            _id, secret = tokens.personal(user_by_email(address_of(Role.REGISTRAR)))
        db.engine.dispose()
    return {"Authorization": f"Bearer {secret}"}


def _reads() -> dict[str, float]:
    """How many times a bare page of JSON each read takes."""
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        app = demonstration(Path(folder))
        header = header_of(app)
        with app.app_context():
            person = db.session.scalars(sa.select(Accreditation.id).limit(1)).one()
            db.engine.dispose()
        paths = {
            "50 observers": f"{ROOT}/kz-2022/observers",
            "one observer": f"{ROOT}/kz-2022/observers/{person}",
            "delegations": f"{ROOT}/kz-2022/delegations",
            "totals": f"{ROOT}/kz-2022/totals",
        }
        against = {f"JSON, {name}: bare / read": path for name, path in paths.items()}
        ratios: dict[str, list[float]] = {name: [] for name in (*against, SAME)}
        target, environment = installation(Path(folder))
        targets = BARE, ("tests.benchmarks.api:plain", environment), (target, environment | RATE)
        with serving(*targets) as (bare_port, plain_port, tracker):
            for round_number in range(ROUNDS + 1):
                for name, path in (*against.items(), (SAME, paths["50 observers"])):
                    other = plain_port if name == SAME else bare_port
                    other_rate, _p95 = measure(other, "/", {})
                    rate, _p95 = measure(tracker, path, header)
                    if round_number:  # the first round warms up
                        ratios[name].append(other_rate / rate)
    return {name: round(statistics.median(found), 2) for name, found in ratios.items()}


def _resident(server: psutil.Process) -> float:
    """Megabytes of a server and its workers."""
    everybody = [server, *server.children(recursive=True)]
    return sum(each.memory_info().rss for each in everybody) / 1_048_576


def _pull() -> dict[str, float]:
    """All observers by the `next` addresses; seconds, and how the server's memory grew after the
    first tenth."""
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        app = demonstration(Path(folder))
        fill(app, MANY)
        header = header_of(app)
        with app.app_context():
            with unit_of_work(SYSTEM):
                refresh_statistics()
            db.engine.dispose()
        target, environment = installation(Path(folder))
        port = free_port()
        server = serve(target, port, environment | RATE)
        try:
            watched, path = psutil.Process(server.pid), f"{ROOT}/{SLUG}/observers?size=200"
            connection, count, early, latest = HTTPConnection("127.0.0.1", port), 0, 0.0, 0.0
            start, pages = time.perf_counter(), []
            while path:
                began = time.perf_counter()
                connection.request("GET", path, headers=header)
                answer = json.loads(connection.getresponse().read())
                pages.append((time.perf_counter() - began) * 1_000)
                count += len(answer["items"])
                path = answer["next"]
                if early == 0.0 and count >= MANY // 10:
                    early = _resident(watched)
            latest, seconds = _resident(watched), time.perf_counter() - start
        finally:
            server.terminate()
            server.wait(timeout=10)
    if count < MANY:
        raise RuntimeError(f"only {count} of {MANY} observers were given")
    half = len(pages) // 2
    return {
        f"{count:,} observers by program, s": round(seconds, 1),
        "last half / first half of the pages": round(
            statistics.median(pages[half:]) / statistics.median(pages[:half]), 2
        ),
        "server's memory at the end / after a tenth": round(latest / early, 2),
    }


def measure_api() -> dict[str, float]:
    """Reads as times of a bare page, and the long pull."""
    return _reads() | _pull()


if __name__ == "__main__":
    for name, value in measure_api().items():
        print(f"{name:<64}{value:>10}")
