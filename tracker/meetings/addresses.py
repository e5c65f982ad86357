"""Secret addresses of calendars: made, shown once, revoked, and what each one shows."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.meetings.calendars import Event
from tracker.meetings.models import (
    CalendarAddress,
    CalendarKind,
    Meeting,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.meetings.queries import sender_name

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


def create_address(*, actor: Actor, election: Election, subject: Subject, language: str) -> str:
    """Make an address; its secret is returned once and cannot be read again."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    chosen = {"official": subject.official_id, "delegation": subject.delegation_id}
    chosen |= {"hall": subject.hall_id, "election": election.id}
    if chosen[subject.kind.value] is None:
        raise Refused(N_("Choose whose calendar it is."), field="subject")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.session.add(
        CalendarAddress(
            election_id=election.id,
            kind=subject.kind,
            official_id=subject.official_id,
            delegation_id=subject.delegation_id,
            hall_id=subject.hall_id,
            language=language,
            digest=_digest(secret),
            created_by=actor.name,
        )
    )
    db.session.flush()
    return secret


def addresses(election_id: int) -> Sequence[CalendarAddress]:
    """The addresses of an election, the newest first."""
    query = sa.select(CalendarAddress).where(CalendarAddress.election_id == election_id)
    return db.session.scalars(query.order_by(CalendarAddress.id.desc())).unique().all()


def revoke_address(*, actor: Actor, election_id: int, address_id: int) -> None:
    """Close an address for good; who holds it gets nothing any more."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    found = db.session.get(CalendarAddress, address_id)
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
    if found is None:
        raise NotFound(N_("There is no such address."))
    return found


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
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).unique().all()


def subject_name(address: CalendarAddress) -> str:
    """Whose calendar it is, in the reader's language; empty for all meetings of the election."""
    if address.official:
        return localized(address.official, "name")
    if address.hall:
        return localized(address.hall, "name")
    return sender_name(address.delegation.organization) if address.delegation else ""


def event_of(meeting: Meeting, election: Election, *, host: str) -> Event:
    """A meeting as a calendar shows it; `host` makes its identity unique in the world."""
    people = [localized(row, "name") for row in meeting.officials]
    senders = [sender_name(row.organization) for row in meeting.delegations]
    hall = localized(meeting.hall, "name") if meeting.hall else None
    institution = localized(meeting.hall.institution, "name") if meeting.hall else None
    return Event(
        uid=f"meeting-{meeting.id}@{host}",
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        time_zone=election.time_zone,
        summary=meeting.title,
        place=", ".join(filter(None, (hall, institution, meeting.place))) or None,
        description="\n".join(filter(None, (", ".join(people), ", ".join(senders)))) or None,
        url=None,
        is_cancelled=meeting.status is MeetingStatus.CANCELLED,
        created_at=meeting.created_at,
        changed_at=meeting.changed_at or meeting.created_at,
    )
