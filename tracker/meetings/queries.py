"""Meetings as read by pages and by the conflict rules."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.elections.rules import local_moment
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.meetings.models import (
    Meeting,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.meetings.rules import Slot


def slots_between(starts_at: datetime, ends_at: datetime) -> list[Slot]:
    """All meetings that stand and share a moment with the span, of any election.

    Officials sit in one chair whatever election the meeting belongs to.
    """
    query = sa.select(Meeting).where(
        Meeting.status != MeetingStatus.CANCELLED,
        Meeting.starts_at < ends_at,
        Meeting.ends_at > starts_at,
    )
    return [
        Slot(
            row.id,
            row.starts_at,
            row.ends_at,
            frozenset(official.id for official in row.officials),
            frozenset(delegation.id for delegation in row.delegations),
        )
        for row in db.session.scalars(query)
    ]


def meeting_for(actor: Actor, election_id: int, meeting_id: int) -> Meeting:
    """The meeting; raises `NotFound`."""
    query = sa.select(Meeting).where(Meeting.id == meeting_id, Meeting.election_id == election_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(N_("There is no such meeting."))
    return found


def meetings_on(election: Election, day: date) -> Sequence[Meeting]:
    """The meetings that begin on a local day, by time."""
    start = local_moment(day, time(0), election.time_zone)
    end = local_moment(day + timedelta(days=1), time(0), election.time_zone)
    query = sa.select(Meeting).where(
        Meeting.election_id == election.id, Meeting.starts_at >= start, Meeting.starts_at < end
    )
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()


def meetings_of_delegation(election_id: int, delegation_id: int) -> Sequence[Meeting]:
    """The meetings of one delegation, and the briefings for all, by time."""
    linked = sa.exists().where(
        meeting_delegations.c.meeting_id == Meeting.id,
        meeting_delegations.c.delegation_id == delegation_id,
    )
    query = sa.select(Meeting).where(Meeting.election_id == election_id, linked)
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()


def all_meetings(
    election_id: int, *, official_id: int | None = None, status: MeetingStatus | None = None
) -> sa.Select[Meeting, datetime, int]:
    """The meetings that match, in no order yet."""
    query = sa.select(Meeting, Meeting.starts_at, Meeting.id).where(
        Meeting.election_id == election_id
    )
    if official_id:
        linked = sa.exists().where(
            meeting_officials.c.meeting_id == Meeting.id,
            meeting_officials.c.official_id == official_id,
        )
        query = query.where(linked)
    if status:
        query = query.where(Meeting.status == status)
    return query


def meetings_page(query: sa.Select[Meeting, datetime, int], cursor: str | None) -> Page:
    """One page of meetings, the latest first."""
    return keyset(query, keys=(Meeting.starts_at, Meeting.id), cursor=cursor, descending=True)
