"""Names as one column or two, in any order and alphabet: which word is whose.

"Surname, Given" says it by the comma, "Given SURNAME" by capitals; else the list's header and
alphabet decide, and the reader says that it was so.
"""

import re
from dataclasses import dataclass

from tracker.kernel.text import normalize, passport_form

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_PATRONYMIC = re.compile(
    r"(ович|евич|ёвич|ич|овна|евна|ична|инична|ұлы|улы|қызы|кызы|гызы|оглы|оғлы|"
    r"ovich|evich|ovna|evna|ichna|uly|uulu|kyzy|qyzy|qizi|gizi|oglu|oğlu|ogly|ugli|o'g'li)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Names:
    """Surname and given names in the letters of a passport, and the form in own script."""

    surname: str
    given_names: str
    native_name: str | None = None
    is_transliterated: bool = False
    is_guessed: bool = False  # nothing but habit said which word is the surname


def is_cyrillic(text: str) -> bool:
    """Whether any letter is Cyrillic."""
    return bool(_CYRILLIC.search(text))


def _capital(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return len(letters) > 1 and all(not char.islower() for char in letters)


def split_full(text: str, *, surname_first: bool | None) -> tuple[str, str, bool]:
    """Surname, given names, and whether only habit decided, of a name in one cell."""
    plain = normalize(text)
    if "," in plain:
        surname, given = (part.strip() for part in plain.split(",", 1))
        return surname, given, False
    words = plain.split()
    if len(words) < 2:
        return plain, "", False
    capitals = [_capital(word) for word in words]
    if any(capitals) and not all(capitals):
        edge = capitals.index(False) if capitals[0] else 0
        if capitals[0] and not any(capitals[edge:]):
            return " ".join(words[:edge]), " ".join(words[edge:]), False
        start = len(words) - capitals[::-1].index(False)
        if capitals[-1] and not any(capitals[:start]):
            return " ".join(words[start:]), " ".join(words[:start]), False
    return _by_habit(words, surname_first=surname_first)


def _by_habit(words: list[str], *, surname_first: bool | None) -> tuple[str, str, bool]:
    text = " ".join(words)
    if surname_first is not None:
        first, is_guess = surname_first, False
    elif len(words) > 2 and _PATRONYMIC.search(words[-1]):
        first, is_guess = True, False  # Фамилия Имя Отчество
    elif len(words) > 2 and _PATRONYMIC.search(words[-2]):
        first, is_guess = False, False  # Имя Отчество Фамилия
    else:
        first, is_guess = is_cyrillic(text) or text.isupper(), True
    if first:
        return words[0], " ".join(words[1:]), is_guess
    return words[-1], " ".join(words[:-1]), is_guess


def without_patronymic(given: str) -> str:
    """Given names without a patronymic at the end, which passports put elsewhere or not at all."""
    words = given.split()
    while len(words) > 1 and _PATRONYMIC.search(words[-1]):
        words.pop()
    return " ".join(words)


def read_names(
    *,
    surname: str = "",
    given_names: str = "",
    full_name: str = "",
    native_name: str = "",
    patronymic: str = "",
    surname_first: bool | None = None,
) -> Names:
    """The names of one row from whichever columns the list has."""
    is_guessed = False
    if full_name and not surname:
        surname, given, is_guessed = split_full(full_name, surname_first=surname_first)
        given_names = given_names or given
    if not surname and not given_names and native_name:
        surname, given_names, is_guessed = split_full(native_name, surname_first=surname_first)
    written = f"{surname} {given_names}"
    native = normalize(native_name) or None
    is_transliterated = is_cyrillic(written)
    if is_transliterated:
        native = native or normalize(f"{written} {patronymic}")
        given_names = without_patronymic(given_names)
    elif not native and not written.isascii():
        native = normalize(written)
    return Names(
        surname=passport_form(surname),
        given_names=passport_form(given_names),
        native_name=native,
        is_transliterated=is_transliterated,
        is_guessed=is_guessed,
    )
