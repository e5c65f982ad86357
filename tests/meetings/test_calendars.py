"""Calendars that telephones read, and other people's busy times."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.calendars import ALMATY, BERLIN, event, moment
from tracker.kernel.text import clean
from tracker.meetings.calendars import feed, invitation
from tracker.officials.busy import busy_times


def around(at, days=2):
    return {"since": at - timedelta(days), "until": at + timedelta(days), "time_zone": ALMATY}


INVITED = {
    "organizer": ("Protocol", "protocol@tracker.example"),
    "attendees": (("Erol Kaya", "kaya@turkpa.example"), ("No Address", None)),
}


def read_back(content):
    return icalendar.Calendar.from_ical(content)


def only(content):
    (vevent,) = read_back(content).events
    return vevent


# Moments


BOTH = [event(uid="a"), event("2026-11-18T11:00+05:00", uid="b")]


def test_a_feed_holds_both_offsets_of_almaty():
    calendar = read_back(feed(BOTH, name="Сенат"))
    assert [e.start.isoformat() for e in calendar.events] == [
        "2022-11-18T11:00:00+06:00",
        "2026-11-18T11:00:00+05:00",
    ]
    assert len(calendar.timezones) == 1
    assert (str(calendar["NAME"]), str(calendar["X-WR-CALNAME"])) == ("Сенат", "Сенат")
    assert calendar["REFRESH-INTERVAL"].td == timedelta(minutes=15)
    content = feed(BOTH, name="x")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in content
    assert b"X-PUBLISHED-TTL:PT15M\r\n" in content
    assert b"DTSTART;TZID=Asia/Almaty:20221118T110000\r\n" in content
    assert b"METHOD" not in content


def written_zone(content, name):
    """The zone as the file alone defines it, read by another library."""
    (part,) = read_back(content).timezones
    return tzical(StringIO(part.to_ical().decode())).get(name)


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        (ALMATY, "2022-06-01T12:00+00:00", "2026-11-18T12:00+00:00"),
        (BERLIN, "2025-06-01T12:00+00:00", "2026-11-18T12:00+00:00"),
        ("Europe/Dublin", "2026-01-10T12:00+00:00", "2026-11-18T12:00+00:00"),
        ("America/New_York", "2026-01-10T12:00+00:00", "2026-11-18T12:00+00:00"),
        ("Asia/Kathmandu", "2026-01-10T12:00+00:00", "2026-11-18T12:00+00:00"),
        ("Australia/Lord_Howe", "2026-01-10T12:00+00:00", "2026-11-18T12:00+00:00"),
    ],
)
def test_the_zone_in_the_file_means_the_same_by_every_local_time(zone, first, last):
    content = feed([event(first, zone), event(last, zone)], name="x")
    ours, truth = written_zone(content, zone), ZoneInfo(zone)
    at, end = moment(first).replace(tzinfo=None), moment(last).replace(tzinfo=None)
    while at < end:
        expected = at.replace(tzinfo=truth)
        if expected.utcoffset() == expected.replace(fold=1).utcoffset():  # shown just once
            assert at.replace(tzinfo=ours).utcoffset() == expected.utcoffset(), at
        at += timedelta(minutes=30)


def test_clock_changes_are_written_in_the_old_time():
    content = feed([event("2026-06-01T12:00+02:00", BERLIN)], name="x")
    assert b"DTSTART:20260329T020000\r\nTZNAME:CEST\r\n" in content
    assert b"DTSTART:20261025T030000\r\nTZNAME:CET\r\n" in content
    assert b"DTSTART:20240301T000000\r\n" in feed(BOTH, name="x")


@pytest.mark.parametrize(
    "starts",
    [
        "2026-03-29T00:30+01:00",
        "2026-03-29T01:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-10-25T01:30+02:00",
        "2026-10-25T02:30+02:00",
        "2026-10-25T02:30+01:00",  # the second 02:30 has no local spelling
        "2026-10-25T03:30+01:00",
    ],
)
def test_moments_survive_around_clock_changes(starts):
    meeting = event(starts, BERLIN)
    vevent = only(feed([meeting], name="x"))
    assert vevent.start.astimezone(UTC) == meeting.starts_at
    assert vevent.end.astimezone(UTC) == meeting.ends_at
    assert ("TZID" in vevent["DTSTART"].params) == ("TZID" in vevent["DTEND"].params)
    (busy,) = busy_times(feed([meeting], name="x"), **around(meeting.starts_at))
    assert (busy.starts_at, busy.ends_at) == (meeting.starts_at, meeting.ends_at)


def test_utc_needs_no_zone():
    content = feed([event(zone="UTC")], name="x")
    assert b"DTSTART:20221118T050000Z\r\n" in content
    assert b"VTIMEZONE" not in content


def test_an_empty_feed_is_a_calendar():
    assert read_back(feed([], name="x")).events == []


# A second client


@pytest.fixture
def khal(tmp_path):
    """Lists the events of a day as khal, a calendar program, shows them."""

    def run(events, day):
        folder = tmp_path / "calendar"
        folder.mkdir(exist_ok=True)
        for number, one in enumerate(events):
            (folder / f"{number}.ics").write_bytes(feed([one], name="x"))
        config = tmp_path / "khal.conf"
        config.write_text(
            f"[calendars]\n[[meetings]]\npath = {folder}\n"
            f"[sqlite]\npath = {tmp_path}/khal.db\n"
            "[locale]\nlocal_timezone = Asia/Almaty\ndefault_timezone = Asia/Almaty\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        )
        line = "{start-long-full}|{end-long-full}|{status}|{title}|{location}"
        command = [sys.executable, "-m", "khal", "-c", str(config), "list"]
        home = {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        done = subprocess.run(
            [*command, "--day-format", "", "--format", line, day, "1d"],
            env=home, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if line.strip()]

    return run


def test_khal_shows_the_local_times(khal):
    events = [
        event(uid="a", summary="Қабылдау, TÜRKPA; 1"),
        event("2026-11-18T11:00+05:00", uid="b", place=None, is_cancelled=True),
        event("2026-10-25T02:30+01:00", BERLIN, uid="c", summary="Second"),
    ]
    assert khal(events, "2022-11-18") == [
        "2022-11-18 11:00|2022-11-18 12:00|CONFIRMED |Қабылдау, TÜRKPA; 1|Astana, Mangilik El 8"
    ]
    (line,) = khal(events, "2026-11-18")
    assert line.startswith("2026-11-18 11:00|2026-11-18 12:00|CANCELLED ")
    (line,) = khal(events, "2026-10-25")
    assert line.startswith("2026-10-25 06:30|2026-10-25 07:30|")


# Text


LONG = "Қазақстан Республикасы Парламенті Сенатының Төрағасы әріптестерін қабылдайды. " * 5


def test_long_lines_are_folded_between_letters():
    people = {"attendees": ((LONG, "a@b.example"),)}
    content = feed([event(summary=LONG, description=LONG + "\n" + LONG, **people)], name=LONG)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut
    assert str(only(content)["SUMMARY"]) == LONG


@pytest.mark.parametrize(
    "text",
    ["a, b; c: d", r"C:\New\names", "a\nb", '"quoted"', "\\", "\\n", "\\,;", " ends ", "", "^n"],
)
def test_text_is_escaped(text):
    vevent = only(feed([event(summary=text, place=text, description=text)], name="x"))
    assert [str(vevent[name]) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")] == [text] * 3


letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029")


@given(st.text(letters))
def test_any_text_survives(text):
    vevent = only(feed([event(summary=text)], name=text))
    assert str(vevent["SUMMARY"]) == text


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_string_gives_a_calendar(text, other):
    people = {"attendees": ((text, "a@b.example"),), "organizer": (other, "b@c.example")}
    meeting = event(uid="x" + text, summary=text, description=other, url=other, place=other)
    content = feed([replace(meeting, **people)], name=other)
    vevent = only(content)
    assert str(vevent["SUMMARY"]) == clean(text)
    assert str(vevent["DESCRIPTION"]) == clean(other)
    assert isinstance(vevent["ATTENDEE"], icalendar.vCalAddress)
    assert len(read_back(content).subcomponents) == 2


INJECTED = "Meeting\r\nATTENDEE:mailto:evil@example.org\r\nEND:VEVENT\nX-EVIL:1\rX-OTHER:1"


def test_nothing_can_be_injected():
    content = feed(
        [
            event(
                uid=INJECTED,
                summary=INJECTED,
                place=INJECTED,
                description=INJECTED,
                url="https://x.example/" + INJECTED,
                attendees=((INJECTED, INJECTED), ('A";X=1:', 'a"b;c@d.example')),
                organizer=(INJECTED, INJECTED),
            )
        ],
        name=INJECTED,
    )
    lines = content.replace(b"\r\n ", b"").split(b"\r\n")
    names = {line.split(b":")[0].split(b";")[0] for line in lines}
    assert not {b"X-EVIL", b"X-OTHER"} & names
    vevent = only(content)
    assert len(vevent["ATTENDEE"]) == 2
    assert vevent["ATTENDEE"][1].params["CN"] == 'A";X=1:'
    assert str(vevent["ATTENDEE"][1]) == "mailto:a%22b%3Bc@d.example"


# States and messages


def test_a_change_and_a_cancellation():
    vevent = only(feed([event(sequence=3, is_cancelled=True)], name="x"))
    assert vevent["SEQUENCE"] == 3
    assert (vevent["STATUS"], vevent["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    usual = only(feed([event()], name="x"))
    assert (usual["SEQUENCE"], usual["STATUS"], usual["TRANSP"]) == (0, "CONFIRMED", "OPAQUE")
    assert usual["UID"] == vevent["UID"] == "meeting-12@tracker.example"
    assert usual["DTSTAMP"].dt == usual["LAST-MODIFIED"].dt == event().changed_at
    assert usual["CREATED"].dt == event().created_at


def test_the_same_events_give_the_same_bytes():
    assert feed(BOTH, name="x") == feed(iter(BOTH), name="x")


def test_an_invitation_asks_for_an_answer():
    calendar = read_back(invitation(event(**INVITED), method="REQUEST"))
    (vevent,) = calendar.events
    assert calendar["METHOD"] == "REQUEST"
    assert vevent["ORGANIZER"] == "mailto:protocol@tracker.example"
    assert vevent["ATTENDEE"] == "mailto:kaya@turkpa.example"
    assert vevent["ATTENDEE"].params == {
        "CN": "Erol Kaya",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }


def test_a_cancellation_says_so():
    over = event(sequence=4, is_cancelled=True, **INVITED)
    calendar = read_back(invitation(over, method="CANCEL"))
    (vevent,) = calendar.events
    assert (calendar["METHOD"], vevent["STATUS"]) == ("CANCEL", "CANCELLED")
    assert vevent["SEQUENCE"] == 4
    assert "RSVP" not in vevent["ATTENDEE"].params


def test_who_is_no_longer_invited_is_not_told_that_all_of_it_is_cancelled():
    calendar = read_back(invitation(event(sequence=4, **INVITED), method="CANCEL"))
    (vevent,) = calendar.events
    assert calendar["METHOD"] == "CANCEL"
    assert "STATUS" not in vevent
    assert vevent["TRANSP"] == "TRANSPARENT"


@pytest.mark.parametrize(
    "changes",
    [{}, INVITED | {"attendees": (("A", None),)}, INVITED | {"is_cancelled": True}],
)
def test_an_invitation_needs_somebody_to_come(changes):
    with pytest.raises(ValueError, match="invit"):
        invitation(event(**changes), method="REQUEST")
