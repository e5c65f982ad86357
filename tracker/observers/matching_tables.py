"""What the comparison of persons knows about letters, words of names and verdicts.

Spellings are reduced to a few sounds. Digraphs of Latin habits (English, French, German, Polish,
Turkish, Azerbaijani) first become one Cyrillic letter each, because Cyrillic has one letter for
each of these sounds; then every letter becomes its Latin sound. S and C stand for sh and ch.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from tracker.kernel.i18n import N_
from tracker.kernel.text import normalize

APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻ`´ʹʺ\"ʾʿ′"))  # taken away: O'Neil, Sa'id, Vasil'ev

_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіїєґўѓђѕјќљњћџҳҷӣӯ",
        [
            "a", "b", "v", "g", "d", "e", "e", "j", "z", "i", "i", "k", "l", "m", "n", "o",
            "p", "r", "s", "t", "u", "f", "h", "ts", "C", "S", "S", "", "i", "", "e",
            "iu", "ia",
            "a", "g", "k", "n", "o", "u", "u", "h", "i", "i", "e", "g", "o", "g", "j", "dz", "i",
            "k", "l", "n", "C", "j", "h", "j", "i", "u",
        ],
        strict=True,
    )
)  # fmt: skip
_LATIN = {letter: letter for letter in "abdefghijklmnoprstuvz"} | {
    "c": "k",
    "q": "k",
    "w": "v",
    "x": "ks",
    "y": "i",
    "ı": "i",
    "ə": "a",
    "æ": "a",
    "ø": "o",
    "œ": "o",
    "ß": "s",
    "đ": "d",
    "ð": "d",
    "þ": "t",
    "ħ": "h",
    "ł": "l",
    "ŋ": "n",
    "ţ": "ts",
    "ț": "ts",
}
# The sound of a letter; one with an accent that is not here sounds as its base letter.
SOUNDS = (
    _CYRILLIC
    | _LATIN
    | dict.fromkeys("şšșś", "S")
    | dict.fromkeys("çčć", "C")
    | dict.fromkeys("žżź", "j")
)

DIGRAPHS = {
    "shch": "ш",
    "szcz": "ш",
    "sch": "ш",
    "sh": "ш",
    "sz": "ш",
    "zh": "ж",
    "kh": "х",
    "gh": "г",
    "ph": "ф",
    "th": "т",
    "ck": "к",
    "cz": "ч",
    "ch": "ч",
    "tz": "ц",
    "qu": "к",
    "gu": "г",
    "yo": "ё",
    "c": "с",
    "j": "й",
    "x": "х",
}
DIGRAPH = re.compile(
    "shch|szcz|sch|sh|sz|zh|kh|gh|ph|th|ck|cz|ch|tz"
    "|qu(?=[ei])|gu(?=[ei])"  # Enrique, Miguel
    "|(?<=[bcdfghklmnpqrstvwxz])yo"  # Fyodor
    "|c(?=[eiy])"
    "|(?<=[tlsvmbp])j|(?<=i)j(?=[aeou]?[sm]?$)|j(?![aeiouyäöüəıøæ])"  # Tatjana, Marija, Sergej
    "|^x|x(?=[tmlr])"  # Azerbaijani and Uzbek: Xalilov, Baxtiyor
)

# Sounds that writers of one name write now so, now otherwise; in this order.
REDUCTIONS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in [
        ("(?<=[oe])ff$", "v"),  # Romanoff
        ("dj", "j"),  # Japarov, Dzhaparov
        ("t[CS]", "C"),  # Tchaikovsky, Tschaikowski
        ("SC", "S"),  # shch and its shorter forms
        (r"(.)\1+", r"\1"),
        ("ie", "e"),  # Aliyev, Aliev; Yelena, Elena
        ("oe", "o"),
        ("ue", "u"),
        ("ae", "a"),
        ("ou", "u"),
        ("(?<=.)iu", "u"),  # Lyudmila, Ludmila
        (r"(.)\1+", r"\1"),
        ("(?<=...)(?:ogli|oglu|uli|ulu)$", "uli"),  # patronymics: son of
        ("(?<=...)(?:kizi|gizi)$", "kizi"),  # daughter of
    ]
)

# A letter that has another sound in another language: also read so.
OTHER_READINGS = tuple(
    (re.compile(pattern), readings)
    for pattern, readings in [
        ("ё", ("ио", "о")),
        ("ә", ("е",)),
        ("г", ("х",)),  # Олег is Oleh in Ukrainian; Ганс is Hans
        ("ң", ("нг",)),
        ("ў", ("у",)),
        ("ъ", ("а", "е")),  # Petar, in ICAO Doc 9303 Petier
        ("[şšșś]", ("s",)),  # letters that lose their mark in a passport
        ("[žżź]", ("z",)),
        ("[çčć]", ("c",)),
        ("sh", ("сх",)),  # Ashat, Асхат
        ("(?<![stc])ch", ("к", "х", "ш")),  # Michael, Bach, Charlotte
        ("j(?=[ou])", ("х",)),  # José; not Jana, who is not Hana
        ("j", ("й", "ж")),
        ("x", ("кс", "х")),
        ("w", ("у",)),
        ("gu(?=[ei])", ("гу",)),
        ("s(?![hcz])", ("ш",)),  # which may have lost its mark
        ("(?<![tcsd])z(?!h)", ("ж",)),
        ("(?<!s)c(?![hkz])", ("ж", "ч", "ц", "к")),  # Nicat, Çelik without its mark, Kuznecov
        ("ə", ("е",)),  # ICAO Doc 9303 writes E
        ("đ", ("ж",)),
    ]
)
MOST_READINGS = 32

# Small words before a name, of no weight; and words after a father's name, which belong to it.
PARTICLES = frozenset(
    ["al", "el", "ul", "bin", "bint", "ibn", "ben", "van", "von", "der", "den", "ter", "ten",
     "zu", "zur", "de", "del", "della", "di", "da", "das", "do", "dos", "du", "la", "las", "los",
     "le", "аль", "эль", "бин", "ибн", "бен", "ван", "фон", "дер", "ден", "де", "ди", "да", "ла",
     "ле"]
)  # fmt: skip
FATHER_WORDS = frozenset(
    ["ogly", "oglu", "oğlu", "oghlu", "ogli", "oğli", "oglı", "uly", "ulı", "ūly", "ұлы", "улы",
     "uulu", "уулу", "оглы", "оғлы", "огли", "ўғли", "угли", "qyzy", "qızı", "kızı", "kyzy",
     "qizi", "kizi", "gizi", "gyzy", "kizy", "qızy", "қызы", "кызы", "кизи", "қизи", "гызы"]
)  # fmt: skip
PATRONYMIC = re.compile("(?<=..)(?:ovich|evich|ich|ovna|evna|ichna|uli|kizi)$")

# The consonants of a block key: sounds that one letter has in two languages fall together.
# A glide before a vowel is one (Yana, Jana), a last g or h is none (Abdulla, Oleh).
SKELETON = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in [
        ("^i(?=[aou])|sh|ch|ts|dz", "k"),
        ("(?<=[aeiou])[gh]$|[aeiou]", ""),
        ("[cghjksz]+", "k"),
        ("[dt]+", "t"),
        ("[bp]+", "p"),
        ("[fv]+", "v"),
        (r"(.)\1+", r"\1"),
    ]
)

LONGEST_WORD = 60
MOST_WORDS = 8  # of one name


def _sound(letter: str) -> str:
    found = SOUNDS.get(letter)
    if found is None:
        found = SOUNDS.get(unicodedata.normalize("NFD", letter)[0])
    if found is None:
        found = "".join(SOUNDS.get(plain, "") for plain in anyascii(letter).lower())
    return found


def _reduced(word: str) -> str:
    """The sounds of one small-letter word, a to z."""
    singled = DIGRAPH.sub(lambda found: DIGRAPHS[found[0]], word)
    sounds = "".join(map(_sound, singled))
    for pattern, sound in REDUCTIONS:
        sounds = pattern.sub(sound, sounds)
    # Askhat has no sh.
    return sounds.replace("sh", "skh").replace("S", "sh").replace("C", "ch")


@lru_cache(maxsize=1 << 15)
def readings_of(word: str) -> tuple[str, frozenset[str]]:
    """The spelling of a word, and all its spellings as the languages read its letters."""
    written = [word]
    for pattern, others in OTHER_READINGS:
        if pattern.search(word):
            written += [pattern.sub(other, form) for form in written for other in others]
            del written[MOST_READINGS:]
    key = _reduced(word)
    return key, frozenset({key, *map(_reduced, written)}) - {""}


def raw_words(text: str) -> list[str]:
    """Words in small letters; the word for "son of" joined to the father's name before it."""
    small = normalize(text).translate(APOSTROPHES).replace("İ", "i").lower()
    # A mark that has no composed letter belongs to its word.
    split = "".join(c if c.isalpha() or unicodedata.combining(c) else " " for c in small)
    words: list[str] = []
    for word in split.split():
        if word in FATHER_WORDS and words:
            words[-1] += word
        else:
            words.append(word[:LONGEST_WORD])
    kept = [word for place, word in enumerate(words) if not _is_idle(word, words, place)]
    return kept[:MOST_WORDS]


def _is_idle(word: str, words: list[str], place: int) -> bool:
    """A particle before a name; the last word is a name whatever it looks like."""
    return word in PARTICLES and place < len(words) - 1


def skeleton(key: str) -> str:
    """The consonants of a spelling, in classes."""
    for pattern, sound in SKELETON:
        key = pattern.sub(sound, key)
    return key or "a"  # vowels only


class Role(StrEnum):
    """What a word is in a name."""

    SURNAME = "surname"
    GIVEN = "given"
    FURTHER = "further"
    PATRONYMIC = "patronymic"
    ANY = "any"  # of a name in one piece, where the order is not known


class Word(NamedTuple):
    """A word of a name with its spellings."""

    raw: str
    key: str
    readings: frozenset[str]
    role: Role

    def sounds_like(self, other: "Word") -> bool:
        return self.key in other.readings or other.key in self.readings


def _role(first: Role, place: int, key: str, count: int) -> Role:
    if place and PATRONYMIC.search(key) and (first is not Role.ANY or count > 2):
        return Role.PATRONYMIC
    return first if first is Role.ANY or not place else Role.FURTHER


def words_of(text: str, first: Role) -> Iterator[Word]:
    """The words of a name; the first of them has the role `first`."""
    words = raw_words(text)
    for place, raw in enumerate(words):
        key, readings = readings_of(raw)
        if key:
            yield Word(raw, key, readings, _role(first, place, key, len(words)))


class Name(NamedTuple):
    """The words of one name, and what all of them may sound like."""

    words: tuple[Word, ...]
    sounds: frozenset[str]
    joined: str


def joined(words: Iterable[Word]) -> str:
    """The spelling of words written as one."""
    return "".join(word.key for word in words)


def _name(words: Iterable[Word]) -> Name:
    found = tuple(words)
    sounds = frozenset[str]().union(*(word.readings for word in found))
    return Name(found, sounds, joined(found))


@lru_cache(maxsize=1 << 14)
def names_of(surname: str, given_names: str, native: str) -> tuple[Name, ...]:
    """A person's names: the passport's, and that in the person's own script."""
    passport = _name([*words_of(surname, Role.SURNAME), *words_of(given_names, Role.GIVEN)])
    own = _name(words_of(native, Role.ANY))
    if len(own.words) == 1 < len(passport.words):
        return (passport,)  # a surname alone would make one of all relatives
    return tuple(name for name in (passport, own) if name.words)


REASONS = {
    "same_document": N_("The travel document is the same"),
    "document_one_digit": N_("The document numbers differ in one character"),
    "different_document": N_("The travel documents are different"),
    "same_names": N_("The names are the same"),
    "names_in_another_spelling": N_("The names are the same in another spelling"),
    "names_swapped": N_("Surname and given names are exchanged"),
    "patronymic_in_one": N_("A patronymic stands in one of the names only"),
    "further_names_in_one": N_("Further names stand in one of the names only"),
    "names_incomplete": N_("One of the names is incomplete"),
    "similar_names": N_("The names are similar"),
    "different_patronymics": N_("The patronymics are different"),
    "different_given_names": N_("The given names are different"),
    "different_names": N_("The names are different"),
    "names_unknown": N_("A name is not known"),
    "same_birth_date": N_("The date of birth is the same"),
    "birth_date_swapped": N_("Day and month of birth are exchanged"),
    "birth_date_one_digit": N_("The dates of birth differ in one digit"),
    "birth_date_digits_swapped": N_("Two digits of the date of birth are exchanged"),
    "different_birth_date": N_("The dates of birth are different"),
    "birth_date_unknown": N_("A date of birth is not known"),
    "different_citizenship": N_("The citizenships are different"),
    "different_sex": N_("The sex is different"),
}

# By names and birth date; then for a document that is the same, near, unknown, different:
# s same, p possible, d different.
VERDICTS = {
    ("same", "same"): "ssss",
    ("same", "near"): "sspp",
    ("same", "unknown"): "sppp",
    ("same", "different"): "sddd",
    ("close", "same"): "sssp",
    ("close", "near"): "sppd",
    ("close", "unknown"): "sppd",
    ("close", "different"): "sddd",
    ("part", "same"): "sppp",
    ("part", "near"): "sppd",
    ("part", "unknown"): "spdd",
    ("part", "different"): "sddd",
    ("alike", "same"): "sppd",
    ("alike", "near"): "spdd",
    ("alike", "unknown"): "spdd",
    ("alike", "different"): "sddd",
    ("different", "same"): "pddd",
    ("different", "near"): "pddd",
    ("different", "unknown"): "pddd",
    ("different", "different"): "pddd",
}
