"""Text as people type it: made clean, searchable across alphabets, sorted by each language."""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePath

from anyascii import anyascii

from tracker.kernel.letters import ALPHABETS, CAPITAL_AFTER, PARTICLES, PASSPORT

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_SPACES = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SIGNS = re.compile("[ьъЬЪ]")  # without a sound: «Татьяна» is found as "Tatyana"
_NOT_PASSPORT = re.compile(r"[^A-Z '-]+")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ`´ʹ"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_ROMAN = frozenset({"II", "III", "IV"})


def normalize(text: str) -> str:
    """`text` in NFC, without invisible and direction-changing characters, singly spaced."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = _SPACES.sub(" ", text)  # before the next line takes tabs and line ends away
    kept = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    # Composed last: an invisible character may have stood between a letter and its accent.
    return _SPACES.sub(" ", unicodedata.normalize("NFC", kept)).strip()


def normalize_lines(text: str) -> str:
    """`text` with each line made clean, at most one empty line between paragraphs."""
    lines = "\n".join(normalize(line) for line in text.splitlines())
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n")


def clean(text: str) -> str:
    """`text` as calendars may hold it: one kind of line break and no control characters
    (RFC 5545 3.3.11)."""
    return _FORBIDDEN.sub("\ufffd", _BREAKS.sub("\n", text))


def file_name(name: str, *, longest: int = 200) -> str:
    """The name of a file that somebody sent: no folders, nothing invisible; "" for none.

    It goes into a header later, and a direction mark would make one ending read as another.
    """
    return normalize(PurePath(name.replace("\\", "/")).name)[:longest]


def whole_number(text: str) -> int | None:
    """The number that `text` writes in digits; None where it is none that an identity can be.

    Python refuses to read thousands of digits with an error of its own.
    """
    return int(text) if len(text) < 19 and text.isascii() and text.isdecimal() else None


def numbers(texts: Iterable[str]) -> list[int]:
    """The whole numbers among what a form sent."""
    return [number for text in texts if (number := whole_number(text)) is not None]


def search_key(text: str) -> str:
    """What is compared in a search: small Latin letters and digits, whatever the alphabet."""
    is_plain = text.isascii() and text.isprintable()
    plain = text if is_plain else anyascii(_SIGNS.sub("", normalize(text)))
    return _NOT_WORD.sub(" ", plain.lower()).strip()


@lru_cache
def _weights(language: str) -> dict[str, str]:
    letters = ALPHABETS.get(language, "")
    return {letter: chr(0xE000 + place) for place, letter in enumerate(letters)}


def sort_key(text: str, language: str) -> str:
    """A key that orders by the language's own alphabet (42 letters in Kazakh).

    A letter of another language follows its base letter's place (ў as у); other alphabets,
    digits and spaces come before. In Russian Ё stands with Е, and after it only where nothing else
    differs, as in dictionaries; in Kazakh it is a letter of its own.
    """
    folded = normalize(text).casefold()
    if language == "en":
        folded = anyascii(folded).casefold()
    if language == "ru" and "ё" in folded:
        return f"{_weighed(folded.replace('ё', 'е'), language)}\0{_weighed(folded, language)}"
    return _weighed(folded, language)


def _weighed(folded: str, language: str) -> str:
    weights = _weights(language)
    return "".join(
        weights.get(letter) or weights.get(unicodedata.normalize("NFD", letter)[0], letter)
        for letter in unicodedata.normalize("NFC", folded)
    )


def mask(value: str, visible: int = 4) -> str:
    """`value` as dots, with its last characters: `visible` of them, never more than half."""
    shown = max(0, min(visible, len(value) // 2))
    return "•" * (len(value) - shown) + value[len(value) - shown :]


def mask_ending(ending: str, length: int = 9) -> str:
    """The same where only the ending is stored in clear, so that the length stays unknown."""
    return "•" * max(length - len(ending), 4) + ending


def initials(name: str) -> str:
    """Up to two first letters."""
    words = (re.sub(r"^[\W\d_]+", "", word) for word in normalize(name).split())
    return "".join(word[0].upper()[0] for word in words if word)[:2]


def _small(part: str) -> str:
    return part.replace("İ", "i").lower()  # lower() alone makes two characters of İ


def _capital(part: str) -> str:
    return part[:1].upper() + _small(part[1:])


def _title(word: str) -> str:
    """One word of a name: O'Neil and D'Angelo, yet Mirziyo'yev and G'aniyev."""
    if word in _ROMAN:
        return word
    return "-".join(_title_part(part) for part in word.split("-"))


def _title_part(part: str) -> str:
    pieces = re.split(r"(['’ʻʼ‘])", part)
    capital = {0, 2} if pieces[0] in CAPITAL_AFTER else {0}
    return "".join(
        _capital(piece) if place in capital else _small(piece) for place, piece in enumerate(pieces)
    )


def _titled(words: list[str], *, surname: bool) -> list[str]:
    written = []
    for place, word in enumerate(words):
        lowered = word.lower().replace("’", "'")
        leads = surname and place < len(words) - 1 and lowered in PARTICLES["before"]
        before = words[place - 1].lower() if place else ""
        after_de = before == "de" and lowered in {"la", "las", "los"}
        follows = place > 0 and lowered in PARTICLES["after"]
        if not word.isupper():
            written.append(word)
        elif leads or follows or (surname and after_de):
            written.append(word.lower())
        else:
            written.append(_title(word))
    return written


def display_name(surname: str, given_names: str) -> str:
    """A name from its passport form, as it is written in a sentence: given names first.

    What was typed in small letters stays as typed: only its bearer knows McDonald and Van Damme.
    """
    given = _titled(normalize(given_names).split(), surname=False)
    return " ".join(given + _titled(normalize(surname).split(), surname=True))


def passport_form(text: str) -> str:
    """`text` in the letters of a machine-readable passport (ICAO Doc 9303-3, section 6).

    Latin and Cyrillic letters by its tables, the first of several forms where it allows a
    choice; Kazakh letters by the nearest plain ones. Gives A-Z, space, hyphen, apostrophe.
    """
    upper = normalize(text).translate(_APOSTROPHES).translate(_DASHES).upper()
    if upper.isascii():
        return " ".join(_NOT_PASSPORT.sub(" ", upper).split())
    letters = []
    for char in unicodedata.normalize("NFC", upper):
        plain = PASSPORT.get(char)
        if plain is None:
            base = unicodedata.normalize("NFD", char)[0]
            plain = PASSPORT.get(base, base)
        letters.append(plain if plain.isascii() else anyascii(plain).upper())
    return " ".join(_NOT_PASSPORT.sub(" ", "".join(letters)).split())


class Suspicion(StrEnum):
    """Why a character in a name deserves a second look."""

    CONTROL = "control"
    DIRECTION = "direction"
    INVISIBLE = "invisible"
    MIXED_SCRIPT = "mixed_script"


def _script(char: str) -> str:
    name = unicodedata.name(char, "")
    return next((script for script in ("LATIN", "CYRILLIC", "GREEK") if script in name), "")


def _mixed(text: str) -> list[tuple[int, str, Suspicion]]:
    """Letters that are not of the script in which most of their word is written."""
    found = []
    for word in re.finditer(r"[^\W\d_]+", text):
        scripts = [_script(char) for char in word.group()]
        kinds = sorted({script for script in scripts if script}, key=scripts.index)
        if len(kinds) < 2:
            continue
        main = max(kinds, key=scripts.count)  # the first script in the word where they are equal
        found += [
            (word.start() + place, word.group()[place], Suspicion.MIXED_SCRIPT)
            for place, script in enumerate(scripts)
            if script and script != main
        ]
    return found


def suspicious_characters(text: str) -> list[tuple[int, str, Suspicion]]:
    """Place, character and reason: look-alikes of another alphabet inside a word, characters
    that turn the direction of writing or cannot be seen."""
    if text.isascii() and text.isprintable():
        return []
    found = _mixed(text)
    for place, char in enumerate(text):
        category = unicodedata.category(char)
        if char in _DIRECTIONS:
            found.append((place, char, Suspicion.DIRECTION))
        elif category == "Cf":
            found.append((place, char, Suspicion.INVISIBLE))
        elif category in _INVISIBLE and char not in "\t\n\r":
            found.append((place, char, Suspicion.CONTROL))
    return sorted(found)
