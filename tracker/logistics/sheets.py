"""Lists that headquarters takes in as files: columns recognized by name, rows as text.

Opening a file and finding its table is the work of the lists of observers; here is what arrivals
and deployment share: a header in three languages, days in any form, senders by any of their
names, and rows that a page carries until they are accepted.
"""

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import normalize, search_key
from tracker.observers.intake.dates import DateProblem, order_of, read_date
from tracker.observers.intake.files import read_grid
from tracker.observers.intake.grid import Cell, Grid, text_of
from tracker.observers.intake.table import find_table
from tracker.organizations.states import find_state

DATA = Path(__file__).parent / "data"
DEEPEST_HEADER = 40
MOST_ROWS = 500
MOST_SHEETS = 5  # that are looked at
TOO_LONG = N_("“%(text)s” is too long.")
NO_SENDER = N_("No delegation is called “%(text)s”.")
DATE_PROBLEMS = {
    "not_a_date": N_("“%(text)s” is not a date."),
    "impossible_date": N_("There is no such day as “%(text)s”."),
    "ambiguous_date": N_("“%(text)s” can be read in two ways. Write it like 2022-11-18."),
}
EMPTY = {
    DATE_PROBLEMS["not_a_date"]: N_("Give a day."),
    NO_SENDER: N_("Give a delegation."),
}


@dataclass(frozen=True)
class Row:
    """One row as written: its number in the file, and text by field; dates as ISO 8601."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """What the columns of a kind of list are called, which it needs, which of them hold days."""

    headers: str  # file of phrases; a whole path where it is another part's
    days: tuple[str, ...]
    is_enough: Callable[[set[str]], bool]
    lacking: str  # what is said where the header is not enough
    tellers: tuple[str, ...] = ()  # a row with one of these is no remark, however empty


@lru_cache
def _phrases(headers: str) -> dict[str, str]:
    with (DATA / headers).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {search_key(text): row["field"] for row in rows for text in row["phrases"].split("|")}


def _field(cell: Cell, layout: Layout) -> str | None:
    known = _phrases(layout.headers)
    text = re.sub(r"[(\[].*?[)\]]", " ", text_of(cell))
    parts = [text, *re.split(r"[/|\n]", text)]  # one header in several languages
    return next((name for part in parts if (name := known.get(search_key(part)))), None)


def _listed(content: bytes, layout: Layout) -> tuple[Grid, int]:
    """The sheet that holds such a list and the number of its header row: the largest sheet, or
    another one where that is none, as beside a short list of ours, which says where it is from."""
    grid = read_grid(content)
    others = [name for name in grid.sheets[:MOST_SHEETS] if name != grid.sheet]
    for found in itertools.chain([grid], (read_grid(content, sheet=name) for name in others)):
        fields = {
            number: {name for cell in row if (name := _field(cell, layout))}
            for number, row in enumerate(found.rows[:DEEPEST_HEADER], start=1)
        }
        top = max(fields, key=lambda number: (len(fields[number]), -number), default=0)
        if top and layout.is_enough(fields[top]):
            return found, top
    raise Refused(layout.lacking, field="file")


def rows_of(
    content: bytes,
    layout: Layout,
    cells_of: Callable[[Sequence[Cell], Mapping[str, int], bool | None], dict[str, str]],
) -> list[Row]:
    """The rows of a file; raises `Refused` where it is no list of this kind."""
    grid, top = _listed(content, layout)
    table = find_table(grid.rows, header_row=top)
    places: dict[str, int] = {}
    for index, cell in enumerate(grid.rows[top - 1]):
        if name := _field(cell, layout):
            places.setdefault(name, index)
    tellers = [places[name] for name in layout.tellers if name in places]
    told = [
        number
        for number in table.left_out
        if any(text_of(cell) for cell in _at(grid.rows[number - 1], tellers))
    ]
    numbers = sorted((*table.rows, *told))
    if len(numbers) > MOST_ROWS:
        raise Refused(
            N_("The list has more than %(limit)s rows. Divide it."), field="file", limit=MOST_ROWS
        )
    body = [grid.rows[number - 1] for number in numbers]
    columns = [places[name] for name in layout.days if name in places]
    order = order_of(cell for row in body for cell in _at(row, columns))
    return [
        Row(number, cells_of(row, places, order.day_first))
        for number, row in zip(numbers, body, strict=True)
    ]


def _at(row: Sequence[Cell], columns: Iterable[int]) -> list[Cell]:
    return [row[index] for index in columns if index < len(row)]


def texts_of(row: Sequence[Cell], places: Mapping[str, int]) -> dict[str, str]:
    """The cells of a row as text by field."""
    return {
        name: normalize(text_of(row[index])) for name, index in places.items() if index < len(row)
    }


def keep_day(found: dict[str, str], name: str, cell: Cell, day_first: bool | None) -> None:
    """Write a day as ISO 8601 in place of what the cell says, or why it is none beside it."""
    try:
        value = cell if isinstance(cell, date) else found.get(name, "")
        today = clock.now().date()
        read = read_date(value, day_first=day_first, is_future=True, today=today)
        found[name] = read.isoformat()
    except DateProblem as problem:
        found[f"{name}_problem"] = problem.code


def day_of(cells: Mapping[str, str], name: str, problems: list[Refused]) -> date | None:
    """The day that `keep_day` wrote; where it is none, that is among the problems."""
    text, code = cells.get(name, ""), cells.get(f"{name}_problem", "not_a_date")
    if f"{name}_problem" not in cells:
        with suppress(ValueError):  # the page that carried it could have been tampered with
            return date.fromisoformat(text)
    problems.append(fault(DATE_PROBLEMS.get(code, DATE_PROBLEMS["not_a_date"]), text))
    return None


def fault(message: str, text: str, empty: Mapping[str, str] = EMPTY) -> Refused:
    """A problem with a cell; an empty one has no text to repeat."""
    return Refused(message, text=text) if text else Refused(empty[message])


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


def senders_of(delegations: Iterable[Delegation]) -> dict[str, Delegation]:
    """Delegations by all names of their senders."""
    found: dict[str, Delegation] = {}
    for row in delegations:
        sender = row.organization
        names = (*sender.all_names, sender.country)
        found |= {search_key(name): row for name in names if name}
    return found


def sender_called(
    text: str, senders: Mapping[str, Delegation], problems: list[Refused]
) -> Delegation | None:
    """Whose delegation a cell means; where it means none, that is among the problems."""
    found = senders.get(search_key(text)) or senders.get((find_state(text) or "").lower())
    if found is None:
        problems.append(fault(NO_SENDER, text))
    return found
