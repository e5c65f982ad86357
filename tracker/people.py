"""The list of observers: who is wanted, a page of them by name, and how many there are.

A page costs what it shows, however many observers are stored: they are gone through by name, in the
order of an index that begins with a filter, until the page is full. Where few people pass a filter
that is about persons, these lead and are sorted. How many there are is read from the numbers that
are kept where these tell, and is else counted to a bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Dimension,
    Function,
)
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.credentials.queries import lacks_certificate
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.elections.rules import document_valid_through
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.listing import BOUND, PAGE_SIZE, Page, Tally, keyset, tally
from tracker.kernel.words import (
    SearchWord,
    Term,
    beginning,
    having,
    says,
    terms,
    words_of,
)
from tracker.logistics.queries.movements import without_arrival
from tracker.observers.models import Observer, Sex, SharedIdentity, TravelDocument
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.queries import sender_in
from tracker.totals.queries import headline_figures, standing

S = AccreditationStatus
IS_STATE = Organization.kind == OrganizationKind.FOREIGN_STATE
FROM_ORGANIZATIONS = {"organizations", "observers_from_organizations"}
FROM_STATES = {"states", "observers_from_states"}
NAMES = (Accreditation.sort_name, Accreditation.id)


class Figure(StrEnum):
    """A figure whose observers are listed."""

    OBSERVERS = "observers"
    ORGANIZATIONS = "organizations"
    OBSERVERS_FROM_ORGANIZATIONS = "observers_from_organizations"
    STATES = "states"
    OBSERVERS_FROM_STATES = "observers_from_states"
    AWAITING = "awaiting"


class Lacking(StrEnum):
    """What those who are listed lack."""

    PORTRAIT = "portrait"
    PASSPORT = "passport"
    DUPLICATE = "duplicate"
    ARRIVAL = "arrival"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which observers a list shows; None and empty do not narrow."""

    figure: str = ""
    text: str = ""
    status: AccreditationStatus | None = None
    delegation_id: int | None = None
    citizenship: str = ""
    function: Function | None = None
    region: str = ""
    sex: Sex | None = None
    lacking: str = ""
    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def is_now(self) -> bool:
        """Whether the list is about what is stored, and not about the history."""
        return self.as_of is None and self.known_at is None


@dataclass(frozen=True)
class Narrow:
    """One filter: what an accreditation must be. One by people also has a query of the ids of all
    that are so; one by a word, the word."""

    passes: sa.ColumnElement[bool]
    found: Any = None
    term: Term | None = None


def is_live(election_id: int) -> Any:
    """Whether an observer has a live accreditation; at most one, so persons count as many."""
    return sa.exists().where(
        Accreditation.observer_id == Observer.id,
        Accreditation.election_id == election_id,
        Accreditation.is_live,
    )


def namesakes(election_id: int) -> Any:
    """Names with a date of birth that several persons with live accreditations have in common,
    and how many persons: read from the few that more than one person carries at all."""
    return (
        sa.select(Observer.identity_digest, sa.func.count().label("count"))
        .where(
            Observer.identity_digest.in_(sa.select(SharedIdentity.identity_digest)),
            is_live(election_id),
        )
        .group_by(Observer.identity_digest)
        .having(sa.func.count() > 1)
    )


def _of_figure(election: Election, stand: Any, figure: str) -> Iterator[Narrow]:
    """Exactly what a figure counts."""
    if not figure:
        return
    yield Narrow(sa.or_(stand.function.is_(None), stand.function.not_in(SUPPORT_STAFF)))
    yield Narrow(stand.status == (S.SUBMITTED if figure == "awaiting" else S.ACCREDITED))
    if figure in FROM_ORGANIZATIONS | FROM_STATES:
        senders = (
            sa.select(Delegation.id)
            .join(Organization, Organization.id == Delegation.organization_id)
            .where(Delegation.election_id == election.id)
            .where(IS_STATE if figure in FROM_STATES else ~IS_STATE)
        )
        yield Narrow(Accreditation.delegation_id.in_(senders))


def _is_here(election: Election) -> sa.ColumnElement[bool]:
    """An expression: by the index of the election all of it would be gone through."""
    return Accreditation.election_id + 0 == election.id


def _of_people(election: Election, people: Any) -> Any:
    """Ids of the accreditations of these people, from the people to them."""
    row, found = Accreditation, people.subquery()
    query = sa.select(row.id).distinct().join(found, found.c[0] == row.observer_id)
    return query.where(_is_here(election))


def _about_people(election: Election, wanted: Wanted) -> Iterator[Narrow]:
    """What is known of the person."""
    row = Accreditation
    person = sa.select(Observer.id).where(Observer.id == row.observer_id).correlate(row)
    if wanted.citizenship:
        is_citizen = Observer.citizenship == wanted.citizenship
        found = _of_people(election, sa.select(Observer.id).where(is_citizen))
        yield Narrow(person.where(is_citizen).exists(), found)
    if wanted.sex:
        yield Narrow(person.where(Observer.sex == wanted.sex).exists())
    for term in terms(Observer, words_of(wanted.text), BOUND + 1):
        is_common = term.count > BOUND
        found = None if is_common else _of_people(election, having(Observer, term))
        yield Narrow(says(Observer, row.observer_id, term), found, term)


def _lacking(election: Election, lacking: str) -> Iterator[Narrow]:
    row = Accreditation
    match lacking:
        case "portrait":
            people = sa.select(Observer.id).where(Observer.portrait.is_(None))
        case "passport":
            last = document_valid_through(election.election_on)
            people = sa.select(TravelDocument.observer_id).where(TravelDocument.expires_on < last)
        case "duplicate":
            alike = namesakes(election.id).with_only_columns(Observer.identity_digest)
            people = sa.select(Observer.id).where(Observer.identity_digest.in_(alike))
        case "arrival":
            yield Narrow(without_arrival(election.id).whereclause)
            return
        case "certificate":
            yield Narrow(lacks_certificate(election.id).whereclause)  # type: ignore[arg-type]
            return
        case _:
            return
    wanted = sa.and_(row.is_live, row.observer_id.in_(people))
    yield Narrow(wanted, sa.select(row.id).where(wanted, _is_here(election)))


def _narrows(actor: Actor, election: Election, wanted: Wanted, stand: Any) -> Iterator[Narrow]:
    """Every filter that is set; `stand` has the columns that change with time."""
    row = Accreditation
    if actor.delegation_ids is not None:
        yield Narrow(row.delegation_id.in_(actor.delegation_ids))
    if wanted.delegation_id:
        yield Narrow(row.delegation_id == wanted.delegation_id)
    for name in ("status", "function", "region"):
        if value := getattr(wanted, name):
            yield Narrow(getattr(stand, name) == value)
    yield from _of_figure(election, stand, wanted.figure)
    yield from _about_people(election, wanted)
    yield from _lacking(election, wanted.lacking)


def _lead(narrows: Sequence[Narrow]) -> tuple[Narrow, int] | None:
    """The filter by people that fewest pass, and how many, counted to one more than `BOUND`."""
    known = [each for each in narrows if each.found is not None]
    if not known:
        return None
    counts = [
        sa.select(sa.func.count())
        .select_from(each.found.limit(BOUND + 1).subquery())
        .scalar_subquery()
        for each in known
    ]
    numbers = db.session.execute(sa.select(*counts)).one()
    number, place = min((number, place) for place, number in enumerate(numbers))
    return known[place], number


@dataclass(frozen=True)
class Slim:
    """Accreditations that match, not in order yet; the keys of their order; how many they are,
    where that is known by the way."""

    query: Any
    keys: tuple[Any, ...]
    count: Tally | None = None


def _standing(election: Election, wanted: Wanted) -> tuple[Any, Any]:
    """All accreditations as of the moment that is asked for: their ids with what of them changes
    with time; and the columns by which that is narrowed."""
    if wanted.is_now:
        row = Accreditation
        return sa.select(row.id, row.status, row.function, row.region), row
    stand = standing(election.id, as_of=wanted.as_of, known_at=wanted.known_at).c
    query = sa.select(Accreditation.id, stand.status, stand.function, stand.region)
    return query.join(Accreditation, Accreditation.id == stand.accreditation_id), stand


def _slim(actor: Actor, election: Election, wanted: Wanted) -> Slim:
    query, stand = _standing(election, wanted)
    narrows = list(_narrows(actor, election, wanted, stand))
    (lead, number), keys = _lead(narrows) or (None, 0), NAMES
    common = [each.term for each in narrows if each.term and not each.term.is_inside]
    if lead and number <= BOUND:  # without the election, whose index would be gone through
        query = query.where(Accreditation.id.in_(lead.found))
    elif common:
        query, keys = _by_words(query, election, common[0])
    else:
        query = query.where(Accreditation.election_id == election.id)
    query = query.where(*(each.passes for each in narrows if each is not lead or number > BOUND))
    query = query.add_columns(*(key for key in keys if key is not Accreditation.id))
    return Slim(query, keys, Tally.of(number) if lead and len(narrows) == 1 else None)


def _by_words(query: Any, election: Election, term: Term) -> tuple[Any, tuple[Any, ...]]:
    """Those who have a word that many have, in the order of the words that begin with it: by name
    one would go through all who come before the first of them."""
    row, other = SearchWord, sa.orm.aliased(SearchWord)
    has_earlier = sa.exists().where(
        other.kind == row.kind,
        other.record_id == row.record_id,
        other.word >= term.word,
        other.word < row.word,
    )
    query = query.join(row, row.record_id == Accreditation.observer_id)
    query = query.where(beginning(Observer, term.word), ~has_earlier, _is_here(election))
    return query, (row.word, row.record_id, Accreditation.id)


def _shown(query: Any, language: str) -> Any:
    """What is shown of the accreditations of a query of `_standing`."""
    found = query.subquery()
    sender = sender_in(language)
    return (
        sa.select(
            Accreditation.id,
            Accreditation.sort_name,
            Observer.surname,
            Observer.given_names,
            Observer.native_name,
            Observer.citizenship,
            Observer.portrait,
            Accreditation.delegation_id,
            sender.label("sender"),
            found.c.status,
            found.c.function,
            found.c.region,
        )
        .select_from(found)
        .join(Accreditation, Accreditation.id == found.c.id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
    )


def observers(actor: Actor, election: Election, wanted: Wanted, language: str) -> Any:
    """All observers that match, by name; columns are ready to show."""
    found = _slim(actor, election, wanted)
    return _shown(found.query, language).order_by(*NAMES)


def observers_page(
    actor: Actor, election: Election, wanted: Wanted, language: str, cursor: str | None
) -> tuple[Page, Tally]:
    """One page of observers by name, and how many there are in all."""
    found = _slim(actor, election, wanted)
    page = _page(found, election, wanted, language, cursor, PAGE_SIZE)
    count = found.count
    if count is None and actor.delegation_ids is None:
        count = _kept(election, wanted)
    if count is None:
        count = tally(found.query.with_only_columns(Accreditation.id))
    return page, count


def observers_at(
    actor: Actor, election: Election, wanted: Wanted, language: str, cursor: str | None, size: int
) -> Page:
    """One page of so many observers, not counted: for programs, which go through all of them."""
    found = _slim(actor, election, wanted)
    return _page(found, election, wanted, language, cursor, size)


def _page(
    found: Slim, election: Election, wanted: Wanted, language: str, cursor: str | None, size: int
) -> Page:
    page = keyset(found.query, keys=found.keys, cursor=cursor, size=size)
    ids = [row.id for row in page.rows]
    query, _stand = _standing(election, wanted)
    shown = _shown(query.where(Accreditation.id.in_(ids)), language)
    rows = {row.id: row for row in db.session.execute(shown)} if ids else {}
    return replace(page, rows=[rows[key] for key in ids])


def _kept(election: Election, wanted: Wanted) -> Tally | None:
    """How many match, where the kept numbers tell; None where they do not."""
    if wanted.figure and replace(wanted, figure="", as_of=None) == Wanted():
        return Tally(_of_kept_figure(election, wanted))
    if replace(wanted, status=None, function=None) != Wanted():
        return None
    row = AccreditationCount
    query = sa.select(sa.func.coalesce(sa.func.sum(row.count), 0)).where(
        row.election_id == election.id,
        row.status.in_([wanted.status] if wanted.status else list(S)),
        row.dimension == Dimension.FUNCTION,
    )
    if wanted.function:
        query = query.where(row.key == wanted.function.value)
    return Tally(int(db.session.scalar(query) or 0))


def _of_kept_figure(election: Election, wanted: Wanted) -> int:
    found = headline_figures(election, as_of=wanted.as_of)
    if wanted.figure in FROM_ORGANIZATIONS:
        return found.observers_from_organizations
    if wanted.figure in FROM_STATES:
        return found.observers_from_states
    if wanted.figure == "awaiting":
        return found.awaiting_decision
    return found.observers
