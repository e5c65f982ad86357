"""Booking: chairs, rooms and people are taken by meetings, one or two hundred at once.

What stands against it is found by `conflicts`, in one pass over what is known of everybody; the
rows of those concerned are locked first, in order of id, so that two coordinators queue up.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Several
from tracker.kernel.i18n import N_, language_name, localized
from tracker.meetings.availability import People, resources_on, venue_key, ways
from tracker.meetings.conflicts import Busy, Obstacle, Ways, obstacles, way
from tracker.meetings.models import Meeting, MeetingBooking, MeetingKind, MeetingParticipant
from tracker.meetings.rules import is_fit_length, resources_of
from tracker.observers.models import Observer
from tracker.officials.models import Hall, Interpreter, Official
from tracker.officials.rules import written_hours
from tracker.organizations.labels import sender_name

FIELDS = {
    "official": "officials",
    "delegation": "delegations",
    "hall": "hall_id",
    "interpreter": "interpreter_id",
    "observer": "participants",
}


@dataclass(frozen=True, kw_only=True)
class MeetingDetails:
    """What is typed of a meeting; moments are aware, participants are accreditations."""

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
    language: str | None = None
    interpreter_id: int | None = None
    protocol_attends: bool = False
    press_attends: bool = False
    agenda: str | None = None
    participant_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A meeting to be booked; `meeting` where it stands already and is to be changed."""

    details: MeetingDetails
    meeting: Meeting | None = None


@dataclass(frozen=True)
class Known:
    """Everybody whom some drafts concern, their rows locked."""

    officials: dict[int, Official] = field(default_factory=dict)
    delegations: dict[int, Delegation] = field(default_factory=dict)
    halls: dict[int, Hall] = field(default_factory=dict)
    interpreters: dict[int, Interpreter] = field(default_factory=dict)
    accreditations: dict[int, Accreditation] = field(default_factory=dict)

    def name_of(self, key: str) -> str:
        """Who it is, in the reader's language."""
        kind, _colon, number = key.partition(":")
        row: Any
        match kind:
            case "official":
                return localized(self.officials[int(number)], "name")
            case "delegation":
                return sender_name(self.delegations[int(number)].organization)
            case "hall":
                return localized(self.halls[int(number)], "name")
            case "interpreter":
                return self.interpreters[int(number)].name
        row = next(r for r in self.accreditations.values() if r.observer_id == int(number))
        return f"{row.observer.given_names} {row.observer.surname}".strip()


def locked(election: Election, drafts: Sequence[Draft], *, is_look: bool = False) -> Known:
    """Everybody concerned, locked in order of id; who is not to be found is missing in it.

    A look ahead, which books nothing, locks nobody.
    """

    def wanted(name: str) -> set[int]:
        return {key for draft in drafts for key in getattr(draft.details, name)}

    def one(name: str) -> set[int]:
        return {key for draft in drafts if (key := getattr(draft.details, name)) is not None}

    def rows(model: Any, ids: Iterable[int], *options: Any, **more: Any) -> dict[int, Any]:
        query = sa.select(model).where(model.id.in_(sorted(ids))).options(*options)
        query = query.filter_by(**more).order_by(model.id)
        query = query if is_look else query.with_for_update(of=model, key_share=True)
        return {row.id: row for row in db.session.scalars(query).unique()}

    people = (
        sa.select(Accreditation)
        .where(
            Accreditation.id.in_(sorted(wanted("participant_ids"))),
            Accreditation.election_id == election.id,
        )
        .options(selectinload(Accreditation.observer).load_only(Observer.surname))
    )
    return Known(
        rows(Official, wanted("official_ids"), selectinload(Official.hours)),
        rows(Delegation, wanted("delegation_ids"), election_id=election.id),
        rows(Hall, one("hall_id")),
        rows(Interpreter, one("interpreter_id"), selectinload(Interpreter.hours)),
        {row.id: row for row in db.session.scalars(people)} if wanted("participant_ids") else {},
    )


def shape_faults(details: MeetingDetails, *, is_past_allowed: bool = False) -> Iterator[Refused]:
    """What is wrong with a meeting whoever is free."""
    if details.ends_at <= details.starts_at:
        yield Refused(N_("The meeting must end after it starts."), field="ends")
    elif not is_fit_length(details.starts_at, details.ends_at):
        yield Refused(N_("A meeting lasts from five minutes to twelve hours."), field="ends")
    if not is_past_allowed and details.starts_at < clock.now() - timedelta(minutes=1):
        yield Refused(N_("This time has passed."), field="starts")
    if not details.official_ids:
        yield Refused(N_("Choose at least one official."), field="officials")
    if details.kind is MeetingKind.BILATERAL and not details.delegation_ids:
        yield Refused(N_("Choose at least one delegation."), field="delegations")


def _choice_faults(details: MeetingDetails, known: Known) -> Iterator[Refused]:
    """What is chosen and not there, or does not fit."""
    if not known.officials.keys() >= set(details.official_ids):
        yield Refused(N_("Choose officials from the list."), field="officials")
    if not known.delegations.keys() >= set(details.delegation_ids):
        yield Refused(N_("Choose delegations from the list."), field="delegations")
    hall = known.halls.get(details.hall_id or 0)
    if details.hall_id and (hall is None or not hall.is_active):
        yield Refused(N_("Choose a hall from the list."), field="hall_id")
    elif hall and details.people and details.people > hall.capacity:
        yield Refused(
            N_("%(hall)s seats %(capacity)s, fewer than the %(people)s expected."),
            field="hall_id",
            hall=localized(hall, "name"),
            capacity=hall.capacity,
            people=details.people,
        )
    interpreter = known.interpreters.get(details.interpreter_id or 0)
    if details.interpreter_id and (interpreter is None or not interpreter.is_active):
        yield Refused(N_("Choose an interpreter from the list."), field="interpreter_id")
    elif interpreter and details.language and details.language not in interpreter.language_codes:
        yield Refused(
            N_("%(who)s does not interpret from this language: %(language)s."),
            field="interpreter_id",
            who=interpreter.name,
            language=language_name(details.language),
        )
    yield from _participant_faults(details, known)


def _participant_faults(details: MeetingDetails, known: Known) -> Iterator[Refused]:
    found = [known.accreditations.get(key) for key in details.participant_ids]
    everybody = details.kind is MeetingKind.BRIEFING and not details.delegation_ids
    if any(
        row is None or not (everybody or row.delegation_id in details.delegation_ids)
        for row in found
    ):
        yield Refused(
            N_("Name participants from the delegations of the meeting."), field="participants"
        )


def venue_of(details: MeetingDetails, known: Known) -> int | None:
    """The institution where it takes place: the hall's, else the first official's own."""
    if details.hall_id:
        return known.halls[details.hall_id].institution_id
    if details.place:
        return None
    hosts = sorted(
        (known.officials[key] for key in details.official_ids),
        key=lambda row: (row.precedence, row.id),
    )
    return hosts[0].institution_id if hosts else None


def _keys(details: MeetingDetails, known: Known) -> list[str]:
    people = (known.accreditations[key].observer_id for key in details.participant_ids)
    found = resources_of(
        officials=details.official_ids,
        delegations=details.delegation_ids,
        hall=details.hall_id,
        interpreter=details.interpreter_id,
        observers=people,
    )
    return sorted(found, key=lambda key: (list(FIELDS).index(key.split(":")[0]), key))


class Diary:
    """Who is taken by what, kept up as drafts are found fit one after the other."""

    def __init__(self, election: Election, drafts: Sequence[Draft], known: Known) -> None:
        self.election, self.known, self.ways = election, known, ways()
        days = sorted(
            {clock.local(each.details.starts_at, election.time_zone).date() for each in drafts}
        )
        people = People(
            tuple(known.officials.values()),
            tuple(known.delegations.values()),
            tuple(known.halls.values()),
            tuple(known.interpreters.values()),
            frozenset(row.observer_id for row in known.accreditations.values()),
        )
        changed = [each.meeting.id for each in drafts if each.meeting]
        self.resources = resources_on(election, days, people, leaving_out=changed)

    def faults(self, draft: Draft) -> list[Refused]:
        """Everything that stands against the draft; it takes its people where nothing does."""
        details, known = draft.details, self.known
        faults = list(_choice_faults(details, known))
        if faults:
            return faults
        venue = venue_key(venue_of(details, known))
        wanted = Busy(details.starts_at, details.ends_at, venue, details.title)
        for key in _keys(details, known):
            found = obstacles(self.resources[key], wanted, self.ways, self.election.time_zone)
            faults += [
                refusal_of(each, wanted, known, self.ways, self.election)
                for each in list(found)[:1]
            ]
        if not faults:
            taken = replace(wanted, meeting_id=draft.meeting.id if draft.meeting else -1)
            for key in _keys(details, known):
                resource = self.resources[key]
                self.resources[key] = replace(resource, busy=(*resource.busy, taken))
        return faults


def refusal_of(
    obstacle: Obstacle, wanted: Busy, known: Known, ways_known: Ways, election: Election
) -> Refused:
    """An obstacle in words, beside the field that it belongs to."""
    resource, other = obstacle.resource, obstacle.other
    kind = resource.key.split(":")[0]
    start = clock.local(wanted.starts_at, election.time_zone)
    params: dict[str, Any] = {"who": known.name_of(resource.key), "day": start.date()}
    if other is None:
        message, more = _closed(obstacle, election, params["day"])
        return Refused(message, field=FIELDS[kind], **params, **more)
    begin, end = (
        clock.local(moment, election.time_zone) for moment in (other.starts_at, other.ends_at)
    )
    params |= {"day": begin.date(), "start": f"{begin:%H:%M}", "end": f"{end:%H:%M}"}
    if obstacle.code == "taken":
        return _taken(other, kind, params)
    if obstacle.code == "too_close":
        message = N_(
            "%(who)s: needs %(minutes)s minutes between engagements; "
            "there is one on %(day)s from %(start)s to %(end)s."
        )
        gap = resource.buffer
    else:
        message = N_(
            "%(who)s: %(minutes)s minutes’ way from one place to the other; "
            "engaged on %(day)s from %(start)s to %(end)s."
        )
        gap = way(ways_known, wanted.venue, other.venue)
    return Refused(message, field=FIELDS[kind], minutes=gap // timedelta(minutes=1), **params)


def _taken(other: Busy, kind: str, params: dict[str, Any]) -> Refused:
    """Who holds the slot: the meeting and with whom, or only that it is not free."""
    holder = db.session.get(Meeting, other.meeting_id) if (other.meeting_id or 0) > 0 else None
    if not other.meeting_id:
        message = N_("%(who)s: not free on %(day)s from %(start)s to %(end)s.")
        return Refused(message, field=FIELDS[kind], **params)
    message = N_("%(who)s: taken on %(day)s from %(start)s to %(end)s by “%(title)s”.")
    if holder is None:
        return Refused(message, field=FIELDS[kind], **params, title=other.label)
    names = [localized(row, "name") for row in holder.officials]
    names += [sender_name(row.organization) for row in holder.delegations]
    others = [name for name in names if name != params["who"]]
    params |= {"title": holder.title, "meeting_id": holder.id}
    if others:
        params["others"] = others
        message = N_(
            "%(who)s: taken on %(day)s from %(start)s to %(end)s by “%(title)s” with %(others)s."
        )
    return Refused(message, field=FIELDS[kind], **params)


def _closed(obstacle: Obstacle, election: Election, day: Any) -> tuple[str, dict[str, Any]]:
    resource = obstacle.resource
    if obstacle.code == "too_many_a_day":
        message = N_("%(who)s: no more than %(most)s meetings a day, and %(day)s has as many.")
        return message, {"most": resource.most_a_day}
    spans = [
        (begin.time(), end.time())
        for window in resource.hours or ()
        for begin in [clock.local(window.starts_at, election.time_zone)]
        for end in [clock.local(window.ends_at, election.time_zone)]
        if begin.date() == day
    ]
    if not spans:
        return N_("%(who)s does not receive on %(day)s."), {}
    return N_("%(who)s receives on %(day)s at %(hours)s only."), {"hours": written_hours(spans)}


COLUMNS = (
    *("kind", "title", "starts_at", "ends_at", "place", "note", "hall_id", "people", "language"),
    *("interpreter_id", "protocol_attends", "press_attends", "agenda"),
)


def fill(meeting: Meeting, details: MeetingDetails, known: Known) -> None:
    """Put what was typed into the meeting: one change, which the record keeps as one."""
    with db.session.no_autoflush:
        for name in COLUMNS:
            setattr(meeting, name, getattr(details, name))
        meeting.officials = [known.officials[key] for key in sorted(set(details.official_ids))]
        named = {row.accreditation_id: row for row in meeting.participants}
        meeting.participants = [
            named.get(key) or MeetingParticipant(accreditation_id=key)
            for key in sorted(set(details.participant_ids))
        ]
        meeting.delegations = [
            known.delegations[key] for key in sorted(set(details.delegation_ids))
        ]


def take(entries: Sequence[tuple[Meeting, MeetingDetails]], known: Known) -> None:
    """Take the meetings' chairs and rooms; the database refuses what somebody else has taken."""
    free(meeting for meeting, _details in entries)
    rows = [
        {
            "meeting_id": meeting.id,
            "resource": resource,
            "institution_id": venue_of(details, known),
            "starts_at": details.starts_at,
            "ends_at": details.ends_at,
        }
        for meeting, details in entries
        for resource in _keys(details, known)
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(sa.insert(MeetingBooking), rows)
    except IntegrityError as error:
        raise Refused(
            N_("Somebody has just booked one of these people or the hall. Try another time."),
            field="starts",
        ) from error


def free(meetings: Iterable[Meeting]) -> None:
    """Let the meetings' people and rooms go."""
    ids = [meeting.id for meeting in meetings]
    db.session.execute(sa.delete(MeetingBooking).where(MeetingBooking.meeting_id.in_(ids)))


def in_the_way(
    *, election: Election, details: MeetingDetails, meeting: Meeting | None = None
) -> list[Refused]:
    """What would stand against a meeting, before anybody asks for it."""
    faults = list(shape_faults(details))
    if faults:
        return faults
    draft = Draft(details, meeting)
    return Diary(election, [draft], locked(election, [draft], is_look=True)).faults(draft)


def refuse_all(faults: Sequence[Refused]) -> None:
    """Raise what stands against it, all at once; nothing where nothing does."""
    if faults:
        raise faults[0] if len(faults) == 1 else Several(faults)
