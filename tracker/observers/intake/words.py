"""Words of a list that stand for one of ours: countries, sex, function, kind of document."""

import csv
from functools import lru_cache
from pathlib import Path

from babel import Locale
from rapidfuzz import fuzz, process

from tracker.kernel.text import search_key
from tracker.observers.issuers import citizenship_of, is_issuer
from tracker.organizations.states import find_state, special_holders, state_codes

_DATA = Path(__file__).parent / "data"
_LANGUAGES = ("tr", "fr", "es")  # `organizations.states` knows English, Russian and Kazakh


@lru_cache
def _table(name: str) -> dict[str, str]:
    """Phrases of a table of words to their value, as search keys; the earlier line wins."""
    found: dict[str, str] = {}
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for phrase in row["phrases"].split("|"):
                found.setdefault(search_key(phrase), row["value"])
    return found


@lru_cache
def _more_countries() -> dict[str, str]:
    """Names in Turkish, French and Spanish (CLDR), and adjectives in those languages."""
    found = {
        search_key(Locale(language).territories[code]): code
        for language in _LANGUAGES
        for code in state_codes()
        if code in Locale(language).territories
    }
    return found | _table("citizenships")


@lru_cache(maxsize=8192)
def find_country(text: str) -> str | None:
    """The citizenship meant: ISO alpha-2, or a special holder's code (UNO, XXA …)."""
    key = search_key(text)
    if not key:
        return None
    code = key.upper()
    if code in special_holders():
        return code
    if len(code) == 3 and is_issuer(code):
        return citizenship_of(code)
    if found := find_state(text) or _more_countries().get(key):
        return found
    return _by_adjective(text) or _near_country(key)


def _by_adjective(text: str) -> str | None:
    """«Турецкое (гражданство)», by the masculine and feminine forms that are known."""
    word = text.strip().lower()
    if not word.endswith(("ое", "ее", "ого")):
        return None
    stem = word.removesuffix("ого").removesuffix("ое").removesuffix("ее")
    return next((code for end in ("ий", "ый", "ая") if (code := find_state(stem + end))), None)


def _near_country(key: str) -> str | None:
    """A name with one letter wrong: «Uzbekstan»; never for short names, which are too alike."""
    if len(key) < 6:
        return None
    near = process.extractOne(key, _more_countries().keys(), scorer=fuzz.ratio, score_cutoff=92)
    return _more_countries()[near[0]] if near else None


def find_sex(text: str, *, has_h: bool = False) -> str | None:
    """F, M or X. With `has_h` the column writes men as H: then M is a woman's «mujer»."""
    key = search_key(text)
    if has_h and key == "m":
        return "F"
    return _table("sexes").get(key)


@lru_cache(maxsize=4096)
def find_function(text: str) -> str | None:
    """The function (a value of `accreditation.Function`) that a word or phrase stands for."""
    return _table("functions").get(search_key(text))


def find_document_kind(text: str) -> str | None:
    """The kind of travel document that a word or phrase stands for."""
    return _table("document_kinds").get(search_key(text))
