"""What the page of one delegation shows, from all parts, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.accreditation.queries import missing_of
from tracker.accreditation.rules import LIVE_STATUSES, Missing
from tracker.credentials.models import CertificateStatus
from tracker.credentials.receipts import counts_of_delegation, unconfirmed_count
from tracker.delegations.messages import threads
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.lists.models import ListStatus, ObserverList
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.logistics.queries.assistance import open_requests_of
from tracker.meetings.models import Meeting, MeetingRequest, MeetingStatus, RequestStatus
from tracker.meetings.queries import meetings_of_delegation
from tracker.observers.models import Observer
from tracker.portal.rules import Facts

MOST = 12
OPEN_REQUESTS = (RequestStatus.RECEIVED, RequestStatus.PROPOSED)


@dataclass(frozen=True)
class Lacking:
    """Somebody in the register of whom something is missing."""

    accreditation_id: int
    name: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a delegation stands, as its own people see it."""

    numbers: dict[AccreditationStatus, int]
    lists: Sequence[ObserverList]
    lacking: Sequence[Lacking]
    meetings: Sequence[Meeting]
    meeting_requests: Sequence[MeetingRequest]
    assistance: Sequence[AssistanceRequest]
    certificates: dict[CertificateStatus, int]
    facts: Facts


def standing_of(
    actor: Actor, election: Election, delegation: Delegation, *, now: datetime, is_secured: bool
) -> Standing:
    """All of it; of drafts and lists the latest `MOST`, of numbers everything."""
    numbers = _numbers(delegation.id)
    facts = Facts(
        **_list_numbers(delegation.id),
        messages=sum(
            thread.delegation.id == delegation.id and thread.waits_for(actor)
            for thread in threads(actor, election.id)
        ),
        incomplete=numbers.get(AccreditationStatus.DRAFT, 0),
        entered=sum(number for status, number in numbers.items() if status in LIVE_STATUSES),
        receipts=unconfirmed_count(delegation.id),
        has_second_factor=is_secured,
    )
    return Standing(
        numbers=numbers,
        lists=_lists(delegation.id),
        lacking=_lacking(election, delegation.id),
        meetings=[
            row
            for row in meetings_of_delegation(election.id, delegation.id)
            if row.status is not MeetingStatus.CANCELLED and row.ends_at >= now
        ],
        meeting_requests=_meeting_requests(delegation.id),
        assistance=open_requests_of(delegation.id),
        certificates=counts_of_delegation(delegation.id),
        facts=facts,
    )


def _numbers(delegation_id: int) -> dict[AccreditationStatus, int]:
    """How many people there are of each status: those whom the list shows, support staff, too."""
    status = Accreditation.status
    query = sa.select(status, sa.func.count()).where(Accreditation.delegation_id == delegation_id)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(status))}


def _is_kept(delegation_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        ObserverList.delegation_id == delegation_id,
        ObserverList.status.not_in((ListStatus.DISCARDED, ListStatus.UNDONE)),
    )


def _list_numbers(delegation_id: int) -> dict[str, int]:
    """How many lists wait for the delegation, and how many it has sent, as facts name them."""
    row = ObserverList
    with_us = sa.and_(row.is_with_delegation, row.status == ListStatus.CHECKED)
    fresh = sa.and_(with_us, row.return_reason.is_(None))
    problems = sa.func.coalesce(row.facts["counts", "problem"].as_integer(), 0)
    wanted = {
        "returned_lists": sa.and_(with_us, row.return_reason.is_not(None)),
        "lists_to_mend": sa.and_(fresh, problems > 0),
        "lists_to_send": sa.and_(fresh, problems == 0),
        "sent_lists": row.sent_at.is_not(None),
    }
    counts = (sa.func.count().filter(condition) for condition in wanted.values())
    numbers = db.session.execute(sa.select(*counts).where(_is_kept(delegation_id))).one()
    return dict(zip(wanted, numbers, strict=True))


def _lists(delegation_id: int) -> Sequence[ObserverList]:
    query = (
        sa.select(ObserverList)
        .where(_is_kept(delegation_id))
        .order_by(ObserverList.id.desc())
        .limit(MOST)
    )
    return db.session.scalars(query).all()


def _lacking(election: Election, delegation_id: int) -> list[Lacking]:
    query = (
        sa.select(Accreditation.id, Observer.surname, Observer.given_names)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.delegation_id == delegation_id,
            Accreditation.status == AccreditationStatus.DRAFT,
        )
        .order_by(Accreditation.sort_name, Accreditation.id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    missing = missing_of(election, [row.id for row in rows])
    return [
        Lacking(row.id, f"{row.surname} {row.given_names}".strip(), missing[row.id]) for row in rows
    ]


def _meeting_requests(delegation_id: int) -> Sequence[MeetingRequest]:
    query = (
        sa.select(MeetingRequest)
        .where(
            MeetingRequest.delegation_id == delegation_id,
            MeetingRequest.status.in_(OPEN_REQUESTS),
        )
        .order_by(MeetingRequest.id.desc())
        .limit(MOST)
    )
    return db.session.scalars(query).all()
