"""Lists of arrivals and departures as files: what their columns are called, what a row means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import search_key
from tracker.logistics import sheets
from tracker.logistics.models.movements import Direction, Means, Point, PointKind
from tracker.logistics.operations.movements import MovementDetails, faults
from tracker.logistics.rules.movements import clock_fault
from tracker.logistics.sheets import Row as Row
from tracker.logistics.sheets import packed as packed
from tracker.logistics.sheets import unpacked as unpacked
from tracker.observers.intake.grid import Cell, text_of

LAYOUT = sheets.Layout(
    headers="headers.csv",
    days=("date",),
    is_enough={"date", "delegation"}.issubset,
    lacking=N_("The list needs a header with at least the columns “Date” and “Delegation”."),
)
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
EMPTY = sheets.EMPTY | {
    "“%(text)s” is no time.": N_("Give a time."),
    "“%(text)s” is no number of people.": N_("Give a number of people."),
}
Key = tuple[int, Direction, datetime, str | None]


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


def rows_of(content: bytes) -> list[Row]:
    """The rows of a file; raises `Refused` where it is no list of arrivals and departures."""
    return sheets.rows_of(content, LAYOUT, _cells)


def _cells(
    row: Sequence[Cell], places: Mapping[str, int], day_first: bool | None
) -> dict[str, str]:
    found = sheets.texts_of(row, places)
    index = places.get("time", len(row))
    if index < len(row) and isinstance(row[index], float):
        found["time"] = _of_fraction(row[index])
    day = found.get("date", "")
    if not found.get("time") and (end := _TIME.search(day)) and end.start():
        found["time"] = end[0].strip(" T")
        found["date"] = day[: end.start()]
    cell = row[places["date"]] if places["date"] < len(row) else None
    sheets.keep_day(found, "date", cell, day_first)
    return {name: text for name, text in found.items() if text}


def _of_fraction(cell: Cell) -> str:
    """A time that a spreadsheet keeps as a fraction of a day; other numbers as they are."""
    if not isinstance(cell, float) or not 0 <= cell < 1:
        return text_of(cell)
    hours, minutes = divmod(round(cell * 24 * 60), 60)
    return f"{hours}:{minutes:02}"


def read_rows(rows: Sequence[Row], known: Known) -> list[Read]:
    """What the rows mean, each with everything that stands against it."""
    senders = sheets.senders_of(known.delegations)
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


def _read(row: Row, known: Known, senders: Mapping[str, Delegation]) -> Read:
    problems: list[Refused] = []
    cells = row.cells
    sender = sheets.sender_called(cells.get("delegation", ""), senders, problems)
    moment = _moment(cells, known.election.time_zone, problems)
    direction, point = _direction(cells, problems), _point(cells, known, problems)
    people = cells.get("people", "")
    if not people.isdecimal() or len(people) > 4:
        problems.append(_fault(N_("“%(text)s” is no number of people."), people))
    for name in TEXTS:
        if len(cells.get(name, "")) > LONGEST.get(name, 200):
            problems.append(_fault(sheets.TOO_LONG, cells[name][:40]))
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
    return sheets.fault(message, text, EMPTY)


def _moment(cells: Mapping[str, str], zone: str, problems: list[Refused]) -> datetime | None:
    day, at = sheets.day_of(cells, "date", problems), _time(cells.get("time", ""))
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
