"""Columns of a list, described once for the page and for its export (CSV, xlsx).

An export says where it comes from (`disclosure`). A CSV file is for programs, so it says so in a
column: the file stays what RFC 4180 makes of it, every line with as many fields as the first, and
a line that was copied out of it is traced, too. A workbook is for people: it says so in the
properties of the document, at the foot of each printed page, and on a second sheet.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

import xlsxwriter
from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wsgi import FileWrapper

from tracker.kernel.disclosure import Origin, new_origin

# The wide forms of East Asian keyboards too: a spreadsheet in such a language runs them.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001

ROWS_OF_A_SHEET = 1_000_000  # a sheet ends at row 1,048,576, and what is beyond is not said to be
IN_MEMORY = 1_000_000  # bytes of a file
PIECE = 65_536  # bytes that are sent at once
AWAITED = "awaited"  # the cookie by which a page tells people that their file is being written


@dataclass(frozen=True)
class Column:
    """One column: `label` is a lazy translated string, `value` reads it from a row.

    Where few values are translated in many rows, `of` reads what `value` depends on: a file then
    asks once for each.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    kind: str = "text"
    of: Callable[[Any], Hashable] | None = None


def _reader(column: Column) -> Callable[[Any], Any]:
    of, value = column.of, column.value
    if of is None:
        return value
    known: dict[Hashable, Any] = {}

    def read(row: Any) -> Any:
        key = of(row)
        if key not in known:
            known[key] = value(row)
        return known[key]

    return read


def harmless(text: str) -> str:
    """`text` so that no spreadsheet runs it as a formula (OWASP: CSV injection)."""
    # Some programs drop leading spaces before they look.
    is_formula = text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text


def plain(value: Any) -> Any:
    """A plain value; text that a spreadsheet would run as a formula is made harmless."""
    if isinstance(value, str):
        return value if value[:1].isalnum() else harmless(str(value))
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return harmless(str(value))


def write_csv(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[Any], origin: Origin
) -> None:
    """The list as CSV (RFC 4180), row by row."""
    text = io.TextIOWrapper(file, "utf-8", newline="")
    text.write("\ufeff")  # spreadsheets take UTF-8 only with the mark
    writer = csv.writer(text)
    writer.writerow([*(str(column.label) for column in columns), origin.line])
    values, mark, origin.rows = [_reader(column) for column in columns], origin.mark, 0
    for row in rows:
        writer.writerow([*(plain(value(row)) for value in values), mark])
        origin.rows += 1
    text.detach()


def write_workbook(
    file: IO[bytes],
    columns: Sequence[Column],
    rows: Iterable[Any],
    title: str,
    origin: Origin | None = None,
) -> None:
    """The list as xlsx, in memory that does not grow with its cells."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    values, count = [_reader(column) for column in columns], 0
    with xlsxwriter.Workbook(file, options) as book:
        sheet = _new_sheet(book, columns, title)
        for row in rows:
            place = count % ROWS_OF_A_SHEET
            if count and not place:
                sheet = _new_sheet(book, columns, title)
            for position, value in enumerate(values):
                cell = plain(value(row))
                if isinstance(cell, str):
                    sheet.write_string(place + 1, position, cell)
                else:
                    sheet.write_number(place + 1, position, cell)
            count += 1
        if origin:
            origin.rows = count
            sign(book, origin)


def _new_sheet(
    book: xlsxwriter.Workbook, columns: Sequence[Column], title: str
) -> xlsxwriter.worksheet.Worksheet:
    """A sheet with its heads: the first of a list, or one for what those before have no place."""
    number = len(book.worksheets()) + 1
    name = title.translate(str.maketrans("[]:*?/\\", "_______"))
    sheet = book.add_worksheet(name[:31] if number == 1 else f"{name[:25]} {number}")
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, 18)
        sheet.write(0, position, str(column.label), bold)
    return sheet


def sign(book: xlsxwriter.Workbook, origin: Origin) -> None:
    """Let a finished workbook say where it comes from."""
    moment = origin.at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties(
        {"author": origin.who, "created": moment, "subject": origin.name, "comments": origin.line}
    )
    # A workbook takes `&` for the beginning of a code, and no footer over 255 characters.
    for sheet in book.worksheets():
        sheet.set_footer(f"&L&8{origin.line.replace('&', '&&')[:200]}&R&8&P / &N")
    about = book.add_worksheet(str(_("Origin"))[:31])
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 48)
    wanted = "; ".join(f"{name} = {plain(value)}" for name, value in origin.wanted.items())
    for row, (label, value) in enumerate(
        (
            (_("List"), origin.name),
            (_("Exported by"), origin.who),
            (_("Exported at (UTC)"), f"{moment:%Y-%m-%d %H:%M}"),
            (_("Mark"), origin.mark),
            (_("Filters"), wanted),
            (_("Rows"), str(origin.rows)),
        )
    ):
        about.write_string(row, 0, str(label))
        about.write_string(row, 1, value)


def export(
    columns: Sequence[Column], rows: Iterable[Any], *, name: str, format: str, title: str = ""
) -> Response:
    """The whole list as a file to keep: `format` is csv or xlsx."""
    if format == "xlsx":
        return sent(
            lambda file, origin: write_workbook(
                file, columns, rows, title or str(_("List")), origin
            ),
            name=name,
            format=format,
            kind="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    return sent(
        lambda file, origin: write_csv(file, columns, rows, origin),
        name=name,
        format=format,
        kind="text/csv; charset=utf-8",
    )


def sent(
    write: Callable[[IO[bytes], Origin], None], *, name: str, format: str, kind: str
) -> Response:
    """What `write` writes as a file to keep, called `name` with the ending `format`. It goes on
    record.

    It is written before it is sent: the rows belong to a transaction that ends with the view, and
    what could not be recorded is not to leave. Beyond `IN_MEMORY` it waits in a file without a
    name, which is gone with the answer or with the process.
    """
    origin = new_origin(name, format)
    file: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed below
    try:
        write(file, origin)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        body: Any = FileWrapper(file, PIECE)  # the answer closes it
        if size <= IN_MEMORY:
            body = file.read()
            file.close()
    except BaseException:
        file.close()
        raise
    response = Response(body, content_type=kind, direct_passthrough=size > IN_MEMORY)
    response.content_length = size
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{format}")
    response.headers["Cache-Control"] = "private, no-store"
    if AWAITED in request.cookies:
        response.delete_cookie(AWAITED, samesite="Lax", secure=request.is_secure)
    return response
