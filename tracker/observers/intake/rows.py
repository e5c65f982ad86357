"""The rows of a list: what each says of a person, and every cell that cannot be taken as it is."""

import dataclasses
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tracker.elections.rules import document_valid_through
from tracker.kernel.text import Suspicion, normalize, suspicious_characters
from tracker.observers.intake import names as name_rules
from tracker.observers.intake.columns import Column, surname_first
from tracker.observers.intake.dates import DateProblem, Order, order_of, read_date
from tracker.observers.intake.grid import Cell, column_letters, text_of
from tracker.observers.intake.words import (
    find_country,
    find_document_kind,
    find_function,
    find_sex,
)
from tracker.observers.issuers import is_issuer, issuer_of
from tracker.observers.mrz import parse as parse_mrz

DATES = ("birth_date", "document_expiry", "pledge_signed_on")
NAMES = ("surname", "given_names", "full_name", "native_name", "patronymic")
TEXTS = ("occupation", "languages", "portrait")
# Whoever states one of these columns states it for everybody.
NEEDED = ("birth_date", "citizenship", "document_number", "document_expiry")
OLDEST, YOUNGEST = 110, 16  # years; outside them a date of birth is rather a slip
_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]{2,}$")
_NOT_NUMBER = re.compile(r"[^A-Z0-9]")
_CYRILLIC_TWINS = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")


@dataclass(frozen=True)
class Problem:
    """Why a cell cannot be taken: the field, a stable code, values for the message, the cell."""

    field: str
    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    cell: str = ""


@dataclass(slots=True)
class Row:
    """One person of a list; `values` by field, dates ISO, names as in a passport."""

    number: int
    values: dict[str, str] = dataclasses.field(default_factory=dict)
    problems: list[Problem] = dataclasses.field(default_factory=list)
    notices: list[str] = dataclasses.field(default_factory=list)
    raw: dict[str, str] = dataclasses.field(
        default_factory=dict
    )  # the cells as they stood, by field


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the reading depends on besides the cells."""

    election_on: date
    host: str
    today: date
    surname_first: bool | None = None
    day_first: bool | None = None  # a person's answer for all columns


class Reader:
    """Reads the rows of one table, whose columns are known."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], of: Context):
        self._context = of
        self._places = {
            column.field: column.index
            for column in columns
            if column.field and column.field not in {"ignore", "row_number", "document_issued"}
        }
        self._has_h = self._any(rows, "sex", lambda text: text.strip().lower() == "h")
        self.orders = self._orders(rows)
        self._surname_first = of.surname_first
        if self._surname_first is None and "full_name" in self._places:
            header = next(column.header for column in columns if column.field == "full_name")
            by_rows = self._name_order(rows)
            self._surname_first = by_rows if by_rows is not None else surname_first(header)

    def _any(self, rows: Sequence[Sequence[Cell]], name: str, test: Any) -> bool:
        index = self._places.get(name)
        if index is None:
            return False
        return any(index < len(row) and test(text_of(row[index])) for row in rows)

    def _orders(self, rows: Sequence[Sequence[Cell]]) -> dict[str, Order]:
        """Each date column's order of day and month: its own, else the list's, else asked."""
        own = {
            name: order_of(row[self._places[name]] for row in rows if self._places[name] < len(row))
            for name in DATES
            if name in self._places
        }
        if self._context.day_first is not None:
            return {name: Order(self._context.day_first) for name in own}
        decided = {order.day_first for order in own.values()} - {None}
        shared = next(iter(decided)) if len(decided) == 1 else None
        return {
            name: order if order.day_first is not None else Order(shared, order.is_asked)
            for name, order in own.items()
        }

    def _name_order(self, rows: Sequence[Sequence[Cell]]) -> bool | None:
        """Whether the surname comes first, by the rows that say it themselves."""
        index = self._places["full_name"]
        votes = {True: 0, False: 0}
        for row in rows[:2_000]:
            text = text_of(row[index]) if index < len(row) else ""
            if "," in text or len(text.split()) < 2:
                continue
            surname, _given, is_guess = name_rules.split_full(text, surname_first=None)
            if not is_guess:
                votes[normalize(text).startswith(surname)] += 1
        return None if votes[True] == votes[False] else votes[True] > votes[False]

    @property
    def is_asked(self) -> bool:
        """Whether a person has to say if day or month comes first."""
        return any(order.day_first is None and order.is_asked for order in self.orders.values())

    def read(
        self, number: int, cells: Sequence[Cell], mended: Mapping[str, str] | None = None
    ) -> Row:
        """The row with `number`; `mended` replaces cells by field as a person typed them."""
        row = Row(number)
        found: dict[str, Cell] = {}
        for name, index in self._places.items():
            cell = cells[index] if index < len(cells) else None
            if cell is not None and text_of(cell):
                found[name] = cell
        for name, text in (mended or {}).items():
            found.pop(name, None)
            if name in {"surname", "given_names"}:
                found.pop("full_name", None)
            if text:
                found[name] = text
        kept = mended or {}
        self._suspicious(row, found)
        self._names(row, found, kept)
        for name in DATES:
            if name in found:
                self._date(row, name, found[name], is_typed=name in kept)
        self._codes(row, found)
        self._contacts(row, found)
        if "mrz" in found:
            self._mrz(row, text_of(found["mrz"]))
        self._document(row, found)
        self._missing(row)
        row.values = {name: sys.intern(value) for name, value in row.values.items()}
        if row.problems:  # who mends a cell has to see what stood in it
            row.raw = {name: text_of(cell) for name, cell in found.items()}
        return row

    def _problem(self, row: Row, name: str, code: str, **params: Any) -> None:
        index = self._places.get(name)
        if index is None and name in {"surname", "given_names"}:
            index = self._places.get("full_name")
        cell = f"{column_letters(index)}{row.number}" if index is not None else ""
        row.problems.append(Problem(name, code, params, cell))

    def _suspicious(self, row: Row, found: Mapping[str, Cell]) -> None:
        for name in (*NAMES, "document_number", "email"):
            text = str(found.get(name) or "")
            kept = [
                (char, reason)
                for _place, char, reason in suspicious_characters(text)
                if reason is not Suspicion.CONTROL
            ]
            if kept:
                char, reason = kept[0]
                shown = "surname" if name == "full_name" else name
                code = f"U+{ord(char):04X}"
                self._problem(
                    row, shown, "suspicious_characters", character=code, reason=reason.value
                )

    def _names(self, row: Row, found: Mapping[str, Cell], mended: Mapping[str, str]) -> None:
        texts = {name: text_of(found.get(name)) for name in NAMES}
        read = name_rules.read_names(**texts, surname_first=self._surname_first)
        row.values["surname"] = read.surname
        row.values["given_names"] = read.given_names
        if read.native_name:
            row.values["native_name"] = read.native_name
        if not read.surname and not read.given_names:
            self._problem(row, "surname", "missing")
        if read.is_transliterated:
            row.notices.append("transliterated")
        if read.is_guessed:
            row.notices.append("name_order_guessed")

    def _date(self, row: Row, name: str, cell: Cell, *, is_typed: bool) -> None:
        is_future = name == "document_expiry"
        order = True if is_typed else self.orders[name].day_first if name in self.orders else True
        try:
            day = read_date(cell, day_first=order, is_future=is_future, today=self._context.today)
        except DateProblem as problem:
            self._problem(row, name, problem.code, text=text_of(cell))
            return
        row.values[name] = day.isoformat()
        if name == "birth_date":
            self._birth(row, day)
        elif name == "pledge_signed_on" and day > self._context.today:
            self._problem(row, name, "pledge_in_future", day=day)
        elif is_future and day < document_valid_through(self._context.election_on):
            needed = document_valid_through(self._context.election_on)
            self._problem(row, name, "document_expired", day=day, needed=needed)

    def _birth(self, row: Row, day: date) -> None:
        today = self._context.today
        if day > today:
            self._problem(row, "birth_date", "birth_date_in_future", day=day)
            return
        years = (today - day) / timedelta(days=365.2425)
        if not YOUNGEST <= years <= OLDEST:
            self._problem(row, "birth_date", "birth_date_implausible", day=day)

    def _codes(self, row: Row, found: Mapping[str, Cell]) -> None:
        readers: dict[str, tuple[str, Callable[[str], str | None]]] = {
            "sex": ("unknown_sex", lambda text: find_sex(text, has_h=self._has_h)),
            "citizenship": ("unknown_country", find_country),
            "function": ("unknown_function", find_function),
        }
        for name, (code, reader) in readers.items():
            text = text_of(found.get(name))
            if not text:
                continue
            value = reader(text)
            if value:
                row.values[name] = value
            else:
                self._problem(row, name, code, text=text)
        if row.values.get("citizenship") == self._context.host:
            self._problem(row, "citizenship", "host_citizen")
        kind = find_document_kind(text_of(found.get("document_kind")))
        if kind:
            row.values["document_kind"] = kind

    def _contacts(self, row: Row, found: Mapping[str, Cell]) -> None:
        for name in TEXTS:
            if name in found:
                row.values[name] = normalize(text_of(found[name]))[:200]
        typed = text_of(found.get("email"))
        email = re.sub(r"\s", "", typed).removeprefix("mailto:")
        if email and _EMAIL.match(email):
            row.values["email"] = email
        elif email:
            self._problem(row, "email", "not_an_email", text=typed)
        if phone := _phone(text_of(found.get("phone"))):
            row.values["phone"] = phone

    def _mrz(self, row: Row, text: str) -> None:
        """The machine-readable zone fills what the list leaves open, and may contradict it."""
        zone = parse_mrz(text, on=self._context.election_on)
        if not zone.valid:
            self._problem(row, "mrz", "mrz_invalid", reason=zone.as_dict()["errors"][0])
            return
        citizenship = find_country(zone.nationality or "")
        said = {
            "surname": zone.surname,
            "given_names": zone.given_names,
            "birth_date": zone.birth_date.isoformat() if zone.birth_date else None,
            "sex": zone.sex,
            "citizenship": citizenship,
            "document_number": zone.document_number,
            "document_expiry": zone.expiry_date.isoformat() if zone.expiry_date else None,
            "issuing_state": zone.issuing_state,
        }
        for name, value in said.items():
            if not value or (name == "sex" and value == "X"):
                continue
            stated = row.values.get(name)
            if name in {"birth_date", "document_expiry"} and stated and stated != value:
                self._problem(row, name, "mrz_differs", text=stated, zone=value)
            elif name in {"surname", "given_names"} or not stated:
                row.values[name] = str(value)

    def _document(self, row: Row, found: Mapping[str, Cell]) -> None:
        text = normalize(text_of(found.get("document_number"))).upper()
        plain = _NOT_NUMBER.sub("", text.translate(_CYRILLIC_TWINS) if _all_twins(text) else text)
        if text and not 4 <= len(plain) <= 20:
            self._problem(row, "document_number", "document_number_invalid", text=text)
        elif text:
            row.values["document_number"] = plain
        issuer = text_of(found.get("issuing_state"))
        state = find_country(issuer) if issuer else None
        if issuer and is_issuer(issuer.upper()):
            row.values["issuing_state"] = issuer.upper()
        elif state or ("issuing_state" not in row.values and row.values.get("citizenship")):
            row.values["issuing_state"] = issuer_of(state or row.values["citizenship"])

    def _missing(self, row: Row) -> None:
        said = {problem.field for problem in row.problems}
        for name in NEEDED:
            if name in self._places and name not in row.values and name not in said:
                self._problem(row, name, "missing")


def _phone(text: str) -> str:
    """Digits, with + where the number is international (ITU-T E.164); `(0)` is not dialled."""
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", text))
    if text.lstrip(" (").startswith("+"):
        return f"+{digits}" if digits else ""
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    # 8 is the trunk prefix of the numbering plan of Russia and Kazakhstan, whose code is 7.
    return f"+7{digits[1:]}" if len(digits) == 11 and digits.startswith("8") else digits


def _all_twins(text: str) -> bool:
    """A number typed wholly on a Cyrillic keyboard: its letters look like Latin ones."""
    letters = [char for char in text if char.isalpha()]
    return all("А" <= char <= "Я" for char in letters)
