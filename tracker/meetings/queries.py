"""Meetings as read by pages and by the conflict rules."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.elections.rules import local_moment
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, localized
from tracker.kernel.listing import Page, keyset
from tracker.meetings.models import (
    Meeting,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.meetings.rules import Slot
from tracker.organizations.models import Organization


def _links(column: Any, meeting_column: Any, ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = db.session.execute(sa.select(meeting_column, column).where(meeting_column.in_(ids)))
    for meeting_id, other_id in rows:
        found[meeting_id].add(other_id)
    return found


def slots_between(starts_at: datetime, ends_at: datetime) -> list[Slot]:
    """All meetings that stand and share a moment with the span, of any election, by time.

    Officials sit in one chair whatever election the meeting belongs to. Columns, not records:
    what another transaction has just committed must be seen, not what this one has read before.
    """
    query = sa.select(Meeting.id, Meeting.starts_at, Meeting.ends_at, Meeting.hall_id).where(
        Meeting.status != MeetingStatus.CANCELLED,
        Meeting.starts_at < ends_at,
        Meeting.ends_at > starts_at,
    )
    rows = db.session.execute(query.order_by(Meeting.starts_at, Meeting.id)).all()
    ids = [row.id for row in rows]
    officials = _links(meeting_officials.c.official_id, meeting_officials.c.meeting_id, ids)
    delegations = _links(meeting_delegations.c.delegation_id, meeting_delegations.c.meeting_id, ids)
    return [
        Slot(
            row.id,
            row.starts_at,
            row.ends_at,
            frozenset(officials[row.id]),
            frozenset(delegations[row.id]),
            row.hall_id,
        )
        for row in rows
    ]


def meeting_for(actor: Actor, election_id: int, meeting_id: int) -> Meeting:
    """The meeting; raises `NotFound`, also for a focal point whose delegation is not in it."""
    query = sa.select(Meeting).where(Meeting.id == meeting_id, Meeting.election_id == election_id)
    found = db.session.scalar(query)
    if found is None or not (
        actor.delegation_ids is None
        or any(actor.sees_delegation(delegation.id) for delegation in found.delegations)
    ):
        raise NotFound(N_("There is no such meeting."))
    return found


def _span(election: Election, first: date, days: int) -> tuple[datetime, datetime]:
    zone = election.time_zone
    return (
        local_moment(first, time(0), zone),
        local_moment(first + timedelta(days=days), time(0), zone),
    )


def meetings_on(election: Election, day: date) -> Sequence[Meeting]:
    """The meetings that begin on a local day, by time."""
    start, end = _span(election, day, 1)
    query = sa.select(Meeting).where(
        Meeting.election_id == election.id, Meeting.starts_at >= start, Meeting.starts_at < end
    )
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()


def _has_official(official_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        meeting_officials.c.meeting_id == Meeting.id,
        meeting_officials.c.official_id == official_id,
    )


def _has_delegation(delegation_id: int) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        meeting_delegations.c.meeting_id == Meeting.id,
        meeting_delegations.c.delegation_id == delegation_id,
    )


def meetings_of_delegation(election_id: int, delegation_id: int) -> Sequence[Meeting]:
    """The meetings of one delegation, by time."""
    query = sa.select(Meeting).where(
        Meeting.election_id == election_id, _has_delegation(delegation_id)
    )
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What narrows the list of meetings; None for everything."""

    day: date | None = None
    official_id: int | None = None
    delegation_id: int | None = None
    status: MeetingStatus | None = None
    is_past: bool | None = None


def filtered(election: Election, wanted: Filter) -> sa.Select[Meeting, datetime, int]:
    """The meetings that match, in no order yet."""
    query = sa.select(Meeting, Meeting.starts_at, Meeting.id).where(
        Meeting.election_id == election.id
    )
    if wanted.day:
        start, end = _span(election, wanted.day, 1)
        query = query.where(Meeting.starts_at >= start, Meeting.starts_at < end)
    if wanted.official_id:
        query = query.where(_has_official(wanted.official_id))
    if wanted.delegation_id:
        query = query.where(_has_delegation(wanted.delegation_id))
    if wanted.status:
        query = query.where(Meeting.status == wanted.status)
    if wanted.is_past is not None:
        now = clock.now()
        query = query.where(Meeting.ends_at <= now if wanted.is_past else Meeting.ends_at > now)
    return query


def meetings_page(
    query: sa.Select[Meeting, datetime, int], cursor: str | None, *, latest_first: bool = False
) -> Page:
    """One page of meetings by time."""
    keys = (Meeting.starts_at, Meeting.id)
    return keyset(query, keys=keys, cursor=cursor, descending=latest_first)


def sender_name(organization: Organization) -> str:
    """What a delegation is called in a schedule: its acronym, or its name."""
    return organization.acronym or localized(organization, "name")
