"""Who is on duty: at a moment, in a span, next; other parts ask `on_duty`."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.logistics.models.duty import DutyFunction, DutyShift

_RANK = sa.case(
    {each.value: place for place, each in enumerate(DutyFunction)}, value=DutyShift.function
)


def _shifts(election_id: int, *conditions: sa.ColumnElement[bool]) -> Sequence[DutyShift]:
    query = sa.select(DutyShift).where(DutyShift.election_id == election_id, *conditions)
    query = query.order_by(DutyShift.starts_at, _RANK, DutyShift.id)
    return db.session.scalars(query).unique().all()


def on_duty(election_id: int, moment: datetime) -> list[DutyShift]:
    """Who is on duty at a moment, the duty officer first."""
    found = _shifts(election_id, DutyShift.starts_at <= moment, DutyShift.ends_at > moment)
    ranks = list(DutyFunction)
    return sorted(found, key=lambda each: ranks.index(each.function))


def shifts_between(election_id: int, first: datetime, until: datetime) -> Sequence[DutyShift]:
    """The shifts of which any part lies between two moments, by their start."""
    return _shifts(election_id, DutyShift.starts_at < until, DutyShift.ends_at > first)


def local_span(election: Election, first: date, last: date) -> tuple[datetime, datetime]:
    """When the first of these local days begins, and when the last of them ends."""
    zone = election.time_zone
    end = last + timedelta(days=1)
    return local_moment(first, time(0), zone), local_moment(end, time(0), zone)


def shifts_on(election: Election, first: date, last: date) -> Sequence[DutyShift]:
    """The shifts of which any part lies on these local days, by their start."""
    return shifts_between(election.id, *local_span(election, first, last))


def starting_between(election_id: int, first: datetime, until: datetime) -> Sequence[DutyShift]:
    """The shifts that begin after the first moment and no later than the other."""
    return _shifts(election_id, DutyShift.starts_at > first, DutyShift.starts_at <= until)


def shift_for(election_id: int, shift_id: int) -> DutyShift:
    """The shift; raises `NotFound`."""
    query = sa.select(DutyShift).where(
        DutyShift.id == shift_id, DutyShift.election_id == election_id
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound(N_("There is no such shift."))
    return found
