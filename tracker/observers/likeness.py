"""Whether two records are one person, whoever spelled the name and in whichever alphabet.

A person decides in the end; this says how likely it is and why. Names are compared word by word in
one common spelling (`spellings`), so that order, patronymics and transliteration do not matter;
dates forgive an exchanged day and month or one digit; document numbers one character.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import Levenshtein

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.observers.spellings import core_words, is_patronymic, skeleton, variants

VERY_SIMILAR, SIMILAR = 0.9, 0.75
MOST_WORDS = 8  # of a name; more are a list in one cell


class Verdict(StrEnum):
    """What a comparison comes to."""

    SAME = "same"
    POSSIBLE = "possible"
    DIFFERENT = "different"


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is known of a person for a comparison."""

    surname: str = ""
    given_names: str = ""
    native_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None  # F, M or X
    citizenship: str | None = None  # ISO 3166-1 alpha-2, or a special holder's code
    document_number: str | None = None
    issuing_state: str | None = None


REASONS = {
    "same_document": N_("the same travel document"),
    "document_one_character": N_("numbers of documents differ in one character"),
    "different_document": N_("different travel documents"),
    "same_names": N_("the same names"),
    "names_in_another_spelling": N_("the same names in another spelling"),
    "names_swapped": N_("names in another order"),
    "patronymic_in_one": N_("further names in one record only"),
    "similar_names": N_("similar names"),
    "different_names": N_("different names"),
    "same_birth_date": N_("the same date of birth"),
    "birth_date_swapped": N_("day and month of birth exchanged"),
    "birth_date_one_digit": N_("dates of birth differ in one digit"),
    "birth_date_unknown": N_("a date of birth is not known"),
    "different_birth_date": N_("different dates of birth"),
    "different_citizenship": N_("different citizenships"),
    "different_sex": N_("different sex"),
}


@dataclass(frozen=True)
class Reason:
    """One observation; `code` is a key of `REASONS`."""

    code: str


@dataclass(frozen=True)
class Match:
    """How likely it is one person (0 to 1), what that comes to, and why."""

    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]


def person_from(values: Mapping[str, Any]) -> Person:
    """A person from plain values, dates ISO 8601; raises `Refused` for what is not one."""
    known = {field.name for field in fields(Person)}
    for name, value in values.items():
        if name not in known:
            raise Refused(N_("There is no field %(name)s in a person."), field=name, name=name)
        if value is not None and not isinstance(value, str):
            raise Refused(N_("The value of %(name)s is not a text."), field=name, name=name)
    given = dict(values)
    try:
        born = date.fromisoformat(given["birth_date"]) if given.get("birth_date") else None
    except ValueError as error:
        raise Refused(
            N_("%(text)s is not a date: write it like 1965-03-12."),
            field="birth_date",
            text=given["birth_date"],
        ) from error
    texts = {name: value or "" for name, value in given.items() if name.endswith("name")}
    texts |= {"given_names": given.get("given_names") or ""}
    return Person(**{**given, **texts, "birth_date": born})


@lru_cache(maxsize=65_536)
def _words_alike(one: str, other: str) -> float:
    """How alike two words of a name are, from 0 to 1; 1 where they may be one spelling."""
    best = 0.0
    for left in variants(one):
        for right in variants(other):
            if left == right:
                return 1.0
            distance = Levenshtein.distance(left, right)
            length = max(len(left), len(right))
            alike = 1 - distance / length if length else 0.0
            bones = skeleton(left)
            if length > 4 and len(bones) >= 3 and bones == skeleton(right) and distance <= 2:
                alike = max(alike, 0.95)  # only vowels differ
            best = max(best, alike)
    return best


@dataclass(frozen=True)
class _Names:
    """How two names compare: the least alike of the words that answer each other."""

    alike: float
    is_swapped: bool = False
    has_more: bool = False


def _align(one: tuple[str, ...], other: tuple[str, ...]) -> _Names:
    pairs = [
        (-_words_alike(left, right), tuple(sorted((left, right))), abs(i - j), i, j)
        for i, left in enumerate(one)
        for j, right in enumerate(other)
    ]
    taken: dict[int, int] = {}
    alikes: list[float] = []
    for negative, _pair, _apart, i, j in sorted(pairs, key=lambda pair: pair[:3]):
        if i not in taken and j not in taken.values():
            taken[i] = j
            alikes.append(-negative)
    fewer = min(len(one), len(other))
    # Two words that answer each other make a name; what one record has beyond them is extra.
    needed = sorted(alikes, reverse=True)[: max(2, _core_count(one, other))][:fewer]
    order = [taken[i] for i in sorted(taken)]
    is_swapped = order != sorted(order)
    return _Names(min(needed, default=0.0), is_swapped, len(one) != len(other))


def _core_count(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return min(
        sum(not is_patronymic(word) for word in one), sum(not is_patronymic(word) for word in other)
    )


@lru_cache(maxsize=16_384)
def _forms(surname: str, given_names: str, native_name: str | None) -> tuple[tuple[str, ...], ...]:
    """The words of each form of the name on record: as in the passport, and in own script."""
    texts = [f"{surname} {given_names}", native_name or ""]
    forms = (core_words(text)[:MOST_WORDS] for text in texts)
    return tuple(dict.fromkeys(form for form in forms if form))


def _compare_names(one: Person, other: Person) -> _Names:
    best = _Names(0.0)
    for left in _forms(one.surname, one.given_names, one.native_name):
        for right in _forms(other.surname, other.given_names, other.native_name):
            found = _align(left, right)
            if len(left) < 2 or len(right) < 2:  # one name alone says little
                found = _Names(min(found.alike, 1.0 if len(left) == len(right) else 0.8))
            if (found.alike, not found.is_swapped) > (best.alike, not best.is_swapped):
                best = found
    return best


def _plain(number: str | None) -> str:
    return "".join(char for char in (number or "").upper() if char.isalnum())


def _document(one: Person, other: Person) -> str | None:
    """The reason that the documents give; None where one is not known."""
    left, right = _plain(one.document_number), _plain(other.document_number)
    if not left or not right:
        return None
    is_same_issuer = not (one.issuing_state and other.issuing_state) or (
        one.issuing_state == other.issuing_state
    )
    if left == right and is_same_issuer:
        return "same_document"
    if is_same_issuer and Levenshtein.distance(left, right) == 1:
        return "document_one_character"
    return "different_document"


def _birth(one: date | None, other: date | None) -> str:
    if one is None or other is None:
        return "birth_date_unknown"
    if one == other:
        return "same_birth_date"
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return "birth_date_swapped"
    pairs = zip(one.isoformat(), other.isoformat(), strict=True)
    if sum(left != right for left, right in pairs) == 1:
        return "birth_date_one_digit"
    return "different_birth_date"


NEAR_BIRTHS = frozenset({"birth_date_swapped", "birth_date_one_digit"})


def _score(alike: float, birth: str, document: str | None, *, contradicts: bool) -> float:
    """How likely it is one person; `contradicts`: sex differs, or citizenship and document do."""
    is_near_document = document in {"same_document", "document_one_character"}
    if document == "same_document":
        score = 0.99 if alike >= VERY_SIMILAR else 0.92 if alike >= SIMILAR else 0.65
    elif alike >= VERY_SIMILAR and birth == "same_birth_date":
        is_certain = alike == 1.0 or document != "different_document"
        score = (0.97 if alike == 1.0 else 0.92) if is_certain else 0.85
    elif alike >= VERY_SIMILAR and birth in NEAR_BIRTHS:
        score = 0.9 if is_near_document else 0.75
    elif alike >= VERY_SIMILAR and birth == "birth_date_unknown":
        score = 0.85 if is_near_document else 0.7
    elif alike >= VERY_SIMILAR:
        score = 0.62 if is_near_document else 0.4
    elif alike >= SIMILAR and birth == "same_birth_date":
        score = 0.8 if is_near_document else 0.7
    elif alike >= SIMILAR and birth in NEAR_BIRTHS:
        score = 0.65 if is_near_document else 0.45
    else:
        score = round(0.3 * alike, 2)
    return min(score, 0.85) if contradicts else score


def compare(one: Person, other: Person) -> Match:
    """How likely the two are one person; symmetric. Same from 0.9, possible from 0.6."""
    names = _compare_names(one, other)
    birth = _birth(one.birth_date, other.birth_date)
    document = _document(one, other)
    is_other_sex = {one.sex, other.sex} == {"F", "M"}
    is_other_state = bool(
        one.citizenship and other.citizenship and one.citizenship != other.citizenship
    )
    is_dual = is_other_state and document == "different_document"
    score = _score(names.alike, birth, document, contradicts=is_other_sex or is_dual)
    verdict = (
        Verdict.SAME if score >= 0.9 else Verdict.POSSIBLE if score >= 0.6 else Verdict.DIFFERENT
    )
    codes = [document, _names_code(one, other, names.alike)]
    if names.alike >= VERY_SIMILAR:
        codes += ["names_swapped" if names.is_swapped else None]
        codes += ["patronymic_in_one" if names.has_more else None]
    codes += [birth, "different_citizenship" if is_other_state else None]
    codes += ["different_sex" if is_other_sex else None]
    return Match(round(score, 2), verdict, tuple(Reason(code) for code in codes if code))


def _names_code(one: Person, other: Person, alike: float) -> str:
    if alike < SIMILAR:
        return "different_names"
    if alike < VERY_SIMILAR:
        return "similar_names"
    written = [
        sorted(f"{person.surname} {person.given_names}".lower().split()) for person in (one, other)
    ]
    return "same_names" if written[0] == written[1] else "names_in_another_spelling"
