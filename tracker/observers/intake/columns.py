"""What stands in each column: by its header in six languages, by what was chosen before for the
same organization, and by the content where a header says nothing."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from tracker.kernel.text import search_key
from tracker.observers.intake.content import content_field, is_cyrillic
from tracker.observers.intake.grid import Cell, column_letters, text_of

_HEADERS = Path(__file__).parent / "data" / "headers.csv"
_SAMPLE = 60
FUZZY_FROM = 90.0
MAPPED_ONCE = frozenset({"ignore", "row_number"})  # any number of columns may be these


@dataclass(frozen=True)
class Column:
    """One column of a list: where it stands, what it is called, and what it holds."""

    index: int
    header: str
    field: str | None
    by: str  # header, content, memory, choice; empty where nothing was recognized
    samples: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """As the spreadsheet names it."""
        return column_letters(self.index)

    @property
    def key(self) -> str:
        """The header as it is remembered."""
        return search_key(self.header)


@lru_cache
def _phrases() -> dict[str, str]:
    """Header phrase, small Latin letters and digits, to field; the earlier line wins."""
    found: dict[str, str] = {}
    with _HEADERS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for phrase in row["phrases"].split("|"):
                found.setdefault(search_key(phrase), row["field"])
    return found


@lru_cache
def fields() -> tuple[str, ...]:
    """Every field that a column may hold, in the order of the table of headers."""
    return tuple(dict.fromkeys(_phrases().values()))


def _variants(header: str) -> list[str]:
    """A header as written, then without what stands in brackets, then each language's part."""
    bare = re.sub(r"[(\[].*?[)\]]", " ", header)
    parts = [part for part in re.split(r"[/|\n]", bare) if part.strip()]
    lines = header.split("\n")
    found = [header.replace("\n", " "), bare, *parts, " ".join(parts), *reversed(lines)]
    return [key for key in dict.fromkeys(search_key(text) for text in found) if key]


@lru_cache(maxsize=4096)
def header_field(header: str) -> tuple[str | None, float]:
    """The field that a header names and how surely (100: a known phrase); None for none."""
    variants = _variants(header)
    for variant in variants:
        if variant in _phrases():
            return _phrases()[variant], 100.0
    best: tuple[str | None, float] = (None, 0.0)
    for variant in variants:
        if len(variant) < 4:
            continue
        near = process.extractOne(variant, _phrases().keys(), scorer=fuzz.ratio)
        if near and near[1] >= FUZZY_FROM and near[1] > best[1]:
            best = (_phrases()[near[0]], near[1])
    return best if best[0] else _contained(variants)


def _contained(variants: Sequence[str]) -> tuple[str | None, float]:
    """The longest known phrase of two words or eight letters within a header."""
    found: tuple[str | None, float] = (None, 0.0)
    for variant in variants:
        for phrase, name in _phrases().items():
            is_telling = " " in phrase or len(phrase) >= 8
            if is_telling and f" {phrase} " in f" {variant} " and len(phrase) > found[1]:
                found = (name, float(len(phrase)))
    return (found[0], min(60.0 + found[1], 89.0)) if found[0] else found


def surname_first(header: str) -> bool | None:
    """Whether a header of whole names puts the surname first; None where it does not say."""
    for variant in _variants(header):
        words = variant.split()
        places = {
            name: next((i for i, word in enumerate(words) if _phrases().get(word) == name), None)
            for name in ("surname", "given_names")
        }
        surname, given = places["surname"], places["given_names"]
        if surname is not None and given is not None:
            return surname < given
        if variant in {"f i o", "fio"} or variant.startswith(("fio ", "f i o ")):
            return True
    return None


def recognize(
    headers: Mapping[int, str],
    rows: Sequence[Sequence[Cell]],
    *,
    memory: Mapping[str, str] | None = None,
) -> list[Column]:
    """The columns of a table with what each holds; no field but the ignored ones twice."""
    samples = {index: _samples(rows, index) for index in headers}
    guesses: dict[int, tuple[str | None, float, str]] = {}
    for index, header in headers.items():
        remembered = (memory or {}).get(search_key(header))
        if remembered:
            guesses[index] = (remembered, 200.0, "memory")
            continue
        name, score = header_field(header) if header else (None, 0.0)
        guesses[index] = (_settled(name, samples[index]), score, "header" if name else "")
    _two_names(guesses, samples)
    _once(guesses)
    taken = {name for name, _score, _by in guesses.values() if name}
    for index in headers:
        if guesses[index][0] is None and samples[index]:
            name = content_field(samples[index], taken)
            if name:
                taken.add(name)
                guesses[index] = (name, 50.0, "content")
    return [
        Column(index, header, guesses[index][0], guesses[index][2], tuple(samples[index][:3]))
        for index, header in headers.items()
    ]


def _samples(rows: Sequence[Sequence[Cell]], index: int) -> list[str]:
    found = []
    for row in rows:
        if index < len(row) and (text := text_of(row[index])):
            found.append(text)
            if len(found) == _SAMPLE:
                break
    return found


def _settled(name: str | None, samples: list[str]) -> str | None:
    """A header of two meanings, settled by the content: position, name, passport."""
    if name in {"occupation", "function"} and samples:
        found = content_field(samples, set(), only={"function"})
        return "function" if found else "occupation" if name == "occupation" else name
    if name == "document_number" and content_field(samples, set(), only={"mrz"}):
        return "mrz"
    return name


def _two_names(
    guesses: dict[int, tuple[str | None, float, str]], samples: dict[int, list[str]]
) -> None:
    """A name column beside surname or a second name column: given names, or the own script."""
    held = {name: index for index, (name, _score, _by) in guesses.items() if name}
    whole = [index for index, guess in guesses.items() if guess[0] == "full_name"]
    if whole and "surname" in held and "given_names" not in held:
        guesses[whole[0]] = ("given_names", *guesses[whole[0]][1:])
    elif whole and "surname" not in held and "given_names" in held and len(whole) == 1:
        given = held["given_names"]
        if not any(" " in text for text in samples[whole[0]]):
            guesses[whole[0]] = ("surname", *guesses[whole[0]][1:])
            guesses[given] = ("given_names", *guesses[given][1:])
    has_latin = any(not is_cyrillic(samples[index]) for index in whole) or "surname" in held
    for index in whole:
        if guesses[index][0] == "full_name" and has_latin and is_cyrillic(samples[index]):
            guesses[index] = ("native_name", *guesses[index][1:])
    if "surname" not in held and "given_names" in held and not whole:
        given = held["given_names"]
        if sum(len(text.split()) > 1 for text in samples[given]) * 2 > len(samples[given]):
            guesses[given] = ("full_name", *guesses[given][1:])


def _once(guesses: dict[int, tuple[str | None, float, str]]) -> None:
    """Of several columns with one field the surest keeps it, the first where they are equal."""
    best: dict[str, int] = {}
    for index, (name, score, _by) in guesses.items():
        if name and name not in MAPPED_ONCE:
            other = best.get(name)
            if other is None or score > guesses[other][1]:
                best[name] = index
    for index, (name, _score, _by) in list(guesses.items()):
        if name and name not in MAPPED_ONCE and best[name] != index:
            guesses[index] = (None, 0.0, "")
