"""The roster as headquarters sees it: who is on duty on each day of a week, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.logistics.models.duty import DutyFunction, DutyShift
from tracker.logistics.queries.duty_roster import local_span, shifts_on
from tracker.logistics.rules.duty import ROUND_THE_CLOCK, clashes, gaps


@dataclass(frozen=True)
class Block:
    """The part of a shift that lies on one day, as shares of that day."""

    shift: DutyShift
    begins: datetime  # local, of the whole shift
    ends: datetime
    left: float
    width: float
    is_continued: bool  # it began on the day before


@dataclass(frozen=True)
class Day:
    """One local day: its shifts by function, and the strip of the duty officers."""

    day: date
    by_function: dict[DutyFunction, list[Block]]

    @property
    def strip(self) -> list[Block]:
        """The blocks that show whether a duty officer is there at every hour."""
        return self.by_function.get(ROUND_THE_CLOCK, [])


@dataclass(frozen=True)
class Week:
    """Seven days, and the functions that anybody has in them."""

    days: list[Day]
    functions: list[DutyFunction]


@dataclass(frozen=True)
class Check:
    """What is wrong with a roster: when nobody is duty officer, and who is booked twice."""

    gaps: list[tuple[datetime, datetime]]
    clashes: list[tuple[DutyShift, DutyShift]]


def check_of(election: Election, first: date, last: date) -> Check:
    """The check of the roster on these local days."""
    shifts = shifts_on(election, first, last)
    officers = [each for each in shifts if each.function is ROUND_THE_CLOCK]
    return Check(gaps(officers, *local_span(election, first, last)), clashes(shifts))


def week_of(monday: date, shifts: Sequence[DutyShift], election: Election) -> Week:
    """The week that begins on `monday`; `shifts` in order of their start."""
    days = [
        _day(monday + timedelta(days=number), shifts, election.time_zone) for number in range(7)
    ]
    held = {each.function for each in shifts} | {ROUND_THE_CLOCK}
    return Week(days, [function for function in DutyFunction if function in held])


def _day(day: date, shifts: Sequence[DutyShift], zone: str) -> Day:
    start = clock.local_moment(day, time(0), zone)
    end = clock.local_moment(day + timedelta(days=1), time(0), zone)
    length = (end - start).total_seconds()
    found: dict[DutyFunction, list[Block]] = {}
    for shift in shifts:
        first, last = max(shift.starts_at, start), min(shift.ends_at, end)
        if first < last:
            block = Block(
                shift,
                clock.local(shift.starts_at, zone),
                clock.local(shift.ends_at, zone),
                round((first - start).total_seconds() / length * 100, 2),
                round((last - first).total_seconds() / length * 100, 2),
                is_continued=shift.starts_at < start,
            )
            found.setdefault(shift.function, []).append(block)
    return Day(day, found)
