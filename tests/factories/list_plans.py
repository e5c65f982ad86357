"""What the senders of lists have in common: who is listed, how cells are written, what is wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from tracker.demonstration.people import invent

FIXTURES = Path(__file__).parents[1] / "lists" / "fixtures"
WORDS: dict[str, Any] = json.loads((FIXTURES / "words.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class ListFixture:
    """A file, the values of each row that can be taken, and what is wrong with the others.

    Rows are numbered as a spreadsheet numbers them; a bad row has a field and a kind of mistake.
    """

    name: str
    content: bytes
    good: dict[int, dict[str, str]]
    bad: dict[int, tuple[str, str]]


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a row, and what stands in its cells instead of what should."""

    field: str
    kind: str
    cells: dict[str, Any] = field(default_factory=dict)  # a value, or [what to replace, by what]
    of: int | None = None  # the place of the person who is listed a second time


@dataclass(frozen=True)
class Person:
    """Somebody on a list; the place decides how the cells of the row are written."""

    place: int
    values: dict[str, str]
    native: tuple[str, str]  # surname and given name as written at home
    issuer: str

    def day(self, name: str) -> date:
        return date.fromisoformat(self.values[name])


@dataclass(frozen=True)
class Plan:
    """A kind of list; its words say who is on it and which places (from 0) hold mistakes."""

    key: str
    documents: str
    step: int  # neighbours on the list are so far apart by country

    @property
    def words(self) -> dict[str, Any]:
        return WORDS[self.key]

    @property
    def mistakes(self) -> dict[int, Mistake]:
        return {int(place): Mistake(**said) for place, said in self.words["mistakes"].items()}

    def word(self, kind: str, value: str, place: int) -> str:
        """One of the ways to write `value`."""
        variants = self.words[kind][value]
        return variants[place % len(variants)]

    def function(self, place: int) -> str:
        if place < 2:
            return ("head", "deputy_head")[place]
        rare = (name for every, at, name in WORDS["rare_functions"] if place % every == at)
        known = self.words["functions"]
        return next((name for name in rare if name in known), "short_term_observer")

    def person(self, place: int, citizenship: str, number: int) -> Person:
        one = invent(f"list of a {self.key}", citizenship, number)
        native = one.native_name or f"{one.surname} {one.given_names}".title()
        values = {
            "surname": one.surname,
            "given_names": one.given_names,
            "sex": one.sex,
            "birth_date": one.birth_date.isoformat(),
            "citizenship": citizenship,
            "document_number": self.documents.format((place + 1) * 7919 % 100_000),
            "document_expiry": one.document_expires_on.isoformat(),
            "function": self.function(place),
        }
        if place % 11 != 5:
            values["email"] = one.email
        if place % 9 != 6:
            digits = f"555{(place + 1) * 79193 % 10**7:07}"
            values["phone"] = f"+{WORDS['calling_codes'][citizenship]}{digits}"
        surname, _space, given = native.partition(" ")
        return Person(place, values, (surname, given), one.issuing_state)

    def people(self) -> list[Person]:
        mix = self.words["mix"]
        everybody = [(country, number) for country in mix for number in range(mix[country])]
        size = len(everybody)
        found = [self.person(i, *everybody[i * self.step % size]) for i in range(size)]
        for place, mistake in self.mistakes.items():
            if mistake.of is not None:
                found[place] = replace(found[mistake.of], place=place)
        return found

    def phone(self, person: Person) -> str | None:
        """The telephone number as the sender writes it."""
        if "phone" not in person.values:
            return None
        country, digits = person.values["citizenship"], person.values["phone"][-10:]
        notation = self.words["notations"][person.place % len(self.words["notations"])]
        is_foreign = notation.startswith("8") and country != "RU"
        if is_foreign or ("(0)" in notation and country not in WORDS["trunk_zero"]):
            notation = self.words["notations"][0]
        a, b, c, d = digits[:3], digits[3:6], digits[6:8], digits[8:]
        return notation.format(code=WORDS["calling_codes"][country], a=a, b=b, c=c, d=d)

    def cells(self, person: Person, own: dict[str, Any], *, mended: bool = False) -> list[Any]:
        """The row as the sender writes it, right or spoilt."""
        place, values = person.place, person.values
        cells = {
            "number": place + 1,
            "citizenship": self.word("countries", values["citizenship"], place),
            "document_number": values["document_number"],
            "function": self.word("functions", values["function"], place),
            "email": values.get("email"),
            "phone": self.phone(person),
        } | own
        mistake = self.mistakes.get(place)
        if mistake and not mended:
            for name, value in mistake.cells.items():
                is_slip = isinstance(value, list)
                cells[name] = cells[name].replace(*value, 1) if is_slip else value
        return [cells.get(name) for name in self.words["columns"]]

    def fixture(
        self, name: str, content: bytes, people: list[Person], row_of: Callable[[int], int]
    ) -> ListFixture:
        wrong = self.mistakes
        good = {row_of(one.place): dict(one.values) for one in people if one.place not in wrong}
        bad = {row_of(place): (mistake.field, mistake.kind) for place, mistake in wrong.items()}
        return ListFixture(name, content, good, bad)


def workbook() -> tuple[xlsxwriter.Workbook, BytesIO]:
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": datetime(2022, 10, 3, 9)})
    return book, file
