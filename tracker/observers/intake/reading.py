"""A list from its bytes to its rows, with the choices that a person may change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tracker.observers.intake.columns import Column, recognize
from tracker.observers.intake.files import read_grid
from tracker.observers.intake.grid import Grid
from tracker.observers.intake.rows import Context, Reader, Row
from tracker.observers.intake.table import Table, find_table


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose against what was recognized; None and empty: as recognized."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    fields: Mapping[int, str] = field(default_factory=dict)  # column index to field, "" for none
    day_first: bool | None = None
    surname_first: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read: the sheet, the table in it, its columns, and each person's row."""

    grid: Grid
    table: Table
    columns: list[Column]
    rows: list[Row]
    is_asked: bool  # whether a person has to say if day or month comes first

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the list states."""
        return frozenset(column.field for column in self.columns if column.field)


def read_list(
    content: bytes,
    *,
    context: Context,
    choices: Choices | None = None,
    memory: Mapping[str, str] | None = None,
    mended: Mapping[int, Mapping[str, str]] | None = None,
) -> Reading:
    """Everything that a list says; raises `Refused` where the file cannot be read."""
    choices = choices or Choices()
    grid = read_grid(
        content,
        sheet=choices.sheet,
        encoding=choices.encoding,
        delimiter=choices.delimiter,
    )
    table = find_table(grid.rows, header_row=choices.header_row)
    cells = [grid.rows[number - 1] for number in table.rows]
    columns = [
        replace(column, field=choices.fields[column.index] or None, by="choice")
        if column.index in choices.fields
        else column
        for column in recognize(table.headers, cells, memory=memory)
    ]
    answered = replace(context, day_first=choices.day_first, surname_first=choices.surname_first)
    reader = Reader(columns, cells, answered)
    rows = []
    for place, number in enumerate(table.rows):
        rows.append(reader.read(number, cells[place], (mended or {}).get(number)))
        cells[place] = grid.rows[number - 1] = []
    grid.rows.clear()  # what was read of them is in the rows; a long list is held once only
    return Reading(grid=grid, table=table, columns=columns, rows=rows, is_asked=reader.is_asked)
