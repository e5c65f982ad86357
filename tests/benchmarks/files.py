"""Ten thousand observers as CSV and as xlsx, beside the bare query written by the bare library."""

import csv
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from tests.benchmarks.million import SLUG, fill
from tests.journeys.demonstration import demonstration, signed_in
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

COUNT, ROUNDS = 10_000, 3
BARE = sa.text(
    "SELECT a.id, o.surname, o.given_names, o.native_name, o.citizenship, o.sex, a.function, "
    "a.region, a.status, a.status_at FROM accreditations a "
    "JOIN observers o ON o.id = a.observer_id JOIN elections e ON e.id = a.election_id "
    "WHERE e.slug = :slug ORDER BY a.sort_name, a.id"
)


def _bare_csv() -> None:
    csv.writer(io.StringIO()).writerows(db.session.execute(BARE, {"slug": SLUG}))


def _bare_xlsx() -> None:
    with xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(db.session.execute(BARE, {"slug": SLUG})):
            sheet.write_row(number, 0, row)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """Seconds of a whole answer, and how many times what the bare library takes."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        app = demonstration(Path(folder))
        fill(app, COUNT)
        client = signed_in(app, Role.REGISTRAR)
        assert client.get(f"/e/{SLUG}/observers/?format=csv").data.count(b"\n") > COUNT
        for kind, bare in (("csv", _bare_csv), ("xlsx", _bare_xlsx)):
            address = f"/e/{SLUG}/observers/?format={kind}"
            ours, theirs = [], []
            for _round in range(ROUNDS):
                ours.append(_seconds(lambda address=address: client.get(address).data))
                with app.app_context():
                    theirs.append(_seconds(bare))
                    db.session.rollback()
            found[f"{COUNT:,} as {kind}, s"] = round(statistics.median(ours), 2)
            ratio = statistics.median(ours) / statistics.median(theirs)
            found[f"{COUNT:,} as {kind} / bare"] = round(ratio, 1)
        with app.app_context():
            db.engine.dispose()
    return found


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<40}{value:>10}")
