"""Meetings as read by pages and by the conflict rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.meetings.models import (
    FollowUp,
    Meeting,
    MeetingDocument,
    MeetingParticipant,
    MeetingPlan,
    MeetingRequest,
    MeetingStatus,
    PlanRow,
    RequestStatus,
    RequestStep,
    meeting_delegations,
    meeting_officials,
)
from tracker.meetings.rules import BOOKED, OPEN
from tracker.observers.models import Observer


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


def uninvited(election_id: int) -> sa.Select[Meeting]:
    """Confirmed meetings ahead to which nobody was invited yet, by time."""
    return (
        sa.select(Meeting)
        .where(
            Meeting.election_id == election_id,
            Meeting.status == MeetingStatus.SCHEDULED,
            Meeting.starts_at > clock.now(),
            Meeting.invited_at.is_(None),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )


def uninvited_count(election_id: int) -> int:
    """How many confirmed meetings ahead there are to which nobody was invited yet."""
    query = sa.select(sa.func.count()).select_from(uninvited(election_id).subquery())
    return db.session.scalar(query) or 0


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


def meetings_on_for(election: Election, day: date, official_id: int) -> Sequence[Meeting]:
    """One official's meetings that begin on a local day, by time."""
    start, end = _span(election, day, 1)
    query = sa.select(Meeting).where(
        Meeting.election_id == election.id,
        Meeting.starts_at >= start,
        Meeting.starts_at < end,
        _has_official(official_id),
    )
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).all()


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
    owed_on: date | None = None  # something was to follow before this day, and is not done


def _is_owed(today: date) -> sa.ColumnElement[bool]:
    """The condition that `FollowUp.is_overdue` states, for the database."""
    return sa.and_(FollowUp.done_at.is_(None), FollowUp.due_on < today)


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
    if wanted.owed_on:
        query = query.where(
            sa.exists().where(FollowUp.meeting_id == Meeting.id, _is_owed(wanted.owed_on))
        )
    return query


def all_meetings(query: sa.Select[Meeting, datetime, int]) -> Iterable[Meeting]:
    """Every meeting of a query, by time."""
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id))


def meetings_page(
    query: sa.Select[Meeting, datetime, int], cursor: str | None, *, latest_first: bool = False
) -> Page:
    """One page of meetings by time."""
    keys = (Meeting.starts_at, Meeting.id)
    return keyset(query, keys=keys, cursor=cursor, descending=latest_first)


def requests_query(
    actor: Actor,
    election: Election,
    *,
    status: RequestStatus | None = None,
    delegation_id: int | None = None,
    is_open: bool = False,
) -> sa.Select[MeetingRequest, datetime, int]:
    """The requests within the actor's scope that match, in no order yet."""
    query = sa.select(MeetingRequest, MeetingRequest.created_at, MeetingRequest.id).where(
        MeetingRequest.election_id == election.id
    )
    if actor.delegation_ids is not None:
        query = query.where(MeetingRequest.delegation_id.in_(actor.delegation_ids))
    if status:
        query = query.where(MeetingRequest.status == status)
    if is_open:
        query = query.where(MeetingRequest.status.in_(OPEN))
    return query.where(MeetingRequest.delegation_id == delegation_id) if delegation_id else query


def all_requests(query: sa.Select[MeetingRequest, datetime, int]) -> Iterable[MeetingRequest]:
    """Every request of a query, the oldest first."""
    found = db.session.scalars(query.order_by(MeetingRequest.created_at, MeetingRequest.id))
    return found.unique()


def requests_page(query: sa.Select[MeetingRequest, datetime, int], cursor: str | None) -> Page:
    """One page of requests, the newest first."""
    keys = (MeetingRequest.created_at, MeetingRequest.id)
    return keyset(query, keys=keys, cursor=cursor, descending=True)


def request_counts(actor: Actor, election_id: int) -> dict[RequestStatus, int]:
    """How many requests there are in each status, within the actor's scope."""
    query = sa.select(MeetingRequest.status, sa.func.count()).where(
        MeetingRequest.election_id == election_id
    )
    if actor.delegation_ids is not None:
        query = query.where(MeetingRequest.delegation_id.in_(actor.delegation_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(MeetingRequest.status))}


def open_request_count(actor: Actor, election_id: int) -> int:
    """How many requests wait for an answer, within the actor's scope."""
    counts = request_counts(actor, election_id)
    return sum(counts.get(status, 0) for status in OPEN)


def request_for(actor: Actor, election_id: int, request_id: int) -> MeetingRequest:
    """The request; raises `NotFound`, also outside the actor's scope."""
    query = sa.select(MeetingRequest).where(
        MeetingRequest.id == request_id, MeetingRequest.election_id == election_id
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such request."))
    return found


def waiting_requests(election_id: int, limit: int) -> Sequence[MeetingRequest]:
    """Requests for which no time is found yet, the most urgent first."""
    query = sa.select(MeetingRequest).where(
        MeetingRequest.election_id == election_id,
        MeetingRequest.status == RequestStatus.RECEIVED,
    )
    query = query.order_by(MeetingRequest.priority, MeetingRequest.created_at, MeetingRequest.id)
    return db.session.scalars(query.limit(limit)).unique().all()


def requests_to_plan(election_id: int, *, with_booked: bool) -> Sequence[MeetingRequest]:
    """What a plan is made of: what waits, and with `with_booked` what might move, by id."""
    wanted = {RequestStatus.RECEIVED, *(BOOKED if with_booked else ())}
    query = sa.select(MeetingRequest).where(
        MeetingRequest.election_id == election_id, MeetingRequest.status.in_(wanted)
    )
    return db.session.scalars(query.order_by(MeetingRequest.id)).unique().all()


def steps_of(request_id: int) -> Sequence[RequestStep]:
    """The steps of a request's life, oldest first."""
    query = sa.select(RequestStep).where(RequestStep.request_id == request_id)
    return db.session.scalars(query.order_by(RequestStep.id)).all()


def asked_for(meeting_id: int) -> Sequence[MeetingRequest]:
    """The requests that a meeting answers, by id."""
    query = sa.select(MeetingRequest).where(MeetingRequest.meeting_id == meeting_id)
    return db.session.scalars(query.order_by(MeetingRequest.id)).unique().all()


def plan_for(election_id: int, plan_id: int) -> MeetingPlan:
    """The plan; raises `NotFound`."""
    found = db.session.get(MeetingPlan, plan_id)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such plan."))
    return found


def plans(election_id: int, limit: int = 20) -> Sequence[MeetingPlan]:
    """The latest plans, the newest first."""
    query = sa.select(MeetingPlan).where(MeetingPlan.election_id == election_id)
    return db.session.scalars(query.order_by(MeetingPlan.id.desc()).limit(limit)).all()


def rows_of_plan(plan_id: int) -> Sequence[PlanRow]:
    """What a plan says of each request: by time, those without a place last."""
    query = sa.select(PlanRow).where(PlanRow.plan_id == plan_id)
    order = (PlanRow.starts_at.is_(None), PlanRow.starts_at, PlanRow.request_id)
    return db.session.scalars(query.order_by(*order)).unique().all()


@dataclass(frozen=True)
class Participant:
    """An observer who is named for a meeting, or might be."""

    accreditation_id: int
    name: str
    delegation_id: int
    was_present: bool | None = None


def participants_of(meeting_id: int) -> list[Participant]:
    """Who is named for a meeting, by name."""
    return participants_by_meeting([meeting_id]).get(meeting_id, [])


def participants_by_meeting(
    meeting_ids: Sequence[int], delegation_id: int | None = None
) -> dict[int, list[Participant]]:
    """Who is named for each of the meetings (of one delegation only), by name."""
    query = (
        sa.select(
            Accreditation.id,
            Observer.given_names,
            Observer.surname,
            Accreditation.delegation_id,
            MeetingParticipant.was_present,
            MeetingParticipant.meeting_id,
        )
        .join(MeetingParticipant, MeetingParticipant.accreditation_id == Accreditation.id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(MeetingParticipant.meeting_id.in_(meeting_ids))
    )
    if delegation_id is not None:
        query = query.where(Accreditation.delegation_id == delegation_id)
    found: dict[int, list[Participant]] = defaultdict(list)
    for row in db.session.execute(query.order_by(Observer.sort_key, Accreditation.id)):
        found[row.meeting_id].append(_participant(row, row.was_present))
    return found


def _participant(row: Any, was_present: bool | None = None) -> Participant:
    name = f"{row.given_names} {row.surname}".strip()
    return Participant(row.id, name, row.delegation_id, was_present)


def who_may_come(delegation_ids: Sequence[int], limit: int = 300) -> list[Participant]:
    """The live members of delegations, by name."""
    query = (
        sa.select(
            Accreditation.id, Observer.given_names, Observer.surname, Accreditation.delegation_id
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(Accreditation.delegation_id.in_(delegation_ids), Accreditation.is_live)
    )
    if not delegation_ids:
        return []
    rows = db.session.execute(query.order_by(Observer.sort_key, Accreditation.id).limit(limit))
    return [_participant(row) for row in rows]


def documents_of(meeting: Meeting) -> Sequence[MeetingDocument]:
    """The papers of a meeting, oldest first."""
    query = sa.select(MeetingDocument).where(MeetingDocument.meeting_id == meeting.id)
    return db.session.scalars(query.order_by(MeetingDocument.id)).all()


def document_for(meeting: Meeting, document_id: int) -> MeetingDocument:
    """One paper of the meeting; raises `NotFound`."""
    found = db.session.get(MeetingDocument, document_id)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(N_("There is no such document."))
    return found


def follow_ups_of(meeting: Meeting) -> Sequence[FollowUp]:
    """What is to follow the meeting: open first, by day."""
    query = sa.select(FollowUp).where(FollowUp.meeting_id == meeting.id)
    order = (FollowUp.done_at.is_not(None), FollowUp.due_on.is_(None), FollowUp.due_on)
    return db.session.scalars(query.order_by(*order, FollowUp.id)).all()


def overdue_follow_ups(election_id: int, today: date) -> Any:
    """How many tasks after meetings are overdue, as a part of another statement."""
    query = sa.select(sa.func.count(FollowUp.id)).join(Meeting)
    return query.where(Meeting.election_id == election_id, _is_owed(today)).scalar_subquery()
