"""What the first page asks, with 100,000 observers against a thousand; and a change of status
with the kept numbers against one without them. Both sides of a ratio are measured in turn, so that
a machine that slows down slows both."""

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from tests.benchmarks.million import NOW, SLUG, fill
from tests.journeys.demonstration import demonstration
from tracker.accreditation import counts
from tracker.accreditation.models import Accreditation, AccreditationStatus, Ground
from tracker.accreditation.operations import Reason, withdraw_accreditation
from tracker.elections.models import Election
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.observers import identities
from tracker.totals.queries import curve, figures, headline_figures

FEW, MANY, ROUNDS, CHANGES = 1_000, 100_000, 41, 20
DAY_BEGAN = datetime(2022, 11, 17, 18, tzinfo=UTC)
QUESTIONS: dict[str, Callable[[Election], Any]] = {
    "present figures": figures,
    "figures as of the start of the day": lambda election: headline_figures(
        election, as_of=DAY_BEGAN - timedelta(microseconds=1)
    ),
    "curve": curve,
    "attention": lambda election: attention(election, NOW),
}


def _election() -> Election:
    return db.session.scalars(sa.select(Election).filter_by(slug=SLUG)).one()


def change(app: Flask, number: int) -> list[float]:
    """Withdraw so many accredited observers one by one, each in a transaction of its own."""
    times = []
    with app.app_context(), clock.at(NOW):
        query = sa.select(Accreditation.id).where(
            Accreditation.election_id == _election().id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
        )
        ids = db.session.scalars(query.order_by(Accreditation.id).limit(number)).all()
        db.session.rollback()
        for key in ids:
            start = time.perf_counter()
            with unit_of_work(SYSTEM):
                row = db.session.get_one(Accreditation, key)
                withdraw_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.OWN_REQUEST))
            times.append(time.perf_counter() - start)
    return times


@contextmanager
def _nothing_kept() -> Any:
    """The same operations without the numbers."""
    for part in (identities, counts):
        event.remove(db.session, "after_flush", part._flushed)
    yield
    for part in (identities, counts):
        event.listen(db.session, "after_flush", part._flushed)


def questions(few: Flask, many: Flask) -> dict[str, float]:
    """Each question's processor time among many as a ratio of its time among few."""
    times: dict[tuple[str, str], list[float]] = {}
    for _round in range(ROUNDS):
        for side, app in (("few", few), ("many", many)):
            with app.app_context():
                election = _election()
                for name, ask in QUESTIONS.items():
                    start = time.process_time()
                    ask(election)
                    times.setdefault((name, side), []).append(time.process_time() - start)
                db.session.rollback()
    found = {key: statistics.median(values) for key, values in times.items()}
    return {
        f"{name}, {MANY:,} / {FEW:,}": found[name, "many"] / found[name, "few"]
        for name in QUESTIONS
    } | {f"{name} among {MANY:,}, ms": found[name, "many"] * 1000 for name in QUESTIONS}


def measure() -> dict[str, float]:
    """Every ratio, named; the questions are asked right after the changes."""
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        few, many = (demonstration(Path(folder) / name) for name in ("few", "many"))
        fill(few, FEW)
        start = time.perf_counter()
        fill(many, MANY)
        found = {f"filling with {MANY:,}, s": time.perf_counter() - start}
        kept: dict[bool, list[float]] = {True: [], False: []}
        for _turn in range(3):
            kept[True] += change(many, CHANGES)
            with _nothing_kept():
                kept[False] += change(many, CHANGES)
        ratio = statistics.median(kept[True]) / statistics.median(kept[False])
        found["change of status with kept numbers / without"] = ratio
        change(few, CHANGES * 6)
        with many.app_context(), unit_of_work(SYSTEM):  # what was not kept meanwhile
            counts.remake(db.session.connection(), _election().id)
        found |= questions(few, many)
        for app in (few, many):
            with app.app_context():
                db.engine.dispose()
    return {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<64}{value:>10}")
