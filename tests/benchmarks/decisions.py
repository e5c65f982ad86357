"""Ten thousand people submitted and decided at once, beside the bare SQL of the same rows.

The bare side inserts as many rows as the two acts do (history, items, entries of the record) and
updates as many, without a rule, a chain or a number kept. Nothing stays: all of it is rolled back.

`python -m tests.benchmarks.decisions --folder FOLDER --sizes 1000000 --engines postgresql`
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.benchmarks.scale import ENGINES, SIZES, make, places_in
from tracker.accreditation.models import Function
from tracker.accreditation.operations import (
    Decision,
    Entry,
    Place,
    create_accreditations,
    decide_submission,
    submit_observers,
)
from tracker.accreditation.queries import items_of
from tracker.delegations.models import Delegation
from tracker.demonstration.national import SLUG
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.observers.models import DocumentType, Sex
from tracker.observers.operations import PersonDetails

COUNT = 10_000


def _entry(number: int) -> Entry:
    letters = "".join(chr(ord("A") + int(digit)) for digit in f"{number:06}")
    details = PersonDetails(
        surname=f"BENCH{letters}",
        given_names="ANNA",
        sex=Sex.FEMALE,
        birth_date=date(1960, 1, 1) + timedelta(days=number),
        citizenship="TR",
        portrait="0" * 64,
        document_kind=DocumentType.PASSPORT,
        document_number=f"BN{number:07}",
        issuing_state="TR",
        document_expires_on=date(2099, 1, 1),
    )
    place = Place(function=Function.SHORT_TERM_OBSERVER, pledge_signed_on=date(2022, 9, 1))
    return Entry(details=details, place=place)


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _bare(count: int) -> None:
    """As many rows, written by statements that know nothing of them."""
    connection = db.session.connection()
    connection.exec_driver_sql(
        "CREATE TEMPORARY TABLE bench_rows (id INTEGER, a TEXT, b TEXT, c TEXT, d TEXT)"
    )
    row = sa.table("bench_rows", *map(sa.column, ("id", "a", "b", "c", "d")))
    values = {name: name * 60 for name in "abcd"}
    for _kind in range(8):  # submit: items, history, 3 entries; decide: history, 2 entries … each
        connection.execute(sa.insert(row), [{"id": each, **values} for each in range(count)])
    for text in "ab":
        connection.execute(sa.update(row).where(row.c.id < count).values(a=text))


def measure(app: Flask, count: int = COUNT) -> dict[str, float]:
    """Seconds to submit, to decide and to write the bare rows, and how many times the bare."""
    with app.app_context():
        election = db.session.scalars(sa.select(Election).where(Election.slug == SLUG)).one()
        db.session.rollback()
        with clock.at(election.closes_at - timedelta(hours=1)):
            expect_writes(True)
            election = db.session.merge(election)
            of = sa.select(Delegation).where(
                Delegation.election_id == election.id, Delegation.note_verbale_number.is_not(None)
            )
            delegation = db.session.scalars(of.order_by(Delegation.id).limit(1)).one()
            entries = [_entry(number) for number in range(count)]
            ids = create_accreditations(
                actor=SYSTEM, election=election, delegation=delegation, entries=entries
            ).ids
            submitting, submission = _seconds(
                lambda: submit_observers(actor=SYSTEM, election=election, accreditation_ids=ids)
            )
            decisions = {item.id: Decision("accredited") for item in items_of(submission.id)}
            deciding, _resolution = _seconds(
                lambda: decide_submission(
                    actor=SYSTEM,
                    election=election,
                    submission=submission,
                    decisions=decisions,
                    resolution_number="bench/1",
                    effective_at=clock.now(),
                )
            )
            bare, _nothing = _seconds(lambda: _bare(count))
            db.session.rollback()
    return {
        "submit s": round(submitting, 2),
        "decide s": round(deciding, 2),
        "bare s": round(bare, 2),
        "both / bare": round((submitting + deciding) / bare, 1),
    }


def main() -> None:
    """Measure on every installation that is asked for, print, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("decisions.json"))
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    found = []
    with places_in(asked.folder, asked.engines.split(","), sizes) as places:
        for place in places:
            numbers = measure(make(place))
            found.append({"engine": place.engine, "observers": place.size, **numbers})
            print(found[-1])
    asked.output.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
