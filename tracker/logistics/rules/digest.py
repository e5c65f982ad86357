"""When the daily digest of an election is due."""

from datetime import date, datetime, time

from tracker.elections.rules import Calendar
from tracker.kernel import clock


def day_due(now: datetime, at: time | None, calendar: Calendar) -> date | None:
    """The local day whose digest is due by `now`, issued or not; None where none is.

    A day that was missed whole is not made up for: its digest is no news any more. Where clocks
    skip the hour, it is due when they have passed it; where they show it twice, at the first.
    """
    if at is None or not calendar.opens_at <= now < calendar.ends_at:
        return None
    day = clock.local(now, calendar.time_zone).date()
    return day if now >= clock.local_moment(day, at, calendar.time_zone) else None
