"""What registrars do to an application until it is presented, and how it ends."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from tracker.accreditation import queries
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Function,
    Ground,
)
from tracker.accreditation.operations.steps import (
    Reason,
    advance,
    advance_many,
    already_live,
    check_reason,
)
from tracker.accreditation.rules import (
    IDENTITY_EDITABLE,
    LIVE_STATUSES,
    MISSING_LABELS,
    Step,
    may_take_function,
)
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Forbidden, Refused, Stale, Words
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.observers.models import Observer
from tracker.observers.operations import (
    PersonDetails,
    changed_identity,
    completed,
    holder_of,
    save_contacts,
    save_person,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is typed of a person's place in the delegation."""

    function: Function | None = None
    region: str | None = None
    pledge_signed_on: date | None = None
    replaces_id: int | None = None


def assign(row: Accreditation, place: Place, actor: Actor, at: datetime | None = None) -> None:
    db.session.add(
        Assignment(
            accreditation_id=row.id,
            function=place.function,
            region=place.region,
            effective_at=at or clock.now(),
            recorded_at=clock.now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
        )
    )
    row.function, row.region = place.function, place.region


def check_pledge(signed_on: date | None, today: date) -> None:
    """Refuse a pledge that is said to be signed on a day to come."""
    if signed_on is not None and signed_on > today:
        raise Refused(N_("The pledge cannot be dated in the future."), field="pledge_signed_on")


def create_accreditation(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    details: PersonDetails,
    place: Place,
) -> Accreditation:
    """Enter a person into a delegation as a draft; a known person comes back."""
    actor.require(Capability.EDIT_OBSERVERS)
    today = clock.today(election.time_zone)
    check_pledge(place.pledge_signed_on, today)
    known = holder_of(details.issuing_state, details.document_number)
    if known is not None:
        presented = queries.presented_elsewhere(election.id, [known.id])
        details = come_back(known, details, is_presented=bool(presented))
    with db.session.no_autoflush:
        person = save_person(actor=actor, details=details, today=today, observer=known)
    first = queries.live_accreditation(election.id, person.id)
    if first is not None:
        raise already_live(first)
    row = Accreditation(
        election_id=election.id,
        delegation_id=delegation.id,
        observer_id=person.id,
        sort_name=person.sort_key,
        function=place.function,
        region=place.region,
        pledge_signed_on=place.pledge_signed_on,
        replaces_id=replaced_by(election, delegation, place.replaces_id),
    )
    advance(row, Step.CREATE, actor=actor)
    assign(row, place, actor)
    db.session.flush()
    return row


def come_back(person: Observer, details: PersonDetails, *, is_presented: bool) -> PersonDetails:
    """A known person as entered once more: what is not given stays as it is on record. Who stands
    presented in another election has its portrait, and no other identity; raises `Refused`."""
    whole = completed(details, person)
    if is_presented:
        whole = replace(
            whole,
            portrait=person.portrait or whole.portrait,
            native_name=person.native_name or whole.native_name,
        )
        if name := changed_identity(whole, person):
            raise _presented_otherwise(person, name)
    return whole


def _presented_otherwise(person: Observer, field: str) -> Refused:
    return Refused(
        N_(
            "%(name)s stands presented in another election: names, portrait and travel "
            "document stay as they were presented until that has ended."
        ),
        field=field,
        name=f"{person.given_names} {person.surname}".strip(),
    )


def replaced_by(election: Election, delegation: Delegation, replaces_id: int | None) -> int | None:
    """The accreditation that a new one will replace; raises `Refused` where it cannot be."""
    if replaces_id is None:
        return None
    replaced = db.session.get(Accreditation, replaces_id)
    is_fit = (
        replaced is not None
        and replaced.election_id == election.id
        and replaced.delegation_id == delegation.id
        and replaced.status is AccreditationStatus.ACCREDITED
    )
    if not is_fit:
        raise Refused(
            N_("Only an accredited observer of the same delegation can be replaced."),
            field="replaces_id",
        )
    taken = sa.select(Accreditation.id).where(
        Accreditation.replaces_id == replaces_id, Accreditation.is_live
    )
    if db.session.scalar(taken):
        raise Refused(
            N_("A replacement for this observer is already entered."), field="replaces_id"
        )
    return replaces_id


def update_observer(
    *,
    actor: Actor,
    election: Election,
    row: Accreditation,
    person: Observer,
    details: PersonDetails,
    place: Place,
    seen_version: int,
) -> Accreditation:
    """Change a person and their place; identity is locked once submitted."""
    actor.require(Capability.EDIT_OBSERVERS)
    if row.version + person.version != seen_version:
        raise Stale(
            N_(
                "This observer was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=_differences(row, person, details, place),
        )
    if row.status not in LIVE_STATUSES:
        raise Refused(N_("This accreditation has ended and is not changed any more."))
    if row.status in IDENTITY_EDITABLE:
        name = changed_identity(details, person)
        if name and queries.presented_elsewhere(election.id, [person.id]):
            raise _presented_otherwise(person, name)
        today = clock.today(election.time_zone)
        check_pledge(place.pledge_signed_on, today)
        save_person(actor=actor, details=details, today=today, observer=person)
        row.sort_name, row.pledge_signed_on = person.sort_key, place.pledge_signed_on
    else:
        save_contacts(actor=actor, observer=person, details=details)
    if not may_take_function(row.status, row.function, place.function):
        raise Refused(
            N_("Observers and support staff cannot change places once they are submitted."),
            field="function",
        )
    if (row.function, row.region) != (place.function, place.region):
        assign(row, place, actor)
    # Both versions move together, so that whoever holds an older page is told.
    row.version = row.version + 1 if not sa.inspect(row).modified else row.version
    db.session.flush()
    return row


def _differences(
    row: Accreditation, person: Observer, details: PersonDetails, place: Place
) -> list[Difference]:
    pairs = [(person, details, name) for name in ("surname", "given_names", "native_name", "sex")]
    pairs += [(person, details, name) for name in ("citizenship", "occupation", "email", "phone")]
    pairs += [(row, place, name) for name in ("function", "region", "pledge_signed_on")]  # type: ignore[misc]
    return [
        Difference(name, getattr(stored, name), getattr(typed, name))
        for stored, typed, name in pairs
        if getattr(stored, name) != getattr(typed, name)
    ]


def register_observer(*, actor: Actor, election: Election, row: Accreditation) -> Accreditation:
    """Register a draft; refused with everything that is missing, all at once."""
    actor.require(Capability.EDIT_OBSERVERS)
    lacking = queries.missing_of(election, [row.id])[row.id]
    if lacking:
        raise Refused(
            N_("Not registered yet. Missing: %(missing)s."),
            missing=Words(tuple(MISSING_LABELS[code] for code in lacking)),
            codes=lacking,
        )
    advance(row, Step.REGISTER, actor=actor)
    db.session.flush()
    return row


def withdraw_accreditation(
    *, actor: Actor, row: Accreditation, reason: Reason, effective_at: datetime | None = None
) -> Accreditation:
    """Withdraw an observer on a ground; from the moment of effect they no longer count."""
    actor.require(Capability.EDIT_OBSERVERS)
    return _end(actor, row, Step.WITHDRAW, reason, effective_at)


def revoke_accreditation(
    *, actor: Actor, row: Accreditation, reason: Reason, effective_at: datetime | None = None
) -> Accreditation:
    """Revoke an accreditation on a ground, by the commission."""
    actor.require(Capability.DECIDE_SUBMISSIONS)
    return _end(actor, row, Step.REVOKE, reason, effective_at)


def _end(
    actor: Actor, row: Accreditation, step: Step, reason: Reason, effective_at: datetime | None
) -> Accreditation:
    check_reason(step, reason)
    if reason.ground is Ground.REPLACED:
        raise Refused(
            N_("Register the replacement instead: its resolution withdraws this observer."),
            field="ground",
        )
    advance(row, step, actor=actor, at=effective_at, ground=reason.ground, ground_text=reason.text)
    db.session.flush()
    return row


def expire_ended_elections(*, actor: Actor, most: int = 2_000) -> int:
    """Expire what is still accredited in elections that have ended, at most so many at a time;
    return how many: nought when none is left. Each expires at the end, or when it was accredited if
    that came later."""
    if not actor.is_system:
        raise Forbidden("expire")
    query = (
        sa.select(Election.id, Election.ends_at, Accreditation.id)
        .join(Accreditation, Accreditation.election_id == Election.id)
        .where(
            Election.ends_at <= clock.now(),
            Accreditation.status == AccreditationStatus.ACCREDITED,
        )
        .limit(most)
    )
    ended = defaultdict(list)
    for election_id, ends_at, key in db.session.execute(query):
        ended[election_id, ends_at].append(key)
    count = 0
    for (election_id, ends_at), keys in ended.items():
        alike = defaultdict(list)
        for row in queries.held(election_id, keys):
            if row.status is AccreditationStatus.ACCREDITED:
                alike[max(ends_at, row.status_at)].append(row)
        for moment, rows in alike.items():
            count += advance_many(rows, Step.EXPIRE, actor=actor, at=moment)
    return count
