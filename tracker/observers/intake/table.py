"""Where the table is within a sheet: its header of one or two lines, its rows, and the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.kernel.text import normalize, search_key
from tracker.observers.intake.columns import header_field
from tracker.observers.intake.grid import Cell, text_of

_DEEPEST_HEADER = 40
_TOTALS = re.compile(
    r"^(grand )?(total|totals|sum|itogo|vsego|barlygy|barlyq|zhiyny|jiyny|toplam|genel toplam|"
    r"nombre total|suma)\b"
)


@dataclass(frozen=True)
class Table:
    """The header by column index, and the numbers of the rows that hold persons."""

    header_row: int  # number of the last header row; 0 where the list has no header
    headers: dict[int, str]
    rows: tuple[int, ...]
    left_out: tuple[int, ...]  # numbers of rows that hold something, yet no person


def _recognized(row: Sequence[Cell]) -> int:
    texts = [text_of(cell) for cell in row]
    names = {header_field(text)[0] for text in texts if 0 < len(text) < 120}
    return len(names - {None})


def _is_header_like(row: Sequence[Cell]) -> bool:
    texts = [text for cell in row if (text := text_of(cell))]
    return bool(texts) and all(len(text) < 120 and not re.search(r"\d{3}", text) for text in texts)


def find_table(rows: Sequence[Sequence[Cell]], *, header_row: int | None = None) -> Table:
    """The table in a sheet; `header_row` overrides the search (0: there is no header).

    The header is the row with the most recognized names among the first forty; a line above or
    below joins it where it, too, names columns.
    """
    top = header_row if header_row is not None else _header(rows)
    lines = [top] if top else []
    if top and header_row is None:
        lines = _header_lines(rows, top)
    width = max((len(row) for row in rows), default=0)
    last = lines[-1] if lines else 0
    body = range(last + 1, len(rows) + 1)
    filled = {
        index for number in body for index, cell in enumerate(rows[number - 1]) if text_of(cell)
    }
    headers = {index: _label(rows, lines, index) for index in range(width)}
    headers = {index: label for index, label in headers.items() if index in filled}
    persons, left_out = _divide(rows, body, len(headers))
    return Table(last, headers, persons, left_out)


def _header(rows: Sequence[Sequence[Cell]]) -> int:
    scores = {
        number: _recognized(row)
        for number, row in enumerate(rows[:_DEEPEST_HEADER], start=1)
        if any(cell is not None for cell in row)
    }
    best = max(scores, key=lambda number: (scores[number], -number), default=0)
    return best if best and scores[best] >= 2 else 0


def _header_lines(rows: Sequence[Sequence[Cell]], top: int) -> list[int]:
    """The header with the line above it and below it that belong to it."""
    lines = [top]
    above = rows[top - 2] if top >= 2 else []
    if above and _joins(above, rows[top - 1]):
        lines.insert(0, top - 1)
    elif top < len(rows) and _joins(rows[top - 1], rows[top], is_below=True):
        lines.append(top + 1)
    return lines


def _joins(upper: Sequence[Cell], lower: Sequence[Cell], *, is_below: bool = False) -> bool:
    """Whether two lines are one header: both name columns, and neither holds data."""
    if not (_is_header_like(upper) and _is_header_like(lower)):
        return False
    named = [text for cell in (lower if is_below else upper) if (text := text_of(cell))]
    spread = len(set(named))
    if spread < 2 and not is_below:
        return False  # a title over the whole table
    return _recognized(lower if is_below else upper) >= 1


def _label(rows: Sequence[Sequence[Cell]], lines: list[int], index: int) -> str:
    parts: list[str] = []
    for number in lines:
        row = rows[number - 1]
        text = normalize(text_of(row[index])) if index < len(row) else ""
        if text and text not in parts:
            parts.append(text)
    return "\n".join(parts)


def _divide(
    rows: Sequence[Sequence[Cell]], body: range, width: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    persons: list[int] = []
    left_out: list[int] = []
    for number in body:
        texts = [text for cell in rows[number - 1] if (text := text_of(cell))]
        if not texts:
            continue
        few = len(set(texts)) <= max(2, width // 4)
        is_total = any(_TOTALS.match(search_key(text)) for text in texts[:2])
        # A row with next to nothing in it is a remark, a signature or a running number.
        is_remark = few and width >= 4 and len(set(texts)) < 3
        (left_out if (is_total and few) or is_remark else persons).append(number)
    return tuple(persons), tuple(left_out)
