"""Who is free when: hours, absences and bookings, gathered in few statements for the rules.

The number of statements does not depend on how many people and days are looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.meetings.conflicts import Busy, Resource, Ways, Window
from tracker.meetings.models import MeetingBooking
from tracker.officials.models import Hall, Interpreter, Official
from tracker.officials.queries import blocked_between, official_days_between, travel_times
from tracker.officials.rules import hours_on

OFFICE = (time(9), time(18))  # local; planned hours of officials for whom none are kept
AWAKE = (time(8), time(20))  # local; planned hours of delegations
DAY, SATURDAY = timedelta(days=1), 5


@dataclass(frozen=True)
class People:
    """Who and what meetings may take."""

    officials: Sequence[Official] = ()
    delegations: Sequence[Delegation] = ()
    halls: Sequence[Hall] = ()
    interpreters: Sequence[Interpreter] = ()
    observer_ids: frozenset[int] = frozenset()

    def keys(self) -> list[str]:
        """Everybody, as the database names them."""
        groups = (
            ("official", (row.id for row in self.officials)),
            ("delegation", (row.id for row in self.delegations)),
            ("hall", (row.id for row in self.halls)),
            ("interpreter", (row.id for row in self.interpreters)),
            ("observer", sorted(self.observer_ids)),
        )
        return [f"{name}:{number}" for name, numbers in groups for number in numbers]


def venue_key(institution_id: int | None) -> str | None:
    """How the rules name an institution."""
    return f"institution:{institution_id}" if institution_id else None


def ways() -> Ways:
    """The times between institutions."""
    return {
        (f"institution:{one}", f"institution:{other}"): timedelta(minutes=minutes)
        for (one, other), minutes in travel_times().items()
    }


def resources_on(
    election: Election,
    days: Sequence[date],
    people: People,
    *,
    leaving_out: Iterable[int] = (),
    for_planning: bool = False,
) -> dict[str, Resource]:
    """Everybody by key, with hours and engagements on these local days of the election.

    Bookings of the meetings `leaving_out` count as free. For planning, who keeps no hours has the
    usual ones, delegations are there from arrival to departure, and the past is taken.
    """
    first, last = min(days), max(days)
    span = (
        local_moment(first, time(0), election.time_zone) - DAY,
        local_moment(last, time(0), election.time_zone) + 2 * DAY,
    )
    busy = _bookings(people.keys(), span, frozenset(leaving_out))
    for row in blocked_between(*span):
        busy[_owner(row)].append(Busy(row.starts_at, row.ends_at))
    if for_planning:
        past = Busy(span[0], clock.now())
        if past.starts_at < past.ends_at:
            for key in people.keys():  # noqa: SIM118 - no mapping
                busy[key].append(past)
    hours = _hours(election, days, people, for_planning=for_planning)
    described: dict[str, dict[str, Any]] = {
        f"official:{row.id}": {
            "venue": venue_key(row.institution_id),
            "buffer": timedelta(minutes=row.buffer_minutes),
            "most_a_day": row.most_a_day,
        }
        for row in people.officials
    }
    described |= {
        f"hall:{row.id}": {"venue": venue_key(row.institution_id), "capacity": row.capacity}
        for row in people.halls
    }
    described |= {
        f"interpreter:{row.id}": {"languages": frozenset(row.language_codes)}
        for row in people.interpreters
    }
    return {
        key: Resource(key, hours.get(key), tuple(busy[key]), **described.get(key, {}))
        for key in people.keys()  # noqa: SIM118
    }


def _owner(row: Any) -> str:
    if row.official_id:
        return f"official:{row.official_id}"
    return f"hall:{row.hall_id}" if row.hall_id else f"interpreter:{row.interpreter_id}"


def _bookings(
    keys: Sequence[str], span: tuple[datetime, datetime], leaving_out: frozenset[int]
) -> defaultdict[str, list[Busy]]:
    query = sa.select(
        MeetingBooking.resource,
        MeetingBooking.meeting_id,
        MeetingBooking.institution_id,
        MeetingBooking.starts_at,
        MeetingBooking.ends_at,
    ).where(
        MeetingBooking.resource.in_(keys),
        MeetingBooking.starts_at < span[1],
        MeetingBooking.ends_at > span[0],
    )
    found: defaultdict[str, list[Busy]] = defaultdict(list)
    for row in db.session.execute(query.order_by(MeetingBooking.starts_at, MeetingBooking.id)):
        if row.meeting_id not in leaving_out:
            venue = venue_key(row.institution_id)
            engaged = Busy(row.starts_at, row.ends_at, venue, meeting_id=row.meeting_id)
            found[row.resource].append(engaged)
    return found


def _hours(
    election: Election, days: Sequence[date], people: People, *, for_planning: bool
) -> dict[str, tuple[Window, ...] | None]:
    exceptions = defaultdict(list)
    for row in official_days_between(min(days), max(days)):
        exceptions[row.official_id].append(row)
    found: dict[str, tuple[Window, ...] | None] = {}
    for official in people.officials:
        zone = official.institution.time_zone or election.time_zone
        found[f"official:{official.id}"] = _windows(
            official.hours, exceptions[official.id], days, zone, OFFICE if for_planning else None
        )
    for interpreter in people.interpreters:
        found[f"interpreter:{interpreter.id}"] = _windows(
            interpreter.hours, [], days, election.time_zone, None
        )
    if for_planning:
        for delegation in people.delegations:
            there = [
                day
                for day in days
                if (delegation.arrival_on or day) <= day <= (delegation.departure_on or day)
            ]
            found[f"delegation:{delegation.id}"] = tuple(
                _window(day, *AWAKE, election.time_zone) for day in there
            )
    return found


def _windows(
    week: Sequence[Any],
    exceptions: Sequence[Any],
    days: Sequence[date],
    zone: str,
    usual: tuple[time, time] | None,
) -> tuple[Window, ...] | None:
    """The hours of these days; None for somebody who may be met at any time.

    `usual` are the working hours of who keeps none.
    """
    if not week and not exceptions and usual is None:
        return None
    spans = [(row.weekday, row.starts, row.ends) for row in week]
    others = [(row.on, row.starts, row.ends) for row in exceptions]
    windows = []
    for day in days:
        found = hours_on(spans, others, day)
        if found is not None:
            windows += [_window(day, starts, ends, zone) for starts, ends in found]
        elif usual is None:
            start = local_moment(day, time(0), zone)
            windows.append(Window(start, local_moment(day + DAY, time(0), zone)))
        elif day.weekday() < SATURDAY:
            windows.append(_window(day, *usual, zone))
    return tuple(windows)


def _window(day: date, starts: time, ends: time, zone: str) -> Window:
    return Window(local_moment(day, starts, zone), local_moment(day, ends, zone))
