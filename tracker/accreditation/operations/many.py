"""Entering and registering many observers at once, as one list brings them: same rules, few
statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError

from tracker.accreditation import queries
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.accreditation.operations.observers import Place, assign, replaced_by
from tracker.accreditation.operations.steps import advance, begin, record_step
from tracker.accreditation.rules import Step
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.observers.models import Observer
from tracker.observers.operations import PersonDetails, add_person, save_person, store_persons

CHUNK = 500  # persons a flush
Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One person to enter; `observer_id` where the person is known."""

    details: PersonDetails
    place: Place
    observer_id: int | None = None


def create_accreditations(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    entries: Sequence[Entry],
    progress: Progress = lambda _done: None,
) -> list[int]:
    """Enter persons into a delegation as drafts, in the order given; return accreditation ids.

    Raises `Refused` for the whole list where one of them cannot be entered.
    """
    actor.require(Capability.EDIT_OBSERVERS)
    today = clock.local(clock.now(), election.time_zone).date()
    ids: list[int] = []
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        people = [_person(actor, entry, today) for entry in chunk]
        store_persons()
        rows = [
            _row(election, delegation, entry, person)
            for entry, person in zip(chunk, people, strict=True)
        ]
        _store(rows)
        for row, entry in zip(rows, chunk, strict=True):
            record_step(row, None, actor=actor)
            assign(row, entry.place, actor)
        db.session.flush()
        ids += [row.id for row in rows]
        db.session.expire_all()  # what is stored need not stay in memory
        progress(len(ids))
    return ids


def _person(actor: Actor, entry: Entry, today: date) -> Observer:
    if entry.observer_id is None:
        return add_person(details=entry.details, today=today)
    known = db.session.get_one(Observer, entry.observer_id)
    return save_person(actor=actor, details=entry.details, today=today, observer=known)


def _row(
    election: Election, delegation: Delegation, entry: Entry, person: Observer
) -> Accreditation:
    row = Accreditation(
        election_id=election.id,
        delegation_id=delegation.id,
        observer_id=person.id,
        sort_name=person.sort_key,
        function=entry.place.function,
        region=entry.place.region,
        pledge_signed_on=entry.place.pledge_signed_on,
        replaces_id=replaced_by(election, delegation, entry.place.replaces_id),
    )
    begin(row)
    return row


def _store(rows: Sequence[Accreditation]) -> None:
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("Somebody on this list was entered elsewhere meanwhile. Check the list again.")
        ) from error


def register_complete(*, actor: Actor, election: Election, ids: Sequence[int]) -> int:
    """Register those drafts that lack nothing; return how many."""
    actor.require(Capability.EDIT_OBSERVERS)
    count = 0
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        lacking = queries.missing_of(election, chunk)
        complete = [key for key in chunk if not lacking[key]]
        for row in queries.accreditations(election.id, complete):
            if row.status is AccreditationStatus.DRAFT:
                advance(row, Step.REGISTER, actor=actor)
                count += 1
        db.session.flush()
        db.session.expire_all()
    return count
