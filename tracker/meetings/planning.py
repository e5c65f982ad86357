"""What the planner is asked: requests and everybody's hours as a problem; its answers as words.

The planner knows keys and moments only; names come in here, and nothing is decided.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.i18n import N_, language_name, localized, say
from tracker.meetings.availability import (
    People,
    resources_on,
    ways,
)
from tracker.meetings.conflicts import Reason
from tracker.meetings.models import Meeting, MeetingRequest, RequestStatus, Whom
from tracker.meetings.planner_problem import REASONS, Placement, Problem, Request
from tracker.meetings.rules import BOOKED, MOST_OFFICIALS
from tracker.officials.models import Hall, Official
from tracker.officials.queries import halls, interpreters, officials
from tracker.organizations.labels import sender_name

NOBODY = "nobody_to_meet"
WORDS = REASONS | {NOBODY: N_("nobody in office to meet")}
LONGEST_PLAN = 31  # days


@dataclass(frozen=True)
class Asked:
    """A problem with what it was made of."""

    problem: Problem
    people: People
    names: Mapping[str, str]
    nobody: tuple[int, ...] = ()  # requests for which nobody is in office


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from the first to the last."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


def choices_of(request: MeetingRequest, officials: Sequence[Official]) -> tuple[Official, ...]:
    """Who may answer the request, best first; `officials` are those in office by precedence."""
    if request.whom is Whom.INSTITUTION:
        found = [row for row in officials if row.institution_id == request.institution_id]
        return tuple(found[:MOST_OFFICIALS])
    own = [row for row in officials if row.id == request.official_id]
    if request.whom is Whom.DEPUTY:
        own += [row for row in officials if row.deputy_of_id == request.official_id]
    return tuple(own[:MOST_OFFICIALS])


def _wish(
    request: MeetingRequest, choices: Sequence[Official], fixed: Placement | None = None
) -> Request:
    keys = tuple(f"official:{row.id}" for row in choices)
    is_one = len(keys) == 1
    return Request(
        key=request.id,
        delegations=(f"delegation:{request.delegation_id}",),
        length=timedelta(minutes=request.length_minutes),
        any_of=() if is_one else keys,
        all_of=keys if is_one else (),
        people=people_of(request),
        wished_days=request.days,
        language=request.language,
        priority=request.priority,
        precedence=min((row.precedence for row in choices), default=100),
        hall_needed=request.needs_hall,
        fixed=fixed,
    )


def people_of(request: MeetingRequest) -> int:
    """How many sit in the hall: the delegation's people, the official, the interpreter."""
    return request.people + 1 + (request.language is not None)


def _placement(request: MeetingRequest, meeting: Meeting) -> Placement:
    return Placement(
        request.id,
        meeting.starts_at,
        meeting.ends_at,
        tuple(f"official:{row.id}" for row in meeting.officials),
        f"hall:{meeting.hall_id}" if meeting.hall_id else None,
        f"interpreter:{meeting.interpreter_id}" if meeting.interpreter_id else None,
    )


def _may_move(
    request: MeetingRequest, answers: Counter[int], days: Sequence[date], zone: str
) -> bool:
    """Whether the planner may look for another time: of one request's meeting on these days."""
    meeting = request.meeting
    return (
        request.status in BOOKED
        and meeting is not None
        and answers[meeting.id] == 1
        and meeting.starts_at > clock.now()
        and clock.local(meeting.starts_at, zone).date() in days
        and [row.id for row in meeting.delegations] == [request.delegation_id]
        and len(meeting.officials) == 1
    )


def ask(
    election: Election,
    days: Sequence[date],
    requests: Sequence[MeetingRequest],
    *,
    extra: Iterable[Request] = (),
    own: People | None = None,
) -> Asked:
    """The problem of these requests on these days; booked ones among them may move.

    `extra` are wishes that no stored request makes, `own` the people whom they name.
    """
    in_office = officials(only_active=True)
    answers = Counter(row.meeting_id for row in requests if row.meeting_id)
    zone = election.time_zone
    movable = {row.id: row for row in requests if _may_move(row, answers, days, zone)}
    wishes, nobody = list(extra), []
    for row in requests:
        if row.status is not RequestStatus.RECEIVED and row.id not in movable:
            continue
        choices = choices_of(row, in_office)
        fixed = _placement(row, row.meeting) if row.id in movable and row.meeting else None
        if fixed and fixed.officials[0] not in {f"official:{each.id}" for each in choices}:
            movable.pop(row.id)
        elif choices:
            wishes.append(_wish(row, choices, fixed))
        else:
            nobody.append(row.id)
    wanted = {key for wish in wishes for choice in wish.choices for key in choice}
    delegations = {row.delegation.id: row.delegation for row in requests}
    delegations |= {row.id: row for row in own.delegations} if own else {}
    people = People(
        tuple(row for row in in_office if f"official:{row.id}" in wanted),
        tuple(delegations[key] for key in sorted(delegations)),
        tuple(halls(only_active=True)) if any(wish.hall_needed for wish in wishes) else (),
        tuple(interpreters(only_active=True)) if any(wish.language for wish in wishes) else (),
    )
    resources = resources_on(
        election,
        days,
        people,
        leaving_out=[row.meeting_id for row in movable.values() if row.meeting_id],
        for_planning=True,
    )
    problem = Problem(
        tuple(wishes), tuple(resources.values()), election.time_zone, tuple(days), ways()
    )
    return Asked(problem, people, names_of(people), tuple(nobody))


def names_of(people: People) -> dict[str, str]:
    """Everybody's name in the reader's language, by key."""
    names = {f"official:{row.id}": localized(row, "name") for row in people.officials}
    names |= {f"delegation:{row.id}": sender_name(row.organization) for row in people.delegations}
    names |= {f"interpreter:{row.id}": row.name for row in people.interpreters}
    return names | {f"hall:{row.id}": hall_name(row) for row in people.halls}


def hall_name(row: Hall) -> str:
    """A hall with its institution: several have a meeting room."""
    return f"{localized(row, 'name')}, {localized(row.institution, 'name')}"


def said(reason: Reason, names: Mapping[str, str]) -> str:
    """A reason in the reader's words, with names in the place of keys."""

    def named(name: str, value: object) -> Any:
        if name == "language" and isinstance(value, str):
            return language_name(value)
        if isinstance(value, str):
            return names.get(value, value)
        return [named(name, item) for item in value] if isinstance(value, list | tuple) else value

    params = {name: named(name, value) for name, value in reason.params.items()}
    return say(WORDS[reason.code], params)


def number_of(key: str | None) -> int | None:
    """The record behind a key such as `hall:3`."""
    return int(key.partition(":")[2]) if key else None
