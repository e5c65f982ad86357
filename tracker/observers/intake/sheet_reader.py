"""A process of its own that opens one spreadsheet: whatever the file does, only this one dies.

Standard input: one line of JSON with the limits and the wished sheet, then the file. Standard
output: one line of JSON with the sheets and merged ranges, then one line a row; or one line with
`refused`. Started by `files` only; imports as little as it can.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import python_calamine


def _plain(cell: Any) -> Any:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, datetime):
        return {"d": cell.date().isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, bool | int | float | str):
        return cell
    return str(cell)


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
    sys.stdout.write("\n")


def _chosen(book: Any, wished: str | None) -> str | None:
    """The wished sheet, else the one with the most filled cells among the visible ones."""
    if wished is not None:
        return wished if wished in book.sheet_names else None
    visible: list[str] = [
        meta.name
        for meta in book.sheets_metadata
        if meta.visible == python_calamine.SheetVisibleEnum.Visible
        and meta.typ == python_calamine.SheetTypeEnum.WorkSheet
    ] or list(book.sheet_names)
    if len(visible) < 2:
        return visible[0] if visible else None
    sizes = {}
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        sizes[name] = sheet.height * min(sheet.width, 12)
    return max(visible, key=lambda name: sizes[name])


def _merged(sheet: Any) -> list[Any]:
    try:
        return list(sheet.merged_cell_ranges or [])
    except Exception:  # noqa: BLE001 - formats without merged ranges say so in many ways
        return []


def _refusal(sheet: Any, wish: dict[str, Any]) -> dict[str, str] | None:
    if sheet.total_height > wish["rows"]:
        return {"refused": "too_many_rows"}
    if sheet.total_width > wish["columns"]:
        return {"refused": "too_many_columns"}
    return None


def _read(content: bytes, wish: dict[str, Any]) -> Iterator[Any]:
    """The lines to print; whatever the library raises means a damaged file."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    name = _chosen(book, wish["sheet"])
    if name is None:
        yield {"refused": "no_sheet"}
        return
    sheet = book.get_sheet_by_name(name)
    refusal = _refusal(sheet, wish)
    if refusal:
        yield refusal
        return
    yield {"sheet": name, "sheets": list(book.sheet_names), "merged": _merged(sheet)}
    for row in sheet.iter_rows():
        cells = [_plain(cell) for cell in row]
        if any(isinstance(cell, str) and len(cell) > wish["cell"] for cell in cells):
            yield {"refused": "too_long_cell"}
            return
        yield cells


def main() -> None:
    """Read one spreadsheet and print it; `refused` names what was wrong."""
    wish = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (wish["memory"], wish["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (wish["seconds"], wish["seconds"]))
    try:
        for line in _read(sys.stdin.buffer.read(), wish):
            _say(line)
    except python_calamine.PasswordError:
        _say({"refused": "encrypted"})
    except Exception:  # noqa: BLE001 - a damaged file fails in any way it likes
        _say({"refused": "damaged"})


if __name__ == "__main__":
    main()
