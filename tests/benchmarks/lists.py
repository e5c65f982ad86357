"""Long lists: checking and accepting against only reading the file; a likeness among a million
persons; an export against bare XlsxWriter. Each pair is measured in one run."""

import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import python_calamine
import sqlalchemy as sa
import xlsxwriter

from tests.journeys.demonstration import demonstration
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import tables
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.operations import Received, receive_list
from tracker.observers.matching import Person, block_key
from tracker.observers.models import Observer
from tracker.observers.queries import birth_digest, look_alikes

ROWS, COLUMNS, PERSONS, EXPORTED = 50_000, 15, 1_000_000, 100_000
SYLLABLES = ["KA", "LO", "MI", "RU", "TE", "SA", "VO", "NI", "PE", "DU", "GA", "BE"]
GIVEN = "ANNA BORIS CLARA DAVID ELENA FARID GRETA HASAN INGRID JAKOB KARIM LAURA".split()  # noqa: SIM905
HEADER = [
    "No",
    "Surname",
    "Given names",
    "Sex",
    "Date of birth",
    "Citizenship",
    "Passport No",
    "Valid until",
    "Function",
    "E-mail",
    "Phone",
    "Occupation",
    "Languages",
    "Document type",
    "Pledge signed on",
]


def surname(number: int) -> str:
    """One of 12⁶ invented names."""
    return "".join(SYLLABLES[number // 12**place % 12] for place in range(6))


def born(number: int) -> date:
    """A day of birth; about 18,000 different ones."""
    return date.fromordinal(date(1950, 1, 1).toordinal() + number * 7919 % 18_000)


def row(number: int) -> list[object]:
    """One row of the list of fifteen columns."""
    person = [number + 1, surname(number), GIVEN[number % 12], "FM"[number % 2]]
    document = ["DE", f"P{number:08}", "2030-01-01"]
    rest = ["STO", f"p{number}@example.org", f"+90555{number:07}", "Expert", "en ru", "passport"]
    return [*person, born(number).isoformat(), *document, *rest, "2022-11-01"]


def write_list(path: Path) -> None:
    """The list as a spreadsheet."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([HEADER, *map(row, range(ROWS))]):
            sheet.write_row(number, 0, cells)


def accept(path: Path) -> None:
    """Check and accept the list on a copy of the demonstration; print seconds and megabytes."""
    app = demonstration(path.parent / "installation")
    start = time.perf_counter()
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = db.session.scalars(sa.select(Delegation).order_by(Delegation.id)).first()
        assert delegation is not None
        election = db.session.get_one(Election, delegation.election_id)
        around = {"actor": SYSTEM, "election": election, "delegation": delegation}
        received = Received(filename=path.name, content=path.read_bytes())
        found = receive_list(**around, received=received, at_once=True)
        checked = time.perf_counter() - start
        begin_acceptance(actor=SYSTEM, found=found)
        outcome = accept_list(**around, list_id=found.id)
    assert outcome is not None
    assert outcome.created == ROWS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(checked, time.perf_counter() - start, peak)


def long_list(folder: Path) -> dict[str, float]:
    """Checking, and checking with accepting, as times of only reading the same file."""
    path = folder / "list.xlsx"
    write_list(path)
    start = time.perf_counter()
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    reading = time.perf_counter() - start
    assert len(rows) == ROWS + 1
    command = [sys.executable, "-m", "tests.benchmarks.lists", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    checked, accepted, peak = map(float, said.split())
    return {
        "list check / reading": checked / reading,
        "list check and accept / reading": accepted / reading,
        "list peak megabytes": peak,
    }


def _store_million(connection: sa.Connection) -> None:
    days = {number: birth_digest(born(number)) for number in range(18_000)}
    for start in range(0, PERSONS, 50_000):
        rows = []
        for number in range(start, start + 50_000):
            name, given = surname(number), GIVEN[number % 12]
            rows.append(
                {
                    "surname": name,
                    "given_names": given,
                    "search_key": f"{name} {given}".lower(),
                    "sort_key": f"{name} {given}".lower(),
                    "block_key": block_key.__wrapped__(name, given),
                    "birth_digest": days[number % 18_000],
                    "citizenship": "TR",
                }
            )
        connection.execute(sa.insert(Observer), rows)


def likeness(folder: Path) -> dict[str, float]:
    """Milliseconds and times of one look-up by key, among a million persons."""
    app = demonstration(folder / "million")
    with app.app_context():
        expect_writes(True)
        _store_million(db.session.connection())
        db.session.commit()
        expect_writes(False)
        times, keyed = [], []
        for number in range(0, PERSONS, PERSONS // 50):
            person = Person(surname=surname(number), given_names="ANNA", birth_date=born(number))
            start = time.perf_counter()
            db.session.execute(sa.select(Observer.id).where(Observer.id == number + 1)).all()
            keyed.append(time.perf_counter() - start)
            start = time.perf_counter()
            look_alikes(person)
            times.append(time.perf_counter() - start)
        db.session.rollback()
        db.engine.dispose()
    return {
        "likeness among 1,000,000, ms": statistics.median(times) * 1000,
        "likeness / look-up by key": statistics.median(times) / statistics.median(keyed),
    }


def _bare(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return buffer.getvalue()


def exporting() -> dict[str, float]:
    """Our export of a list as times of bare XlsxWriter writing the same cells."""
    rows = [row(number)[:10] for number in range(EXPORTED)]
    columns = [
        tables.Column(name, name, lambda cells, place=place: cells[place])
        for place, name in enumerate(HEADER[:10])
    ]
    times: dict[str, list[float]] = {"bare": [], "ours": []}
    for _round in range(2):
        start = time.perf_counter()
        _bare(rows)
        times["bare"].append(time.perf_counter() - start)
        start = time.perf_counter()
        tables.write_workbook(io.BytesIO(), columns, rows, "list")
        times["ours"].append(time.perf_counter() - start)
    return {"export / bare XlsxWriter": min(times["ours"]) / min(times["bare"])}


def measure() -> dict[str, float]:
    """Every figure, named."""
    with tempfile.TemporaryDirectory(prefix="tracker-benchmark-") as folder:
        found = exporting() | long_list(Path(folder)) | likeness(Path(folder))
    return {name: round(value, 2) for name, value in found.items()}


if __name__ == "__main__":
    accept(Path(sys.argv[1]))
