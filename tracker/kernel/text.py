"""Text as people type it: made clean, searchable across alphabets, sorted by each language."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")

ALPHABETS = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
}


def normalize(text: str) -> str:
    """`text` in NFC, without invisible and direction-changing characters, singly spaced."""
    composed = unicodedata.normalize("NFC", _SPACES.sub(" ", text))
    kept = "".join(char for char in composed if unicodedata.category(char) not in _INVISIBLE)
    return _SPACES.sub(" ", kept).strip()


def search_key(text: str) -> str:
    """What is compared in a search: small Latin letters and digits, whatever the alphabet."""
    return _NOT_WORD.sub(" ", anyascii(normalize(text)).lower()).strip()


@lru_cache
def _weights(language: str) -> dict[str, str]:
    letters = ALPHABETS.get(language, "")
    return {letter: chr(0xE000 + place) for place, letter in enumerate(letters)}


def sort_key(text: str, language: str) -> str:
    """A key that orders by the language's own alphabet (42 letters in Kazakh)."""
    weights = _weights(language)
    folded = normalize(text).casefold()
    if language == "en":
        folded = anyascii(folded).casefold()
    return "".join(weights.get(letter, letter) for letter in folded)


def mask(ending: str, length: int = 9) -> str:
    """Dots with the last characters of a number that is kept secret."""
    return "•" * max(length - len(ending), 4) + ending


def initials(name: str) -> str:
    """Up to two first letters."""
    return "".join(part[0] for part in normalize(name).split()[:2]).upper()


def _title(word: str) -> str:
    return "".join(
        part.capitalize() if part.isalpha() else part for part in re.split(r"([-'’])", word)
    )


def display_name(surname: str, given_names: str) -> str:
    """A name from its passport form, as it is written in a sentence: given names first."""
    words = f"{given_names} {surname}".split()
    return " ".join(_title(word) if word.isupper() else word for word in words)
