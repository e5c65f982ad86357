"""Pages on which meetings are asked for, planned, booked and recorded."""

from tracker.meetings.routes import calendars, meetings, papers, plans, record, requests, schedule
from tracker.meetings.routes.blueprint import blueprint

__all__ = [
    "blueprint",
    "calendars",
    "meetings",
    "papers",
    "plans",
    "record",
    "requests",
    "schedule",
]
