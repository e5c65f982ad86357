"""What the face of headquarters reads, across all parts, as display-ready rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa

from tracker.accreditation.counts import by_status
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Assignment,
    Transition,
)
from tracker.accreditation.queries import (
    assignments_of,
    counts_by_delegation,
    history_of,
    missing_of,
)
from tracker.accreditation.rules import IDENTITY_EDITABLE, Missing
from tracker.credentials.queries import without_count
from tracker.credentials.register import RegisterAnswer, register_answers
from tracker.delegations.messages import waiting_count
from tracker.delegations.models import (
    Delegation,
    DelegationContact,
    DelegationHead,
    DelegationStep,
)
from tracker.delegations.queries import contacts_of, head_rows_of, heads_of, steps_of
from tracker.delegations.rules import UNANSWERED
from tracker.elections.models import Election
from tracker.elections.queries import deadlines_of
from tracker.elections.rules import document_valid_through
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.kernel.text import mask_ending
from tracker.lists.queries import sent_count
from tracker.logistics.board import Shown, shown_movement
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.movements import Direction
from tracker.logistics.queries.assistance import open_requests_of, overdue_count, shown_request
from tracker.logistics.queries.attention import snoozes
from tracker.logistics.queries.movements import (
    movements_of_delegation,
    movements_on,
    without_arrival_count,
)
from tracker.logistics.queries.teams import teams_of_delegation, teams_of_observer
from tracker.logistics.rules.attention import CARRYING, Matter, matters
from tracker.logistics.teams import Shown as ShownTeam
from tracker.logistics.teams import shown_teams
from tracker.meetings.events import place_of
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import meetings_of_delegation, meetings_on, overdue_follow_ups
from tracker.observers.issuers import issuer_name
from tracker.observers.models import Observer, TravelDocument
from tracker.officials.models import Official
from tracker.organizations.labels import sender_name
from tracker.organizations.models import Organization, OrganizationKind
from tracker.organizations.states import citizenship_name
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
            Delegation.status.in_(UNANSWERED),
        )
        .scalar_subquery(),
    }
    if _opening(election) - CARRYING <= now < election.ends_at:
        others[Kind.NO_CERTIFICATE] = without_count(election.id)
    numbers = db.session.execute(sa.select(*others.values())).one()
    return {
        Kind.LATE_REGISTERED: counts[S.REGISTERED, True] + counts[S.REGISTERED, False],
        Kind.WAITING: counts[S.SUBMITTED, True] + counts[S.SUBMITTED, False],
        Kind.DRAFT: counts[S.DRAFT, True] + counts[S.DRAFT, False],
        **dict(zip(others, numbers, strict=True)),
    }


def _opening(election: Election) -> datetime:
    return deadlines_of(election)["polls_open"]


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


class PastStep(NamedTuple):
    """A step of an accreditation, with its moments in local time."""

    step: Transition
    effective: datetime
    recorded: datetime
    submission: int | None
    resolution: str | None


@dataclass(frozen=True, kw_only=True)
class ObserverPage:
    """What the page of one observer shows besides what is stored of the person."""

    citizenship: str
    issuer: str  # of the travel document
    masked: str  # its number, but for the ending
    missing: tuple[Missing, ...]  # nothing once the person cannot be corrected any more
    teams: list[ShownTeam]
    certificates: list[RegisterAnswer]
    history: list[PastStep]
    assignments: list[tuple[Assignment, datetime]]


def observer_page(election: Election, row: Accreditation, language: str) -> ObserverPage:
    """From all parts, in a fixed number of statements; moments in local time."""
    zone, document = election.time_zone, row.observer.document
    is_open = row.status in IDENTITY_EDITABLE
    return ObserverPage(
        citizenship=citizenship_name(row.observer.citizenship, language),
        issuer=issuer_name(document.issuing_state, language) if document else "",
        masked=mask_ending(document.number_ending) if document else "",
        missing=missing_of(election, [row.id])[row.id] if is_open else (),
        teams=shown_teams(election, teams_of_observer(row.id)),
        certificates=register_answers(row.id, clock.now()),
        history=[
            PastStep(
                step,
                clock.local(step.effective_at, zone),
                clock.local(step.recorded_at, zone),
                submission,
                resolution,
            )
            for step, submission, resolution in history_of(row.id)
        ],
        assignments=[
            (each, clock.local(each.effective_at, zone)) for each in assignments_of(row.id)
        ],
    )


@dataclass(frozen=True, kw_only=True)
class DelegationPage:
    """What the page of one delegation shows: who is in it, what it asks for, what it does."""

    head: DelegationHead | None
    heads: Sequence[DelegationHead]
    contacts: Sequence[DelegationContact]
    steps: Sequence[DelegationStep]
    numbers: dict[AccreditationStatus, int]
    meetings: list[tuple[Meeting, datetime]]
    movements: list[Shown]
    teams: list[ShownTeam]
    asked: list[dict[str, Any]]


def delegation_page(election: Election, row: Delegation) -> DelegationPage:
    """From all parts, in a fixed number of statements; moments in local time."""
    zone = election.time_zone
    return DelegationPage(
        head=heads_of([row.id], clock.today(zone)).get(row.id),
        heads=head_rows_of(row.id),
        contacts=contacts_of(row.id),
        steps=steps_of(row.id),
        numbers=counts_by_delegation(election.id).get(row.id, {}),
        meetings=[
            (meeting, clock.local(meeting.starts_at, zone))
            for meeting in meetings_of_delegation(election.id, row.id)
        ],
        movements=[
            shown_movement(each, election) for each in movements_of_delegation(election.id, row.id)
        ],
        teams=shown_teams(election, teams_of_delegation(election.id, row.id)),
        asked=[shown_request(each, election, clock.now()) for each in open_requests_of(row.id)],
    )
