"""Lists and searches with a hundred thousand observers against a thousand: what a page asks, and
beside it the bare SQL of the plainest of these questions."""

import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.million import NOW, SLUG, fill
from tests.journeys.demonstration import demonstration
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.headquarters.search import find
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, refresh_statistics, unit_of_work
from tracker.observers.models import Observer
from tracker.people import Wanted, observers_page

FEW, MANY, ROUNDS = 1_000, 100_000, 15
LISTS = {
    "page 1": Wanted(),
    "accredited": Wanted(status=AccreditationStatus.ACCREDITED),
    "heads": Wanted(function=Function.HEAD),
    "of a citizenship": Wanted(citizenship="AD"),
    "behind a figure": Wanted(figure="observers"),
}
BARE = sa.text(
    "SELECT a.id, surname, given_names FROM accreditations a "
    "JOIN observers o ON o.id = a.observer_id "
    "WHERE a.election_id = :election ORDER BY a.sort_name, a.id LIMIT 51"
)


def _timed(call: object, rounds: int = ROUNDS) -> list[float]:
    times = []
    for _round in range(rounds + 1):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        times.append((time.perf_counter() - start) * 1000)
    return times[1:]


def _texts(election_id: int) -> dict[str, str]:
    """What is looked for: a surname, its parts, a given name, in two alphabets and on no list."""
    query = (
        sa.select(Observer.surname, Observer.given_names)
        .join(Accreditation, Accreditation.observer_id == Observer.id)
        .where(Accreditation.election_id == election_id)
        .order_by(Accreditation.sort_name.desc(), Accreditation.id)
    )
    surname, given = db.session.execute(query.limit(1)).one()
    return {
        "a surname": surname,
        "its beginning": surname[:2],
        "inside it": surname[1:-1],
        "a full name": f"{given} {surname}",
        "a given name": given,
        "in Cyrillic": "Иванова",
        "inside, in Cyrillic": "ванов",
        "nobody": "xyzzyq",
    }


def _measured(app: Flask) -> dict[str, list[float]]:
    """Milliseconds of each question."""
    found = {}
    with app.app_context(), unit_of_work(SYSTEM):
        refresh_statistics()
    with app.test_request_context(), clock.at(NOW):
        election = db.session.scalars(sa.select(Election).filter_by(slug=SLUG)).one()
        known, key = elections(), election.id
        found["bare"] = _timed(lambda: db.session.execute(BARE, {"election": key}).all())
        for name, wanted in LISTS.items():
            found[f"list, {name}"] = _timed(
                lambda wanted=wanted: observers_page(SYSTEM, election, wanted, "en", None)
            )
        for name, text in _texts(key).items():
            wanted = Wanted(text=text)
            found[f"list, {name}"] = _timed(
                lambda wanted=wanted: observers_page(SYSTEM, election, wanted, "en", None)
            )
            found[f"search, {name}"] = _timed(
                lambda text=text: find(SYSTEM, election, known, text, limit=4)
            )
        db.session.rollback()
        db.engine.dispose()
    return found


def measure() -> dict[str, float]:
    """Medians among `MANY`: in milliseconds, and as times of the same among `FEW`."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        for count in (FEW, MANY):
            app = demonstration(Path(folder) / str(count))
            fill(app, count)
            found[count] = _measured(app)
    summary = {}
    for name, times in found[MANY].items():
        many, few = statistics.median(times), statistics.median(found[FEW][name])
        summary[f"{name} among {MANY:,}, ms"] = round(many, 1)
        summary[f"{name}, {MANY:,} / {FEW:,}"] = round(many / few, 2)
    page, bare = (statistics.median(found[MANY][name]) for name in ("list, page 1", "bare"))
    summary["list, page 1 / bare SQL"] = round(page / bare, 1)
    slowest = max(max(times) for name, times in found[MANY].items() if name.startswith("search"))
    summary[f"slowest search among {MANY:,}, ms"] = round(slowest, 1)
    return summary


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<56}{value:>10}")
