"""Names of states and citizenships: CLDR's, or those that diplomats use where they differ."""

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.core import get_global

from tracker.kernel.text import search_key, sort_key

LANGUAGES = ("en", "ru", "kk")
_DATA = Path(__file__).parent / "data"
# In CLDR, yet neither a state nor a territory that issues passports of its own.
_NOT_STATES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
_ICAO = {"D": "DE", "RKS": "XK", "GBD": "GB", "GBN": "GB", "GBO": "GB", "GBP": "GB", "GBS": "GB"}
_PRIVATE = re.compile("Q[M-Z]|X|ZZZ")  # alpha-3 codes that ISO 3166-1 leaves to private use


@lru_cache
def _overrides() -> dict[str, dict[str, str]]:
    with (_DATA / "state_names.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


@lru_cache
def state_codes() -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes, and XK, whose passports travel as RKS (ICAO Doc 9303-3)."""
    names = (str(code) for code in Locale("en").territories)
    return tuple(sorted(code for code in names if len(code) == 2 and code not in _NOT_STATES))


@lru_cache(maxsize=2_000)
def state_name(code: str, language: str) -> str:
    """The name of a state in `language`; the code itself where it is unknown."""
    override = _overrides().get(code, {}).get(language)
    return override or Locale(language).territories.get(code) or code


def citizenship_name(code: str | None, language: str) -> str:
    """The name of a citizenship: a state's, or a special holder's (UNO, XXA …); empty for none."""
    return state_name(code, language) if code else ""


@lru_cache
def special_holders() -> tuple[str, ...]:
    """Codes of holders who travel on no state's passport (ICAO Doc 9303-3, section 5)."""
    return tuple(code for code in _overrides() if len(code) == 3)


@lru_cache
def states_sorted(language: str) -> list[tuple[str, str]]:
    """Codes and names of all states by the language's alphabet."""
    return named(state_codes(), language)


def named(codes: Iterable[str], language: str) -> list[tuple[str, str]]:
    """These codes with their names, by the language's alphabet."""
    pairs = [(code, state_name(code, language)) for code in codes]
    return sorted(pairs, key=lambda pair: (sort_key(pair[1], language), pair[0]))


def _aliases() -> dict[str, str]:
    """Other names by which states are called: short, long, former, and their adjectives."""
    with (_DATA / "state_aliases.csv").open(encoding="utf-8", newline="") as file:
        return {
            search_key(name): row["code"]
            for row in csv.DictReader(file)
            for name in row["names"].split("|")
        }


def _alpha3() -> dict[str, str]:
    """ISO 3166-1 alpha-3 to alpha-2; a code whose state has broken up means none of the heirs."""
    states = frozenset(state_codes())
    return {
        alias.lower(): targets[0]
        for alias, targets in get_global("territory_aliases").items()
        if len(alias) == 3 and alias.isalpha() and not _PRIVATE.match(alias)
        if len(targets) == 1 and targets[0] in states
    }


@lru_cache
def _names_to_codes() -> dict[str, str]:
    """Every key that finds a state; the later line wins where two say the same."""
    found = {
        search_key(Locale(language).territories[code]): code
        for language in LANGUAGES
        for code in state_codes()
        if code in Locale(language).territories
    }
    found |= _aliases()
    found |= {
        search_key(state_name(code, language)): code
        for language in LANGUAGES
        for code in state_codes()
    }
    found |= _alpha3()
    found |= {code.lower(): code for code in state_codes()}
    return found | {code.lower(): state for code, state in _ICAO.items()}


def find_state(text: str) -> str | None:
    """The state meant by a code (ISO alpha-2, alpha-3, ICAO), a name or an adjective."""
    return _names_to_codes().get(search_key(text))
