"""Searching everything for a name: among a million observers against among a thousand."""

import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.lists import GIVEN, surname
from tests.journeys.demonstration import demonstration
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.delegations.models import Delegation
from tracker.elections.queries import elections
from tracker.headquarters.search import find
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.words import keep_words
from tracker.observers.models import Observer

SIZES = (1_000, 1_000_000)
ROUNDS = 30


def _enter(app: Flask, count: int) -> None:
    """So many accredited observers, spread over the delegations of the first election."""
    with app.app_context():
        expect_writes(True)
        first = (db.session.scalar(sa.select(sa.func.max(Observer.id))) or 0) + 1
        query = sa.select(Delegation.id, Delegation.election_id).order_by(Delegation.id)
        delegations = db.session.execute(query).all()
        moment, connection = clock.now(), db.session.connection()
        for start in range(0, count, 50_000):
            people, standing = [], []
            for number in range(start, min(count, start + 50_000)):
                name, given = surname(number * 2_985 % 12**6), GIVEN[number % 12]
                names = f"{name} {given}".lower()
                delegation, election = delegations[number % len(delegations)]
                people.append(
                    {"id": first + number, "surname": name, "given_names": given}
                    | {"search_key": names, "sort_key": names}
                )
                standing.append(
                    {"observer_id": first + number, "sort_name": names, "status_at": moment}
                    | {"status": AccreditationStatus.ACCREDITED, "is_live": True}
                    | {"delegation_id": delegation, "election_id": election}
                )
            connection.execute(sa.insert(Observer), people)
            connection.execute(sa.insert(Accreditation), standing)
            keep_words(connection, Observer, people)
        db.session.commit()


def _times(app: Flask, count: int) -> tuple[float, float]:
    """Medians in seconds: a whole search for a full name, and one look-up by key."""
    searches, keyed = [], []
    with app.test_request_context():
        expect_writes(False)
        known = elections()
        for number in range(0, count, count // ROUNDS):
            text = f"{GIVEN[number % 12]} {surname(number * 2_985 % 12**6)}"
            start = time.perf_counter()
            db.session.execute(sa.select(Observer.id).where(Observer.id == number + 1)).all()
            keyed.append(time.perf_counter() - start)
            start = time.perf_counter()
            found = find(SYSTEM, known[0], known, text, limit=4)
            searches.append(time.perf_counter() - start)
            assert any(kind.name == "observers" for kind, _hits in found.groups), text
            db.session.rollback()
        db.engine.dispose()
    return statistics.median(searches), statistics.median(keyed)


def measure() -> dict[str, float]:
    """Milliseconds among a million, and as times of the same among a thousand."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        for count in SIZES:
            app = demonstration(Path(folder) / str(count))
            _enter(app, count)
            found[count] = _times(app, count)
    (few, _key), (many, key) = (found[count] for count in SIZES)
    return {
        "search among 1,000,000, ms": round(many * 1000, 1),
        "search among 1,000,000 / among 1,000": round(many / few, 2),
        "search among 1,000,000 / look-up by key": round(many / key, 1),
    }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<56}{value:>10}")
