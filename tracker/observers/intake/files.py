"""From the bytes of a file to a grid: what it is by its content, within limits, in isolation.

A spreadsheet is opened by a process of its own with bounded memory and time (`sheet_reader`), so
that neither a decompression bomb nor a sheet of a billion empty cells takes a worker with it.
"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.observers.intake import limits
from tracker.observers.intake.grid import Cell, Grid
from tracker.observers.intake.pictures import UNREADABLE, picture_rows
from tracker.observers.intake.text_files import read_text

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_LISTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x7fELF", b"MZ", b"RIFF")

DAMAGED = N_("The file is damaged or not complete: it cannot be opened.")
NOT_A_LIST = N_("This is neither a spreadsheet nor a text list.")
REFUSALS = {
    "encrypted": N_("The file is protected by a password. Save it without one."),
    "damaged": DAMAGED,
    "no_sheet": N_("There is no such sheet in the file."),
}


def read_grid(
    content: bytes,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Grid:
    """The cells of an xlsx, xls, ods, csv or tsv file, recognized by content, not by its name.

    Raises `Refused` naming what is wrong or which limit is passed.
    """
    if not content.strip():
        raise Refused(N_("The file is empty."), field="file")
    if len(content) > limits.LARGEST_FILE:
        raise Refused(
            N_("The file is larger than %(limit)s megabytes."),
            field="file",
            limit=limits.LARGEST_FILE // limits.MEGABYTE,
        )
    if content.startswith(_ZIP):
        pictures = _check_archive(content)
        grid = _read_apart(content, sheet)
        return grid if not pictures else _with_pictures(grid, content)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refused(REFUSALS["encrypted"], field="file")
        return _read_apart(content, sheet)
    if content.startswith(_NOT_LISTS):
        raise Refused(NOT_A_LIST, field="file")
    return read_text(content, encoding=encoding, delimiter=delimiter)


def _with_pictures(grid: Grid, content: bytes) -> Grid:
    found = picture_rows(content, grid.sheet)
    return Grid(**{**vars(grid), "pictures": found})


def _check_archive(content: bytes) -> bool:
    """Refuse what is no spreadsheet or would unpack beyond the limits; say if it has pictures."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if not any(
                name.startswith("xl/") or name.endswith(".xlsx") or name == "content.xml"
                for name in names
            ):
                raise Refused(NOT_A_LIST, field="file")
            unpacked = sum(member.file_size for member in members)
            if unpacked > limits.MOST_UNPACKED or len(members) > limits.MOST_MEMBERS:
                raise Refused(
                    N_("Unpacked, the file is larger than %(limit)s megabytes."),
                    field="file",
                    limit=limits.MOST_UNPACKED // limits.MEGABYTE,
                )
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _refuse_entities(archive, member)
    except (*UNREADABLE, OSError, ValueError) as error:
        raise Refused(DAMAGED, field="file") from error
    return any(name.startswith("xl/media/") for name in names)


_DECLARED = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def _refuse_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; entities in one read files or explode.

    All of the member is looked at: a long comment may stand before the declaration.
    """
    before = b""
    with archive.open(member) as file:
        while piece := file.read(1 << 20):
            if any(word in before + piece for word in _DECLARED):
                raise Refused(
                    N_("The file declares external or internal entities and is not opened."),
                    field="file",
                )
            before = piece[-40:]


def _read_apart(content: bytes, sheet: str | None) -> Grid:
    wish = {
        "sheet": sheet,
        "rows": limits.MOST_ROWS + 100,
        "columns": limits.MOST_COLUMNS,
        "cell": limits.LONGEST_CELL,
        "memory": limits.MEMORY,
        "seconds": limits.SECONDS,
    }
    command = [sys.executable, "-m", "tracker.observers.intake.sheet_reader"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        try:
            process.stdin.write(json.dumps(wish).encode() + b"\n" + content)
            process.stdin.close()
        except BrokenPipeError as error:
            raise Refused(DAMAGED, field="file") from error
        lines = iter(process.stdout)
        meta = _said(next(lines, b""))
        rows = list(_rows(lines))
    if process.returncode != 0:
        raise Refused(_too_large(), field="file", limit=limits.MEMORY // limits.MEGABYTE)
    for first, last in meta["merged"]:
        _spread(rows, first, last)
    return Grid(rows=rows, sheet=meta["sheet"], sheets=tuple(meta["sheets"]))


def _too_large() -> str:
    return N_("Opening this file takes more than %(limit)s megabytes of memory or too long.")


def _said(line: bytes) -> dict[str, Any]:
    """The reader's first line; raises `Refused` for what it refused, or where it died of it."""
    if not line:
        raise Refused(_too_large(), field="file", limit=limits.MEMORY // limits.MEGABYTE)
    said: dict[str, Any] = json.loads(line)
    if "refused" in said:
        raise _refusal(said["refused"])
    return said


def _refusal(code: str) -> Refused:
    by_limit = {
        "too_many_rows": (
            N_("The list has more than %(limit)s rows. Divide it."),
            limits.MOST_ROWS,
        ),
        "too_many_columns": (
            N_("The list has more than %(limit)s columns."),
            limits.MOST_COLUMNS,
        ),
        "too_long_cell": (
            N_("A cell is longer than %(limit)s characters."),
            limits.LONGEST_CELL,
        ),
    }
    if code in by_limit:
        message, limit = by_limit[code]
        return Refused(message, field="file", limit=limit)
    return Refused(REFUSALS[code], field="sheet" if code == "no_sheet" else "file")


def _rows(lines: Iterator[bytes]) -> Iterator[list[Cell]]:
    for line in lines:
        cells = json.loads(line)
        if isinstance(cells, dict):
            raise _refusal(cells["refused"])
        if b'{"d"' in line:
            cells = [
                date.fromisoformat(cell["d"]) if isinstance(cell, dict) else cell for cell in cells
            ]
        yield cells


def _spread(rows: list[list[Cell]], first: list[int], last: list[int]) -> None:
    """Write the value of a merged range into each of its cells."""
    if first[0] >= len(rows) or first[1] >= len(rows[first[0]]):
        return
    value = rows[first[0]][first[1]]
    if value is None or (last[0] - first[0]) * (last[1] - first[1]) > 10_000:
        return
    for row in rows[first[0] : last[0] + 1]:
        for column in range(first[1], min(last[1] + 1, len(row))):
            row[column] = value
