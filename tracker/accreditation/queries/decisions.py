"""Submissions and resolutions as read: what the Ministry presented, what the commission decided."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Resolution,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.delegations.models import Delegation
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset, streamed
from tracker.kernel.text import sort_key
from tracker.observers.models import Observer, TravelDocument
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

SIZE = 200  # candidates a page


def _names(language: str) -> tuple[Any, Any]:
    name = (Observer.surname + " " + Observer.given_names).label("name")
    sender = sender_in(language)
    return name, sender


def _with_sender(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """Accreditations of a query with their person, their delegation and who sent it."""
    return (
        query.join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
    )


def _by_sender(rows: Sequence[Any], language: str) -> list[Any]:
    """Rows that are in order of names, by their senders in the alphabet of the language."""
    keys = {name: sort_key(name, language) for name in {row.sender for row in rows}}
    return sorted(rows, key=lambda row: keys[row.sender])


def _people(language: str) -> sa.Select[*tuple[Any, ...]]:
    """Who is on a list of candidates: accreditation_id, name, citizenship, sender, function."""
    name, sender = _names(language)
    return _with_sender(
        sa.select(
            Accreditation.id.label("accreditation_id"),
            name,
            Observer.citizenship,
            sender.label("sender"),
            Accreditation.function,
        )
    )


def _whole_by_sender(page: Page, language: str) -> Page:
    """A list that is one page as the annex has it, by sender; a longer one as it is, by name."""
    if page.next_cursor or page.previous_cursor:
        return page
    return replace(page, rows=_by_sender(page.rows, language))


def _may_be_submitted(election_id: int, delegation_id: int | None) -> list[Any]:
    found = [
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.REGISTERED,
    ]
    return [*found, Accreditation.delegation_id == delegation_id] if delegation_id else found


def registered(
    election_id: int, delegation_id: int | None, language: str, *, cursor: str | None
) -> Page:
    """A page of registered observers, who may be submitted."""
    query = _people(language).add_columns(Accreditation.sort_name, Accreditation.id)
    query = query.where(*_may_be_submitted(election_id, delegation_id))
    keys = (Accreditation.sort_name, Accreditation.id)
    return _whole_by_sender(keyset(query, keys=keys, cursor=cursor, size=SIZE), language)


def registered_among(election_id: int, ids: Collection[int], language: str) -> list[Any]:
    """Those of these accreditations that are registered."""
    query = _people(language).where(*_may_be_submitted(election_id, None))
    query = query.order_by(Accreditation.sort_name, Accreditation.id)
    parts = (query.where(Accreditation.id.in_(chunk)) for chunk in in_chunks(set(ids)))
    return [row for part in parts for row in db.session.execute(part)]


def count_registered(election_id: int, delegation_id: int | None) -> int:
    """How many are registered, who may be submitted."""
    query = sa.select(sa.func.count()).select_from(Accreditation)
    return db.session.scalar(query.where(*_may_be_submitted(election_id, delegation_id))) or 0


def all_registered(election_id: int, delegation_id: int | None) -> Sequence[int]:
    """The ids of all registered observers, who may be submitted."""
    query = sa.select(Accreditation.id).where(*_may_be_submitted(election_id, delegation_id))
    return db.session.scalars(query.order_by(Accreditation.id)).all()


def _candidates(submission_id: int, language: str) -> sa.Select[*tuple[Any, ...]]:
    item = SubmissionItem
    return (
        _people(language)
        .add_columns(
            item.id,
            item.id.label("item_id"),
            item.decision,
            item.ground,
            item.ground_text,
            item.resolution_id,
            Resolution.number.label("resolution_number"),
        )
        .join(item, item.accreditation_id == Accreditation.id)
        .outerjoin(Resolution, Resolution.id == item.resolution_id)
        .where(item.submission_id == submission_id)
    )


def candidates(
    submission_id: int,
    language: str,
    *,
    cursor: str | None = None,
    waiting: bool = False,
    delegation_id: int | None = None,
) -> Page:
    """A page of a submission with what was decided of them, or of those who wait, of one
    delegation or of all; in the order in which they were presented, which is by name."""
    query = _candidates(submission_id, language)
    if waiting:
        query = query.where(*_waiting(submission_id, delegation_id))
    page = keyset(query, keys=(SubmissionItem.id,), cursor=cursor, size=SIZE)
    return _whole_by_sender(page, language)


def all_candidates(submission_id: int, language: str) -> Iterator[Any]:
    """All of a submission with what was decided of them, in constant memory."""
    return streamed(_candidates(submission_id, language).order_by(SubmissionItem.id))


def waiting_candidates(
    submission_id: int, language: str, *, ids: Collection[int] | None = None
) -> list[Any]:
    """All of a submission who wait, or those of them with these item ids."""
    query = _candidates(submission_id, language).where(SubmissionItem.decision.is_(None))
    query = query.order_by(SubmissionItem.id)
    if ids is None:
        return list(db.session.execute(query))
    item = SubmissionItem
    parts = (db.session.execute(query.where(item.id.in_(chunk))) for chunk in in_chunks(set(ids)))
    return [row for part in parts for row in part]


def annex_rows(submission_id: int, language: str) -> Sequence[Any]:
    """(item id, accreditation, sender) of a submission's candidates, by delegation and name."""
    _name, sender = _names(language)
    query = (
        _with_sender(
            sa.select(SubmissionItem.id, Accreditation, sender.label("sender"), Organization.kind)
            .select_from(SubmissionItem)
            .join(Accreditation, Accreditation.id == SubmissionItem.accreditation_id)
        )
        .options(contains_eager(Accreditation.observer).joinedload(Observer.document))
        .where(SubmissionItem.submission_id == submission_id)
        .order_by(Accreditation.sort_name, SubmissionItem.id)
    )
    return _by_sender(db.session.execute(query).unique().all(), language)


def _waiting(submission_id: int, delegation_id: int | None) -> list[Any]:
    item = SubmissionItem
    found = [item.submission_id == submission_id, item.decision.is_(None)]
    return [*found, Accreditation.delegation_id == delegation_id] if delegation_id else found


def waiting_items(submission_id: int, delegation_id: int | None) -> Sequence[int]:
    """The rows of a submission that wait for a decision, of one delegation or of all."""
    item = SubmissionItem
    query = sa.select(item.id).join(Accreditation, Accreditation.id == item.accreditation_id)
    query = query.where(*_waiting(submission_id, delegation_id)).order_by(item.id)
    return db.session.scalars(query).all()


def waiting_senders(submission_id: int, language: str) -> list[Any]:
    """The delegations of those who wait, in the alphabet of the language, with how many do:
    (id, sender, waiting)."""
    _name, sender = _names(language)
    number = sa.func.count().label("waiting")
    query = _with_sender(
        sa.select(Delegation.id, sender.label("sender"), number)
        .select_from(SubmissionItem)
        .join(Accreditation, Accreditation.id == SubmissionItem.accreditation_id)
    )
    query = query.where(*_waiting(submission_id, None)).group_by(Delegation.id, sender)
    return _by_sender(db.session.execute(query.order_by(Delegation.id)).all(), language)


def items_of(submission_id: int) -> Sequence[SubmissionItem]:
    """The rows of a submission as stored."""
    query = sa.select(SubmissionItem).where(SubmissionItem.submission_id == submission_id)
    return db.session.scalars(query.order_by(SubmissionItem.id)).all()


class Item(NamedTuple):
    """A row of a submission as a decision sees it."""

    id: int
    accreditation_id: int
    decision: str | None


def held_items(submission_id: int) -> list[Item]:
    """The rows of a submission; nobody else decides them until the end of the transaction."""
    row = SubmissionItem
    query = sa.select(row.id, row.accreditation_id, row.decision)
    query = (
        query.where(row.submission_id == submission_id)
        .order_by(row.id)
        .with_for_update(key_share=True)
    )
    return [Item._make(found) for found in db.session.execute(query)]


def submission_for(election_id: int, submission_id: int) -> Submission:
    """The submission, for headquarters and the commission; raises `NotFound`."""
    found = db.session.scalar(
        sa.select(Submission).where(
            Submission.id == submission_id, Submission.election_id == election_id
        )
    )
    if found is None:
        raise NotFound(N_("There is no such submission."))
    return found


class Outcome(NamedTuple):
    """How many candidates a submission has, how many of them wait, and how many are accredited."""

    candidates: int
    waiting: int
    accredited: int


def outcomes(submission_ids: Collection[int]) -> dict[int, Outcome]:
    """What became of the candidates of these submissions."""
    item, count = SubmissionItem, sa.func.count()
    query = sa.select(
        item.submission_id,
        count,
        count.filter(item.decision.is_(None)),
        count.filter(item.decision == "accredited"),
    )
    query = query.where(item.submission_id.in_(submission_ids)).group_by(item.submission_id)
    found = {key: Outcome._make(numbers) for key, *numbers in db.session.execute(query)}
    return {key: found.get(key, Outcome(0, 0, 0)) for key in submission_ids}


def submissions(election_id: int, *, cursor: str | None) -> Page:
    """A page of submissions with their outcomes, the newest first."""
    query = sa.select(Submission, Submission.number).where(Submission.election_id == election_id)
    page = keyset(query, keys=(Submission.number,), cursor=cursor, descending=True)
    found = outcomes([row.id for row, _number in page.rows])
    return replace(page, rows=[(row, *found[row.id]) for row, _number in page.rows])


def all_submissions(election_id: int) -> list[Any]:
    """All submissions with their outcomes, the newest first: an election has some hundreds."""
    query = sa.select(Submission).where(Submission.election_id == election_id)
    rows = db.session.scalars(query.order_by(Submission.number.desc())).all()
    found = outcomes([row.id for row in rows])
    return [(row, *found[row.id]) for row in rows]


def resolutions(election_id: int, *, cursor: str | None) -> Page:
    """A page of resolutions, the newest first, with how many they accredited and how many other
    steps they made."""
    query = sa.select(Resolution, Resolution.effective_at, Resolution.id)
    query = query.where(Resolution.election_id == election_id)
    keys = (Resolution.effective_at, Resolution.id)
    page = keyset(query, keys=keys, cursor=cursor, descending=True)
    step, count = Transition, sa.func.count()
    is_accredited = step.to_status == AccreditationStatus.ACCREDITED
    counted = sa.select(step.resolution_id, count.filter(is_accredited), count)
    mine = step.resolution_id.in_([row.id for row, *_keys in page.rows])
    numbers = {
        key: (accredited, total - accredited)
        for key, accredited, total in db.session.execute(
            counted.where(mine).group_by(step.resolution_id)
        )
    }
    return replace(page, rows=[(row, *numbers.get(row.id, (0, 0))) for row, *_keys in page.rows])


def resolution_for(election_id: int, resolution_id: int) -> Resolution:
    """The resolution, for headquarters and the commission; raises `NotFound`."""
    found = db.session.scalar(
        sa.select(Resolution).where(
            Resolution.id == resolution_id, Resolution.election_id == election_id
        )
    )
    if found is None:
        raise NotFound(N_("There is no such resolution."))
    return found


def _changes(resolution_id: int, language: str) -> sa.Select[*tuple[Any, ...]]:
    return (
        _people(language)
        .add_columns(
            Transition.id,
            Transition.to_status,
            Transition.ground,
            Transition.ground_text,
            Submission.number.label("submission_number"),
        )
        .join(Transition, Transition.accreditation_id == Accreditation.id)
        .outerjoin(Submission, Submission.id == Transition.submission_id)
        .where(Transition.resolution_id == resolution_id)
    )


def changes_by(resolution_id: int, language: str, *, cursor: str | None) -> Page:
    """A page of what a resolution changed, a person a row."""
    query = _changes(resolution_id, language)
    page = keyset(query, keys=(Transition.id,), cursor=cursor, size=SIZE)
    return _whole_by_sender(page, language)


def all_changes_by(resolution_id: int, language: str) -> Iterator[Any]:
    """All that a resolution changed, in constant memory."""
    return streamed(_changes(resolution_id, language).order_by(Transition.id))


def border_rows(election_id: int, language: str) -> Iterator[Any]:
    """Everybody submitted or accredited with their travel document, by name."""
    _name, sender = _names(language)
    query = (
        sa.select(
            Observer.surname,
            Observer.given_names,
            Observer.sex,
            Observer.birth_date,
            Observer.citizenship,
            TravelDocument.kind,
            TravelDocument.number,
            TravelDocument.issuing_state.label("issuer"),
            TravelDocument.expires_on,
            sender.label("sender"),
            Delegation.arrival_on.label("arrival"),
            Delegation.departure_on.label("departure"),
        )
        .join(Accreditation, Accreditation.observer_id == Observer.id)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status.in_(
                (AccreditationStatus.SUBMITTED, AccreditationStatus.ACCREDITED)
            ),
        )
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return streamed(query)
