"""Free times for a meeting that is being typed: who is free when, ranked, with reasons.

It gathers what the planner has to know (hours, engagements, halls) and puts names in the place of
keys in what the planner says.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.elections.rules import local_moment
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_, localized, say
from tracker.meetings.conflicts import Busy, Reason, Resource, Window
from tracker.meetings.models import MeetingBooking
from tracker.meetings.operations import MeetingDetails
from tracker.meetings.planner import propose, why_not
from tracker.meetings.planner_problem import (
    REASONS,
    Placement,
    Problem,
    Request,
)
from tracker.meetings.queries import sender_name
from tracker.officials.models import Hall, Official
from tracker.officials.queries import halls

DAYS = 7  # looked at, beginning with the day that is typed
OFFICE = (time(9), time(18))  # local; of officials for whom no hours are kept
AWAKE = (time(8), time(20))  # local; of delegations
MOST = 6


@dataclass(frozen=True)
class Free:
    """A free time, local, with what speaks for it."""

    starts: datetime
    ends: datetime
    hall_id: int | None
    hall: str
    reasons: list[str]


def free_times(
    election: Election, details: MeetingDetails, *, with_hall: bool
) -> tuple[list[Free], str]:
    """Ranked free times from the typed day on; if there are none, the reason why."""
    if not details.official_ids:
        raise Refused(N_("Choose at least one official."), field="officials")
    officials = _all(Official, details.official_ids)
    delegations = _all(Delegation, details.delegation_ids)
    first = clock.local(details.starts_at, election.time_zone).date()
    today = clock.local(clock.now(), election.time_zone).date()
    days = tuple(max(first, today) + timedelta(days=number) for number in range(DAYS))
    rooms = list(halls(only_active=True)) if with_hall else []
    problem = _problem(election, days, officials, delegations, rooms)
    request = Request(
        key=0,
        delegations=tuple(f"delegation:{row.id}" for row in delegations),
        length=details.ends_at - details.starts_at,
        all_of=tuple(f"official:{row.id}" for row in officials),
        people=details.people or 1,
        wished_days=(first,),
        hall_needed=with_hall,
    )
    names = _names(officials, delegations, rooms)
    found = [
        _free(election, proposal.placement, proposal.reasons, names)
        for proposal in propose(problem, (), request, limit=MOST)
    ]
    missing = None if found else why_not(problem, (), request)
    return found, said(Reason(missing.code, missing.params), names) if missing else ""


def _all(model: Any, ids: Iterable[int]) -> Sequence[Any]:
    query = sa.select(model).where(model.id.in_(list(ids))).order_by(model.id)
    return db.session.scalars(query).unique().all()


def _span(election: Election, days: Iterable[date], hours: tuple[time, time]) -> list[Window]:
    zone = election.time_zone
    return [
        Window(local_moment(day, hours[0], zone), local_moment(day, hours[1], zone)) for day in days
    ]


def _windows(election: Election, days: Sequence[date], official: Official) -> tuple[Window, ...]:
    if not official.hours:
        return tuple(_span(election, days, OFFICE))
    return tuple(
        window
        for row in official.hours
        for window in _span(
            election, (day for day in days if day.weekday() == row.weekday), (row.starts, row.ends)
        )
    )


def _busy(election: Election, days: Sequence[date]) -> dict[str, list[Busy]]:
    """What is booked on these days, by resource; the past counts as taken."""
    start = local_moment(days[0], time(0), election.time_zone)
    end = local_moment(days[-1] + timedelta(days=1), time(0), election.time_zone)
    query = sa.select(
        MeetingBooking.resource, MeetingBooking.starts_at, MeetingBooking.ends_at
    ).where(MeetingBooking.starts_at < end, MeetingBooking.ends_at > start)
    found: dict[str, list[Busy]] = defaultdict(list)
    for resource, starts_at, ends_at in db.session.execute(query):
        found[resource].append(Busy(starts_at, ends_at))
    return found


def _problem(
    election: Election,
    days: tuple[date, ...],
    officials: Sequence[Official],
    delegations: Sequence[Delegation],
    rooms: Sequence[Hall],
) -> Problem:
    taken = _busy(election, days)
    past = Busy(local_moment(days[0], time(0), election.time_zone), clock.now())
    gone = (past,) if past.starts_at < past.ends_at else ()

    def busy(key: str) -> tuple[Busy, ...]:
        return (*gone, *taken.get(key, ()))

    resources = [
        Resource(
            f"official:{row.id}",
            windows=_windows(election, days, row),
            busy=busy(f"official:{row.id}"),
        )
        for row in officials
    ]
    awake = tuple(_span(election, days, AWAKE))
    resources += [
        Resource(f"delegation:{row.id}", windows=awake, busy=busy(f"delegation:{row.id}"))
        for row in delegations
    ]
    resources += [
        Resource(f"hall:{row.id}", busy=busy(f"hall:{row.id}"), capacity=row.capacity)
        for row in rooms
    ]
    return Problem(requests=(), resources=tuple(resources), time_zone=election.time_zone, days=days)


def _names(
    officials: Sequence[Official], delegations: Sequence[Delegation], rooms: Sequence[Hall]
) -> dict[str, str]:
    names = {f"official:{row.id}": localized(row, "name") for row in officials}
    names |= {f"delegation:{row.id}": sender_name(row.organization) for row in delegations}
    return names | {f"hall:{row.id}": localized(row, "name") for row in rooms}


def said(reason: Reason, names: dict[str, str]) -> str:
    """A reason in the reader's words, with names in the place of keys."""

    def named(value: object) -> Any:
        if isinstance(value, str):
            return names.get(value, value)
        return [named(item) for item in value] if isinstance(value, tuple) else value

    return say(REASONS[reason.code], {name: named(value) for name, value in reason.params.items()})


def _free(
    election: Election, placement: Placement, reasons: Iterable[Reason], names: dict[str, str]
) -> Free:
    hall = placement.hall
    return Free(
        starts=clock.local(placement.starts_at, election.time_zone),
        ends=clock.local(placement.ends_at, election.time_zone),
        hall_id=int(hall.split(":")[1]) if hall else None,
        hall=names.get(hall or "", ""),
        reasons=[
            said(reason, names) for reason in reasons if reason.code != "no_interpreter_needed"
        ],
    )
