"""Other people's busy times, read from their calendars."""

import time
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.calendars import ALMATY, moment
from tracker.kernel.errors import Refused
from tracker.officials.busy import BusyTime, busy_times


def around(at, days=2):
    return {"since": at - timedelta(days), "until": at + timedelta(days), "time_zone": ALMATY}


NOVEMBER = {
    "since": moment("2026-11-01T00:00+05:00"),
    "until": moment("2026-12-01T00:00+05:00"),
    "time_zone": ALMATY,
}


def ics(*parts):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *parts, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def vevent(*lines):
    return "\r\n".join(["BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def busy(*parts, **window):
    """The busy times as clocks in Almaty show them."""
    zone = ZoneInfo(ALMATY)
    return [
        f"{one.starts_at.astimezone(zone):%d %H:%M}-{one.ends_at.astimezone(zone):%d %H:%M}"
        for one in busy_times(ics(*parts), **NOVEMBER | window)
    ]


WEEKLY = ("DTSTART;TZID=Asia/Almaty:20261102T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20261103T050000Z", "DTEND:20261103T060000Z"), ["03 10:00-03 11:00"]),
        (("DTSTART:20261103T100000", "DTEND:20261103T110000"), ["03 10:00-03 11:00"]),
        (("DTSTART;VALUE=DATE:20261103",), ["03 00:00-04 00:00"]),
        (("DTSTART;VALUE=DATE:20261103", "DTEND;VALUE=DATE:20261105"), ["03 00:00-05 00:00"]),
        (("DTSTART:20261103T100000",), []),  # no length: RFC 5545 3.6.1
        (("DTSTART:20261103T100000", "DURATION:PT1H", "TRANSP:TRANSPARENT"), []),
        (("DTSTART:20261103T100000", "DURATION:PT1H", "STATUS:CANCELLED"), []),
        (("DTSTART:20261103T100000", "DURATION:PT1H", "STATUS:Cancelled"), []),
        (("DTSTART:20261103T100000", "DURATION:PT1H", "STATUS:TENTATIVE"), ["03 10:00-03 11:00"]),
        (("DTSTART;TZID=Europe/Berlin:20261103T100000", "DURATION:PT1H"), ["03 14:00-03 15:00"]),
        (
            ("DTSTART;TZID=W. Europe Standard Time:20261103T100000", "DURATION:PT1H"),
            ["03 14:00-03 15:00"],
        ),
        (("DTSTART:20261031T100000", "DURATION:P1DT12H"), ["31 10:00-01 22:00"]),
        (("DTSTART:20261031T100000", "DURATION:PT12H"), []),
        (WEEKLY, [f"{day:02} 10:00-{day:02} 11:00" for day in (2, 9, 16, 23, 30)]),
        (
            (*WEEKLY[:2], "RRULE:FREQ=WEEKLY;COUNT=2", "RDATE:20261105T050000Z"),
            ["02 10:00-02 11:00", "05 10:00-05 11:00", "09 10:00-09 11:00"],
        ),
        (
            (*WEEKLY[:2], "RRULE:FREQ=WEEKLY;UNTIL=20261109T050000Z"),
            ["02 10:00-02 11:00", "09 10:00-09 11:00"],
        ),
        (
            (*WEEKLY[:2], "RRULE:FREQ=WEEKLY;UNTIL=20261109T045959Z"),
            ["02 10:00-02 11:00"],
        ),
        (
            (*WEEKLY[:2], "RRULE:FREQ=DAILY;UNTIL=20261103"),
            ["02 10:00-02 11:00", "03 10:00-03 11:00"],
        ),
        (
            (*WEEKLY, "EXDATE;TZID=Asia/Almaty:20261109T100000,20261116T100000",
             "EXDATE:20261123T050000Z"),
            ["02 10:00-02 11:00", "30 10:00-30 11:00"],
        ),
        (
            ("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=MONTHLY;BYDAY=1FR,-1FR",
             "EXDATE;VALUE=DATE:20261106"),
            ["27 00:00-28 00:00"],
        ),
        (
            # over the end of summer time, on Berlin's clock
            ("DTSTART;TZID=Europe/Berlin:20261005T100000", "DURATION:PT1H",
             "RRULE:FREQ=WEEKLY;INTERVAL=5"),
            ["09 14:00-09 15:00"],
        ),
    ],
)  # fmt: skip
def test_busy_times(lines, expected):
    assert busy(vevent(*lines)) == expected


def test_a_moved_and_a_cancelled_occurrence():
    moved = vevent(
        "RECURRENCE-ID;TZID=Asia/Almaty:20261109T100000",
        "DTSTART;TZID=Asia/Almaty:20261110T150000",
        "DURATION:PT2H",
    )
    gone = vevent("RECURRENCE-ID:20261116T050000Z", "DTSTART:20261116T050000Z", "STATUS:CANCELLED")
    assert busy(moved, vevent(*WEEKLY), gone) == [
        "02 10:00-02 11:00",
        "10 15:00-10 17:00",
        "23 10:00-23 11:00",
        "30 10:00-30 11:00",
    ]


def test_series_that_ended_long_ago_cost_nothing():
    old = vevent("DTSTART:18000101T050000Z", "RRULE:FREQ=DAILY;UNTIL=20250101T000000Z")
    new = vevent("DTSTART:20261103T100000", "DURATION:PT1H")
    assert busy(*[old] * 50, new) == ["03 10:00-03 11:00"]


def test_summaries_are_one_clean_line():
    lines = ("SUMMARY:Board\\, long\\nnight \x07", "DTSTART:20261103T050000Z", "DURATION:PT1H")
    start = moment("2026-11-03T05:00+00:00")
    assert busy_times(ics(vevent(*lines)), **NOVEMBER) == [
        BusyTime(start, start + timedelta(hours=1), "Board, long night \ufffd")
    ]


def test_free_busy():
    part = (
        "BEGIN:VFREEBUSY",
        "UID:1",
        "FREEBUSY:20261103T050000Z/PT1H,20261104T050000Z/20261104T063000Z",
        "FREEBUSY;FBTYPE=FREE:20261105T050000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261106T050000Z/PT1H",
        "END:VFREEBUSY",
    )
    assert busy(*part) == ["03 10:00-03 11:00", "04 10:00-04 11:30", "06 10:00-06 11:00"]


def custom_zone(name, *more):
    return "\r\n".join(
        [
            "BEGIN:VTIMEZONE", f"TZID:{name}",
            "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
            "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", *more, "END:VTIMEZONE",
        ]
    )  # fmt: skip


IN_OFFICE = vevent("DTSTART;TZID=Office:20261103T100000", "DURATION:PT1H")


def test_a_zone_that_the_file_defines_is_for_this_file_only():
    assert busy(IN_OFFICE, custom_zone("Office")) == ["03 14:00-03 15:00"]
    with pytest.raises(Refused, match="zone that is not known: Office"):
        busy(IN_OFFICE)
    fixed = ("BEGIN:VTIMEZONE", "TZID:Office", "BEGIN:STANDARD", "DTSTART:19700101T000000",
             "TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE")  # fmt: skip
    assert busy(*fixed, IN_OFFICE) == ["03 12:00-03 13:00"]
    nameless = "BEGIN:VTIMEZONE\r\nEND:VTIMEZONE"
    assert busy(nameless, vevent("DTSTART:20261103T100000", "DURATION:PT1H"))


def test_a_zone_name_with_a_vendor_before_it():
    with pytest.warns(icalendar.error.GloballyUniqueTZIDGuessed):
        assert busy(
            vevent("DTSTART;TZID=/vendor.example/Europe/Berlin:20261103T100000", "DURATION:PT1H")
        ) == ["03 14:00-03 15:00"]


# What a stranger may send


STEP = ("BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100")
DAILY = ("DTSTART:20200101T050000Z", "DURATION:PT1H")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe garbage \x80" * 100,
        b"<html><body>Sign in</body></html>",
        b"PK\x03\x04" + bytes(range(256)) * 40,
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nDTSTART:20261103T050000Z\r\nEND:VEVENT\r\n",
        b"END:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".encode("utf-16"),
        ics(vevent()),
        ics(vevent("DTSTART:tomorrow", "DURATION:PT1H")),
        ics(vevent("DTSTART:20261103T050000Z", "DTEND:99999999")),
        ics(vevent("DTSTART:00010101T000000Z", "DURATION:P999999999D")),
        ics(vevent("DTSTART;TZID=Asia:20261103T050000", "DURATION:PT1H")),
        ics(vevent("DTSTART;TZID=../../etc/passwd:20261103T050000", "DURATION:PT1H")),
        ics(vevent(f"DTSTART;TZID={'x' * 5000}:20261103T050000", "DURATION:PT1H")),
        ics(vevent(*DAILY, "RRULE:FREQ=SECONDLY")),
        ics(vevent(*DAILY, "RRULE:FREQ=SECONDLY;BYSETPOS=2")),
        ics(vevent(*DAILY, "RRULE:FREQ=HOURLY")),
        ics(vevent(*DAILY, "RRULE:FREQ=DAILY;INTERVAL=0")),
        ics(vevent(*DAILY, "RRULE:FREQ=DAILY;INTERVAL=-1")),
        ics(vevent(*DAILY, "RRULE:nonsense")),
        ics(vevent(*DAILY, "RRULE:FREQ=DAILY;COUNT=-3")),
        ics(vevent(*DAILY, "RRULE:FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(60))))),
        ics(vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20261103T050000Z", *DAILY)),
        ics(IN_OFFICE, custom_zone("Office", *STEP, "RRULE:FREQ=SECONDLY", "END:STANDARD")),
        ics(IN_OFFICE,
            custom_zone("Office", *STEP, "RRULE:FREQ=YEARLY;INTERVAL=0", "END:STANDARD")),
        ics(IN_OFFICE, custom_zone("Office", *[*STEP, "END:STANDARD"] * 50)),
        ics(IN_OFFICE, "BEGIN:VTIMEZONE\r\nTZID:Office\r\nEND:VTIMEZONE"),
        ics("BEGIN:VEVENT\r\n" * 9_000 + "END:VEVENT\r\n" * 9_000),
        ics(*["BEGIN:VEVENT\r\nEND:VEVENT"] * 100_000),
        ics(*["BEGIN:VEVENT\r\nEND:VEVENT"] * 50_000),
        ics(*[vevent(f"DTSTART:202611{day:02}T{hour:02}{minute:02}00Z", "DURATION:PT1M")
              for day in range(2, 9) for hour in range(24) for minute in range(60)][:9_000]),
        ics(*[vevent("DTSTART:19000101T050000Z", "RRULE:FREQ=DAILY")] * 100),
        ics(*[vevent(*DAILY, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")] * 100),
        b"BEGIN:VCALENDAR\r\n" + b"X" * 3_000_000,
        b"\r\n" * 1_000_000,
    ],
)  # fmt: skip
def test_hostile_files_are_refused_and_soon(content):
    begun = time.monotonic()
    with pytest.raises(Refused) as refusal:
        busy_times(content, **NOVEMBER)
    assert str(refusal.value)
    assert time.monotonic() - begun < 60


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    for whole in (content, ics(vevent(*DAILY)).replace(b"DURATION", content)):
        with suppress(Refused):
            busy_times(whole, **NOVEMBER)
