"""Columns of a list, described once for the page and for its export (CSV, xlsx)."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from flask import Response
from flask_babel import gettext as _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: `label` is a lazy translated string, `value` reads it from a row."""

    key: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"


def harmless(text: str) -> str:
    """`text` so that no spreadsheet runs it as a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cell(value: Any) -> Any:
    """A plain value; text that a spreadsheet would run as a formula is made harmless."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return harmless(str(value))


def _csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")  # spreadsheets take UTF-8 only with the mark
    writer.writerow([str(column.label) for column in columns])
    for row in rows:
        writer.writerow([_cell(column.value(row)) for column in columns])
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def workbook(columns: Sequence[Column], rows: Iterable[Any], title: str) -> bytes:
    """The list as xlsx, in memory that does not grow with its cells."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(title[:31].translate(str.maketrans("[]:*?/\\", "_______")))
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, 18)
            sheet.write(0, position, str(column.label), bold)
        for number, row in enumerate(rows, start=1):
            for position, column in enumerate(columns):
                cell = _cell(column.value(row))
                if isinstance(cell, str):
                    sheet.write_string(number, position, cell)
                else:
                    sheet.write_number(number, position, cell)
    return buffer.getvalue()


def export(
    columns: Sequence[Column], rows: Iterable[Any], *, name: str, format: str, title: str = ""
) -> Response:
    """The whole list as a file to keep: `format` is csv or xlsx."""
    if format == "xlsx":
        body: Any = workbook(columns, rows, title or str(_("List")))
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        # Written whole: the rows belong to a transaction that ends with the view.
        body, kind = "".join(_csv_lines(columns, rows)), "text/csv; charset=utf-8"
    response = Response(body, mimetype=None, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
