"""What changes meetings; nobody is ever in two at once."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale, Words
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.meetings.labels import KINDS
from tracker.meetings.models import Meeting, MeetingStatus, RequestStatus
from tracker.meetings.operations.booking import (
    Diary,
    Draft,
    MeetingDetails,
    fill,
    free,
    locked,
    refuse_all,
    shape_faults,
    take,
)
from tracker.meetings.operations.invitations import tell_attendees, told_of
from tracker.meetings.operations.steps import advance, requests_of_meeting
from tracker.meetings.rules import BOOKED, NEXT, STANDING
from tracker.officials.models import Official
from tracker.organizations.labels import sender_name


def schedule_meeting(
    *,
    actor: Actor,
    election: Election,
    details: MeetingDetails,
    status: MeetingStatus = MeetingStatus.SCHEDULED,
) -> Meeting:
    """Book a meeting, or propose it; refused with everything that stands against it."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    refuse_all(list(shape_faults(details)))
    draft = Draft(details)
    known = locked(election, [draft])
    refuse_all(Diary(election, [draft], known).faults(draft))
    meeting = Meeting(election_id=election.id, status=status)
    db.session.add(meeting)
    fill(meeting, details, known)
    db.session.flush()
    take([(meeting, details)], known)
    return meeting


def record_meeting(*, actor: Actor, election: Election, details: MeetingDetails) -> Meeting:
    """Enter a meeting that has taken place already; it books nobody."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    faults = list(shape_faults(details, is_past_allowed=True))
    if details.starts_at > clock.now():
        faults.append(Refused(N_("The meeting has not begun yet."), field="starts"))
    refuse_all(faults)
    known = locked(election, [Draft(details)])
    if len(known.officials) != len(set(details.official_ids)):
        raise Refused(N_("Choose officials from the list."), field="officials")
    meeting = Meeting(election_id=election.id, status=MeetingStatus.HELD)
    db.session.add(meeting)
    fill(meeting, details, known)
    db.session.flush()
    return meeting


def _names(officials: Sequence[Official], delegations: Sequence[Delegation]) -> list[str]:
    names = [localized(row, "name") for row in officials]
    return names + [sender_name(row.organization) for row in delegations]


def _differences(election: Election, meeting: Meeting, details: MeetingDetails) -> list[Difference]:
    """What the stored meeting and the typed one disagree on, as people read it."""
    officials = db.session.scalars(
        sa.select(Official).where(Official.id.in_(details.official_ids)).order_by(Official.id)
    ).all()
    delegations = db.session.scalars(
        sa.select(Delegation)
        .where(Delegation.id.in_(details.delegation_ids))
        .order_by(Delegation.id)
    ).all()
    stored = sorted(meeting.officials, key=lambda row: row.id)
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(meeting, name) or "", getattr(details, name) or "")
        for name in ("title", "place", "note", "agenda")
    ]
    pairs += [
        ("kind", Words((KINDS[meeting.kind],)), Words((KINDS[details.kind],))),
        (
            "starts",
            clock.local(meeting.starts_at, election.time_zone),
            clock.local(details.starts_at, election.time_zone),
        ),
        (
            "ends",
            clock.local(meeting.ends_at, election.time_zone),
            clock.local(details.ends_at, election.time_zone),
        ),
        ("officials", _names(stored, ()), _names(officials, ())),
        ("delegations", _names((), meeting.delegations), _names((), delegations)),
    ]
    return [Difference(name, theirs, yours) for name, theirs, yours in pairs if theirs != yours]


def change_meeting(
    *,
    actor: Actor,
    election: Election,
    meeting: Meeting,
    details: MeetingDetails,
    seen_version: int,
    reason: str | None = None,
) -> Meeting:
    """Change a meeting that stands; raises `Stale` where somebody else changed it meanwhile.

    A meeting that answers a confirmed request is moved for a reason, which goes on its record.
    """
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.version != seen_version:
        raise Stale(
            N_(
                "This meeting was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=_differences(election, meeting, details),
        )
    if meeting.status not in STANDING:
        raise Refused(N_("Only a meeting that stands can be changed."))
    moves = (meeting.starts_at, meeting.ends_at) != (details.starts_at, details.ends_at)
    faults = list(shape_faults(details, is_past_allowed=not moves))
    answers = requests_of_meeting(meeting.id)
    if not {row.delegation_id for row in answers} <= set(details.delegation_ids):
        faults.append(Refused(N_("The delegation that asks must take part."), field="delegations"))
    asked = [row for row in answers if row.status in BOOKED]
    if moves and asked and not (reason or "").strip():
        faults.append(Refused(N_("Say why the meeting is moved."), field="reason"))
    refuse_all(faults)
    draft = Draft(details, meeting)
    known = locked(election, [draft])
    refuse_all(Diary(election, [draft], known).faults(draft))
    before = told_of(election=election, meeting=meeting)
    fill(meeting, details, known)
    touch(meeting)
    db.session.flush()
    take([(meeting, details)], known)
    if moves:
        for row in asked:
            advance(actor=actor, request=row, name="move", reason=reason, meeting=meeting)
    tell_attendees(election=election, meeting=meeting, before=before)
    return meeting


def touch(meeting: Meeting) -> None:
    """A change that calendars have to take over (RFC 5545, 3.8.7.4)."""
    meeting.sequence += 1
    meeting.changed_at = clock.now()


def become(meeting: Meeting, status: MeetingStatus) -> None:
    """Take the meeting to another status, where the table leads there."""
    if status not in NEXT[meeting.status]:
        raise Refused(N_("This meeting is no longer scheduled."))
    meeting.status = status


def confirm_meeting(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Confirm a proposed meeting, and with it the requests that it answers."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    become(meeting, MeetingStatus.SCHEDULED)
    touch(meeting)
    db.session.flush()
    for row in requests_of_meeting(meeting.id):
        if row.status is RequestStatus.PROPOSED:
            advance(actor=actor, request=row, name="confirm", meeting=meeting)
    return meeting


def cancel_meeting(
    *,
    actor: Actor,
    election: Election,
    meeting: Meeting,
    reason: str,
    reopens: bool = True,
) -> Meeting:
    """Cancel a meeting for a reason; its people are free again.

    The requests that it answers are open again, or cancelled with it.
    """
    actor.require(Capability.SCHEDULE_MEETINGS)
    if not reason.strip():
        raise Refused(N_("Say why the meeting is cancelled."), field="reason")
    asked = requests_of_meeting(meeting.id)
    call_off(election=election, meeting=meeting, reason=reason)
    for row in asked:
        name = "reopen" if reopens else "cancel"
        advance(actor=actor, request=row, name=name, reason=reason, meeting=meeting)
    return meeting


def call_off(*, election: Election, meeting: Meeting, reason: str) -> None:
    """Free the people of a meeting that is not to be, and tell who was invited."""
    become(meeting, MeetingStatus.CANCELLED)
    meeting.cancelled_because = reason
    touch(meeting)
    free([meeting])
    db.session.flush()
    tell_attendees(election=election, meeting=meeting)


def mark_held(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Record that a meeting took place; not before it has begun."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.starts_at > clock.now():
        raise Refused(N_("The meeting has not begun yet."))
    become(meeting, MeetingStatus.HELD)
    db.session.flush()
    for row in requests_of_meeting(meeting.id):
        if row.status in BOOKED:
            advance(actor=actor, request=row, name="hold", meeting=meeting)
    return meeting
