"""Invented people: plausible names for a citizenship, documents that cannot be real.

A person is a pure function of a seed, a citizenship and a number, so that the demonstration
election is the same wherever it is built.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from random import Random

from anyascii import anyascii

from tracker.demonstration.rows import DATA, rows_of
from tracker.observers.issuers import issuer_of

OCCUPATIONS = (
    "Member of parliament",
    "Diplomat",
    "Election official",
    "Lawyer",
    "Researcher",
    "Adviser",
    "Retired judge",
    "Journalist",
)
# How Cyrillic is written in passports: ICAO Doc 9303-3, section 6, table B.
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "ө": "o", "ү": "u",
}  # fmt: skip
# Letters that passports do not write as their bare form (ICAO Doc 9303-3, section 6, table A).
LATIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "ə": "a"}
    | {"Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA", "Ø": "OE", "Æ": "AE", "Ə": "A", "ı": "i"}
)


@dataclass(frozen=True)
class Culture:
    """Names of one language family."""

    script: str
    surnames: tuple[str, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]


@dataclass(frozen=True)
class InventedPerson:
    """Somebody who does not exist."""

    surname: str
    given_names: str
    native_name: str | None
    sex: str
    birth_date: date
    citizenship: str
    issuing_state: str
    document_number: str
    document_expires_on: date
    occupation: str
    email: str


@lru_cache
def cultures() -> dict[str, Culture]:
    """The culture of each citizenship that can be invented."""
    found: dict[str, Culture] = {}
    for row in rows_of(DATA / "names.csv"):
        names = (tuple(row[part].split()) for part in ("surnames", "men", "women"))
        culture = Culture(row["script"], *names)
        found |= dict.fromkeys(row["countries"].split(), culture)
    return found


@lru_cache
def citizenships_of(sender: str) -> tuple[str, ...]:
    """The citizenships that an organization's observers hold, by weight of repetition."""
    mixes = {row["sender"]: row["citizenships"] for row in rows_of(DATA / "citizenships.csv")}
    return tuple(mixes[sender].split())


def passport_form(name: str) -> str:
    """`name` in the capital Latin letters of a machine-readable passport."""
    latin = "".join(CYRILLIC.get(char, char) for char in name.lower())
    plain = anyascii(latin.translate(LATIN))
    return "".join(char for char in plain.upper() if char.isalpha() or char in " -'")


def womans(surname: str, culture: Culture) -> str:
    """The form of a surname that a woman of this culture bears."""
    if culture.script != "cyrillic":
        return f"{surname[:-1]}a" if surname.endswith("ski") else surname
    return f"{surname}а" if surname.endswith(("ов", "ев", "ёв", "ин")) else surname


def invent(seed: str, citizenship: str, number: int) -> InventedPerson:
    """The person `number` (from 0) of a citizenship; no two numbers share a name."""
    culture = cultures()[citizenship]
    order = Random(f"{seed}/{citizenship}/order")  # the same each time  # nosec B311
    is_woman = number % 2 == 1
    given = list(culture.women if is_woman else culture.men)
    surnames = list(culture.surnames)
    order.shuffle(surnames)
    order.shuffle(given)
    place = number // 2
    surname = surnames[place % len(surnames)]
    first = given[(place + place // len(surnames)) % len(given)]
    if is_woman:
        surname = womans(surname, culture)
    chance = Random(f"{seed}/{citizenship}/{number}")  # the same each time  # nosec B311
    native = f"{surname} {first}"
    latin_surname, latin_given = passport_form(surname), passport_form(first)
    address = f"{latin_given}.{latin_surname}.{number}".lower().replace(" ", "-")
    return InventedPerson(
        surname=latin_surname,
        given_names=latin_given,
        native_name=native if native.upper() != f"{latin_surname} {latin_given}" else None,
        sex="F" if is_woman else "M",
        birth_date=date(1952, 1, 1) + timedelta(days=chance.randrange(46 * 365)),
        citizenship=citizenship,
        issuing_state=issuer_of(citizenship),
        # No issuer numbers passports so: a mark of the demonstration, then the number.
        document_number=f"ZZ{citizenship}{number:05}",
        document_expires_on=date(2023, 2, 1) + timedelta(days=chance.randrange(9 * 365)),
        occupation=chance.choice(OCCUPATIONS),
        email=f"{address}@example.org",
    )
