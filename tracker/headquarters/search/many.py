"""Kinds of which there are many: found by the index of words, and by who is named in them."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from tracker.accreditation.labels import STATUSES
from tracker.accreditation.models import Accreditation, Resolution, Submission
from tracker.headquarters.search.asked import Asked, Hits, Row
from tracker.kernel.database import db
from tracker.kernel.i18n import localized
from tracker.kernel.text import display_name
from tracker.kernel.words import (
    EXACT,
    START,
    SearchEnding,
    SearchWord,
    Term,
    beginning,
    ending,
    having,
    rank,
    says,
    terms,
    terms_among,
    words_of,
)
from tracker.lists.labels import standing_label
from tracker.lists.models import ObserverList
from tracker.logistics.labels.assistance import STATUSES as ASSISTANCE_STATUSES
from tracker.logistics.labels.movements import DIRECTIONS
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.models.movements import Movement
from tracker.meetings.labels import REQUEST_STATUSES
from tracker.meetings.models import (
    Meeting,
    MeetingRequest,
    meeting_delegations,
    meeting_officials,
)
from tracker.observers.models import Observer

COUNTED = 20_000  # to find the rarest of the words
MANY = 2_000  # persons who share a word; beyond them one election alone is searched
SMALL = 20_000  # accreditations of an election that are gone through one by one

TOTAL = sa.func.count().over()
# What `_large` looks for; which of them have a word at all is asked once a word.
LARGE = (Meeting, MeetingRequest, AssistanceRequest, Movement, ObserverList)


def _scoped(asked: Asked, column: Any) -> sa.ColumnElement[bool]:
    ids = asked.actor.delegation_ids
    return sa.true() if ids is None else column.in_(ids)


def _says(term: Term, *, whole: bool = False) -> sa.ColumnElement[bool]:
    """Whether a name of the accreditation's person has it."""
    return says(Observer, Accreditation.observer_id, term, whole=whole)


def _is_small(election_id: int) -> bool:
    some = sa.select(Accreditation.id).where(Accreditation.election_id == election_id)
    count = sa.select(sa.func.count()).select_from(some.limit(SMALL).subquery())
    return (db.session.scalar(count) or 0) < SMALL


def _who_have(found: Sequence[Term]) -> Sequence[int] | None:
    """The ids of the persons who have all these words, found among the words alone; None for more
    than `MANY`. What most people have is looked up for whoever has the rest."""
    some = [term for term in found if term.count < COUNTED]
    if not some or (len(found) == 1 and found[0].count > MANY):
        return None
    sets = [sa.select(having(Observer, term).subquery().c.record_id) for term in some]
    one = sa.intersect(*sets).subquery().c.record_id
    most = [says(Observer, one, term) for term in found if term not in some]
    ids = db.session.scalars(sa.select(one).where(*most).limit(MANY + 1)).all()
    return ids if len(ids) <= MANY else None


def observers(asked: Asked) -> Hits:
    """By any names in any order; nobody is read who has not all of the words.

    Words that thousands share are looked for in the current election alone: one by one where
    that is small, else in the order of the index and without a count.
    """
    if not asked.words:
        return Hits()
    found = terms(Observer, asked.words, COUNTED)
    first, *others = found
    row, is_here = Accreditation, Accreditation.election_id == asked.election.id
    scope = _scoped(asked, row.delegation_id)
    if (persons := _who_have(found)) is not None:
        chosen = sa.and_(scope, row.observer_id.in_(persons))
    elif _is_small(asked.election.id):
        chosen = sa.and_(scope, is_here, *map(_says, found))
    else:
        query = _people().where(scope, is_here, *map(_says, others))
        return Hits(rows=_in_order_of_words(asked, query, first), count=None)
    best = _says(first, whole=True).desc(), _says(Term(first.word)).desc()
    order = (is_here.desc(), *best[: 1 + first.is_inside], row.sort_name, row.id)
    place = sa.func.row_number().over(order_by=order).label("place")
    here = sa.func.count().filter(is_here).over().label("here")
    few = sa.select(row.id, place, here).where(chosen).order_by(place).limit(asked.limit).subquery()
    query = _people().add_columns(few.c.here).join(few, few.c.id == row.id).order_by(few.c.place)
    rows = db.session.execute(query).all()
    return Hits(rows=[_person(asked, each) for each in rows], count=rows[0].here if rows else 0)


def _people() -> Any:
    """What is shown of an accreditation and its person."""
    row = Accreditation
    query = sa.select(row.id, row.election_id, row.delegation_id, row.status)
    names = Observer.surname, Observer.given_names, Observer.native_name
    return query.add_columns(*names).join(Observer, Observer.id == row.observer_id)


def _in_order_of_words(asked: Asked, query: Any, term: Term) -> list[Row]:
    """The first rows, without counting: whoever has the very word comes first, and whoever has it
    inside one comes last."""
    row, end = SearchWord, SearchEnding
    begins = query.join(row, row.record_id == Observer.id).where(beginning(Observer, term.word))
    ways = [begins.order_by(row.word, row.record_id, Accreditation.id)]
    if term.is_inside:
        holds = query.join(row, row.record_id == Observer.id)
        holds = holds.join(end, sa.and_(end.kind == row.kind, end.word == row.word))
        holds = holds.where(ending(Observer, term.word))
        ways.append(holds.order_by(end.ending, end.word, row.record_id, Accreditation.id))
    found: dict[int, Any] = {}
    for way in ways:
        for each in db.session.execute(way.limit(asked.limit * 4)):
            found.setdefault(each.id, each)  # who has several such names stands there twice
        if len(found) >= asked.limit:
            break
    return [_person(asked, each) for each in found.values()][: asked.limit]


def _person(asked: Asked, found: Any) -> Row:
    name = display_name(found.surname, found.given_names)
    names = (name, found.surname, found.given_names, found.native_name)
    native = (found.native_name,) if found.native_name else ()
    return Row(
        title=name,
        detail=" · ".join((*native, asked.sender(found.delegation_id), _(STATUSES[found.status]))),
        endpoint="headquarters.observer",
        values=asked.slug(found.election_id) | {"accreditation_id": found.id},
        rank=EXACT if rank(asked.words, names) == EXACT else START,
        election=asked.elsewhere(found.election_id),
    )


def _own(asked: Asked, model: Any, typed: str) -> list[sa.ColumnElement[bool]]:
    """Whether the record itself has the words: their beginnings, but a name as a whole; nothing
    where no record has."""
    found = [_among(asked, word).get(model.__tablename__) for word in words_of(typed)]
    if None in found:
        return []
    queries: list[Any] = [having(model, term) for term in found if term]
    if asked.is_name(typed):
        queries = [
            sa.select(SearchWord.record_id).where(beginning(model, word), SearchWord.word == word)
            for word in words_of(typed)
        ]
    return [sa.and_(*(model.id.in_(query) for query in queries))]


def _among(asked: Asked, word: str) -> dict[str, Term]:
    if word not in asked.held:
        asked.held[word] = terms_among(LARGE, word)
    return asked.held[word]


def _large(
    asked: Asked,
    model: Any,
    ways: Callable[[str], Sequence[sa.ColumnElement[bool]]],
    show: Callable[[Any], dict[str, Any]],
    *,
    order: Sequence[Any] = (),
    number: Any = None,
) -> Hits:
    """Records of which every word is in their own words or, by one of `ways`, in another's; or
    whose number it is, which comes first."""
    possible = [[*_own(asked, model, typed), *ways(typed)] for typed in asked.typed]
    wanted = [sa.and_(*(sa.or_(*found) for found in possible))] if all(possible) else []
    first: list[Any] = [(model.election_id == asked.election.id).desc()]
    if number is not None and asked.number is not None:
        wanted.append(number == asked.number)
        first.append((number == asked.number).desc())
    if not wanted:  # a word that nothing of this kind has
        return Hits()
    chosen = sa.select(model.id, TOTAL.label("total")).where(sa.or_(*wanted))
    if hasattr(model, "delegation_id"):
        chosen = chosen.where(_scoped(asked, model.delegation_id))
    ordering = (*first, *order, model.id.desc())
    few = chosen.order_by(*ordering).limit(asked.limit).subquery()  # before anything is joined
    query = sa.select(model, few.c.total).join(few, few.c.id == model.id).order_by(*ordering)
    found = db.session.execute(query).unique().all()
    rows = []
    for each, _total in found:
        is_number = number is not None and getattr(each, number.key) == asked.number
        values = show(each)
        values["values"] = asked.slug(each.election_id) | values["values"]
        rows.append(
            Row(
                rank=EXACT if is_number else START,
                election=asked.elsewhere(each.election_id),
                **values,
            )
        )
    return Hits(rows=rows, count=found[0][1] if found else 0)


def meetings(asked: Asked) -> Hits:
    """By title, and by the officials and the delegations that meet; what is ahead first."""
    hosts, guests = meeting_officials.c, meeting_delegations.c

    def ways(typed: str) -> list[sa.ColumnElement[bool]]:
        by_host = _one_of(hosts.official_id, asked.officials_named(typed))
        by_guest = _one_of(guests.delegation_id, asked.delegations_named(typed))
        return [
            *(Meeting.id.in_(sa.select(hosts.meeting_id).where(named)) for named in by_host),
            *(Meeting.id.in_(sa.select(guests.meeting_id).where(named)) for named in by_guest),
        ]

    def show(row: Meeting) -> dict[str, Any]:
        people = [localized(each, "name") for each in row.officials]
        senders = [asked.sender(each.id) for each in row.delegations if each.id in asked.senders]
        return {
            "title": row.title,
            "detail": " · ".join(
                filter(
                    None,
                    (
                        asked.local(row.starts_at, row.election_id),
                        ", ".join(people),
                        ", ".join(senders),
                    ),
                )
            ),
            "endpoint": "meetings.meeting",
            "values": {"meeting_id": row.id},
        }

    is_past = Meeting.ends_at < asked.now
    ahead = sa.case((is_past, None), else_=Meeting.starts_at)
    order = (is_past, ahead, Meeting.starts_at.desc())
    return _large(asked, Meeting, ways, show, order=order)


def meeting_requests(asked: Asked) -> Hits:
    """By topic, by delegation, by whom it wants to meet, by number."""
    row = MeetingRequest

    def ways(typed: str) -> list[sa.ColumnElement[bool]]:
        return [
            *_one_of(row.delegation_id, asked.delegations_named(typed)),
            *_one_of(row.official_id, asked.officials_named(typed)),
            *_one_of(row.institution_id, asked.institutions_named(typed)),
        ]

    def show(found: MeetingRequest) -> dict[str, Any]:
        whom = found.official or found.institution
        about = (
            _("No. %(number)s", number=found.id),
            asked.sender(found.delegation_id),
            localized(whom, "name") if whom else "",
            _(REQUEST_STATUSES[found.status]),
        )
        return {
            "title": found.topics.splitlines()[0],
            "detail": " · ".join(filter(None, about)),
            "endpoint": "meetings.meeting_request",
            "values": {"request_id": found.id},
        }

    return _large(asked, row, ways, show, number=row.id)


def assistance_requests(asked: Asked) -> Hits:
    """By what is asked for, by delegation, by number."""
    row = AssistanceRequest

    def show(found: AssistanceRequest) -> dict[str, Any]:
        about = (
            _("No. %(number)s", number=found.number),
            asked.sender(found.delegation_id),
            _(ASSISTANCE_STATUSES[found.status]),
        )
        return {
            "title": found.title,
            "detail": " · ".join(about),
            "endpoint": "logistics.assistance_request",
            "values": {"assistance_id": found.id},
        }

    return _large(asked, row, _of_delegation(asked, row), show, number=row.number)


def _of_delegation(asked: Asked, row: Any) -> Callable[[str], list[sa.ColumnElement[bool]]]:
    return lambda typed: _one_of(row.delegation_id, asked.delegations_named(typed))


def _one_of(column: Any, ids: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    """Whether the column names one of them; nothing where there are none."""
    return [column.in_(ids)] if ids else []


def movements(asked: Asked) -> Hits:
    """By flight or train, by where from or to, by delegation; what is ahead first."""
    row = Movement

    def show(found: Movement) -> dict[str, Any]:
        place = (found.number, found.place, localized(found.point, "name"))
        about = (asked.local(found.moves_at, found.election_id), ", ".join(filter(None, place)))
        return {
            "title": f"{_(DIRECTIONS[found.direction])}: {asked.sender(found.delegation_id)}",
            "detail": " · ".join(about),
            "endpoint": "logistics.movement",
            "values": {"movement_id": found.id},
        }

    is_past = row.moves_at < asked.now
    ahead = sa.case((is_past, None), else_=row.moves_at)
    order = (is_past, ahead, row.moves_at.desc())
    return _large(asked, row, _of_delegation(asked, row), show, order=order)


def lists(asked: Asked) -> Hits:
    """By the name of the file, by delegation."""
    row = ObserverList

    def show(found: ObserverList) -> dict[str, Any]:
        about = (
            asked.sender(found.delegation_id),
            asked.local(found.created_at, found.election_id),
            _(standing_label(found)),
        )
        return {
            "title": found.filename,
            "detail": " · ".join(about),
            "endpoint": "lists.show",
            "values": {"list_id": found.id},
        }

    return _large(asked, row, _of_delegation(asked, row), show)


def submissions(asked: Asked) -> Hits:
    """By number."""
    number = -1 if asked.number is None else asked.number
    query = sa.select(Submission).where(Submission.number == number).order_by(Submission.id.desc())
    rows = [
        Row(
            title=_("Submission No. %(number)s", number=each.number),
            detail=asked.local(each.submitted_at, each.election_id),
            endpoint="accreditation.submission",
            values=asked.slug(each.election_id) | {"submission_id": each.id},
            rank=EXACT,
            election=asked.elsewhere(each.election_id),
        )
        for each in db.session.scalars(query)
    ]
    return _current_first(asked, rows)


def resolutions(asked: Asked) -> Hits:
    """By number, which has letters and strokes."""
    row, rows = Resolution, []
    query = sa.select(row.id, row.number, row.effective_at, row.election_id)
    for each in db.session.execute(query.order_by(row.id.desc())):
        said = words_of(each.number)
        if asked.words and all(any(part == word for part in said) for word in asked.words):
            rows.append(
                Row(
                    title=_("Resolution %(number)s", number=each.number),
                    detail=asked.local(each.effective_at, each.election_id),
                    endpoint="accreditation.resolution",
                    values=asked.slug(each.election_id) | {"resolution_id": each.id},
                    rank=EXACT if said == asked.words else START,
                    election=asked.elsewhere(each.election_id),
                )
            )
    return _current_first(asked, rows)


def _current_first(asked: Asked, rows: list[Row]) -> Hits:
    rows.sort(key=lambda row: (row.election is not None, row.rank))
    return Hits(rows=rows[: asked.limit], count=len(rows))
