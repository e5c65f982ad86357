"""Lists of arrivals and departures as files: columns recognized, rows read, nothing stored.

Opening a file and finding its table is the work of the lists of observers; here is what the
columns of these lists are called, and what a row means.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import normalize, search_key
from tracker.logistics.models.movements import Direction, Means, Point, PointKind
from tracker.logistics.operations.movements import MovementDetails, faults
from tracker.logistics.rules.movements import clock_fault
from tracker.observers.intake.dates import DateProblem, order_of, read_date
from tracker.observers.intake.files import read_grid
from tracker.observers.intake.grid import Cell, text_of
from tracker.observers.intake.table import find_table
from tracker.organizations.states import find_state

HEADERS = Path(__file__).parent / "data" / "headers.csv"
DEEPEST_HEADER = 40
MOST_ROWS = 500
LONGEST = {"number": 20, "place": 100, "met_by_phone": 60, "vehicle": 100, "plate": 20}
TEXTS = ("number", "place", "met_by", "met_by_phone", "vehicle", "plate", "driver", "hotel", "note")
_TIME = re.compile(r"(?:^|[\sT])(\d{1,2})[:.h](\d{2})(?::\d{2})?$")
_LEAVING = frozenset(
    search_key(word)
    for word in ("departure", "dep", "leaving", "отъезд", "вылет", "убытие", "кету", "ұшып кету")
)
_COMING = frozenset(
    search_key(word)
    for word in ("arrival", "arr", "arriving", "прибытие", "прилет", "прилёт", "приезд", "келу")
)
DATE_PROBLEMS = {
    "not_a_date": N_("“%(text)s” is not a date."),
    "impossible_date": N_("There is no such day as “%(text)s”."),
    "ambiguous_date": N_("“%(text)s” can be read in two ways. Write it like 2022-11-18."),
}
Key = tuple[int, Direction, datetime, str | None]


@dataclass(frozen=True)
class Row:
    """One row as written: its number in the file, and text by field; dates as ISO 8601."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """What a row means; `problems` say why it cannot be entered."""

    row: Row
    delegation: Delegation | None = None
    details: MovementDetails | None = None
    problems: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Known:
    """What rows are held against: whose delegations, which points, what is entered already."""

    election: Election
    delegations: Sequence[Delegation]
    points: Sequence[Point]
    usual_point: Point
    entered: frozenset[Key] = field(default_factory=frozenset)


@lru_cache
def _phrases() -> dict[str, str]:
    with HEADERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {search_key(text): row["field"] for row in rows for text in row["phrases"].split("|")}


def _field(cell: Cell) -> str | None:
    text = re.sub(r"[(\[].*?[)\]]", " ", text_of(cell))
    parts = [text, *re.split(r"[/|\n]", text)]  # one header in several languages
    return next((name for part in parts if (name := _phrases().get(search_key(part)))), None)


def rows_of(content: bytes) -> list[Row]:
    """The rows of a file; raises `Refused` where it is no list of arrivals and departures."""
    grid = read_grid(content)
    fields = {
        number: {name for cell in row if (name := _field(cell))}
        for number, row in enumerate(grid.rows[:DEEPEST_HEADER], start=1)
    }
    top = max(fields, key=lambda number: (len(fields[number]), -number), default=0)
    if not top or not {"date", "delegation"} <= fields[top]:
        raise Refused(
            N_("The list needs a header with at least the columns “Date” and “Delegation”."),
            field="file",
        )
    table = find_table(grid.rows, header_row=top)
    if len(table.rows) > MOST_ROWS:
        raise Refused(
            N_("The list has more than %(limit)s rows. Divide it."), field="file", limit=MOST_ROWS
        )
    places: dict[str, int] = {}
    for index, cell in enumerate(grid.rows[top - 1]):
        if name := _field(cell):
            places.setdefault(name, index)
    body = [grid.rows[number - 1] for number in table.rows]
    order = order_of(row[places["date"]] for row in body if places["date"] < len(row))
    return [
        Row(number, _cells(row, places, order.day_first))
        for number, row in zip(table.rows, body, strict=True)
    ]


def _cells(
    row: Sequence[Cell], places: Mapping[str, int], day_first: bool | None
) -> dict[str, str]:
    found = {
        name: normalize(text_of(row[index])) for name, index in places.items() if index < len(row)
    }
    index = places.get("time", len(row))
    if index < len(row) and isinstance(row[index], float):
        found["time"] = _of_fraction(row[index])
    day = found.get("date", "")
    if not found.get("time") and (end := _TIME.search(day)) and end.start():
        found["time"] = end[0].strip(" T")
        day = day[: end.start()]
    cell = row[places["date"]] if places["date"] < len(row) else None
    try:
        today = clock.now().date()
        value = cell if isinstance(cell, date) else day
        read = read_date(value, day_first=day_first, is_future=True, today=today)
        found["date"] = read.isoformat()
    except DateProblem as problem:
        found["date_problem"] = problem.code
    return {name: text for name, text in found.items() if text}


def _of_fraction(cell: Cell) -> str:
    """A time that a spreadsheet keeps as a fraction of a day; other numbers as they are."""
    if not isinstance(cell, float) or not 0 <= cell < 1:
        return text_of(cell)
    hours, minutes = divmod(round(cell * 24 * 60), 60)
    return f"{hours}:{minutes:02}"


def packed(rows: Iterable[Row]) -> str:
    """Rows as text, for a page that carries them until they are accepted."""
    return json.dumps([[row.number, row.cells] for row in rows], ensure_ascii=False)


def unpacked(text: str) -> list[Row]:
    """The rows of `packed`; raises `Refused` for anything else."""
    try:
        rows = [
            Row(int(number), {str(name): str(value) for name, value in cells.items()})
            for number, cells in json.loads(text)
        ]
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(N_("Take the file in once more."), field="file") from error
    return rows[:MOST_ROWS]


def read_rows(rows: Sequence[Row], known: Known) -> list[Read]:
    """What the rows mean, each with everything that stands against it."""
    senders = _senders(known.delegations)
    seen: set[Key] = set(known.entered)
    found = []
    for row in rows:
        read = _read(row, known, senders)
        if read.details and read.delegation and not read.problems:
            key = key_of(read.delegation.id, read.details)
            if key in seen:
                problem = Refused(N_("This is entered already."))
                read = Read(row, read.delegation, read.details, (problem,))
            seen.add(key)
        found.append(read)
    return found


def key_of(delegation_id: int, details: Any) -> Key:
    """What makes two movements (or details of them) one and the same."""
    number = search_key(details.number).replace(" ", "") if details.number else None
    return delegation_id, details.direction, details.moves_at, number


def _senders(delegations: Iterable[Delegation]) -> dict[str, Delegation]:
    found: dict[str, Delegation] = {}
    for row in delegations:
        sender = row.organization
        names = (sender.acronym, sender.name_en, sender.name_ru, sender.name_kk, sender.country)
        found |= {search_key(name): row for name in names if name}
    return found


def _read(row: Row, known: Known, senders: Mapping[str, Delegation]) -> Read:
    problems: list[Refused] = []
    cells, text = row.cells, row.cells.get("delegation", "")
    sender = senders.get(search_key(text)) or senders.get((find_state(text) or "").lower())
    if sender is None:
        problems.append(_fault(N_("No delegation is called “%(text)s”."), text))
    moment = _moment(cells, known.election.time_zone, problems)
    direction, point = _direction(cells, problems), _point(cells, known, problems)
    people = cells.get("people", "")
    if not people.isdecimal() or len(people) > 4:
        problems.append(_fault(N_("“%(text)s” is no number of people."), people))
    for name in TEXTS:
        if len(cells.get(name, "")) > LONGEST.get(name, 200):
            problems.append(_fault(N_("“%(text)s” is too long."), cells[name][:40]))
    if moment is None or problems:
        return Read(row, sender, None, tuple(problems))
    texts: dict[str, Any] = {name: cells.get(name) for name in TEXTS}
    details = MovementDetails(
        direction=direction,
        means=_means(cells, point),
        point_id=point.id,
        moves_at=moment,
        people=int(people),
        **texts,
    )
    return Read(row, sender, details, tuple(faults(known.election, details, named=0)))


def _fault(message: str, text: str) -> Refused:
    """A problem with a cell; an empty one has no text to repeat."""
    empty = {
        DATE_PROBLEMS["not_a_date"]: N_("Give a day."),
        "“%(text)s” is no time.": N_("Give a time."),
        "“%(text)s” is no number of people.": N_("Give a number of people."),
        "No delegation is called “%(text)s”.": N_("Give a delegation."),
    }
    return Refused(message, text=text) if text else Refused(empty[message])


def _moment(cells: Mapping[str, str], zone: str, problems: list[Refused]) -> datetime | None:
    text, day = cells.get("date", ""), None
    code = cells.get("date_problem", "not_a_date")
    if "date_problem" not in cells:
        with suppress(ValueError):  # the page that carried it could have been tampered with
            day = date.fromisoformat(text)
    if day is None:
        problems.append(_fault(DATE_PROBLEMS.get(code, DATE_PROBLEMS["not_a_date"]), text))
    at = _time(cells.get("time", ""))
    if at is None:
        problems.append(_fault(N_("“%(text)s” is no time."), cells.get("time", "")))
    if day is None or at is None:
        return None
    typed = datetime.combine(day, at)
    if fault := clock_fault(typed, zone):
        problems.append(Refused(fault))
        return None
    return typed.replace(tzinfo=ZoneInfo(zone))


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def _direction(cells: Mapping[str, str], problems: list[Refused]) -> Direction:
    """An arrival where the list does not say."""
    text = cells.get("direction", "")
    if search_key(text) in _LEAVING:
        return Direction.DEPARTURE
    if text and search_key(text) not in _COMING:
        problems.append(_fault(N_("“%(text)s” is no direction."), text))
    return Direction.ARRIVAL


def _point(cells: Mapping[str, str], known: Known, problems: list[Refused]) -> Point:
    key = search_key(cells.get("point", ""))
    if not key:
        return known.usual_point
    for row in known.points:
        if key in {search_key(name) for name in (row.name_en, row.name_ru, row.name_kk)}:
            return row
    problems.append(_fault(N_("There is no place “%(text)s” in the directory."), cells["point"]))
    return known.usual_point


def _means(cells: Mapping[str, str], point: Point) -> Means:
    if point.kind is PointKind.STATION:
        return Means.TRAIN
    is_road = point.kind is PointKind.BORDER_CROSSING and not cells.get("number")
    return Means.ROAD if is_road else Means.FLIGHT
