"""The machine-readable zone of travel documents: TD1, TD2 and TD3 of ICAO Doc 9303, parts 3 to 6.

One pure function, `parse`, for the command and for the page. It never raises on any text: what
is wrong is a list of problems that say where, and nothing is repaired silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.kernel.errors import Words
from tracker.kernel.i18n import N_
from tracker.observers.issuers import is_issuer
from tracker.observers.mrz_layouts import LAYOUTS, Layout, Slice

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VALUES = {char: value for value, char in enumerate(ALPHABET)} | {"<": 0}
WEIGHTS = (7, 3, 1)
FILLERS = {"«": "<<", "‹": "<", "＜": "<"}  # what word processors make of fillers
# Pairs that eyes and scanners confuse (Doc 9303-3 uses OCR-B to keep them apart).
CONFUSED = {"O": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
YEARS_OF_VALIDITY = 50  # an expiry is read as the nearest year within this


FIELD_NAMES = {
    "document_number": N_("document number"),
    "birth_date": N_("date of birth"),
    "expiry_date": N_("date of expiry"),
    "personal_number": N_("personal number"),
    "composite": N_("whole zone"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong: a stable code, a msgid with its parameters, the line (from 1) if known."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    line: int | None = None

    def __str__(self) -> str:
        return self.message % self.params


@dataclass(frozen=True, kw_only=True)
class Mrz:
    """What the zone says; `valid` where it has the right form and every check digit holds."""

    format: str | None = None
    document_code: str | None = None
    issuing_state: str | None = None
    surname: str | None = None
    given_names: str | None = None
    document_number: str | None = None
    nationality: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    expiry_date: date | None = None
    personal_number: str | None = None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings do not make a document invalid."""
        return not self.errors

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: dates ISO 8601, problems as English sentences."""
        names = (
            "format",
            "document_code",
            "issuing_state",
            "surname",
            "given_names",
            "document_number",
            "nationality",
        )
        return {name: getattr(self, name) for name in names} | {
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "sex": self.sex,
            "expiry_date": self.expiry_date.isoformat() if self.expiry_date else None,
            "personal_number": self.personal_number,
            "valid": self.valid,
            "errors": [str(problem) for problem in self.errors],
            "warnings": [str(problem) for problem in self.warnings],
        }


def check_digit(text: str) -> str:
    """The check digit over `text`, weights 7, 3, 1, modulo 10 (Doc 9303-3, section 4.9)."""
    return str(sum(VALUES[char] * WEIGHTS[place % 3] for place, char in enumerate(text)) % 10)


def parse(text: str, *, on: date) -> Mrz:
    """Read one document's zone; `on` decides the century of two-digit years."""
    lines = _lines(text)
    problems = list(_bad_characters(lines))
    layout = _layout_of(lines)
    if layout is None:
        return Mrz(errors=(*problems, *_wrong_shape(lines)))
    if problems:
        return Mrz(format=layout.name, errors=tuple(problems))
    if lines[0].startswith("V"):
        message = N_("This is the zone of a visa; a travel document is needed.")
        return Mrz(format=layout.name, errors=(Problem("visa", message, line=1),))
    return _Reader(layout, lines, on).read()


def _lines(text: str) -> list[str]:
    for written, filler in FILLERS.items():
        text = text.replace(written, filler)
    rows = ["".join(row.split()).upper() for row in text.splitlines()]
    rows = [row for row in rows if row]
    if len(rows) == 1:  # pasted as one line
        for layout in LAYOUTS:
            if len(rows[0]) == layout.lines * layout.width:
                starts = range(0, len(rows[0]), layout.width)
                return [rows[0][start : start + layout.width] for start in starts]
    return rows


def _layout_of(lines: list[str]) -> Layout | None:
    shape = [len(line) for line in lines]
    for layout in LAYOUTS:
        if shape == [layout.width] * layout.lines:
            return layout
    return None


def _wrong_shape(lines: list[str]) -> Iterator[Problem]:
    if not lines:
        yield Problem("empty", N_("There are no MRZ lines."))
        return
    if len(lines) not in {2, 3}:
        message = N_("There are %(count)s lines; a document has two or three.")
        yield Problem("lines", message, {"count": len(lines)})
        return
    width = 30 if len(lines) == 3 else min((36, 44), key=lambda w: abs(w - len(lines[0])))
    for number, line in enumerate(lines, start=1):
        if len(line) != width:
            message = N_("Line %(line)s has %(count)s characters instead of %(width)s.")
            params = {"line": number, "count": len(line), "width": width}
            yield Problem("length", message, params, number)


def _bad_characters(lines: list[str]) -> Iterator[Problem]:
    for number, line in enumerate(lines, start=1):
        for column, char in enumerate(line, start=1):
            if char not in VALUES:
                message = N_(
                    "Line %(line)s, character %(column)s: “%(char)s” does not belong here; "
                    "only Latin letters, digits and < do."
                )
                params = {"line": number, "column": column, "char": char}
                yield Problem("character", message, params, number)
                break  # one a line is enough to find it


class _Reader:
    """Reads the fields of one well-shaped zone and gathers what is wrong."""

    def __init__(self, layout: Layout, lines: list[str], on: date) -> None:
        self.layout, self.lines, self.on = layout, lines, on
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def _text(self, where: Slice) -> str:
        return self.lines[where.line][where.start : where.end]

    def _raw(self, name: str) -> str:
        return self._text(self.layout.fields[name])

    def read(self) -> Mrz:
        number, optional = self._number()
        self._check_digits()
        surname, given_names = self._names()
        values = {
            "document_code": self._raw("document_code").rstrip("<"),
            "issuing_state": self._state("issuing_state"),
            "nationality": self._state("nationality"),
            "birth_date": self._birth_date(),
            "sex": self._sex(),
            "expiry_date": self._expiry_date(),
        }
        return Mrz(
            format=self.layout.name,
            surname=surname,
            given_names=given_names,
            document_number=number,
            personal_number=optional.replace("<", " ").strip() or None,
            errors=tuple(self.errors),
            warnings=tuple(self.warnings),
            **values,  # type: ignore[arg-type]
        )

    def _is_long_number(self) -> bool:
        """TD1 and TD2: a number over nine characters goes on in the optional data."""
        return self.layout.name != "TD3" and (
            self._text(self.layout.checks["document_number"][0]) == "<"
            and self._raw("optional")[0] != "<"
        )

    def _number(self) -> tuple[str, str]:
        number, optional = self._raw("document_number"), self._raw("optional")
        if self._is_long_number():  # Doc 9303-5, 4.2.2.1, note j: rest, check digit, filler
            rest, _filler, optional = optional.partition("<")
            whole, digit = number + rest[:-1], rest[-1]
            if check_digit(whole) != digit:
                self._wrong_digit("document_number", whole, digit, line=1)
            number = whole
        if not number.strip("<"):
            line = self.layout.fields["document_number"].line + 1
            self.errors.append(Problem("no_number", N_("The document number is empty."), {}, line))
        return number.replace("<", ""), optional

    def _check_digits(self) -> None:
        for name, (where, covered) in self.layout.checks.items():
            if name == "document_number" and self._is_long_number():
                continue
            text, digit = "".join(map(self._text, covered)), self._text(where)
            # An empty personal number may carry a filler for its check digit (Doc 9303-4, 4.2.2.2).
            if name == "personal_number" and not text.strip("<") and digit in "<0":
                continue
            if check_digit(text) != digit:
                self._wrong_digit(name, text, digit, line=where.line + 1)

    def _wrong_digit(self, name: str, text: str, digit: str, *, line: int) -> None:
        params = {"field": Words((FIELD_NAMES[name],)), "line": line, "digit": digit, "hint": ""}
        message = N_("Line %(line)s: the check digit of the %(field)s does not hold.")
        place = _likely_slip(text, digit)
        if place is not None:
            message = N_(
                "Line %(line)s: the check digit of the %(field)s does not hold; "
                "look at “%(char)s”: it may be “%(other)s”."
            )
            params |= {"char": place[0], "other": place[1]}
        self.errors.append(Problem(f"check_{name}", message, params, line))

    def _names(self) -> tuple[str, str]:
        raw = self._raw("names")
        if raw[-1] != "<":
            message = N_("The names may be cut: they fill their field to the last character.")
            where = self.layout.fields["names"].line + 1
            self.warnings.append(Problem("names_truncated", message, {}, where))
        surname, _separator, given = raw.partition("<<")
        if any(char.isdigit() for char in raw):
            message = N_("There is a digit among the names.")
            where = self.layout.fields["names"].line + 1
            self.errors.append(Problem("digit_in_names", message, {}, where))
        elif not raw.strip("<"):
            where = self.layout.fields["names"].line + 1
            self.errors.append(Problem("no_names", N_("There are no names."), {}, where))
        return tuple(" ".join(part.replace("<", " ").split()) for part in (surname, given))  # type: ignore[return-value]

    def _state(self, name: str) -> str:
        code = self._raw(name).rstrip("<")
        if not is_issuer(code):
            line = self.layout.fields[name].line + 1
            message = N_("Line %(line)s: “%(code)s” is no code of a state or issuer.")
            self.errors.append(Problem(name, message, {"line": line, "code": code}, line))
        return code

    def _sex(self) -> str:
        """F, M, or X where the zone has a filler for unspecified (Doc 9303-3, 4.1.1)."""
        raw = self._raw("sex")
        if raw not in "FM<X":
            line = self.layout.fields["sex"].line + 1
            message = N_("Line %(line)s: “%(char)s” is no sex; F, M or < is.")
            self.errors.append(Problem("sex", message, {"line": line, "char": raw}, line))
        return raw if raw in "FM" else "X"

    def _date(self, name: str) -> tuple[int, int, int] | None:
        raw = self._raw(name)
        line = self.layout.fields[name].line + 1
        if name == "birth_date" and "<" in raw and set(raw) <= set("0123456789<"):
            message = N_("The date of birth is not known in full.")
            self.warnings.append(Problem("birth_date_incomplete", message, {}, line))
            return None
        if not (raw.isascii() and raw.isdigit()):
            message = N_("Line %(line)s: the %(field)s “%(text)s” is not made of digits.")
            params = {"line": line, "field": Words((FIELD_NAMES[name],)), "text": raw}
            self.errors.append(Problem(name, message, params, line))
            return None
        return int(raw[:2]), int(raw[2:4]), int(raw[4:])

    def _resolved(self, name: str, years: list[int]) -> date | None:
        """The first of `years` (in order of preference) in which the day exists."""
        parts = self._date(name)
        if parts is None:
            return None
        year_digits, month, day = parts
        for year in years:
            if year % 100 == year_digits:
                try:
                    return date(year, month, day)
                except ValueError:
                    continue
        line = self.layout.fields[name].line + 1
        message = N_("Line %(line)s: the %(field)s “%(text)s” is no day of the calendar.")
        params = {"line": line, "field": Words((FIELD_NAMES[name],)), "text": self._raw(name)}
        self.errors.append(Problem(name, message, params, line))
        return None

    def _birth_date(self) -> date | None:
        """The latest century that does not put the birth after `on`."""
        parts = self._raw("birth_date")
        is_later = parts[2:] > f"{self.on:%m%d}"
        newest = self.on.year - 1 if is_later else self.on.year
        return self._resolved("birth_date", list(range(newest, max(newest - 200, 0), -1)))

    def _expiry_date(self) -> date | None:
        """The nearest year to `on`, earlier or later."""
        years = sorted(
            range(self.on.year - YEARS_OF_VALIDITY + 1, self.on.year + YEARS_OF_VALIDITY + 1),
            key=lambda year: abs(year - self.on.year),
        )
        found = self._resolved("expiry_date", [year for year in years if 0 < year < 10_000])
        if found and found < self.on:
            message = N_("The document expired on %(day)s.")
            line = self.layout.fields["expiry_date"].line + 1
            self.warnings.append(Problem("expired", message, {"day": found}, line))
        return found


def _likely_slip(text: str, digit: str) -> tuple[str, str] | None:
    """One confusable character whose other reading would make the check digit hold."""
    if not digit.isdigit():
        return None
    back = {other: char for char, other in reversed(CONFUSED.items())}
    for place, char in enumerate(text):
        other = CONFUSED.get(char) or back.get(char)
        if other and check_digit(text[:place] + other + text[place + 1 :]) == digit:
            return char, other
    return None
