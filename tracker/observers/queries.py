"""Persons as other parts find them: by document, by name and day of birth, by likeness."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from tracker.kernel.database import db, in_chunks
from tracker.kernel.encryption import keyring
from tracker.observers.matching import Match, Person, Verdict, block_key, compare
from tracker.observers.models import (
    DuplicateDecision,
    DuplicateVerdict,
    Observer,
    TravelDocument,
)

MOST_CANDIDATES = 200  # of one person; a day of birth has fewer, a common name may have more


@dataclass(frozen=True)
class Known:
    """A person on record, ready to be compared."""

    id: int
    person: Person


def birth_digest(day: date | None) -> str | None:
    """The keyed digest under which people of one day of birth are found."""
    return keyring.digest(f"born:{day.isoformat()}") if day else None


def _person_rows(where: Any) -> Iterable[Any]:
    query = (
        sa.select(
            Observer.id,
            Observer.surname,
            Observer.given_names,
            Observer.native_name,
            Observer.birth_date,
            Observer.sex,
            Observer.citizenship,
            TravelDocument.number,
            TravelDocument.issuing_state,
            Observer.block_key,
            Observer.birth_digest,
        )
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .where(where)
        .order_by(Observer.id)
    )
    return db.session.execute(query)


def person_of(row: Any) -> Person:
    """What is compared of a person, from a row of `Observer` with `TravelDocument`'s number and
    issuing state."""
    return Person(
        surname=row.surname,
        given_names=row.given_names,
        native_name=row.native_name,
        birth_date=date.fromisoformat(row.birth_date) if row.birth_date else None,
        sex=row.sex.value if row.sex else None,
        citizenship=row.citizenship,
        document_number=row.number,
        issuing_state=row.issuing_state,
    )


def _known(row: Any) -> Known:
    return Known(row.id, person_of(row))


def persons(ids: Iterable[int]) -> dict[int, Known]:
    """Persons by id."""
    found: dict[int, Known] = {}
    for chunk in in_chunks(set(ids)):
        found |= {row.id: _known(row) for row in _person_rows(Observer.id.in_(chunk))}
    return found


def holders_of(digests: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The person who holds each travel document, by issuer and digest of the number."""
    wanted = set(digests)
    found: dict[tuple[str, str], int] = {}
    for chunk in in_chunks({digest for _issuer, digest in wanted}):
        query = sa.select(
            TravelDocument.issuing_state, TravelDocument.number_digest, TravelDocument.observer_id
        ).where(TravelDocument.number_digest.in_(chunk))
        for issuer, digest, observer_id in db.session.execute(query):
            if (issuer, digest) in wanted:
                found[issuer, digest] = observer_id
    return found


def look_alikes(person: Person, *, but: int | None = None) -> list[tuple[Known, Match]]:
    """Persons on record who may be this one, the likeliest first; different ones left out.

    Those whose name has a likely spelling in common, and those born on the same day.
    """
    near = [Observer.block_key == block_key(person.surname, person.given_names)]
    if person.birth_date:
        near.append(Observer.birth_digest == birth_digest(person.birth_date))
    rows = list(_person_rows(sa.and_(sa.or_(*near), Observer.id != (but or 0))))
    return _matched(person, [_known(row) for row in rows[:MOST_CANDIDATES]])


def _matched(person: Person, candidates: Iterable[Known]) -> list[tuple[Known, Match]]:
    pairs = [(known, compare(person, known.person)) for known in candidates]
    likely = [pair for pair in pairs if pair[1].verdict is not Verdict.DIFFERENT]
    return sorted(likely, key=lambda pair: (-pair[1].score, pair[0].id))


def look_alikes_of_many(people: Sequence[Person]) -> list[list[tuple[Known, Match]]]:
    """The same for a whole list, in a number of statements that grows with its length only."""
    keys = [block_key(person.surname, person.given_names) for person in people]
    births = [birth_digest(person.birth_date) for person in people]
    by_key = _grouped(Observer.block_key, keys, lambda row: row.block_key)
    by_birth = _grouped(Observer.birth_digest, births, lambda row: row.birth_digest)
    found = []
    for person, key, birth in zip(people, keys, births, strict=True):
        words = set(key.split())
        rows = {row.id: row for row in by_key.get(key, ())}
        # Of those born on the same day only who shares a name: twins of strangers are many.
        rows |= {
            row.id: row
            for row in by_birth.get(birth or "", ())
            if words & set(row.block_key.split())
        }
        found.append(_matched(person, [_known(row) for row in list(rows.values())[:50]]))
    return found


def _grouped(column: Any, values: Iterable[str | None], key: Any) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for chunk in in_chunks({value for value in values if value}):
        for row in _person_rows(column.in_(chunk)):
            groups[key(row)].append(row)
    return groups


def decisions_on(ids: Iterable[int]) -> dict[tuple[int, int], DuplicateVerdict]:
    """What was decided of pairs of these persons, by the lower id first."""
    found: dict[tuple[int, int], DuplicateVerdict] = {}
    for chunk in in_chunks(set(ids)):
        query = sa.select(
            DuplicateDecision.one_id, DuplicateDecision.other_id, DuplicateDecision.verdict
        ).where(sa.or_(DuplicateDecision.one_id.in_(chunk), DuplicateDecision.other_id.in_(chunk)))
        for one, other, verdict in db.session.execute(query):
            found[one, other] = verdict
    return found
