"""What a file holds once it is read: cells by row, as a spreadsheet counts them."""

from dataclasses import dataclass, field
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet; `rows[0]` is the spreadsheet's row 1, `rows[0][0]` its cell A1."""

    rows: list[list[Cell]]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    encoding: str | None = None  # of a text file
    delimiter: str | None = None
    pictures: dict[int, str] = field(default_factory=dict)  # row number to the picture's member


def column_letters(index: int) -> str:
    """The spreadsheet's name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_of(cell: Cell) -> str:
    """A cell as a person sees it; a whole number without its decimal point."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
