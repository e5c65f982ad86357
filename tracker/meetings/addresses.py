"""Secret addresses of calendars: made, shown once, revoked, and what each one shows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.queries import actor_of
from tracker.delegations.queries import delegation_ids_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.meetings.models import (
    CalendarAddress,
    CalendarKind,
    Meeting,
    meeting_delegations,
    meeting_officials,
)
from tracker.organizations.labels import sender_name

SECRET_BYTES = 24  # 192 bits: not to be guessed, short enough for an address


def _digest(secret: str) -> str:
    return keyring.digest(f"calendar:{secret}")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose meetings an address is to show."""

    kind: CalendarKind
    official_id: int | None = None
    delegation_id: int | None = None
    hall_id: int | None = None
    interpreter_id: int | None = None
    user_id: int | None = None


def create_address(*, actor: Actor, election: Election, subject: Subject, language: str) -> str:
    """Make an address; its secret is returned once and cannot be read again.

    Everybody may have one of their own meetings; those of others are given out by coordinators.
    """
    is_own = subject.kind is CalendarKind.USER and subject.user_id == actor.user_id
    # A token for meetings alone asks for them and puts them into a calendar.
    if not (is_own and actor.may(Capability.REQUEST_MEETINGS)):
        actor.require(Capability.VIEW_DELEGATIONS if is_own else Capability.SCHEDULE_MEETINGS)
    ids = {f"{kind.value}_id": getattr(subject, f"{kind.value}_id") for kind in PERSONAL}
    if subject.kind in PERSONAL and ids[f"{subject.kind.value}_id"] is None:
        raise Refused(N_("Choose whose calendar it is."), field="subject")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.session.add(
        CalendarAddress(
            election_id=election.id,
            kind=subject.kind,
            **ids,
            language=language,
            digest=_digest(secret),
            created_by=actor.name,
        )
    )
    db.session.flush()
    return secret


PERSONAL = tuple(kind for kind in CalendarKind if kind is not CalendarKind.ELECTION)


def own_addresses(election_id: int, user_id: int | None) -> Sequence[CalendarAddress]:
    """The open addresses of a user's own meetings, the newest first."""
    query = sa.select(CalendarAddress).where(
        CalendarAddress.election_id == election_id,
        CalendarAddress.user_id == user_id,
        CalendarAddress.revoked_at.is_(None),
    )
    return db.session.scalars(query.order_by(CalendarAddress.id.desc())).unique().all()


def addresses(election_id: int) -> Sequence[CalendarAddress]:
    """The addresses of an election, the newest first."""
    query = sa.select(CalendarAddress).where(CalendarAddress.election_id == election_id)
    return db.session.scalars(query.order_by(CalendarAddress.id.desc())).unique().all()


def revoke_address(*, actor: Actor, election_id: int, address_id: int) -> None:
    """Close an address for good; who holds it gets nothing any more."""
    found = db.session.get(CalendarAddress, address_id)
    is_own = found is not None and found.user_id is not None and found.user_id == actor.user_id
    if not is_own:
        actor.require(Capability.SCHEDULE_MEETINGS)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such address."))
    found.revoked_at = found.revoked_at or clock.now()
    db.session.flush()


def address_by(secret: str) -> CalendarAddress:
    """The open address with this secret; raises `NotFound`."""
    query = sa.select(CalendarAddress).where(
        CalendarAddress.digest == _digest(secret), CalendarAddress.revoked_at.is_(None)
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or not _holder_may(found):
        raise NotFound(N_("There is no such address."))
    return found


def _holder_may(address: CalendarAddress) -> bool:
    """Whether the account whose own meetings it shows is still open."""
    if address.user_id is None:
        return True
    try:
        return actor_of(address.user_id).may(Capability.VIEW_DELEGATIONS)
    except Forbidden:
        return False


def meetings_at(address: CalendarAddress) -> Sequence[Meeting]:
    """The meetings that an address shows, cancelled ones too, by time."""
    query = sa.select(Meeting).where(Meeting.election_id == address.election_id)
    if address.kind is CalendarKind.OFFICIAL:
        query = query.join(meeting_officials).where(
            meeting_officials.c.official_id == address.official_id
        )
    elif address.kind is CalendarKind.DELEGATION:
        query = query.join(meeting_delegations).where(
            meeting_delegations.c.delegation_id == address.delegation_id
        )
    elif address.kind is CalendarKind.HALL:
        query = query.where(Meeting.hall_id == address.hall_id)
    elif address.kind is CalendarKind.INTERPRETER:
        query = query.where(Meeting.interpreter_id == address.interpreter_id)
    elif address.user_id and not actor_of(address.user_id).may(Capability.VIEW_HEADQUARTERS):
        own = sa.select(meeting_delegations.c.meeting_id).where(
            meeting_delegations.c.delegation_id.in_(delegation_ids_of(address.user_id))
        )
        query = query.where(Meeting.id.in_(own))
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).unique().all()


def subject_name(address: CalendarAddress) -> str:
    """Whose calendar it is, in the reader's language; empty for all meetings of the election."""
    if address.official:
        return localized(address.official, "name")
    if address.hall:
        return localized(address.hall, "name")
    if address.interpreter:
        return address.interpreter.name
    if address.user_id:
        return address.created_by
    return sender_name(address.delegation.organization) if address.delegation else ""
