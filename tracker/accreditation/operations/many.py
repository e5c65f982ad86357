"""Entering and registering many observers at once, as one list brings them: the same rules in few
statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError

from tracker.accreditation import queries
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Transition,
)
from tracker.accreditation.operations.observers import (
    Place,
    check_pledge,
    come_back,
    replaced_by,
)
from tracker.accreditation.operations.steps import advance, step_values
from tracker.accreditation.rules import LIVE_STATUSES, Application, Step, missing, target_of
from tracker.audit.capture import insert_many
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, reserve_ids
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.observers.models import Observer
from tracker.observers.operations import NewPerson, PersonDetails, add_persons, save_person

CHUNK = 500  # persons at a time
Progress = Callable[[int], None]
BEGINNING = (Step.CREATE, Step.REGISTER)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One person to enter; `observer_id` where the person is known."""

    details: PersonDetails
    place: Place
    observer_id: int | None = None


@dataclass
class Entered:
    """The accreditations made, in the order of the entries, and how many are registered."""

    ids: list[int]
    registered: int = 0


def create_accreditations(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    entries: Sequence[Entry],
    progress: Progress = lambda _done: None,
) -> Entered:
    """Enter persons into a delegation as drafts; register at once those who lack nothing.

    Raises `Refused` for all of them where one cannot be entered.
    """
    actor.require(Capability.EDIT_OBSERVERS)
    today = clock.today(election.time_zone)
    made = Entered([])
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        for entry in chunk:
            check_pledge(entry.place.pledge_signed_on, today)
        people = _people(actor, election, chunk, today)
        _enter(actor, election, delegation, people, made)
        progress(len(made.ids))
    return made


def _people(
    actor: Actor, election: Election, entries: Sequence[Entry], today: date
) -> list[tuple[Entry, NewPerson]]:
    """Each entry with its person; of who is known, whole with what is on record."""
    new = [entry.details for entry in entries if entry.observer_id is None]
    added = iter(add_persons(actor=actor, people=new, today=today))
    presented = queries.presented_elsewhere(
        election.id, (entry.observer_id for entry in entries if entry.observer_id is not None)
    )
    found = []
    for entry in entries:
        if entry.observer_id is None:
            found.append((entry, next(added)))
            continue
        known = db.session.get_one(Observer, entry.observer_id)
        details = come_back(known, entry.details, is_presented=known.id in presented)
        saved = save_person(actor=actor, details=details, today=today, observer=known)
        found.append((replace(entry, details=details), NewPerson(saved.id, saved.sort_key)))
    return found


def _steps(
    election: Election, delegation: Delegation, entry: Entry
) -> list[tuple[AccreditationStatus | None, AccreditationStatus]]:
    """The ways from nothing to a draft, and on to registered where nothing is missing."""
    details, place = entry.details, entry.place
    application = Application(
        surname=details.surname,
        given_names=details.given_names,
        birth_date=details.birth_date.isoformat() if details.birth_date else None,
        citizenship=details.citizenship,
        has_document=bool(details.document_number),
        document_expires_on=details.document_expires_on,
        has_portrait=details.portrait is not None,
        function=place.function,
        has_note_verbale=bool(delegation.note_verbale_number and delegation.note_verbale_on),
        pledge_signed_on=place.pledge_signed_on,
    )
    lacking = missing(application, election_on=election.election_on, host=election.host_country)
    ways = []
    status: AccreditationStatus | None = None
    for step in BEGINNING[:1] if lacking else BEGINNING:
        target = target_of(step, status)
        assert target is not None  # noqa: S101 - the table begins so
        ways.append((status, target))
        status = target
    return ways


def _enter(
    actor: Actor,
    election: Election,
    delegation: Delegation,
    pairs: list[tuple[Entry, NewPerson]],
    made: Entered,
) -> None:
    now = clock.now()
    rows, history, assignments = [], [], []
    for key, (entry, person) in zip(reserve_ids(Accreditation, len(pairs)), pairs, strict=True):
        ways = _steps(election, delegation, entry)
        status = ways[-1][1]
        place = entry.place
        rows.append(
            {
                "id": key,
                "election_id": election.id,
                "delegation_id": delegation.id,
                "observer_id": person.id,
                "sort_name": person.sort_key,
                "status": status,
                "is_live": status in LIVE_STATUSES,
                "status_at": now,
                "function": place.function,
                "region": place.region,
                "pledge_signed_on": place.pledge_signed_on,
                "replaces_id": replaced_by(election, delegation, place.replaces_id),
            }
        )
        whose = {"accreditation_id": key, "election_id": election.id}
        history += [whose | step_values(actor, *way, now) for way in ways]
        assignments.append(_assignment(actor, key, place, now))
        made.ids.append(key)
        made.registered += len(ways) - 1
    _store(rows, history, assignments)


def _assignment(actor: Actor, key: int, place: Place, now: Any) -> dict[str, Any]:
    return {
        "accreditation_id": key,
        "function": place.function,
        "region": place.region,
        "effective_at": now,
        "recorded_at": now,
        "actor_id": actor.user_id,
        "actor_name": actor.name,
    }


def _store(rows: list[Any], history: list[Any], assignments: list[Any]) -> None:
    try:
        with db.session.begin_nested():
            insert_many(Accreditation, rows)
    except IntegrityError as error:
        raise Refused(
            N_("Somebody on this list was entered elsewhere meanwhile. Check the list again.")
        ) from error
    insert_many(Transition, history)
    insert_many(Assignment, assignments)


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
    return count
