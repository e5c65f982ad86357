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
    Function,
)
from tracker.accreditation.rules import SUPPORT_STAFF
from tracker.credentials.queries import lacks_certificate, without_count
from tracker.delegations.models import Delegation, DelegationStatus
from tracker.elections.models import Election
from tracker.elections.rules import document_valid_through, local_moment
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.listing import Page, keyset
from tracker.kernel.words import having, words_of
from tracker.logistics.board import Shown, shown_movement
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.movements import Direction
from tracker.logistics.queries.assistance import overdue_count
from tracker.logistics.queries.attention import snoozes
from tracker.logistics.queries.movements import (
    movements_on,
    without_arrival,
    without_arrival_count,
)
from tracker.logistics.rules.attention import CARRYING, Matter, matters
from tracker.meetings.events import place_of
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.queries import meetings_on, overdue_follow_ups
from tracker.observers.models import Observer, Sex, SharedIdentity, TravelDocument
from tracker.officials.models import Official
from tracker.organizations.models import Organization, OrganizationKind
from tracker.totals.queries import standing

S = AccreditationStatus
IS_STATE = Organization.kind == OrganizationKind.FOREIGN_STATE


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which observers a list shows; None and empty do not narrow."""

    figure: str = ""
    text: str = ""
    status: AccreditationStatus | None = None
    delegation_id: int | None = None
    citizenship: str = ""
    function: Function | None = None
    region: str = ""
    sex: Sex | None = None
    lacking: str = ""
    as_of: datetime | None = None
    known_at: datetime | None = None


def _figure(query: Any, stand: Any, figure: str) -> Any:
    """Narrow to exactly what a figure counts."""
    statuses = {"awaiting": S.SUBMITTED}
    if not figure:
        return query
    counts = sa.or_(stand.c.function.is_(None), stand.c.function.not_in(SUPPORT_STAFF))
    query = query.where(counts, stand.c.status == statuses.get(figure, S.ACCREDITED))
    if figure in {"organizations", "observers_from_organizations"}:
        query = query.where(~IS_STATE)
    if figure in {"states", "observers_from_states"}:
        query = query.where(IS_STATE)
    return query


def _lacking(query: Any, election: Election, lacking: str) -> Any:
    live = Accreditation.is_live
    match lacking:
        case "portrait":
            return query.where(live, Observer.portrait.is_(None))
        case "passport":
            last = document_valid_through(election.election_on)
            return query.where(live, TravelDocument.expires_on < last)
        case "duplicate":
            alike = _namesakes(election.id).with_only_columns(Observer.identity_digest)
            return query.where(live, Observer.identity_digest.in_(alike))
        case "arrival":
            return query.where(Accreditation.id.in_(without_arrival(election.id)))
        case "certificate":
            return query.where(Accreditation.id.in_(lacks_certificate(election.id)))
    return query


def _is_live(election_id: int) -> Any:
    """Whether an observer has a live accreditation; at most one, so persons count as many."""
    return sa.exists().where(
        Accreditation.observer_id == Observer.id,
        Accreditation.election_id == election_id,
        Accreditation.is_live,
    )


def _namesakes(election_id: int) -> Any:
    """Names with a date of birth that several persons with live accreditations have in common,
    and how many persons: read from the few that more than one person carries at all."""
    return (
        sa.select(Observer.identity_digest, sa.func.count().label("count"))
        .where(
            Observer.identity_digest.in_(sa.select(SharedIdentity.identity_digest)),
            _is_live(election_id),
        )
        .group_by(Observer.identity_digest)
        .having(sa.func.count() > 1)
    )


def observers(actor: Actor, election: Election, wanted: Wanted, language: str) -> Any:
    """The observers that match, in no order yet; columns are ready to show."""
    stand = standing(election.id, as_of=wanted.as_of, known_at=wanted.known_at)
    sender = sa.func.coalesce(Organization.acronym, getattr(Organization, f"name_{language}"))
    query = (
        sa.select(
            Accreditation.id,
            Accreditation.sort_name,
            Observer.surname,
            Observer.given_names,
            Observer.native_name,
            Observer.citizenship,
            Observer.portrait,
            Accreditation.delegation_id,
            sender.label("sender"),
            stand.c.status.label("status"),
            stand.c.function.label("function"),
            stand.c.region.label("region"),
        )
        .select_from(stand)
        .join(Accreditation, Accreditation.id == stand.c.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
    )
    if actor.delegation_ids is not None:
        query = query.where(Accreditation.delegation_id.in_(actor.delegation_ids))
    for column, value in (
        (stand.c.status, wanted.status),
        (stand.c.function, wanted.function),
        (stand.c.region, wanted.region),
        (Observer.citizenship, wanted.citizenship),
        (Observer.sex, wanted.sex),
        (Accreditation.delegation_id, wanted.delegation_id),
    ):
        if value:
            query = query.where(column == value)
    for word in words_of(wanted.text):
        query = query.where(Observer.id.in_(having(Observer, word)))
    return _lacking(_figure(query, stand, wanted.figure), election, wanted.lacking)


def observers_page(query: Any, cursor: str | None) -> tuple[Page, int]:
    """One page of observers by name, and how many there are in all."""
    keys = (Accreditation.sort_name, Accreditation.id)
    counted = sa.select(sa.func.count()).select_from(query.subquery())
    return keyset(query, keys=keys, cursor=cursor), db.session.scalar(counted) or 0


def attention(election: Election, now: datetime) -> dict[Kind, int]:
    """How many of each matter there are, in two statements that read what they find."""
    counts = by_status(election.id)
    today = clock.local(now, election.time_zone).date()
    others = {
        Kind.EXPIRING: _expiring(election),
        Kind.PORTRAIT: sa.select(sa.func.count(Observer.id))
        .where(Observer.portrait.is_(None), _is_live(election.id))
        .scalar_subquery(),
        Kind.DUPLICATE: _total(_namesakes(election.id)),
        Kind.NO_ARRIVAL: without_arrival_count(election.id),
        Kind.OVERDUE_REQUEST: overdue_count(election.id, now),
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
    return ", ".join(row.acronym or str(getattr(row, f"name_{language}")) for row in senders)
