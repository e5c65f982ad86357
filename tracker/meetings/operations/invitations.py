"""Invitations by mail (RFC 5546): asked for once by a person, and following every change then."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask_babel import force_locale

from tracker.delegations.models import DelegationContact
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.days import dated
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, localized, say
from tracker.kernel.mail import Message, Method, mailer
from tracker.kernel.outbox import queue_message
from tracker.kernel.permissions import Capability
from tracker.meetings.calendars import Event, invitation
from tracker.meetings.events import event_of
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import uninvited
from tracker.organizations.labels import sender_name


@dataclass(frozen=True)
class Invitee:
    """Somebody who is told of a meeting; `key` names no person."""

    key: str
    name: str
    email: str


@dataclass(frozen=True)
class Words:
    """What a letter says, and what the calendar in it asks for."""

    method: Method
    subject: str
    said: str


INVITED = Words(Method.REQUEST, N_("Invitation: %(title)s"), N_("You are invited:"))
CALLED_OFF = Words(
    Method.CANCEL, N_("Cancelled: %(title)s"), N_("This meeting is cancelled: %(reason)s")
)
LEFT_OUT = Words(
    Method.CANCEL,
    N_("You no longer take part: %(title)s"),
    N_("You no longer take part in this meeting:"),
)


def invitees(election: Election, meeting: Meeting) -> list[Invitee]:
    """Who can be invited: officials' assistants, delegations' contacts, the interpreter."""
    found = [
        Invitee(f"official-{row.id}", localized(row, "name"), row.assistant_email)
        for row in meeting.officials
        if row.assistant_email
    ]
    found += _contacts(election, [row.id for row in meeting.delegations])
    interpreter = meeting.interpreter
    if interpreter and interpreter.email:
        found.append(Invitee(f"interpreter-{interpreter.id}", interpreter.name, interpreter.email))
    seen: dict[str, Invitee] = {}
    for each in found:
        seen.setdefault(each.email.casefold(), each)
    return list(seen.values())


def _contacts(election: Election, delegation_ids: Sequence[int]) -> list[Invitee]:
    today = clock.today(election.time_zone)
    query = sa.select(DelegationContact).where(
        DelegationContact.delegation_id.in_(delegation_ids),
        DelegationContact.email.is_not(None),
        DelegationContact.effective_on <= today,
        sa.or_(DelegationContact.ended_on.is_(None), DelegationContact.ended_on > today),
    )
    rows = db.session.scalars(query.order_by(DelegationContact.delegation_id, DelegationContact.id))
    return [Invitee(f"contact-{row.id}", row.name, row.email) for row in rows if row.email]


def invite(*, actor: Actor, election: Election, meeting: Meeting) -> int:
    """Invite everybody who has an address; how many. Later changes follow by themselves."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if not mailer.is_configured:
        raise Refused(N_("No mail is set up for this installation."))
    if meeting.status is not MeetingStatus.SCHEDULED:
        raise Refused(N_("Only to a confirmed meeting can people be invited."))
    people = invitees(election, meeting)
    if not people:
        raise Refused(N_("Nobody of this meeting has an e-mail address."))
    meeting.invited_at = meeting.invited_at or clock.now()
    _send(election, meeting, people)
    db.session.flush()
    return len(people)


def invite_to_all(*, actor: Actor, election: Election) -> int:
    """Invite to every confirmed meeting ahead to which nobody was invited yet; how many."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if not mailer.is_configured:
        raise Refused(N_("No mail is set up for this installation."))
    count = 0
    for meeting in db.session.scalars(uninvited(election.id)).unique().all():
        if people := invitees(election, meeting):
            meeting.invited_at = clock.now()
            _send(election, meeting, people)
            count += 1
    db.session.flush()
    return count


@dataclass(frozen=True)
class Told:
    """Who was invited, and to what as they know it: read before a meeting is changed."""

    people: tuple[Invitee, ...]
    event: Event
    farewell: str  # the letter to those who are not of it any more


def told_of(*, election: Election, meeting: Meeting) -> Told | None:
    """What the invited know of the meeting; None where nobody was invited."""
    if meeting.invited_at is None or not mailer.is_configured:
        return None
    event, people = event_of(meeting, election), invitees(election, meeting)
    return Told(tuple(people), event, _text(election, meeting, event, LEFT_OUT))


def tell_attendees(*, election: Election, meeting: Meeting, before: Told | None = None) -> None:
    """Send what changed to everybody who was invited; nobody, where nobody was.

    Those whom the meeting had `before` and has no more are told that, and nothing of what it
    became (RFC 5546 3.2.5).
    """
    if meeting.invited_at is None or not mailer.is_configured:
        return
    people = invitees(election, meeting)
    _send(election, meeting, people)
    if before is not None:
        here = {each.email.casefold() for each in people}
        gone = [each for each in before.people if each.email.casefold() not in here]
        event = replace(before.event, sequence=meeting.sequence, changed_at=clock.now())
        _post(meeting, event, gone, LEFT_OUT, before.farewell)


def _send(election: Election, meeting: Meeting, people: Sequence[Invitee]) -> None:
    words = CALLED_OFF if meeting.status is MeetingStatus.CANCELLED else INVITED
    # The invited speak three languages and read each other's: the letter says it in all of them.
    event = event_of(meeting, election)
    _post(meeting, event, people, words, _text(election, meeting, event, words))


def _post(
    meeting: Meeting, event: Event, people: Sequence[Invitee], words: Words, text: str
) -> None:
    organizer, method = mailer.sender, words.method
    for each in people:
        own = replace(event, organizer=organizer, attendees=((each.name, each.email),))
        queue_message(
            Message(
                to=(each.name, each.email),
                subject=_subject(event, words),
                text=text,
                calendar=invitation(own, method=method.value),
                method=method,
            ),
            key=f"meeting-{meeting.id}-{method.value}-{meeting.sequence}-{each.key}",
        )


def _subject(event: Event, words: Words) -> str:
    with force_locale("en"):
        return say(words.subject, {"title": event.summary})


def _text(election: Election, meeting: Meeting, event: Event, words: Words) -> str:
    parts = []
    for language in ("en", "ru", "kk"):
        with force_locale(language):
            parts.append(_letter(election, meeting, event, words))
    return "\n\n– – –\n\n".join(parts)


def _letter(election: Election, meeting: Meeting, event: Event, words: Words) -> str:
    start = clock.local(meeting.starts_at, election.time_zone)
    end = clock.local(meeting.ends_at, election.time_zone)
    day = dated(start, "EEEE, d MMMM y, HH:mm")
    lines = [
        say(words.said, {"reason": meeting.cancelled_because or ""}),
        meeting.title,
        f"{day}–{end:%H:%M} (UTC{start:%z})",
        event.place or "",
        ", ".join(localized(row, "name") for row in meeting.officials),
        ", ".join(sender_name(row.organization) for row in meeting.delegations),
    ]
    return "\n".join(line for line in lines if line)
