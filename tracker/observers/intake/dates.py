"""Dates as lists write them: spreadsheet cells and serials, numbers in any order, words.

Whether 03/04/1970 is in March or in April is not guessed cell by cell: the column decides where
one of its dates can be read in one way only, another column of the same list where it can, and
a person where nothing decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale

from tracker.kernel.text import search_key
from tracker.observers.intake.grid import Cell, text_of

# Day 1 is 1900-01-01 and spreadsheets believe in 1900-02-29 (ECMA-376 part 1, 18.17.4.1).
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(1, 80_000)
_NUMERIC = re.compile(r"^(\d{1,4})([./\-\s])\s*(\d{1,2})\2\s*(\d{2,4})$")
_COMPACT = re.compile(r"^(19|20)(\d\d)(\d\d)(\d\d)$")
_LANGUAGES = ("en", "ru", "kk", "tr", "fr", "es")
_LEAD = re.compile(r"^(до|по|от|с|born|né le|née le|valid until|until|till|дейін)[\s:]+")
_TAIL = re.compile(r"(г|года|год|ж|жыл|жылы|y|yil)$")
OLDEST_SERIAL = 3_000  # before 1908 a bare number is rather something else


class DateProblem(ValueError):
    """A cell that holds no date; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Order:
    """How a column writes day and month; None where nothing decides it."""

    day_first: bool | None
    is_asked: bool = False  # it has dates that can be read in two ways


@lru_cache
def _months() -> dict[str, int]:
    """Names of the months in full and short, in six languages, as search keys."""
    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = Locale(language).months[context][width]
                for number, name in names.items():
                    found.setdefault(search_key(name), int(number))
    return found | {"sept": 9, "mai": 5, "mayis": 5}


def _year(text: str, *, is_future: bool, today: date) -> int:
    """Two digits mean the past for a birth, and around now for the end of a validity."""
    year = int(text)
    if len(text) > 2:
        return year
    if is_future:
        return 2000 + year
    return 2000 + year if 2000 + year <= today.year - 10 else 1900 + year


def _parts(text: str) -> tuple[str, str, str] | None:
    """Three numbers of a numeric date, as written."""
    found = _NUMERIC.match(text)
    return (found[1], found[3], found[4]) if found else None


def order_of(cells: Iterable[Cell]) -> Order:
    """How the numeric dates of a column are written, by those that can be read one way only."""
    day_first = month_first = False
    is_asked = False
    separators = set()
    for cell in cells:
        if isinstance(cell, date | float | int) or cell is None:
            continue
        text = _tidy(cell)
        parts = _parts(text)
        if parts is None or len(parts[0]) == 4:
            continue
        first, second = int(parts[0]), int(parts[1])
        day_first |= 12 < first <= 31 and second <= 12
        month_first |= 12 < second <= 31 and first <= 12
        is_asked |= first <= 12 and second <= 12 and first != second
        separators.add(_NUMERIC.match(text)[2])  # type: ignore[index]
    if day_first != month_first:
        return Order(day_first)
    if day_first:  # both: the column contradicts itself, each date says for itself or is asked
        return Order(None, is_asked)
    # Points separate days from months only where the day comes first (CLDR: no pattern m.d.y).
    return Order(True) if separators == {"."} else Order(None, is_asked)


def _tidy(text: str) -> str:
    plain = re.sub(r"[,\s]+", " ", str(text).strip().lower()).strip(" .")
    return re.sub(r"\s+", " ", _TAIL.sub("", _LEAD.sub("", plain))).strip(" .")


def read_date(cell: Cell, *, day_first: bool | None, is_future: bool, today: date) -> date:
    """The date in a cell; raises `DateProblem` (not_a_date, impossible_date, ambiguous_date)."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _read_text(text_of(cell), day_first, is_future, today)


@lru_cache(maxsize=16_384)  # a list has few different days
def _read_text(text: str, day_first: bool | None, is_future: bool, today: date) -> date:
    text = _tidy(text)
    if re.fullmatch(r"\d{4,5}(\.0)?", text):
        return _serial(float(text))
    if found := _COMPACT.match(text):
        return _made(int(found[1] + found[2]), int(found[3]), int(found[4]))
    text = re.sub(r" 00:00(:00)?$|t00:00(:00)?$", "", text)
    if parts := _parts(text):
        return _numeric(parts, day_first=day_first, is_future=is_future, today=today)
    return _worded(text, is_future=is_future, today=today)


def _serial(number: float) -> date:
    if OLDEST_SERIAL <= number < _SERIALS.stop:
        return _SERIAL_ZERO + timedelta(days=int(number))
    raise DateProblem("not_a_date")


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise DateProblem("impossible_date") from error


def _numeric(
    parts: tuple[str, str, str], *, day_first: bool | None, is_future: bool, today: date
) -> date:
    first, second, third = parts
    if len(first) == 4:
        if len(third) > 2:
            raise DateProblem("not_a_date")
        return _made(int(first), int(second), int(third))
    if len(first) == 3 or len(third) == 3:
        raise DateProblem("not_a_date")
    year = _year(third, is_future=is_future, today=today)
    one, two = int(first), int(second)
    if one > 12 or two > 12:  # one way only
        return _made(year, two, one) if one > 12 else _made(year, one, two)
    if one != two and day_first is None:
        raise DateProblem("ambiguous_date")
    return _made(year, two, one) if day_first or one == two else _made(year, one, two)


def _worded(text: str, *, is_future: bool, today: date) -> date:
    """12 March 1965, 12-mar-65, March 12 1965, 12 наурыз 1965 ж."""
    words = search_key(text).split()
    words = [re.sub(r"^(\d{1,2})(st|nd|rd|th|er|e)$", r"\1", word) for word in words]
    months = [_months()[word] for word in words if word in _months()]
    numbers = [word for word in words if word.isdigit()]
    if len(months) != 1 or len(numbers) != 2:
        raise DateProblem("not_a_date")
    day, year = numbers if len(numbers[0]) <= 2 else reversed(numbers)
    if len(day) > 2 or len(year) not in {2, 4}:
        raise DateProblem("not_a_date")
    return _made(_year(year, is_future=is_future, today=today), months[0], int(day))


def any_date(text: str) -> date | None:
    """The date that a text looks like, in either order; to recognize a column only."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return None if not re.fullmatch(r"[1-4]\d{4}", text) else _serial(float(text))
    for is_future in (False, True):
        try:
            return read_date(text, day_first=True, is_future=is_future, today=date(2030, 1, 1))
        except DateProblem:
            continue
    return None
