"""Text lists: which encoding, which delimiter, and their cells."""

import csv
import io
import re
from collections import Counter

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.observers.intake.grid import Cell, Grid
from tracker.observers.intake.limits import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS

ENCODINGS = ("utf-8-sig", "utf-16", "cp1251", "cp1252")
DELIMITERS = (";", ",", "\t")
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_CYRILLIC = re.compile("[а-яёА-ЯЁ]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def encoding_of(content: bytes) -> str:
    """The encoding that makes the most sense of `content`.

    A mark decides; then UTF-8 where it decodes whole; then, between the two Windows code pages,
    the one in which words are of one alphabet.
    """
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return name
    sample = content[:200_000]
    if sample[1::2].count(0) > len(sample) // 6 or sample[::2].count(0) > len(sample) // 6:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _code_page(sample)
    return "utf-8-sig"


def _code_page(sample: bytes) -> str:
    """Cyrillic text read as cp1251 has whole Cyrillic words; Western text has single letters."""
    words = _WORD.findall(sample.decode("cp1251", errors="replace"))
    touched = [word for word in words if _CYRILLIC.search(word)]
    whole = [word for word in touched if all(_CYRILLIC.match(letter) for letter in word)]
    return "cp1251" if len(whole) * 2 > len(touched) else "cp1252"


def delimiter_of(text: str) -> str:
    """The delimiter under which most lines have the same number of cells, and the most of them."""

    def score(delimiter: str) -> tuple[int, int]:
        sample = csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)
        try:
            widths = Counter(len(row) for _place, row in zip(range(60), sample, strict=False))
        except csv.Error:
            return (0, 0)
        if not widths:
            return (0, 0)
        cells, lines = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1], pair[0]))
        return (lines, cells) if cells > 1 else (0, 0)

    return max(DELIMITERS, key=score)


def read_text(content: bytes, *, encoding: str | None, delimiter: str | None) -> Grid:
    """The cells of a csv or tsv file; raises `Refused` where it is no text or passes a limit."""
    chosen = encoding if encoding in {*ENCODINGS, "utf-16-le", "utf-16-be"} else None
    chosen = chosen or encoding_of(content)
    text = content.decode(chosen, errors="replace").lstrip("\ufeff")
    if not text.strip():
        raise Refused(N_("The file is empty."), field="file")
    if "\x00" in text:
        raise Refused(N_("This is neither a spreadsheet nor a text list."), field="file")
    between = delimiter if delimiter in DELIMITERS else delimiter_of(text)
    csv.field_size_limit(LONGEST_CELL * 4)
    rows: list[list[Cell]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=between):
            _check(line, len(rows))
            rows.append([cell or None for cell in line])
    except csv.Error as error:
        raise Refused(
            N_("A cell is longer than %(limit)s characters."), field="file", limit=LONGEST_CELL
        ) from error
    return Grid(rows=rows, encoding=chosen, delimiter=between)


def _check(line: list[str], count: int) -> None:
    if count > MOST_ROWS + 100:
        raise Refused(
            N_("The list has more than %(limit)s rows. Divide it."), field="file", limit=MOST_ROWS
        )
    if len(line) > MOST_COLUMNS:
        raise Refused(
            N_("The list has more than %(limit)s columns."), field="file", limit=MOST_COLUMNS
        )
    if any(len(cell) > LONGEST_CELL for cell in line):
        raise Refused(
            N_("A cell is longer than %(limit)s characters."), field="file", limit=LONGEST_CELL
        )
