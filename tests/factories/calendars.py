"""Events as calendars show them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracker.meetings.calendars import Event

ALMATY, BERLIN = "Asia/Almaty", "Europe/Berlin"


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def event(starts="2022-11-18T11:00+06:00", zone=ALMATY, **changes):
    starts_at = moment(starts)
    usual = Event(
        uid="meeting-12@tracker.example",
        sequence=0,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        time_zone=zone,
        summary="Chairman of the Senate receives TURKPA",
        place="Astana, Mangilik El 8",
        description=None,
        url="https://tracker.example/meetings/12",
        created_at=moment("2022-11-01T09:00+06:00"),
        changed_at=moment("2022-11-02T09:00+06:00"),
    )
    return replace(usual, **changes)
