"""A day or a week of meetings by official, hall or delegation, as the coordinator's wall shows it.

Read in columns and not as records, so that a week of a thousand meetings is a few statements and
one pass.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.clock import local_moment, monday_of
from tracker.kernel.database import db
from tracker.kernel.i18n import language, localized
from tracker.kernel.permissions import Capability
from tracker.meetings.availability import People, resources_on, ways
from tracker.meetings.conflicts import obstacles
from tracker.meetings.models import (
    Meeting,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.officials import queries as directory
from tracker.officials.labels import post_of
from tracker.officials.models import Hall, Official
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

WEEK = 7
NEAR = 4  # engagements before and after that could be in the way


class By(StrEnum):
    """Whose lines the schedule has."""

    OFFICIAL = "official"
    HALL = "hall"
    DELEGATION = "delegation"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whose lines are asked for, and for which day or the week of which day."""

    by: By
    day: date
    is_day: bool

    @property
    def days(self) -> list[date]:
        """The days of the time that is asked for."""
        if self.is_day:
            return [self.day]
        return [monday_of(self.day) + timedelta(days=number) for number in range(WEEK)]


@dataclass(frozen=True)
class Shown:
    """One meeting as the schedule shows it, in local time."""

    id: int
    title: str
    starts: datetime
    ends: datetime
    at: str  # its start on the clock
    status: MeetingStatus
    official_ids: tuple[int, ...]
    delegation_ids: tuple[int, ...]
    hall_id: int | None
    with_whom: str


@dataclass(frozen=True)
class Line:
    """Everything of one official, hall or delegation, by day."""

    key: int
    name: str
    detail: str
    days: dict[date, list[Shown]]
    count: int


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The lines of a day or a week, and which of its meetings no longer fit."""

    days: list[date]
    lines: list[Line]
    count: int  # of meetings
    conflicts: set[int]


def schedule_of(actor: Actor, election: Election, wanted: Wanted) -> Schedule:
    """What is asked for; lines on which nothing is stand only for who can put something there."""
    meetings = meetings_shown(election, wanted.days, wanted.by)
    people = directory.officials(only_active=True)
    found = lines(_owners(actor, election, wanted.by, people), meetings, wanted.by)
    if wanted.by is By.DELEGATION or not actor.may(Capability.SCHEDULE_MEETINGS):
        found = [line for line in found if line.count]
    return Schedule(
        days=wanted.days if wanted.is_day else _worked(wanted.days, found),
        lines=found,
        count=len(meetings),
        conflicts=in_conflict(election, wanted.days, meetings, people, directory.halls()),
    )


def _owners(
    actor: Actor, election: Election, by: By, people: Sequence[Official]
) -> list[tuple[int, str, str]]:
    """(key, name, detail) of everybody who can have a line."""
    if by is By.HALL:
        return [
            (row.id, localized(row, "name"), localized(row.institution, "name"))
            for row in directory.halls(only_active=True)
        ]
    if by is By.DELEGATION:
        return [(key, name, "") for key, name in delegation_names(actor, election.id).items()]
    return [(row.id, localized(row, "name"), post_of(row)) for row in people]


def _worked(days: Sequence[date], found: Sequence[Line]) -> list[date]:
    """The days of a week, of its end only those on which something is."""
    busy = {day for line in found for day in line.days}
    return [day for day in days if day.weekday() < 5 or day in busy]


def meetings_shown(election: Election, days: Sequence[date], by: By) -> list[Shown]:
    """The meetings that stand on these local days, by time, in three statements."""
    start = local_moment(days[0], time(0), election.time_zone)
    end = local_moment(days[-1] + timedelta(days=1), time(0), election.time_zone)
    columns = (Meeting.id, Meeting.title, Meeting.starts_at, Meeting.ends_at)
    query = sa.select(*columns, Meeting.status, Meeting.hall_id).where(
        Meeting.election_id == election.id,
        Meeting.starts_at >= start,
        Meeting.starts_at < end,
        Meeting.status != MeetingStatus.CANCELLED,
    )
    rows = db.session.execute(query.order_by(Meeting.starts_at, Meeting.id)).all()
    chosen = query.with_only_columns(Meeting.id)
    officials = _officials(chosen)
    delegations = _delegations(chosen)
    found, zone = [], ZoneInfo(election.time_zone)
    for row in rows:
        hosts, guests = officials[row.id], delegations[row.id]
        start = row.starts_at.astimezone(zone)
        names = [name for _key, name in (hosts if by is By.DELEGATION else guests)]
        found.append(
            Shown(
                row.id,
                row.title,
                start,
                row.ends_at.astimezone(zone),
                f"{start:%H:%M}",
                row.status,
                tuple(key for key, _name in hosts),
                tuple(key for key, _name in guests),
                row.hall_id,
                ", ".join(names),
            )
        )
    return found


def _officials(chosen: Any) -> defaultdict[int, list[tuple[int, str]]]:
    name = getattr(Official, f"name_{language()}")
    link = meeting_officials.c
    query = (
        sa.select(link.meeting_id, Official.id, name)
        .join(Official, Official.id == link.official_id)
        .where(link.meeting_id.in_(chosen))
    )
    return _grouped(query.order_by(Official.precedence, Official.id))


def _delegations(chosen: Any) -> defaultdict[int, list[tuple[int, str]]]:
    name = sender_in(language())
    link = meeting_delegations.c
    query = (
        sa.select(link.meeting_id, Delegation.id, name)
        .join(Delegation, Delegation.id == link.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(link.meeting_id.in_(chosen))
    )
    return _grouped(query.order_by(Delegation.id))


def _grouped(query: Any) -> defaultdict[int, list[tuple[int, str]]]:
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for meeting_id, key, name in db.session.execute(query):
        found[meeting_id].append((key, name))
    return found


def lines(owners: Sequence[tuple[int, str, str]], meetings: Sequence[Shown], by: By) -> list[Line]:
    """One line for each owner (key, name, detail), with its meetings by day."""
    days: defaultdict[int, defaultdict[date, list[Shown]]] = defaultdict(lambda: defaultdict(list))
    counts: defaultdict[int, int] = defaultdict(int)
    for meeting in meetings:
        for key in _keys(meeting, by):
            days[key][meeting.starts.date()].append(meeting)
            counts[key] += 1
    return [Line(key, name, detail, days[key], counts[key]) for key, name, detail in owners]


def _keys(meeting: Shown, by: By) -> tuple[int, ...]:
    if by is By.OFFICIAL:
        return meeting.official_ids
    if by is By.DELEGATION:
        return meeting.delegation_ids
    return (meeting.hall_id,) if meeting.hall_id else ()


def in_conflict(
    election: Election,
    days: Sequence[date],
    meetings: Sequence[Shown],
    officials: Sequence[Official],
    halls: Sequence[Hall],
) -> set[int]:
    """Meetings that no longer fit: hours, absences or ways have changed since they were booked."""
    people = People(officials=officials, halls=halls)
    travel, found = ways(), set()
    for resource in resources_on(election, days, people).values():
        engaged = sorted(resource.busy, key=lambda each: each.starts_at)
        for place, own in enumerate(engaged):
            if not own.meeting_id or own.meeting_id in found:
                continue
            near = engaged[max(0, place - NEAR) : place] + engaged[place + 1 : place + 1 + NEAR]
            rest = replace(resource, busy=tuple(near), most_a_day=None)
            if any(obstacles(rest, own, travel, election.time_zone)):
                found.add(own.meeting_id)
    return found & {meeting.id for meeting in meetings}
