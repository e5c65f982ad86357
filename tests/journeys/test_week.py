"""A week of two hundred requests: scheduled with one click, looked at, changed by hand, read back.

What the planner and the booking promise is checked here without any of their code, on the rows in
the database and on the calendars that leave it.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from tests.journeys.demonstration import demonstration, signed_in
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

ALMATY = ZoneInfo("Asia/Almaty")
MONDAY = date(2022, 11, 21)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("week"), JOBS_IMMEDIATE=True)


@pytest.fixture(scope="module")
def planned(app):
    """The address of a plan of the whole week, made by one click."""
    client = signed_in(app, Role.COORDINATOR)
    days = {"first_on": MONDAY.isoformat(), "last_on": (MONDAY + timedelta(4)).isoformat()}
    answer = client.post("/e/practice/meetings/plans/", data=days | {"seconds": "3"})
    assert answer.status_code == 302
    return answer.headers["Location"]


@pytest.fixture(scope="module")
def accepted(app, planned):
    """How many meetings are booked by accepting all that the plan places."""
    client = signed_in(app, Role.COORDINATOR)
    chosen = re.findall(r'name="request" value="(\d+)"', client.get(planned).text)
    assert standing(app) == {}, "a plan books nothing"
    assert client.post(f"{planned}/accept", data={"request": chosen}).status_code == 302
    return len(chosen)


def rows(app, statement):
    with app.app_context():
        found = db.session.execute(sa.text(statement)).mappings().all()
        db.session.rollback()
    return found


def moment(text):
    return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)


def standing(app):
    """Meetings of the practice election that stand, with the keys of who and what they take."""
    meetings = {
        row["id"]: {
            "from": moment(row["starts_at"]),
            "to": moment(row["ends_at"]),
            "people": row["people"],
            "hall": row["hall_id"],
            "keys": {f"hall {row['hall_id']}"} if row["hall_id"] else set(),
            "interpreter": row["interpreter_id"],
            "language": row["language"],
        }
        for row in rows(
            app,
            "SELECT m.* FROM meetings m JOIN elections e ON e.id = m.election_id "
            "WHERE e.slug = 'practice' AND m.status = 'scheduled'",
        )
    }
    for kind in ("official", "delegation"):
        for row in rows(app, f"SELECT meeting_id, {kind}_id AS who FROM meeting_{kind}s"):
            if row["meeting_id"] in meetings:
                meetings[row["meeting_id"]]["keys"].add(f"{kind} {row['who']}")
    for meeting in meetings.values():
        if meeting["interpreter"]:
            meeting["keys"].add(f"interpreter {meeting['interpreter']}")
    return meetings


def places(app, meetings):
    """The institution at which each meeting is: its hall's, else its official's."""
    halls = {row["id"]: row["institution_id"] for row in rows(app, "SELECT * FROM halls")}
    officials = {row["id"]: row["institution_id"] for row in rows(app, "SELECT * FROM officials")}
    return {
        key: halls[meeting["hall"]]
        if meeting["hall"]
        else next(officials[int(k.split()[1])] for k in meeting["keys"] if k[:3] == "off")
        for key, meeting in meetings.items()
    }


def by_key(meetings):
    found = defaultdict(list)
    for number, meeting in meetings.items():
        for key in meeting["keys"]:
            found[key].append((meeting["from"], meeting["to"], number))
    return found


def test_one_click_plans_nearly_everything(app, planned):
    page = signed_in(app, Role.COORDINATOR).get(planned).text
    ticked = set(re.findall(r'name="request" value="(\d+)"', page))
    assert len(ticked) >= 190
    missing = page.count("</tr>") - page.count('name="request"')
    assert missing < 15, "each of those without a place has a row with its reason"


def test_the_accepted_plan_has_no_conflict_of_any_kind(app, accepted):
    meetings = standing(app)
    assert len(meetings) == accepted
    where = places(app, meetings)
    ways = {
        frozenset((row["from_institution_id"], row["to_institution_id"])): row["minutes"]
        for row in rows(app, "SELECT * FROM travel_times")
    }
    officials = {row["id"]: row for row in rows(app, "SELECT * FROM officials")}
    for key, taken in by_key(meetings).items():
        kind, number = key.split()
        buffer = officials[int(number)]["buffer_minutes"] if kind == "official" else 0
        for one, other in combinations(sorted(taken), 2):
            way = ways.get(frozenset((where[one[2]], where[other[2]])), 0)
            least = max(buffer, 0 if kind == "hall" else way)
            assert other[0] - one[1] >= timedelta(minutes=least), (key, one, other)
        most = officials[int(number)]["most_a_day"] if kind == "official" else None
        days = [start.astimezone(ALMATY).date() for start, _end, _number in taken]
        assert most is None or max(map(days.count, days)) <= most, key


def span(row):
    """From when to when, "09:00"; a driver gives times or texts."""
    return str(row["starts"])[:5], str(row["ends"])[:5]


def test_officials_receive_at_their_hours_and_halls_seat_everybody(app, accepted):
    meetings = standing(app)
    assert meetings
    week, special = defaultdict(list), defaultdict(list)
    for row in rows(app, "SELECT * FROM official_hours"):
        week[row["official_id"], row["weekday"]].append(span(row))
    for row in rows(app, 'SELECT official_id, "on", starts, ends FROM official_days'):
        spans = [span(row)] if row["starts"] else []
        special[row["official_id"], str(row["on"])] += spans
    blocked = rows(app, "SELECT * FROM blocked_times")
    halls = {row["id"]: row["capacity"] for row in rows(app, "SELECT * FROM halls")}
    spoken = {row["id"]: row["languages"] for row in rows(app, "SELECT * FROM interpreters")}
    for meeting in meetings.values():
        start, end = (meeting[name].astimezone(ALMATY) for name in ("from", "to"))
        if meeting["hall"]:
            assert meeting["people"] <= halls[meeting["hall"]]
        if meeting["language"]:
            assert meeting["language"] in spoken[meeting["interpreter"]].split(",")
        for key in meeting["keys"]:
            kind, number = key.split()
            for row in blocked:
                if row[f"{kind}_id"] == int(number) if f"{kind}_id" in row else False:
                    free = moment(row["ends_at"]) <= start or end <= moment(row["starts_at"])
                    assert free, (key, meeting)
            if kind == "official":
                day = (int(number), start.date().isoformat())
                spans = special[day] if day in special else week[int(number), start.weekday()]
                assert any(a <= f"{start:%H:%M}" and f"{end:%H:%M}" <= b for a, b in spans), key


def test_the_wishes_are_answered_by_whom_and_how_long(app, accepted):
    found = rows(
        app,
        "SELECT r.*, m.starts_at, m.ends_at FROM meeting_requests r "
        "JOIN meetings m ON m.id = r.meeting_id JOIN elections e ON e.id = r.election_id "
        "WHERE e.slug = 'practice'",
    )
    assert len(found) == len(standing(app))
    assert {row["status"] for row in found} == {"confirmed"}
    officials = {row["id"]: row for row in rows(app, "SELECT * FROM officials")}
    met = defaultdict(set)
    for row in rows(app, "SELECT * FROM meeting_officials"):
        met[row["meeting_id"]].add(row["official_id"])
    for row in found:
        (host,) = met[row["meeting_id"]]
        length = moment(row["ends_at"]) - moment(row["starts_at"])
        assert length == timedelta(minutes=row["length_minutes"])
        if row["whom"] == "official":
            assert host == row["official_id"]
        elif row["whom"] == "deputy":
            assert row["official_id"] in {host, officials[host]["deputy_of_id"]}
        else:
            assert officials[host]["institution_id"] == row["institution_id"]
    on_wished = sum(
        not row["wished_days"]
        or moment(row["starts_at"]).astimezone(ALMATY).date().isoformat() in row["wished_days"]
        for row in found
    )
    assert on_wished / len(found) > 0.8


def test_a_meeting_is_moved_by_hand_and_what_is_taken_is_refused(app, accepted):
    client = signed_in(app, Role.COORDINATOR)
    meetings = standing(app)
    taken = by_key(meetings)
    host = next(key for key, found in taken.items() if key[:3] == "off" and len(found) > 1)
    first, second = sorted(taken[host])[:2]
    page = client.get(f"/e/practice/meetings/{first[2]}/edit").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)[1]
    (delegation,) = (key.split()[1] for key in meetings[first[2]]["keys"] if key[:3] == "del")
    there = second[0].astimezone(ALMATY)
    typed = {
        "version": version,
        "kind": "bilateral",
        "title": "Moved",
        "officials": host.split()[1],
        "delegations": delegation,
        "day": there.date().isoformat(),
        "starts": f"{there:%H:%M}",
        "ends": f"{there + timedelta(minutes=30):%H:%M}",
        "reason": "Asked for by the delegation",
    }
    answer = client.post(f"/e/practice/meetings/{first[2]}/edit", data=typed)
    assert answer.status_code == 422
    assert "taken on" in answer.text
    evening = {"day": "2022-11-26", "starts": "09:00", "ends": "09:30"}
    answer = client.post(f"/e/practice/meetings/{first[2]}/edit", data=typed | evening)
    assert "does not receive on" in answer.text
    early = sorted(taken[host])[0][0].astimezone(ALMATY)
    shorter = {
        "day": early.date().isoformat(),
        "starts": f"{early:%H:%M}",
        "ends": f"{early + timedelta(minutes=20):%H:%M}",
    }
    answer = client.post(f"/e/practice/meetings/{first[2]}/edit", data=typed | shorter)
    assert answer.status_code == 302, re.findall(r'class="err"[^>]*>([^<]+)', answer.text)


def test_the_week_leaves_as_a_file_and_as_calendars_with_the_right_local_times(
    app, accepted, tmp_path
):
    client = signed_in(app, Role.COORDINATOR)
    meetings = standing(app)
    table = client.get("/e/practice/meetings/?format=csv").data.decode("utf-8-sig")
    assert table.count("\r\n") >= len(meetings)
    page = client.post("/e/practice/meetings/calendars", data={"subject": "election"}).text
    address = re.search(r'value="http://localhost(/calendars/[^"]+)"', page)[1]
    content = app.test_client().get(address).data
    events = {
        int(re.match(r"meeting-(\d+)@", event["UID"])[1]): event
        for event in Calendar.from_ical(content).walk("VEVENT")
    }
    assert events.keys() >= meetings.keys()
    for key, meeting in meetings.items():
        start = events[key]["DTSTART"].dt
        assert start.astimezone(UTC) == meeting["from"]
        assert start.utcoffset() == timedelta(hours=6)
    assert khal_starts(content, tmp_path) == sorted(
        f"{meeting['from'].astimezone(ALMATY):%Y-%m-%d %H:%M}" for meeting in meetings.values()
    )


def khal_starts(content, folder):
    """The local starts of the week as khal, a calendar for the terminal, lists them."""
    (folder / "calendar").mkdir()
    (folder / "khal.conf").write_text(
        f"[calendars]\n[[week]]\npath = {folder / 'calendar'}\n"
        "[locale]\nlocal_timezone = Asia/Almaty\ndefault_timezone = Asia/Almaty\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {folder / 'khal.db'}\n"
    )
    (folder / "week.ics").write_bytes(content)

    def khal(*words):
        command = [sys.executable, "-m", "khal", "-c", str(folder / "khal.conf"), *words]
        home = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        return subprocess.run(command, env=home, capture_output=True, text=True, check=True).stdout

    khal("import", "--batch", "-a", "week", str(folder / "week.ics"))
    listed = khal(
        "list",
        "--format",
        "{start-long}",
        "--day-format",
        "",
        MONDAY.isoformat(),
        "7d",
        "--notstarted",
    )
    return sorted(line.strip() for line in listed.splitlines() if line.strip())
