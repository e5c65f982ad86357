"""Any number of invented people, each another person: names of their citizenship's culture in both
alphabets, with what is kept beside a name to find it by."""

from collections import Counter
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

from tracker.demonstration.people import Culture, cultures, passport_form, womans
from tracker.kernel.text import search_key
from tracker.observers.issuers import issuer_of
from tracker.observers.matching import block_key

FIRST_BIRTH, BIRTHS = date(1952, 1, 1), 46 * 365  # days of birth
NAMESAKES = 40  # of the first so many, every second has name and birth of the one before


class Named(NamedTuple):
    """A name, and what is kept beside it."""

    surname: str
    given_names: str
    native_name: str | None
    sex: str
    search_key: str
    sort_key: str
    block_key: str


class Person(NamedTuple):
    """Somebody who does not exist."""

    name: Named
    birth: int  # days after `FIRST_BIRTH`
    citizenship: str
    issuing_state: str

    @property
    def born_on(self) -> date:
        """The day of birth."""
        return FIRST_BIRTH + timedelta(days=self.birth)


@lru_cache
def _names(culture: Culture) -> list[Named]:
    """The names of a culture; every fourth surname is one of a single family."""
    single = culture.surnames
    double = [f"{one}-{other}" for one, other in combinations(single, 2)]
    found = []
    for place, surname in enumerate(double):
        for each in (surname, single[place % len(single)]) if place % 4 == 0 else (surname,):
            for sex, given in (*product("F", culture.women), *product("M", culture.men)):
                found.append(_named(womans(each, culture) if sex == "F" else each, given, sex))
    return list(dict.fromkeys(found))


def _named(surname: str, given: str, sex: str) -> Named:
    latin, latin_given = passport_form(surname), passport_form(given)
    native = f"{surname} {given}"
    is_other = native.upper() != f"{latin} {latin_given}"
    return Named(
        latin,
        latin_given,
        native if is_other else None,
        sex,
        search_key(f"{latin} {latin_given} {native if is_other else ''}"),
        search_key(f"{latin} {latin_given}"),
        block_key(latin, latin_given),
    )


class Crowd:
    """Gives out people, no two with the same name and birth but the first few."""

    def __init__(self) -> None:
        self._citizenships = sorted(code for code in cultures() if code != "KZ")
        self._given_out: Counter[Culture] = Counter()  # states share names
        self._last: Person | None = None

    def person(self, place: int) -> Person:
        """The next person; `place` counts them from 0."""
        citizenship = self._citizenships[place * 7919 % len(self._citizenships)]
        if place < NAMESAKES and place % 2 and self._last:
            return self._last._replace(
                citizenship=citizenship, issuing_state=issuer_of(citizenship)
            )
        culture = cultures()[citizenship]
        names = _names(culture)
        turn, number = divmod(self._given_out[culture], len(names))
        self._given_out[culture] += 1
        self._last = Person(
            names[number * 1009 % len(names)],
            (number * 101 + turn * 37) % BIRTHS,
            citizenship,
            issuer_of(citizenship),
        )
        return self._last
