"""What the face of headquarters reads, across all parts, as display-ready rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.counts import by_status
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
)
from tracker.credentials.queries import without_count
from tracker.delegations.messages import waiting_count
from tracker.delegations.models import Delegation, DelegationStatus
from tracker.elections.models import Election
from tracker.elections.rules import document_valid_through
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.lists.queries import sent_count
from tracker.logistics.board import Shown, shown_movement
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.movements import Direction
from tracker.logistics.queries.assistance import overdue_count
from tracker.logistics.queries.attention import snoozes
from tracker.logistics.queries.movements import (
    movements_on,
    without_arrival_count,
)
from tracker.logistics.rules.attention import CARRYING, Matter, matters
from tracker.meetings.events import place_of
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import meetings_on, overdue_follow_ups
from tracker.observers.models import Observer, TravelDocument
from tracker.officials.models import Official
from tracker.organizations.labels import sender_name
from tracker.organizations.models import Organization, OrganizationKind
from tracker.people import is_live, namesakes

S = AccreditationStatus
IS_STATE = Organization.kind == OrganizationKind.FOREIGN_STATE


def attention(election: Election, now: datetime) -> dict[Kind, int]:
    """How many of each matter there are, in two statements that read what they find."""
    counts = by_status(election.id)
    today = clock.local(now, election.time_zone).date()
    others = {
        Kind.EXPIRING: _expiring(election),
        Kind.PORTRAIT: sa.select(sa.func.count(Observer.id))
        .where(Observer.portrait.is_(None), is_live(election.id))
        .scalar_subquery(),
        Kind.DUPLICATE: _total(namesakes(election.id)),
        Kind.NO_ARRIVAL: without_arrival_count(election.id),
        Kind.OVERDUE_REQUEST: overdue_count(election.id, now),
        Kind.MESSAGE: waiting_count(election.id),
        Kind.LIST: sent_count(election.id),
        Kind.FOLLOW_UP: overdue_follow_ups(election.id, today),
        Kind.NO_ANSWER: sa.select(sa.func.count(Delegation.id))
        .where(
            Delegation.election_id == election.id,
            Delegation.status.in_((DelegationStatus.INVITED, DelegationStatus.NO_ANSWER)),
        )
        .scalar_subquery(),
    }
    if _opening(election) - CARRYING <= now < election.ends_at:
        others[Kind.NO_CERTIFICATE] = without_count(election.id)
    numbers = db.session.execute(sa.select(*others.values())).one()
    return {
        Kind.LATE_REGISTERED: counts[S.REGISTERED, True],
        Kind.WAITING: counts[S.SUBMITTED, True] + counts[S.SUBMITTED, False],
        Kind.DRAFT: counts[S.DRAFT, True] + counts[S.DRAFT, False],
        **dict(zip(others, numbers, strict=True)),
    }


def _opening(election: Election) -> datetime:
    return local_moment(election.election_on, election.polls_open_at, election.time_zone)


def _expiring(election: Election) -> Any:
    """How many live observers travel on a document that ends too early."""
    holds = sa.exists().where(
        Accreditation.observer_id == TravelDocument.observer_id,
        Accreditation.election_id == election.id,
        Accreditation.is_live,
    )
    last = document_valid_through(election.election_on)
    query = sa.select(sa.func.count(TravelDocument.id)).where(
        TravelDocument.expires_on < last, holds
    )
    return query.scalar_subquery()


def _total(grouped: Any) -> Any:
    groups = grouped.subquery()
    total = sa.func.coalesce(sa.func.sum(groups.c.count), 0)
    return sa.select(sa.cast(total, sa.Integer)).scalar_subquery()


def matters_now(election: Election, now: datetime) -> list[Matter]:
    """The lines of the attention list, put off ones too, the gravest first; in four statements."""
    return matters(
        attention(election, now),
        snoozes(election.id),
        now=now,
        closes_at=election.closes_at,
        polls_open_at=_opening(election),
        ends_at=election.ends_at,
    )


@dataclass(frozen=True)
class MeetingToday:
    """A meeting of the day in local time."""

    id: int
    title: str
    starts: datetime
    ends: datetime
    official_ids: frozenset[int]
    officials: Sequence[Official]
    with_whom: str
    place: str | None


def meetings_today(
    election: Election, moment: datetime, language: str
) -> tuple[list[MeetingToday], datetime]:
    """The meetings of the moment's local day that stand, and when that day began."""
    day = clock.local(moment, election.time_zone).date()
    start = local_moment(day, time(0), election.time_zone)
    rows = [
        MeetingToday(
            row.id,
            row.title,
            clock.local(row.starts_at, election.time_zone),
            clock.local(row.ends_at, election.time_zone),
            frozenset(official.id for official in row.officials),
            row.officials,
            with_whom(row, language),
            ", ".join(place_of(row)),
        )
        for row in meetings_on(election, day)
        if row.status is not MeetingStatus.CANCELLED
    ]
    return rows, start


def arrivals_today(election: Election, moment: datetime) -> list[Shown]:
    """Who arrives on the moment's local day, by time."""
    day = clock.local(moment, election.time_zone).date()
    found = movements_on(election, day, direction=Direction.ARRIVAL)
    return [shown_movement(row, election) for row in found]


def with_whom(meeting: Meeting, language: str) -> str:
    """The delegations of a meeting by their short names; empty for a briefing of all."""
    senders = (row.organization for row in meeting.delegations)
    return ", ".join(sender_name(row, language) for row in senders)
