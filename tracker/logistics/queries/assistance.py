"""Assistance requests as read: lists, the board, one request, what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import format_timedelta

from tracker.accounts.models import User
from tracker.accreditation.models import Accreditation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.permissions import Capability
from tracker.logistics.models.assistance import (
    AssistanceAttachment,
    AssistanceComment,
    AssistanceKind,
    AssistanceRequest,
    AssistanceStatus,
    AssistanceStep,
    AssistanceWatcher,
    CannedAnswer,
)
from tracker.logistics.rules.assistance import OPEN, OURS, SETTLED, is_overdue
from tracker.meetings.models import Meeting
from tracker.observers.models import Observer
from tracker.organizations.labels import sender_name

Requests = sa.Select[AssistanceRequest, datetime, datetime, int, int]
# What waits for a delegation comes after what headquarters owes.
WAITS = sa.case((AssistanceRequest.status.in_(OURS), 0), else_=1).label("waits")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What narrows the list of requests; None and False for everything."""

    status: AssistanceStatus | None = None
    kind: AssistanceKind | None = None
    delegation_id: int | None = None
    assignee_id: int | None = None
    is_open: bool = False
    overdue_at: datetime | None = None


def overdue(now: datetime) -> sa.ColumnElement[bool]:
    """The condition that `rules.is_overdue` states, for the database."""
    return sa.and_(AssistanceRequest.status.in_(OURS), AssistanceRequest.due_at < now)


def _scoped(query: Any, actor: Actor) -> Any:
    if actor.delegation_ids is None:
        return query
    return query.where(AssistanceRequest.delegation_id.in_(actor.delegation_ids))


def requests_query(actor: Actor, election_id: int, wanted: Wanted) -> Requests:
    """The requests within the actor's scope that match, in no order yet."""
    row = AssistanceRequest
    query: Requests = _scoped(
        sa.select(row, row.created_at, row.due_at, row.id, WAITS).where(
            row.election_id == election_id
        ),
        actor,
    )
    for column, value in (
        (row.status, wanted.status),
        (row.kind, wanted.kind),
        (row.delegation_id, wanted.delegation_id),
        (row.assignee_id, wanted.assignee_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.is_open:
        query = query.where(row.status.in_(OPEN))
    return query.where(overdue(wanted.overdue_at)) if wanted.overdue_at else query


def requests_page(query: Requests, cursor: str | None, *, by_due: bool = False) -> Page:
    """One page of requests: the newest first, or `by_due` what is owed soonest."""
    row = AssistanceRequest
    keys = (WAITS, row.due_at, row.id) if by_due else (row.created_at, row.id)
    return keyset(query, keys=keys, cursor=cursor, descending=not by_due)


@dataclass(frozen=True)
class Counts:
    """How many requests there are within the actor's scope."""

    by_status: dict[AssistanceStatus, int]
    overdue: int
    mine: int

    @property
    def open(self) -> int:
        """Those that are not settled."""
        return sum(self.by_status.get(status, 0) for status in OPEN)


def counts_of(actor: Actor, election_id: int, now: datetime) -> Counts:
    """The numbers beside the views, in one statement."""
    row = AssistanceRequest
    mine = sa.and_(row.status.in_(OPEN), row.assignee_id == (actor.user_id or 0))
    number = sa.func.count()
    query = sa.select(row.status, number, number.filter(overdue(now)), number.filter(mine)).where(
        row.election_id == election_id
    )
    found = db.session.execute(_scoped(query, actor).group_by(row.status)).all()
    return Counts(
        {status: count for status, count, _overdue, _mine in found},
        sum(line[2] for line in found),
        sum(line[3] for line in found),
    )


# How long a request has been open, up to so many hours; None for longer.
AGES: tuple[int | None, ...] = (1, 4, 24, None)


def open_by_age(election_id: int, now: datetime) -> dict[int | None, int]:
    """How many requests are open by how long they have been, in one statement."""
    row = AssistanceRequest
    bounds = [now - timedelta(hours=hours) if hours else None for hours in AGES]
    columns = []
    for after, before in zip(bounds, [None, *bounds], strict=False):
        within = [row.created_at > after] if after else []
        within += [row.created_at <= before] if before else []
        columns.append(sa.func.count().filter(*within))
    query = sa.select(*columns).where(row.election_id == election_id, row.status.in_(OPEN))
    return dict(zip(AGES, db.session.execute(query).one(), strict=True))


def due_soonest(actor: Actor, election_id: int, limit: int) -> Sequence[AssistanceRequest]:
    """The open requests within the actor's scope that headquarters owes soonest."""
    query = requests_query(actor, election_id, Wanted(is_open=True))
    row = AssistanceRequest
    return db.session.scalars(query.order_by(WAITS, row.due_at, row.id).limit(limit)).unique().all()


@dataclass(frozen=True)
class DayCounts:
    """What a day brought until a moment, and how many requests were open then."""

    raised: int
    settled: int
    open: int


def day_counts(election_id: int, start: datetime, moment: datetime) -> DayCounts:
    """The requests between the start of a day and a moment of it, by their history."""
    row, step = AssistanceRequest, AssistanceStep
    last = (
        sa.select(sa.func.max(step.id))
        .where(step.assistance_id == row.id, step.recorded_at <= moment)
        .correlate(row)
        .scalar_subquery()
    )
    number = sa.func.count()
    query = (
        sa.select(
            number.filter(row.created_at >= start),
            number.filter(step.to_status.in_(SETTLED), step.recorded_at >= start),
            number.filter(step.to_status.in_(OPEN)),
        )
        .select_from(row)
        .join(step, step.id == last)
        .where(row.election_id == election_id)
    )
    return DayCounts(*db.session.execute(query).one())


def overdue_requests(actor: Actor, election_id: int, now: datetime) -> Sequence[AssistanceRequest]:
    """What headquarters owes by now within the actor's scope, the longest owed first."""
    query = requests_query(actor, election_id, Wanted(overdue_at=now))
    row = AssistanceRequest
    return db.session.scalars(query.order_by(row.due_at, row.id)).unique().all()


def overdue_count(election_id: int, now: datetime) -> Any:
    """How many requests of an election are overdue, as a part of another statement."""
    query = sa.select(sa.func.count(AssistanceRequest.id))
    return query.where(AssistanceRequest.election_id == election_id, overdue(now)).scalar_subquery()


def open_board(
    actor: Actor, election_id: int, limit: int
) -> dict[AssistanceStatus, list[AssistanceRequest]]:
    """What is open by status, in each what is owed soonest, at most `limit` a column."""
    row = AssistanceRequest
    place = sa.func.row_number().over(partition_by=row.status, order_by=(row.due_at, row.id))
    ranked = _scoped(
        sa.select(row.id, place.label("place")).where(
            row.election_id == election_id, row.status.in_(OPEN)
        ),
        actor,
    ).subquery()
    query = sa.select(row).join(ranked, ranked.c.id == row.id).where(ranked.c.place <= limit)
    columns: dict[AssistanceStatus, list[AssistanceRequest]] = {
        status: [] for status in AssistanceStatus if status in OPEN
    }
    for found in db.session.scalars(query.order_by(row.due_at, row.id)).unique():
        columns[found.status].append(found)
    return columns


def settled_last(actor: Actor, election_id: int, limit: int) -> Sequence[AssistanceRequest]:
    """What was settled last, the latest first."""
    row = AssistanceRequest
    query = sa.select(row).where(row.election_id == election_id, row.status.in_(SETTLED))
    query = _scoped(query, actor).order_by(row.settled_at.desc(), row.id.desc())
    return db.session.scalars(query.limit(limit)).unique().all()


def open_requests_of(delegation_id: int, limit: int = 20) -> Sequence[AssistanceRequest]:
    """What a delegation asks for and has not got yet, what is owed soonest first."""
    row = AssistanceRequest
    query = sa.select(row).where(row.delegation_id == delegation_id, row.status.in_(OPEN))
    return db.session.scalars(query.order_by(row.due_at, row.id).limit(limit)).unique().all()


def shown_request(row: AssistanceRequest, election: Election, now: datetime) -> dict[str, Any]:
    """A request as lists and cards show it."""
    zone = election.time_zone
    age = (row.settled_at or now) - row.created_at
    return {
        "request": row,
        "delegation": sender_name(row.delegation.organization),
        "asked": clock.local(row.created_at, zone),
        "due": clock.local(row.due_at, zone),
        "settled": clock.local(row.settled_at, zone) if row.settled_at else None,
        "age": format_timedelta(max(age, timedelta(minutes=1))),
        "is_overdue": is_overdue(row.status, row.due_at, now),
        "is_open": row.status in OPEN,
        "assignee": row.assignee.name if row.assignee else None,
    }


def request_for(actor: Actor, election_id: int, assistance_id: int) -> AssistanceRequest:
    """The request; raises `NotFound`, also outside the actor's scope."""
    query = sa.select(AssistanceRequest).where(
        AssistanceRequest.id == assistance_id, AssistanceRequest.election_id == election_id
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such assistance request."))
    return found


def request_by_number(election_id: int, number: int) -> AssistanceRequest | None:
    """The request of this number in the election."""
    query = sa.select(AssistanceRequest).where(
        AssistanceRequest.number == number, AssistanceRequest.election_id == election_id
    )
    return db.session.scalars(query).unique().one_or_none()


def observer_name(accreditation_id: int | None) -> str:
    """The name of the observer whom a request concerns; empty where it concerns none."""
    query = sa.select(Observer.given_names, Observer.surname).join(
        Accreditation, Accreditation.observer_id == Observer.id
    )
    found = db.session.execute(query.where(Accreditation.id == (accreditation_id or 0))).first()
    return f"{found.given_names} {found.surname}".strip() if found else ""


def meeting_title(meeting_id: int | None) -> str:
    """The title of the meeting that a request concerns; empty where it concerns none."""
    query = sa.select(Meeting.title).where(Meeting.id == (meeting_id or 0))
    return db.session.scalar(query) or ""


def duplicates_of(assistance_id: int) -> Sequence[AssistanceRequest]:
    """The requests that were closed as duplicates of this one, by number."""
    query = sa.select(AssistanceRequest).where(AssistanceRequest.duplicate_of_id == assistance_id)
    return db.session.scalars(query.order_by(AssistanceRequest.number)).unique().all()


def steps_of(assistance_id: int) -> Sequence[AssistanceStep]:
    """The steps of a request's life, oldest first."""
    query = sa.select(AssistanceStep).where(AssistanceStep.assistance_id == assistance_id)
    return db.session.scalars(query.order_by(AssistanceStep.id)).all()


def comments_of(actor: Actor, assistance_id: int) -> Sequence[AssistanceComment]:
    """What was said about a request, oldest first; a delegation never reads internal comments."""
    query = sa.select(AssistanceComment).where(AssistanceComment.assistance_id == assistance_id)
    if not actor.may(Capability.VIEW_HEADQUARTERS):
        query = query.where(AssistanceComment.is_internal.is_(False))
    return db.session.scalars(query.order_by(AssistanceComment.id)).all()


def watchers_of(assistance_id: int) -> Sequence[tuple[int, str]]:
    """The identities and names of those who follow a request, by name."""
    query = (
        sa.select(User.id, User.name)
        .join(AssistanceWatcher, AssistanceWatcher.user_id == User.id)
        .where(AssistanceWatcher.assistance_id == assistance_id)
    )
    found = db.session.execute(query.order_by(User.name, User.id))
    return [(row.id, row.name) for row in found]


def attachments_of(assistance_id: int) -> Sequence[AssistanceAttachment]:
    """The papers of a request, oldest first."""
    row = AssistanceAttachment
    query = sa.select(row).where(row.assistance_id == assistance_id)
    return db.session.scalars(query.order_by(row.id)).all()


def attachment_for(request: AssistanceRequest, attachment_id: int) -> AssistanceAttachment:
    """One paper of the request; raises `NotFound`."""
    found = db.session.get(AssistanceAttachment, attachment_id)
    if found is None or found.assistance_id != request.id:
        raise NotFound(N_("There is no such document."))
    return found


def canned_answers() -> Sequence[CannedAnswer]:
    """The ready answers by their English title."""
    query = sa.select(CannedAnswer).order_by(CannedAnswer.title_en, CannedAnswer.id)
    return db.session.scalars(query).all()


def canned_answer_for(answer_id: int) -> CannedAnswer:
    """One ready answer; raises `NotFound`."""
    found = db.session.get(CannedAnswer, answer_id)
    if found is None:
        raise NotFound(N_("There is no such answer."))
    return found
