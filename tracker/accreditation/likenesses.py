"""People of one election who may be one person, under two records."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.counts import by_status
from tracker.accreditation.models import LIVE, Accreditation, AccreditationStatus
from tracker.delegations.models import Delegation
from tracker.kernel.database import db
from tracker.observers.matching import Match, Person, Verdict, compare
from tracker.observers.models import Observer, SharedIdentity, TravelDocument
from tracker.observers.queries import decisions_on, person_of
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

MOST_PAIRS = 200  # shown at once; deciding makes room for the next
COMPARED = 20_000  # live people who are compared with one another; beyond, namesakes alone
MOST_NAMESAKES = 5_000
LARGEST_GROUP = 60  # a name or a day of birth that more people share says nothing


@dataclass(frozen=True)
class Someone:
    """A live person of the election, as a page shows one side of a pair."""

    observer_id: int
    accreditation_id: int
    name: str
    native_name: str | None
    citizenship: str | None
    sender: str
    status: AccreditationStatus
    person: Person


@dataclass(frozen=True)
class Pair:
    """Two live people who may be one."""

    one: Someone
    other: Someone
    match: Match


def is_large(election_id: int) -> bool:
    """Whether there are too many live people to compare each with those who are like them."""
    numbers = by_status(election_id)
    return sum(number for (status, _), number in numbers.items() if status in LIVE) > COMPARED


def likely_duplicates(election_id: int, language: str) -> list[Pair]:
    """Pairs that are not decided yet, the likeliest first, at most `MOST_PAIRS`.

    In a large election only of people who have the same names and the same day of birth.
    """
    groups: dict[str, list[Someone]] = defaultdict(list)
    for someone, keys in _people(election_id, language, among_namesakes=is_large(election_id)):
        for key in keys:
            groups[key].append(someone)
    found: dict[tuple[int, int], Pair] = {}
    for group in groups.values():
        if len(group) > LARGEST_GROUP:
            continue
        for one, other in combinations(group, 2):
            low, high = sorted((one, other), key=lambda item: item.observer_id)
            ids = (low.observer_id, high.observer_id)
            if ids in found or ids[0] == ids[1]:
                continue
            match = compare(low.person, high.person)
            if match.verdict is not Verdict.DIFFERENT:
                found[ids] = Pair(low, high, match)
    decided = decisions_on(key for pair in found for key in pair)
    open_pairs = [pair for ids, pair in found.items() if ids not in decided]
    return sorted(open_pairs, key=lambda pair: (-pair.match.score, pair.one.name))[:MOST_PAIRS]


def _query(language: str) -> sa.Select[*tuple[Any, ...]]:
    sender = sender_in(language)
    return (
        sa.select(
            Accreditation.id,
            Accreditation.status,
            sender.label("sender"),
            Observer.id.label("observer_id"),
            Observer.surname,
            Observer.given_names,
            Observer.native_name,
            Observer.birth_date,
            Observer.sex,
            Observer.citizenship,
            Observer.block_key,
            Observer.birth_digest,
            TravelDocument.number,
            TravelDocument.issuing_state,
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
    )


def _people(
    election_id: int, language: str, *, among_namesakes: bool
) -> Iterator[tuple[Someone, list[str]]]:
    query = (
        _query(language)
        .where(Accreditation.election_id == election_id, Accreditation.is_live)
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    if among_namesakes:
        shared = sa.select(Observer.id).join(
            SharedIdentity, SharedIdentity.identity_digest == Observer.identity_digest
        )
        query = query.where(Observer.id.in_(shared)).limit(MOST_NAMESAKES)
    for row in db.session.execute(query):
        yield _someone(row), [key for key in (row.block_key, row.birth_digest) if key]


def _someone(row: Any) -> Someone:
    return Someone(
        row.observer_id,
        row.id,
        f"{row.surname} {row.given_names}".strip(),
        row.native_name,
        row.citizenship,
        row.sender,
        row.status,
        person_of(row),
    )
