"""What one shift tells the next: what is open, what comes, and who has taken over what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.logistics.models.assistance import AssistanceRequest, Priority
from tracker.logistics.models.duty import DutyNote, DutyShift, HandOver, TakeOver
from tracker.logistics.models.movements import Direction, Movement, MovementStatus
from tracker.logistics.queries.assistance import overdue
from tracker.logistics.queries.duty_log import open_notes
from tracker.logistics.queries.duty_roster import on_duty, shifts_between, starting_between
from tracker.logistics.rules.assistance import OPEN
from tracker.logistics.rules.duty import AHEAD, OWED_FOR, ROUND_THE_CLOCK, left_alone
from tracker.meetings.models import Meeting, MeetingStatus


@dataclass(frozen=True)
class Matters:
    """Everything that the next shift has to know, at a moment."""

    notes: Sequence[DutyNote]
    requests: Sequence[AssistanceRequest]
    meetings: Sequence[Meeting]
    arrivals: Sequence[Movement]
    next: Sequence[DutyShift]


def matters(election_id: int, now: datetime) -> Matters:
    """Open notes, requests that press, what the next hours bring, and who comes on duty."""
    return Matters(
        open_notes(election_id),
        _pressing(election_id, now),
        _meetings(election_id, now),
        _arrivals(election_id, now),
        starting_between(election_id, now - timedelta(minutes=30), now + AHEAD),
    )


def _pressing(election_id: int, now: datetime) -> Sequence[AssistanceRequest]:
    row = AssistanceRequest
    query = sa.select(row).where(
        row.election_id == election_id,
        row.status.in_(OPEN),
        sa.or_(row.priority == Priority.URGENT, overdue(now)),
    )
    return db.session.scalars(query.order_by(row.due_at, row.id)).unique().all()


def _meetings(election_id: int, now: datetime) -> Sequence[Meeting]:
    query = sa.select(Meeting).where(
        Meeting.election_id == election_id,
        Meeting.ends_at > now,
        Meeting.starts_at <= now + AHEAD,
        Meeting.status == MeetingStatus.SCHEDULED,
    )
    return db.session.scalars(query.order_by(Meeting.starts_at, Meeting.id)).unique().all()


def _arrivals(election_id: int, now: datetime) -> Sequence[Movement]:
    query = sa.select(Movement).where(
        Movement.election_id == election_id,
        Movement.direction == Direction.ARRIVAL,
        Movement.moves_at > now,
        Movement.moves_at <= now + AHEAD,
        Movement.status != MovementStatus.CANCELLED,
    )
    return db.session.scalars(query.order_by(Movement.moves_at, Movement.id)).all()


def _taken_shifts(election_id: int) -> sa.Select[int | None]:
    return (
        sa.select(HandOver.shift_id)
        .join(TakeOver, TakeOver.hand_over_id == HandOver.id)
        .where(HandOver.election_id == election_id, HandOver.shift_id.is_not(None))
    )


def never_taken_over(election_id: int, now: datetime) -> list[DutyShift]:
    """The duty officers' shifts of the last day that ended with nobody taking over."""
    shifts = shifts_between(election_id, now - OWED_FOR, now + timedelta(minutes=1))
    if not any(each.ends_at <= now for each in shifts):
        return []
    taken = set(db.session.scalars(_taken_shifts(election_id)))
    return [each for each in left_alone(shifts, now) if each.id not in taken]


def shifts_to_hand_over(election_id: int, now: datetime) -> list[DutyShift]:
    """The duty officers' shifts that run, or that ended with nobody taking over; oldest first."""
    taken = set(db.session.scalars(_taken_shifts(election_id)))
    running = [
        each
        for each in on_duty(election_id, now)
        if each.function is ROUND_THE_CLOCK and each.id not in taken
    ]
    return never_taken_over(election_id, now) + running


def hand_over_for(election_id: int, hand_over_id: int) -> HandOver:
    """The hand-over; raises `NotFound`."""
    query = sa.select(HandOver).where(
        HandOver.id == hand_over_id, HandOver.election_id == election_id
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound(N_("There is no such hand-over."))
    return found


def waiting_hand_overs(election_id: int) -> Sequence[HandOver]:
    """What was handed over and nobody has taken over yet, the latest first."""
    query = sa.select(HandOver).where(
        HandOver.election_id == election_id,
        HandOver.id.not_in(sa.select(TakeOver.hand_over_id)),
    )
    return db.session.scalars(query.order_by(HandOver.id.desc())).unique().all()


def hand_overs_of_notes(note_ids: Sequence[int]) -> dict[int, HandOver]:
    """The hand-overs that these notes of the log tell of, by note."""
    query = sa.select(HandOver).where(HandOver.note_id.in_(note_ids))
    return {row.note_id: row for row in db.session.scalars(query).unique()}
