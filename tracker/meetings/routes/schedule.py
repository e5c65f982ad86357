"""The schedule: days and weeks by official, hall or delegation, and what waits for a place."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.i18n import N_, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, requires
from tracker.meetings import queries
from tracker.meetings.axis import Axis, axis_of
from tracker.meetings.routes.blueprint import blueprint, today
from tracker.meetings.routes.requests import shown_request
from tracker.meetings.schedule import (
    WEEK,
    By,
    Line,
    in_conflict,
    lines,
    meetings_shown,
    monday_of,
)
from tracker.officials.models import Official
from tracker.officials.queries import halls, officials

WAITING = 60  # requests shown at the side
BY = {By.OFFICIAL: N_("Officials"), By.HALL: N_("Halls"), By.DELEGATION: N_("Delegations")}


def _owners(election: Election, by: By, people: Sequence[Official]) -> list[tuple[int, str, str]]:
    if by is By.HALL:
        rows = halls(only_active=True)
        return [
            (row.id, localized(row, "name"), localized(row.institution, "name")) for row in rows
        ]
    if by is By.DELEGATION:
        names = delegation_names(actor(), election.id)
        return [(key, name, "") for key, name in names.items()]
    return [(row.id, localized(row, "name"), localized(row, "position")) for row in people]


@blueprint.get("/e/<election>/meetings/schedule")
@requires(Capability.VIEW_HEADQUARTERS)
def schedule(election: str) -> ResponseReturnValue:
    """A week, or one day on a time axis."""
    row = election_for(actor(), election)
    wanted = request.args.get("by", "")
    by = By(wanted) if wanted in set(By) else By.OFFICIAL
    day, is_day = day_asked() or today(row), request.args.get("span") == "day"
    first = day if is_day else monday_of(day)
    days = [first + timedelta(days=number) for number in range(1 if is_day else WEEK)]
    meetings = meetings_shown(row, days, by)
    people = officials(only_active=True)
    found = lines(_owners(row, by, people), meetings, by)
    if by is By.DELEGATION or not actor().may(Capability.SCHEDULE_MEETINGS):
        found = [line for line in found if line.count]
    waiting = []
    if actor().may(Capability.SCHEDULE_MEETINGS):
        waiting = [shown_request(item, row) for item in queries.waiting_requests(row.id, WAITING)]
    return render_template(
        "meetings/schedule.html",
        election=row,
        by=by,
        labels=BY,
        day=day,
        days=_worked(days, found) if not is_day else days,
        span="day" if is_day else "week",
        step=timedelta(days=1 if is_day else WEEK),
        lines=found,
        axis=_axis(row, day, found) if is_day else None,
        conflicts=in_conflict(row, days, meetings, people, halls()),
        count=len(meetings),
        waiting=waiting,
        more_waiting=len(waiting) == WAITING,
        today=today(row),
        now=clock.local(clock.now(), row.time_zone),
    )


def _worked(days: Sequence[date], found: Sequence[Line]) -> list[date]:
    """The days of a week, of its end only those on which something is."""
    busy = {day for line in found for day in line.days}
    return [day for day in days if day.weekday() < 5 or day in busy]


def _axis(election: Election, day: date, found: Sequence[Line]) -> Axis:
    start = clock.local(local_moment(day, time(0), election.time_zone), election.time_zone)
    rows: list[tuple[Any, Any]] = [(line, line.days.get(day, ())) for line in found]
    return axis_of(rows, day_start=start, now=clock.local(clock.now(), election.time_zone))
