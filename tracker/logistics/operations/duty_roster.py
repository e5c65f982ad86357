"""What changes the roster: a shift, many at once, and what may no longer be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.accounts.queries import user_for
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, NotFound, Refused, Several, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.duty import DutyFunction, DutyShift, HandOver
from tracker.logistics.rules.duty import LONGEST_PATTERN, LONGEST_SHIFT, Turn, days_between
from tracker.logistics.rules.movements import clock_fault, is_near


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is on duty: an account or a name, and under which number they are called."""

    user_id: int | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class ShiftDetails:
    """Who is on duty as what, from when to when."""

    function: DutyFunction
    person: Person
    starts_at: datetime
    ends_at: datetime


def _faults(election: Election, details: ShiftDetails) -> list[Refused]:
    found = []
    person = details.person
    if (person.user_id is None) == (person.name is None):
        found.append(Refused(N_("Choose an account or give a name, one of them."), field="name"))
    elif person.user_id is not None:
        try:
            user_for(person.user_id)
        except NotFound:
            found.append(Refused(N_("There is no such account."), field="user_id"))
    if details.ends_at <= details.starts_at:
        found.append(Refused(N_("A shift ends after it starts."), field="ends"))
    elif details.ends_at - details.starts_at > LONGEST_SHIFT:
        found.append(Refused(N_("A shift lasts a day at most."), field="ends"))
    if not is_near(clock.local(details.starts_at, election.time_zone).date(), election.election_on):
        found.append(Refused(N_("This day is far from election day. Check the year."), field="day"))
    return found


def _fill(shift: DutyShift, details: ShiftDetails) -> None:
    shift.function = details.function
    shift.user_id, shift.name = details.person.user_id, details.person.name
    shift.phone = details.person.phone
    shift.starts_at, shift.ends_at = details.starts_at, details.ends_at


def plan_shift(*, actor: Actor, election: Election, details: ShiftDetails) -> DutyShift:
    """Enter a shift; the page points out double bookings, which nobody is refused."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if faults := _faults(election, details):
        raise Several(faults)
    shift = DutyShift(election_id=election.id, created_by=actor.name)
    _fill(shift, details)
    db.session.add(shift)
    db.session.flush()
    return shift


def repeat_shifts(
    *,
    actor: Actor,
    election: Election,
    function: DutyFunction,
    turns: Sequence[tuple[Turn, Person]],
    first: date,
    last: date,
) -> list[DutyShift]:
    """Enter the same turns on every day from the first to the last, all of them or none."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if not first <= last <= first + timedelta(days=LONGEST_PATTERN - 1):
        raise Refused(
            N_("Give days in order, %(most)s at most."), field="last", most=LONGEST_PATTERN
        )
    made = []
    for day in days_between(first, last):
        for turn, person in turns:
            _check_clocks(turn, day, election.time_zone)
            starts_at, ends_at = turn.on(day, election.time_zone)
            details = ShiftDetails(
                function=function, person=person, starts_at=starts_at, ends_at=ends_at
            )
            made.append(plan_shift(actor=actor, election=election, details=details))
    return made


def _check_clocks(turn: Turn, day: date, time_zone: str) -> None:
    last = day + timedelta(days=1) if turn.ends <= turn.starts else day
    for typed in (datetime.combine(day, turn.starts), datetime.combine(last, turn.ends)):
        if clock_fault(typed, time_zone):
            raise Refused(
                N_("On %(day)s the clocks change and show no such time, or show it twice."),
                field="first",
                day=typed.date(),
            )


def change_shift(
    *,
    actor: Actor,
    election: Election,
    shift: DutyShift,
    details: ShiftDetails,
    seen_version: int,
) -> DutyShift:
    """Change a shift that nobody has handed over yet; raises `Stale`."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if shift.version != seen_version:
        raise Stale(
            N_(
                "This record was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(shift, name), getattr(details.person, name))
                for name in ("name", "phone")
                if getattr(shift, name) != getattr(details.person, name)
            ],
        )
    _check_not_handed_over(shift)
    if faults := _faults(election, details):
        raise Several(faults)
    _fill(shift, details)
    db.session.flush()
    db.session.expire(shift, ["user"])
    return shift


def delete_shift(*, actor: Actor, shift: DutyShift) -> None:
    """Take a shift that nobody has handed over off the roster; the record keeps it."""
    actor.require(Capability.MANAGE_LOGISTICS)
    _check_not_handed_over(shift)
    db.session.delete(shift)
    db.session.flush()


def _check_not_handed_over(shift: DutyShift) -> None:
    query = sa.select(HandOver.id).where(HandOver.shift_id == shift.id).limit(1)
    if db.session.scalar(query) is not None:
        raise Refused(N_("This shift was handed over; it stays as it was."))
