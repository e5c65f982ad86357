"""Meetings as other programs read them.

A delegation plans in its own telephone, not here: so meetings leave as iCalendar (RFC 5545),
as subscriptions (`feed`) and as letters that a mail program answers (`invitation`, RFC 5546).

Time zones are written here and not by the icalendar library (7.3), which gives a change to summer
time an hour late: it writes the new clock where RFC 5545 3.6.5 wants the old.
"""

import re
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import icalendar

from tracker.kernel.text import clean

PRODUCT = "-//Observer Tracker//Meetings//EN"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)

_NOT_IN_URI = re.compile("[\x00-\x20\x7f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One meeting as a calendar shows it; every moment is aware and in UTC."""

    uid: str  # stable for the life of the meeting
    sequence: int  # grows with each change (RFC 5545 3.8.7.4)
    starts_at: datetime
    ends_at: datetime
    time_zone: str  # an IANA name
    summary: str
    place: str | None
    description: str | None
    url: str | None
    is_cancelled: bool = False
    is_tentative: bool = False  # proposed, and held meanwhile
    created_at: datetime
    changed_at: datetime
    attendees: tuple[tuple[str, str | None], ...] = ()  # name, e-mail address
    organizer: tuple[str, str] | None = None  # name, e-mail address


class Text(icalendar.vText):
    r"""A TEXT value escaped as RFC 5545 3.3.11 says.

    The library's own takes a backslash before a capital N (`C:\New`) for a line break.
    """

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


# Writing


def feed(
    events: Iterable[Event], *, name: str, refresh: timedelta = timedelta(minutes=15)
) -> bytes:
    """A calendar to subscribe to; the same events give the same bytes.

    It carries no METHOD, as what a subscriber reads is no scheduling message (RFC 5546 3.2.1).
    """
    calendar = _calendar()
    calendar["NAME"] = calendar["X-WR-CALNAME"] = Text(clean(name))
    interval = icalendar.vDuration(refresh)
    interval.params["VALUE"] = "DURATION"  # RFC 7986 5.7 has no default type
    calendar["REFRESH-INTERVAL"] = interval
    calendar["X-PUBLISHED-TTL"] = icalendar.vDuration(refresh)
    _fill(calendar, list(events), method=None)
    return bytes(calendar.to_ical())


def invitation(event: Event, *, method: Literal["REQUEST", "CANCEL"]) -> bytes:
    """The message that asks attendees to come, or tells them not to (RFC 5546 3.2.2, 3.2.5).

    Whoever is told not to come to an event that stands is no longer invited, while others are.
    Both need an organizer and an attendee with an address. Whoever cancels raises `sequence`
    before (RFC 5546 2.1.4).
    """
    if event.organizer is None or not any(address for _, address in event.attendees):
        raise ValueError("an invitation needs an organizer and an attendee with an address")
    if method == "REQUEST" and event.is_cancelled:
        raise ValueError("nobody is invited to a cancelled meeting")
    calendar = _calendar()
    calendar["METHOD"] = Text(method)
    _fill(calendar, [event], method=method)
    return bytes(calendar.to_ical())


def _calendar() -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar["PRODID"] = Text(PRODUCT)
    calendar["VERSION"] = Text("2.0")
    calendar["CALSCALE"] = Text("GREGORIAN")
    return calendar


def _fill(calendar: icalendar.Calendar, events: list[Event], *, method: str | None) -> None:
    """Add the time zones that the events name (RFC 5545 3.2.19), then the events."""
    years: dict[str, set[int]] = {}
    for event in events:
        if not _in_utc(event):
            known = years.setdefault(event.time_zone, set())
            known.update((event.starts_at.year, event.ends_at.year))
    for zone, used in sorted(years.items()):
        calendar.add_component(_time_zone(zone, min(used) - 1, max(used) + 1))
    for event in events:
        calendar.add_component(_vevent(event, method))


def _in_utc(event: Event) -> bool:
    """Whether the event's times must be written in UTC.

    A local time that clocks show twice means the first of the two (RFC 5545 3.3.5); the second
    cannot be said otherwise.
    """
    zone = ZoneInfo(event.time_zone)
    ends = (event.starts_at.astimezone(zone), event.ends_at.astimezone(zone))
    return event.time_zone in {"UTC", "Etc/UTC"} or any(moment.fold for moment in ends)


def _vevent(event: Event, method: str | None) -> icalendar.Event:
    vevent = icalendar.Event()
    cancelled = event.is_cancelled or method == "CANCEL"
    vevent["UID"] = Text(clean(event.uid))
    vevent.add("SEQUENCE", event.sequence)
    # DTSTAMP and LAST-MODIFIED are one without a METHOD (RFC 5545 3.8.7.2).
    for name, moment in (
        ("DTSTAMP", event.changed_at),
        ("LAST-MODIFIED", event.changed_at),
        ("CREATED", event.created_at),
    ):
        vevent.add(name, moment.astimezone(UTC))
    for name, moment in (("DTSTART", event.starts_at), ("DTEND", event.ends_at)):
        if _in_utc(event):
            vevent.add(name, moment.astimezone(UTC))
        else:
            local = moment.astimezone(ZoneInfo(event.time_zone)).replace(tzinfo=None)
            vevent.add(name, local, parameters={"TZID": event.time_zone})
    texts = (
        ("SUMMARY", event.summary),
        ("LOCATION", event.place),
        ("DESCRIPTION", event.description),
    )
    for name, text in texts:
        if text is not None:
            vevent[name] = Text(clean(text))
    if event.url:
        vevent["URL"] = icalendar.vUri(_NOT_IN_URI.sub("", event.url))
    if event.is_cancelled:
        vevent["STATUS"] = Text("CANCELLED")
    elif method != "CANCEL":  # to those who are no longer invited none is said (RFC 5546 3.2.5)
        vevent["STATUS"] = Text("TENTATIVE" if event.is_tentative else "CONFIRMED")
    vevent["TRANSP"] = Text("TRANSPARENT" if cancelled else "OPAQUE")
    _add_people(vevent, event, method)
    return vevent


def _add_people(vevent: icalendar.Event, event: Event, method: str | None) -> None:
    """Add organizer and attendees; an attendee without an address cannot be written."""
    if event.organizer is not None:
        vevent["ORGANIZER"] = _address(*event.organizer)
    for name, mail in event.attendees:
        if mail:
            attendee = _address(name, mail)
            attendee.params["ROLE"] = "REQ-PARTICIPANT"
            if method == "REQUEST":
                attendee.params["PARTSTAT"] = "NEEDS-ACTION"
                attendee.params["RSVP"] = "TRUE"
            vevent.add("ATTENDEE", attendee, encode=False)


def _address(name: str, mail: str) -> icalendar.vCalAddress:
    """A mailto: address (RFC 6068) with the name that belongs to it (RFC 5545 3.2.2)."""
    safe = quote(_NOT_IN_URI.sub("", mail), safe="@!$&'*+-./=_~")
    address = icalendar.vCalAddress(f"mailto:{safe}")
    address.params["CN"] = " ".join(clean(name).split())
    return address


@lru_cache(maxsize=64)
def _changes(zone: str, first: int, last: int) -> tuple[tuple[datetime, datetime], ...]:
    """When `zone`'s clocks change in the years `first` through `last`: a second before, and then.

    The first entry is the beginning of the first year.
    """
    info, day = ZoneInfo(zone), datetime(first, 1, 1, tzinfo=UTC)
    found = [(day, day)]
    while day.year <= last:
        low, day = day, day + DAY
        old = _clock(low, info)
        if old != _clock(day, info):
            seconds = range(int(DAY.total_seconds()) + 1)
            after = bisect(seconds, False, key=lambda n: _clock(low + n * SECOND, info) != old)
            found.append((low + (after - 1) * SECOND, low + after * SECOND))
    return tuple(found)


def _clock(moment: datetime, zone: tzinfo) -> tuple[timedelta, str, bool]:
    """The offset from UTC, its name, and whether it is summer time."""
    local, none = moment.astimezone(zone), timedelta()
    return local.utcoffset() or none, local.tzname() or "", (local.dst() or none) > none


def _time_zone(zone: str, first: int, last: int) -> icalendar.Timezone:
    """The zone with each change of its clocks spelled out (RFC 5545 3.6.5).

    An observance begins at the local time that clocks showed until then (TZOFFSETFROM). Rules
    are not used: what a state decided, as Kazakhstan did for 1 March 2024, follows none.
    """
    result, info = icalendar.Timezone(), ZoneInfo(zone)
    result["TZID"] = Text(zone)
    for before, moment in _changes(zone, first, last):
        old, (new, name, is_summer) = _clock(before, info)[0], _clock(moment, info)
        part = icalendar.TimezoneDaylight() if is_summer else icalendar.TimezoneStandard()
        part.add("DTSTART", (moment + old).replace(tzinfo=None))
        part["TZOFFSETFROM"] = icalendar.vUTCOffset(old)
        part["TZOFFSETTO"] = icalendar.vUTCOffset(new)
        part["TZNAME"] = Text(name)
        result.add_component(part)
    return result
