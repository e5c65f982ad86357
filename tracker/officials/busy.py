"""Other people's calendars as busy times, so that nobody has to type them.

Not as icalendar (7.3) reads them: a zone that one file defines would stay in the process and be
used for everybody's files.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from icalendar.parser.ical import ComponentIcalParser

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import clean

DAY = timedelta(days=1)
MAX_BYTES = 2 * 1024 * 1024
MAX_COMPONENTS = 10_000
MAX_OCCURRENCES = 5_000
MAX_STEPS = 1_000_000  # dates that all rules of a file may run through to reach the window
MAX_SECONDS = 5.0  # a rule that never gives a date is only known by the time it takes
MAX_OBSERVANCES = 20  # of a time zone that a file defines itself
ZONE_RULE = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "WKST"})
MAX_SUMMARY = 200
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
TOO_OFTEN = N_("The calendar repeats its events too often to be read.")
NO_CALENDAR = N_("This file is not a calendar that can be read.")


@dataclass(frozen=True)
class BusyTime:
    """A time that somebody else's calendar says is taken; both moments in UTC."""

    starts_at: datetime
    ends_at: datetime
    summary: str


def busy_times(
    content: bytes, *, since: datetime, until: datetime, time_zone: str
) -> list[BusyTime]:
    """The busy times in somebody's iCalendar file that touch `since`..`until`, in order.

    Events that are cancelled, or transparent (RFC 5545 3.8.2.7), take no time. All-day events
    and floating times are meant in `time_zone`. Refuses what is no calendar, what cannot be
    understood and what would take too long.
    """
    components = _components(content)
    zones = {
        str(part.get("TZID")): part for part in components if isinstance(part, icalendar.Timezone)
    }
    reading = _Reading(since, until, ZoneInfo(time_zone), zones)
    found = set()
    for busy in _all_busy(reading, components):
        if busy.starts_at < until and busy.ends_at > since and busy.starts_at < busy.ends_at:
            found.add(busy)
        if len(found) > MAX_OCCURRENCES:
            raise Refused(
                N_("The calendar holds more than %(limit)s events in this time."),
                limit=MAX_OCCURRENCES,
            )
    return sorted(found, key=lambda busy: (busy.starts_at, busy.ends_at, busy.summary))


class _Parser(ComponentIcalParser):
    """The library's parser, which counts, and does not keep a file's time zones for others."""

    begun = 0

    def handle_begin_component(self, vals: str) -> None:
        self.begun += 1
        if self.begun > MAX_COMPONENTS:
            raise Refused(
                N_("The calendar holds more than %(limit)s entries."), limit=MAX_COMPONENTS
            )
        super().handle_begin_component(vals)

    def handle_end_component(self, vals: str) -> None:
        """Close the component; the name only tells the library which zone to keep."""
        super().handle_end_component("")


def _components(content: bytes) -> list[icalendar.Component]:
    """What stands in the file's calendars (a file may hold several, RFC 5545 3.4)."""
    if len(content) > MAX_BYTES:
        raise Refused(
            N_("The file is larger than %(limit)s megabytes."), limit=MAX_BYTES // 1024**2
        )
    component = icalendar.Component
    parser = _Parser(content, icalendar.ComponentFactory(), component.types_factory)
    try:
        calendars = parser.parse()
    except Refused:
        raise
    except Exception as error:  # whatever a stranger's bytes bring up in the library
        raise Refused(NO_CALENDAR) from error
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise Refused(NO_CALENDAR)
    return [part for calendar in calendars for part in calendar.subcomponents]


@dataclass
class _Reading:
    """One file being read: the window, the zones it may mean, and the work it may still cost."""

    since: datetime
    until: datetime
    local: tzinfo
    defined: dict[str, icalendar.Timezone]
    zones: dict[str, tzinfo] = field(default_factory=dict)
    steps_left: int = MAX_STEPS
    ends_at: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)

    def spend(self) -> None:
        """Take a step off what the file may cost."""
        self.steps_left -= 1
        if self.steps_left < 0 or time.monotonic() > self.ends_at:
            raise Refused(TOO_OFTEN)

    def local_time(self, value: Any) -> tuple[datetime, tzinfo]:
        """A property's date or date-time as its clock shows it, and the zone of that clock."""
        moment, params = value.dt, value.params
        if isinstance(moment, tuple):  # a PERIOD among RDATEs
            moment = moment[0]
        if not isinstance(moment, datetime):
            return datetime.combine(moment, datetime.min.time()), self.local
        if moment.tzinfo is not None:
            return moment.replace(tzinfo=None), moment.tzinfo
        return moment, self.zone(params["TZID"]) if "TZID" in params else self.local

    def moment(self, value: Any) -> datetime:
        """A property's date or date-time in UTC."""
        local, zone = self.local_time(value)
        return local.replace(tzinfo=zone).astimezone(UTC)

    def zone(self, name: str) -> tzinfo:
        """The zone that the file itself defines under a name that is not an IANA one."""
        if name not in self.zones:
            if name not in self.defined or not _is_plain(self.defined[name]):
                raise Refused(
                    N_("The calendar uses a time zone that is not known: %(zone)s."), zone=name
                )
            self.zones[name] = self.defined[name].to_tz(lookup_tzid=False)
        return self.zones[name]


def _is_plain(zone: icalendar.Timezone) -> bool:
    """Whether a VTIMEZONE is as real programs write them, and so quick to work out."""
    rules = [rule for part in zone.subcomponents for rule in _all(part, "RRULE")]
    return (
        len(zone.subcomponents) <= MAX_OBSERVANCES
        and not any(part.subcomponents for part in zone.subcomponents)
        and all(rule["FREQ"] == ["YEARLY"] and ZONE_RULE.issuperset(rule) for rule in rules)
        and all(len(values) == 1 for rule in rules for values in rule.values())
        and all(rule.get("INTERVAL", [1]) == [1] for rule in rules)
    )


def _all(component: icalendar.Component, name: str) -> list[Any]:
    """Every value of a property, however often it stands there."""
    value = component.get(name, [])
    return value if isinstance(value, list) else [value]


def _first(component: icalendar.Component, name: str) -> Any:
    return next(iter(_all(component, name)), None)


def _summary(component: icalendar.Component) -> str:
    """The title in one line that a table can hold."""
    return " ".join(clean(str(_first(component, "SUMMARY") or "")).split())[:MAX_SUMMARY]


def _all_busy(reading: _Reading, components: list[icalendar.Component]) -> Iterator[BusyTime]:
    """Every busy time of the window, and some around it."""
    replaced: dict[str, set[datetime]] = {}
    masters_last = sorted(components, key=lambda part: "RECURRENCE-ID" not in part)
    for part in masters_last:
        try:
            if part.name == "VFREEBUSY":
                yield from _of_free_busy(reading, part)
            elif part.name == "VEVENT":
                others = replaced.setdefault(str(part.get("UID")), set())
                yield from _of_event(reading, part, others)
        except (AttributeError, LookupError, ValueError, TypeError, OverflowError) as error:
            raise Refused(
                N_("The times of this event cannot be read: %(event)s."), event=_summary(part)
            ) from error


def _of_free_busy(reading: _Reading, part: icalendar.Component) -> Iterator[BusyTime]:
    """The periods of a VFREEBUSY that are not FREE (RFC 5545 3.8.2.6, 3.2.9)."""
    for period in _all(part, "FREEBUSY"):
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            zone = period.start.tzinfo or reading.local
            start, end = (
                m.replace(tzinfo=zone).astimezone(UTC) for m in (period.start, period.end)
            )
            yield BusyTime(start, end, _summary(part))


def _of_event(
    reading: _Reading, event: icalendar.Component, replaced: set[datetime]
) -> Iterator[BusyTime]:
    """The occurrences of one VEVENT.

    One with a RECURRENCE-ID stands for that occurrence of its series (RFC 5545 3.8.4.4), even
    where it takes no time itself, and is noted in `replaced` for the series, which comes later.
    """
    is_one, start = _first(event, "RECURRENCE-ID"), _first(event, "DTSTART")
    if is_one is not None:
        if "RANGE" in is_one.params:
            raise ValueError("a change of all later occurrences is not understood")
        replaced.add(reading.moment(is_one))
    states = {str(_first(event, name)).upper() for name in ("STATUS", "TRANSP")}
    if states & {"CANCELLED", "TRANSPARENT"}:
        return
    _, zone = reading.local_time(start)
    days, exact = _length(reading, event)
    left_out = {reading.moment(value) for dates in _all(event, "EXDATE") for value in dates.dts}
    if is_one is None:
        left_out |= replaced
    for local in _starts(reading, event, days + exact):
        starts_at = local.replace(tzinfo=zone).astimezone(UTC)
        if starts_at not in left_out:
            ends_at = (local + days).replace(tzinfo=zone).astimezone(UTC) + exact
            yield BusyTime(starts_at, ends_at, _summary(event))


def _length(reading: _Reading, event: icalendar.Component) -> tuple[timedelta, timedelta]:
    """How long the event lasts: days on the calendar, and time besides (RFC 5545 3.6.1, 3.3.6)."""
    start, end, duration = (_first(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    is_day = not isinstance(start.dt, datetime)
    if duration is not None:
        days = timedelta(days=duration.dt.days)
        return days, duration.dt - days
    if end is None:
        return (DAY if is_day else timedelta()), timedelta()
    if is_day:
        return reading.local_time(end)[0] - reading.local_time(start)[0], timedelta()
    return timedelta(), reading.moment(end) - reading.moment(start)


def _starts(reading: _Reading, event: icalendar.Component, length: timedelta) -> Iterator[datetime]:
    """When occurrences begin on the event's own clock (RFC 5545 3.8.5.3).

    DTSTART is one even where the rule would not give it. An hour that clocks skip is kept, an
    hour later: rather a busy hour too many than one too few.
    """
    start, zone = reading.local_time(_first(event, "DTSTART"))
    yield start
    for value in (value for dates in _all(event, "RDATE") for value in dates.dts):
        yield reading.moment(value).astimezone(zone).replace(tzinfo=None)
    window = [m.astimezone(zone).replace(tzinfo=None) for m in (reading.since, reading.until)]
    first, last = window[0] - length - DAY, window[1]
    for rule in _all(event, "RRULE"):
        reading.spend()
        for occurrence in _occurrences(rule, start, zone, first, last):
            reading.spend()
            if occurrence >= first:
                yield occurrence


def _occurrences(
    rule: Any, start: datetime, zone: tzinfo, first: datetime, last: datetime
) -> Iterator[datetime]:
    """The dates that a rule gives through `last`; none if all lie before `first` (3.3.10).

    Rules within a day (HOURLY and below) are refused: no meeting repeats so, and some of them
    never end. COUNT and UNTIL are kept here, as the library does not take both.
    """
    times = [len(rule.get(part, [])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND")]
    if rule["FREQ"][0] not in FREQUENCIES or min(rule.get("INTERVAL", [1])) < 1 or max(times) > 6:
        raise Refused(TOO_OFTEN)
    for until in rule.get("UNTIL", []):
        if not isinstance(until, datetime):
            until = datetime.combine(until, datetime.max.time())
        last = min(last, until.astimezone(zone).replace(tzinfo=None) if until.tzinfo else until)
    if last < first:
        return iter(())
    kept = icalendar.vRecur({n: rule[n] for n in rule if n not in {"UNTIL", "COUNT"}})
    text = kept.to_ical().decode()  # type: ignore[no-untyped-call]
    dates = rrulestr(text, dtstart=start).replace(until=last)
    return islice(dates, min(rule.get("COUNT", [None])))
