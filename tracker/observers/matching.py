"""Whether two records are of one person: names across alphabets, birth date, travel document.

The same person comes as Ашимбаев, Ashimbayev and Äşimbaev, with surname and given name exchanged,
with a patronymic or without, with a slip in a date or number; another person comes as a twin, or
as a son of the same name. `compare` weighs this by one table of verdicts and gives its reasons,
so that a person can decide. Pure: no database, no web.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.observers.issuers import citizenship_of
from tracker.observers.matching_tables import (
    PATRONYMIC,
    VERDICTS,
    Name,
    Role,
    Word,
    joined,
    names_of,
    raw_words,
    readings_of,
    skeleton,
    words_of,
)
from tracker.observers.matching_tables import REASONS as REASONS

NEAR = 0.66  # below this share of letters in common, names are not looked at closer
ALIKE = 0.75  # from this share of letters in common names are similar
_NOT_NUMBER = re.compile("[^A-Z0-9]+")
SHORTEST_DOCUMENT = 4  # characters; less is no number, nor is one character repeated


class Verdict(StrEnum):
    SAME = "same"
    POSSIBLE = "possible"
    DIFFERENT = "different"


BANDS = {Verdict.SAME: (0.9, 1.0), Verdict.POSSIBLE: (0.6, 0.89), Verdict.DIFFERENT: (0.0, 0.59)}
_LETTER = {"s": Verdict.SAME, "p": Verdict.POSSIBLE, "d": Verdict.DIFFERENT}


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is compared of one person; any of it may be unknown."""

    surname: str = ""
    given_names: str = ""
    native_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None  # F, M, X
    citizenship: str | None = None  # ISO 3166-1 alpha-2, or a code of ICAO Doc 9303
    document_number: str | None = None
    issuing_state: str | None = None


@dataclass(frozen=True)
class Reason:
    """A code of `REASONS`; `detail` shows names or citizenships, never a date or a number."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Match:
    """From 0 to 1: same from 0.9, possible from 0.6."""

    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]


def spelling(text: str) -> str:
    """One spelling for all ways to write a name: small a to z, words singly spaced."""
    return " ".join(filter(None, (readings_of(word)[0] for word in raw_words(text))))


@lru_cache(maxsize=1 << 16)
def block_key(surname: str, given_names: str) -> str:
    """Equal for likely spellings of a name: the consonants of first surname and given name."""
    first = (next(iter(words_of(name, Role.ANY)), None) for name in (surname, given_names))
    return " ".join(sorted(skeleton(word.key)[:19] for word in first if word))


_Words = tuple[Word, ...]
_Pair = tuple[Word, Word]


class Names(IntEnum):
    """How near two names are, ascending; in small letters a word of `VERDICTS`."""

    DIFFERENT = 0
    ALIKE = 1  # similar, as different names of two twins may be
    PART = 2  # no contradiction, but something is missing
    CLOSE = 3  # a slip of the pen
    SAME = 4


_ESSENTIAL = {Role.SURNAME, Role.GIVEN, Role.ANY}


class _Slip(NamedTuple):
    """Two words that are not equal, and how near they are."""

    grade: Names
    share: float  # of letters in common
    pair: _Pair


class _Likeness(NamedTuple):
    level: Names
    share: float  # of words in common, 0 to 1
    codes: tuple[str, ...]
    pairs: tuple[_Pair, ...] = ()


def _likeness(one: Person, other: Person) -> _Likeness:
    """The best of each name of one with each of the other."""
    mine, theirs = (
        names_of(side.surname, side.given_names, side.native_name or "") for side in (one, other)
    )
    if not (mine and theirs):
        return _Likeness(Names.DIFFERENT, 0.0, ("names_unknown",))
    first = _relation(mine[0], theirs[0])
    if first.level is Names.SAME:
        return first
    # All of the rest, so that both directions choose the same.
    return max((_relation(a, b) for a in mine for b in theirs), key=lambda found: found[:3])


def _relation(one: Name, other: Name) -> _Likeness:
    if one.words == other.words:
        return _Likeness(Names.SAME, 1.0, ("same_names",))
    if one.sounds.isdisjoint(other.sounds) and not _is_near(one, other):
        return _Likeness(Names.DIFFERENT, 0.0, ("different_names",))
    if other.words < one.words:  # one order, so that both directions find the same
        found = _relation(other, one)
        return found._replace(pairs=tuple((b, a) for a, b in found.pairs))
    pairs, left, right = _equal_words(one.words, other.words)
    if left and right and joined(left) == joined(right):  # Abdul Rahman, Abdulrahman
        pairs, left, right = [*pairs, (left[0], right[0])], [], []
    level, codes, left, right = _patronymics(left, right)
    graded = _best_pairs(left, right)
    if any(slip.grade is Names.DIFFERENT for slip in graded) or not (pairs or graded):
        return _contradiction(pairs, graded)
    paired = [id(word) for slip in graded for word in slip.pair]
    lacking = {word.role for word in (*left, *right) if id(word) not in paired}
    longest = max(len(one.words), len(other.words))
    if lacking & _ESSENTIAL or (len(pairs) + len(graded) == 1 and longest > 1):
        level = min(level, Names.PART)
        codes.append("names_incomplete")
    elif lacking:
        codes.append("further_names_in_one")
    share = (len(pairs) + sum(slip.share for slip in graded)) / longest
    if graded:
        level = min(level, *(slip.grade for slip in graded))
        slips = tuple(slip.pair for slip in graded)
        return _Likeness(level, share, ("similar_names", *codes), slips)
    respelled = tuple(pair for pair in pairs if pair[0].raw != pair[1].raw)
    return _Likeness(level, share, (_sameness(pairs), *codes), respelled)


def _is_near(one: Name, other: Name) -> bool:
    """Whether it is worth to look closer at names of which no word is the same."""
    return one.joined == other.joined or any(
        1 in (len(a.raw), len(b.raw)) or OSA.normalized_similarity(a.key, b.key, score_cutoff=NEAR)
        for a in one.words
        for b in other.words
    )


def _equal_words(one: _Words, other: _Words) -> tuple[list[_Pair], list[Word], list[Word]]:
    """Pairs of words that sound alike, in the same role first; what is left of each name."""
    pairs: list[_Pair] = []
    left, right = list(one), list(other)
    for same_role in (True, False):
        for word in tuple(left):
            for match in right:
                if (not same_role or word.role is match.role) and word.sounds_like(match):
                    pairs.append((word, match))
                    left.remove(word)
                    right.remove(match)
                    break
    return pairs, left, right


def _patronymics(
    left: list[Word], right: list[Word]
) -> tuple[Names, list[str], list[Word], list[Word]]:
    """What patronymics that found no equal say, and the words without them."""
    mine = [word for word in left if word.role is Role.PATRONYMIC]
    theirs = [word for word in right if word.role is Role.PATRONYMIC]
    if not mine and not theirs:
        return Names.SAME, [], left, right
    left = [word for word in left if word.role is not Role.PATRONYMIC]
    right = [word for word in right if word.role is not Role.PATRONYMIC]
    if not (mine and theirs):
        return Names.SAME, ["patronymic_in_one"], left, right
    fathers = [PATRONYMIC.sub("", word.key) for word in (mine[0], theirs[0])]
    if fathers[0] == fathers[1]:  # Mammadovich, Mammad oglu
        return Names.SAME, [], left, right
    if _is_slip(fathers[0], fathers[1], OSA.distance(*fathers)):
        return Names.CLOSE, ["similar_names"], left, right
    return Names.ALIKE, ["different_patronymics"], left, right


def _best_pairs(left: list[Word], right: list[Word]) -> list[_Slip]:
    """Each word of the shorter side with the nearest one of the other."""
    every = [_closeness(a, b) for a in left for b in right]
    every.sort(key=lambda slip: (-slip.grade, slip.pair[0].role != slip.pair[1].role, -slip.share))
    found: list[_Slip] = []
    used: set[int] = set()
    for slip in every:
        if used.isdisjoint(map(id, slip.pair)):
            used.update(map(id, slip.pair))
            found.append(slip)
    return found


def _closeness(one: Word, other: Word) -> _Slip:
    a, b = one.key, other.key
    if a[0] == b[0] and 1 in (len(one.raw), len(other.raw)):
        return _Slip(Names.PART, 0.8, (one, other))  # an initial
    distance = int(OSA.distance(a, b))
    shortest, longest = sorted((len(a), len(b)))
    share = 1 - distance / longest
    if one.role is Role.SURNAME and other.role is Role.SURNAME:
        is_slip = distance == 1 and shortest >= 4 or distance == 2 and shortest >= 8
        is_alike = share >= ALIKE
    else:
        is_slip = _is_slip(a, b, distance)
        # Karina and Marina are two.
        is_alike = share >= ALIKE and (a[0] == b[0] or shortest < longest)
    grade = Names.CLOSE if is_slip else Names.ALIKE if is_alike else Names.DIFFERENT
    return _Slip(grade, share, (one, other))


def _is_slip(one: str, other: str, distance: int) -> bool:
    """Whether given names differ as by a slip, and not as names of brothers and sisters do:
    Arina and Alina, Marat and Murat, Maria and Marina, Daniel and Daniela are two."""
    shortest = min(len(one), len(other))
    ends = {one[-1:], other[-1:]}
    if one[:1] != other[:1] or len(ends) > 1 and "a" in ends:
        return False
    consonants = skeleton(one)
    same_consonants = consonants == skeleton(other)
    if distance == 2:
        return shortest >= 9 or (same_consonants and len(consonants) >= 4)
    if len(one) == len(other) and sorted(one) != sorted(other):  # one letter for another
        return distance == 1 and shortest >= (6 if same_consonants else 7)
    return distance == 1 and shortest >= (5 if len(one) == len(other) else 6)


def _contradiction(pairs: list[_Pair], graded: list[_Slip]) -> _Likeness:
    worst = tuple(slip.pair for slip in graded if slip.grade is Names.DIFFERENT)
    in_surname = any(Role.SURNAME in (a.role, b.role) for a, b in worst)
    alike = len(pairs) + len(graded) - len(worst)
    code = "different_given_names" if alike and not in_surname else "different_names"
    return _Likeness(Names.DIFFERENT, alike / (alike + len(worst) or 1), (code,), worst)


def _sameness(pairs: list[_Pair]) -> str:
    roles = {(a.role, b.role) for a, b in pairs}
    if (Role.SURNAME, Role.GIVEN) in roles or (Role.GIVEN, Role.SURNAME) in roles:
        return "names_swapped"
    is_exact = all(a.raw == b.raw for a, b in pairs)
    return "same_names" if is_exact else "names_in_another_spelling"


def _birth(one: date | None, other: date | None) -> tuple[str, str]:
    """How near two birth dates are, as in `VERDICTS`, and the reason."""
    if one is None or other is None:
        return "unknown", "birth_date_unknown"
    if one == other:
        return "same", "same_birth_date"
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return "near", "birth_date_swapped"
    digits = one.isoformat().replace("-", ""), other.isoformat().replace("-", "")
    apart = [place for place in range(8) if digits[0][place] != digits[1][place]]
    if len(apart) == 1:
        return "near", "birth_date_one_digit"
    if OSA.distance(*digits) == 1:
        return "near", "birth_date_digits_swapped"
    return "different", "different_birth_date"


def _document(one: Person, other: Person) -> tuple[str, str]:
    """The same for travel documents; the reason is empty where one is not known."""
    first, second = _number(one.document_number), _number(other.document_number)
    if not first or not second:
        return "unknown", ""
    issuers = {_state(issuer) for issuer in (one.issuing_state, other.issuing_state)} - {""}
    if len(issuers) > 1:
        return "different", "different_document"
    if first == second:
        return "same", "same_document"
    if OSA.distance(first, second) == 1:
        return "near", "document_one_digit"
    return "different", "different_document"


def _number(text: str | None) -> str:
    plain = _NOT_NUMBER.sub("", (text or "").upper())
    is_number = len(plain) >= SHORTEST_DOCUMENT and len(set(plain)) > 1
    return plain if is_number and not plain.isalpha() else ""


def _state(code: str | None) -> str:
    plain = (code or "").strip().upper()
    return citizenship_of(plain) or plain


_WEIGHT = {"same": 1.0, "near": 0.7, "unknown": 0.5, "different": 0.0}
_NEARNESS = (0.5, 0.75, 0.8, 0.95, 1.0)  # by `Names`
_DOCUMENTS = ("same", "near", "unknown", "different")


def compare(one: Person, other: Person) -> Match:
    """Whether two records are of one person, and why; the order changes at most the details."""
    names = _likeness(one, other)
    birth, birth_code = _birth(one.birth_date, other.birth_date)
    document, document_code = _document(one, other)
    states = _state(one.citizenship), _state(other.citizenship)
    sexes = (one.sex or "").strip().upper(), (other.sex or "").strip().upper()
    is_other_state = "" not in states and states[0] != states[1]
    is_other_sex = set(sexes) == {"F", "M"}
    row = VERDICTS[names.level.name.lower(), birth]
    verdict = _LETTER[row[_DOCUMENTS.index(document)]]
    if verdict is Verdict.SAME and (
        is_other_sex or (is_other_state and _is_dual(names.level, document))
    ):
        verdict = Verdict.POSSIBLE
    reasons = _name_reasons(names)
    reasons += [Reason(code) for code in (birth_code, document_code) if code]
    if is_other_state:
        reasons.append(Reason("different_citizenship", " / ".join(states)))
    if is_other_sex:
        reasons.append(Reason("different_sex", " / ".join(sexes)))
    weight = (
        0.5 * names.share * _NEARNESS[names.level] + 0.3 * _WEIGHT[birth] + 0.2 * _WEIGHT[document]
    )
    weight -= 0.1 * is_other_sex + 0.05 * is_other_state
    low, high = BANDS[verdict]
    score = round(low + (high - low) * max(0.0, weight), 2)
    return Match(score, verdict, tuple(reasons))


def _is_dual(level: Names, document: str) -> bool:
    """Whether another citizenship speaks against one person: perhaps there are two passports."""
    return document in {"near", "different"} or (level < Names.SAME and document == "unknown")


def _name_reasons(names: _Likeness) -> list[Reason]:
    written = [(a.raw.title(), b.raw.title()) for a, b in names.pairs]
    detail = " / ".join(" ".join(side) for side in zip(*written, strict=True))
    first, *further = dict.fromkeys(names.codes)
    return [Reason(first, detail), *map(Reason, further)]


_FIELDS = tuple(field.name for field in fields(Person))


def person_from(values: Mapping[str, Any]) -> Person:
    """A person from a JSON object with the fields of `Person`; null is not known."""
    known: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _FIELDS:
            raise Refused(N_("There is no field %(name)s."), field=str(name), name=str(name))
        if value is None:
            continue
        if not isinstance(value, str):
            raise Refused(N_("%(name)s must be text."), field=name, name=name)
        known[name] = _date(value) if name == "birth_date" else value
    return Person(**known)


def _date(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:  # week dates and dates without hyphens
        raise Refused(
            N_("Write the date of birth as year, month and day: 1965-03-12."), field="birth_date"
        )
    return found
