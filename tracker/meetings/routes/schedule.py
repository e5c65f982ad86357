"""The schedule: days and weeks by official, hall or delegation, and what waits for a place."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.clock import local_moment
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, day_asked, member_asked, requires
from tracker.meetings import queries
from tracker.meetings.axis import Axis, axis_of
from tracker.meetings.routes.blueprint import blueprint, today
from tracker.meetings.routes.requests import shown_request
from tracker.meetings.schedule import WEEK, By, Line, Wanted, schedule_of

WAITING = 60  # requests shown at the side
BY = {By.OFFICIAL: N_("Officials"), By.HALL: N_("Halls"), By.DELEGATION: N_("Delegations")}


def _wanted(election: Election) -> Wanted:
    """What the address asks for; else the present week by officials."""
    return Wanted(
        by=member_asked(By, "by") or By.OFFICIAL,
        day=day_asked() or today(election),
        is_day=request.args.get("span") == "day",
    )


def _waiting(election: Election) -> list[dict[str, Any]]:
    """The requests that wait for a place, for who can give them one."""
    if not actor().may(Capability.SCHEDULE_MEETINGS):
        return []
    return [shown_request(row, election) for row in queries.waiting_requests(election.id, WAITING)]


@blueprint.get("/e/<election>/meetings/schedule")
@requires(Capability.VIEW_HEADQUARTERS)
def schedule(election: str) -> ResponseReturnValue:
    """A week, or one day on a time axis."""
    row = election_for(actor(), election)
    wanted, waiting = _wanted(row), _waiting(row)
    found = schedule_of(actor(), row, wanted)
    return render_template(
        "meetings/schedule.html",
        election=row,
        by=wanted.by,
        labels=BY,
        day=wanted.day,
        days=found.days,
        span="day" if wanted.is_day else "week",
        step=timedelta(days=1 if wanted.is_day else WEEK),
        lines=found.lines,
        axis=_axis(row, wanted.day, found.lines) if wanted.is_day else None,
        conflicts=found.conflicts,
        count=found.count,
        waiting=waiting,
        more_waiting=len(waiting) == WAITING,
        today=today(row),
        now=clock.local(clock.now(), row.time_zone),
    )


def _axis(election: Election, day: date, found: Sequence[Line]) -> Axis:
    start = clock.local(local_moment(day, time(0), election.time_zone), election.time_zone)
    rows: list[tuple[Any, Any]] = [(line, line.days.get(day, ())) for line in found]
    return axis_of(rows, day_start=start, now=clock.local(clock.now(), election.time_zone))
