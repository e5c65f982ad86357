"""What changes meetings; an official or a delegation is never in two at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale, Words
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.meetings.labels import KINDS
from tracker.meetings.models import Meeting, MeetingBooking, MeetingKind, MeetingStatus
from tracker.meetings.queries import sender_name, slots_between
from tracker.meetings.rules import NEXT, Conflict, Slot, conflicts, is_fit_length, resources_of
from tracker.officials.models import Hall, Official
from tracker.officials.rules import receives, written_hours


@dataclass(frozen=True, kw_only=True)
class MeetingDetails:
    """What is typed of a meeting; moments are aware."""

    kind: MeetingKind
    title: str
    starts_at: datetime
    ends_at: datetime
    official_ids: tuple[int, ...]
    delegation_ids: tuple[int, ...] = ()
    place: str | None = None
    note: str | None = None
    hall_id: int | None = None
    people: int | None = None


def _check(details: MeetingDetails) -> None:
    if details.ends_at <= details.starts_at:
        raise Refused(N_("The meeting must end after it starts."), field="ends")
    if not is_fit_length(details.starts_at, details.ends_at):
        raise Refused(N_("A meeting lasts from five minutes to twelve hours."), field="ends")
    if not details.official_ids:
        raise Refused(N_("Choose at least one official."), field="officials")
    if details.kind is MeetingKind.BILATERAL and not details.delegation_ids:
        raise Refused(N_("Choose at least one delegation."), field="delegations")


def _locked(
    election: Election, details: MeetingDetails
) -> tuple[Sequence[Official], Sequence[Delegation]]:
    """The officials and delegations, their rows locked so that two bookings queue up.

    In order of id, so that two coordinators cannot wait for each other.
    """
    officials = db.session.scalars(
        sa.select(Official)
        .where(Official.id.in_(details.official_ids))
        .order_by(Official.id)
        .with_for_update(of=Official)
    ).all()
    delegations = db.session.scalars(
        sa.select(Delegation)
        .where(Delegation.id.in_(details.delegation_ids), Delegation.election_id == election.id)
        .order_by(Delegation.id)
        .with_for_update(of=Delegation)
    ).all()
    if len(officials) != len(set(details.official_ids)):
        raise Refused(N_("Choose officials from the list."), field="officials")
    if len(delegations) != len(set(details.delegation_ids)):
        raise Refused(N_("Choose delegations from the list."), field="delegations")
    return officials, delegations


def _check_hall(details: MeetingDetails) -> Hall | None:
    """The hall, its row locked like the people's; raises `Refused` where it does not fit."""
    if details.hall_id is None:
        return None
    query = sa.select(Hall).where(Hall.id == details.hall_id, Hall.is_active)
    hall = db.session.scalar(query.with_for_update(of=Hall))
    if hall is None:
        raise Refused(N_("Choose a hall from the list."), field="hall_id")
    if details.people and details.people > hall.capacity:
        raise Refused(
            N_("%(hall)s seats %(capacity)s, fewer than the %(people)s expected."),
            field="hall_id",
            hall=localized(hall, "name"),
            capacity=hall.capacity,
            people=details.people,
        )
    return hall


def _check_hours(
    election: Election, details: MeetingDetails, officials: Sequence[Official]
) -> None:
    """Refuse a time at which one of the officials does not receive, saying when they do."""
    starts = clock.local(details.starts_at, election.time_zone)
    ends = clock.local(details.ends_at, election.time_zone)
    for official in officials:
        week = [(row.weekday, row.starts, row.ends) for row in official.hours]
        if receives(week, starts, ends):
            continue
        spans = [(begin, close) for weekday, begin, close in week if weekday == starts.weekday()]
        who = localized(official, "name")
        if not spans:
            raise Refused(
                N_("%(who)s does not receive on %(day)s."),
                field="officials",
                who=who,
                day=starts.date(),
            )
        raise Refused(
            N_("%(who)s receives on %(day)s at %(hours)s only."),
            field="officials",
            who=who,
            day=starts.date(),
            hours=written_hours(spans),
        )


def _slot(details: MeetingDetails, meeting_id: int) -> Slot:
    return Slot(
        meeting_id,
        details.starts_at,
        details.ends_at,
        frozenset(details.official_ids),
        frozenset(details.delegation_ids),
        details.hall_id,
    )


def _book(meeting: Meeting, details: MeetingDetails) -> None:
    """Take the meeting's chairs and room; the database refuses what somebody else has taken."""
    delete = sa.delete(MeetingBooking).where(MeetingBooking.meeting_id == meeting.id)
    db.session.execute(delete)
    rows = [
        {
            "meeting_id": meeting.id,
            "resource": resource,
            "starts_at": details.starts_at,
            "ends_at": details.ends_at,
        }
        for resource in sorted(resources_of(_slot(details, meeting.id)))
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(sa.insert(MeetingBooking), rows)
    except IntegrityError as error:
        raise Refused(
            N_("Somebody has just booked one of these people or the hall. Try another time."),
            field="starts",
        ) from error


def _check_free(
    election: Election,
    details: MeetingDetails,
    people: tuple[Sequence[Official], Sequence[Delegation]],
    meeting_id: int = 0,
) -> None:
    candidate = _slot(details, meeting_id)
    taken = conflicts(candidate, slots_between(details.starts_at, details.ends_at))
    if taken:
        raise _taken(election, people, taken[0])


def _names(officials: Sequence[Official], delegations: Sequence[Delegation]) -> list[str]:
    names = [localized(row, "name") for row in officials]
    return names + [sender_name(row.organization) for row in delegations]


def _taken(
    election: Election, people: tuple[Sequence[Official], Sequence[Delegation]], first: Conflict
) -> Refused:
    """Who is taken, from when to when, by which meeting and with whom."""
    holder = db.session.get_one(Meeting, first.meeting_id)
    officials, delegations = people
    start = clock.local(holder.starts_at, election.time_zone)
    end = clock.local(holder.ends_at, election.time_zone)
    everybody = _names(holder.officials, holder.delegations)
    who = _names(
        [row for row in officials if row.id in first.officials],
        [row for row in delegations if row.id in first.delegations],
    )
    params: dict[str, object] = {
        "who": who,
        "day": start.date(),
        "start": start.strftime("%H:%M"),
        "end": end.strftime("%H:%M"),
        "title": holder.title,
        "meeting_id": holder.id,
    }
    field = "officials" if first.officials else "delegations" if first.delegations else "hall_id"
    if first.hall and holder.hall:
        who.append(localized(holder.hall, "name"))
    others = [name for name in everybody if name not in who]
    if not others:
        return Refused(
            N_("%(who)s: taken on %(day)s from %(start)s to %(end)s by “%(title)s”."),
            field=field,
            **params,
        )
    return Refused(
        N_("%(who)s: taken on %(day)s from %(start)s to %(end)s by “%(title)s” with %(others)s."),
        field=field,
        others=others,
        **params,
    )


def _fill(meeting: Meeting, details: MeetingDetails) -> None:
    names = ("kind", "title", "starts_at", "ends_at", "place", "note", "hall_id", "people")
    for name in names:
        setattr(meeting, name, getattr(details, name))


def schedule_meeting(*, actor: Actor, election: Election, details: MeetingDetails) -> Meeting:
    """Book a meeting; refused where an official or a delegation is taken, saying by what."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    _check(details)
    people = _locked(election, details)
    _check_hall(details)
    _check_hours(election, details, people[0])
    _check_free(election, details, people)
    meeting = Meeting(election_id=election.id, status=MeetingStatus.SCHEDULED)
    _fill(meeting, details)
    meeting.officials, meeting.delegations = list(people[0]), list(people[1])
    db.session.add(meeting)
    db.session.flush()
    _book(meeting, details)
    return meeting


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
        for name in ("title", "place", "note")
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
) -> Meeting:
    """Change a scheduled meeting; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.version != seen_version:
        raise Stale(
            N_(
                "This meeting was changed meanwhile. Your changes are kept below; "
                "check them and save again."
            ),
            differences=_differences(election, meeting, details),
        )
    if meeting.status is not MeetingStatus.SCHEDULED:
        raise Refused(N_("Only a scheduled meeting can be changed."))
    _check(details)
    people = _locked(election, details)
    _check_hall(details)
    _check_hours(election, details, people[0])
    _check_free(election, details, people, meeting.id)
    _fill(meeting, details)
    _touch(meeting)
    meeting.officials, meeting.delegations = list(people[0]), list(people[1])
    # The links are in other tables: touch the row so that its version moves as well.
    flag_modified(meeting, "title")
    db.session.flush()
    _book(meeting, details)
    return meeting


def _touch(meeting: Meeting) -> None:
    """A change that calendars have to take over (RFC 5545, 3.8.7.4)."""
    meeting.sequence += 1
    meeting.changed_at = clock.now()


def _become(actor: Actor, meeting: Meeting, status: MeetingStatus) -> None:
    actor.require(Capability.SCHEDULE_MEETINGS)
    if status not in NEXT[meeting.status]:
        raise Refused(N_("This meeting is no longer scheduled."))
    meeting.status = status


def cancel_meeting(*, actor: Actor, meeting: Meeting, reason: str) -> Meeting:
    """Cancel a scheduled meeting for a reason; its people are free again."""
    _become(actor, meeting, MeetingStatus.CANCELLED)
    if not reason.strip():
        raise Refused(N_("Say why the meeting is cancelled."), field="reason")
    meeting.cancelled_because = reason
    _touch(meeting)
    db.session.execute(sa.delete(MeetingBooking).where(MeetingBooking.meeting_id == meeting.id))
    db.session.flush()
    return meeting


def mark_held(*, actor: Actor, meeting: Meeting, note: str | None) -> Meeting:
    """Record that a meeting took place; not before it has begun."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.starts_at > clock.now():
        raise Refused(N_("The meeting has not begun yet."))
    _become(actor, meeting, MeetingStatus.HELD)
    meeting.note = note or meeting.note
    db.session.flush()
    return meeting
