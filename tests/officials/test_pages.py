"""The directory's pages: who sees what, and what is said when something cannot be saved."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tests.officials.test_busy import ics, vevent
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.officials import queries
from tracker.officials.models import BlockedTime


@pytest.fixture
def ids(app):
    """An official, a hall and an interpreter, each with a blocked time tomorrow."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        records.election()
        official = records.official(assistant_contact="+7 701", assistant_email="a@example.org")
        owners = {
            "": official,
            "halls/": records.hall(institution=official.institution),
            "interpreters/": records.interpreter(phone="+7 702", email="i@example.org"),
        }
        tomorrow = {"starts_at": NOW + timedelta(days=1), "label": "Dentist"}
        for name, owner in (("official_id", 0), ("hall_id", 1), ("interpreter_id", 2)):
            records.blocked_time(**{name: list(owners.values())[owner].id}, **tomorrow)
        records.day_off(official, NOW.date() + timedelta(days=2), reason="Surgery")
        found = {path: owner.id for path, owner in owners.items()}
        db.session.commit()
    with clock.at(NOW):
        yield found


def page(client, path, **values):
    answer = client.post(path, data=values) if values else client.get(path)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.REGISTRAR, Role.COMMISSION, Role.AUDITOR])
def test_others_see_that_a_time_is_blocked_and_not_why(sign_in, ids, role):
    client = sign_in(role)
    for path, key in ids.items():
        status, text = page(client, f"/officials/{path}{key}")
        assert status == 200
        assert "11 Nov 2022, 12:00–13:00" in text
        for secret in ("Dentist", "Surgery", "+7 70", "example.org"):
            assert secret not in text
    for path in ("", "halls/", "interpreters/"):
        answer = client.get(f"/officials/{path}?format=csv")
        assert answer.status_code == (403 if role is Role.OFFICIAL else 200)
        assert "+7 70" not in answer.get_data(as_text=True)


def test_a_coordinator_sees_why(sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    for path, key in ids.items():
        assert "Dentist" in page(client, f"/officials/{path}{key}")[1]
    assert "Surgery" in page(client, "/officials/1")[1]
    assert "a@example.org" in client.get("/officials/?format=csv").get_data(as_text=True)
    assert "+7 702" in client.get("/officials/interpreters/?format=csv").get_data(as_text=True)


def test_nobody_else_changes_anything(sign_in, ids):
    client = sign_in(Role.REGISTRAR)
    for path in ("1/edit", "1/days", "1/blocked", "1/calendar", "1/blocked/1/remove", "travel/"):
        assert client.post(f"/officials/{path}", data={"label": "x"}).status_code == 403
    assert "<form method" not in page(client, "/officials/travel/")[1].split("<main")[1]


def test_times_are_blocked_and_freed_in_the_zone_of_the_institution(app, sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        expect_writes(True)
        queries.institutions()[0].time_zone = "Asia/Oral"
        db.session.commit()
    for path, key in ids.items():
        there = f"/officials/{path}{key}"
        values = {"starts": "2022-11-12T10:00", "ends": "2022-11-12T11:30", "label": "Board"}
        status, _text = page(client, f"{there}/blocked", **values)
        assert status == 302
        text = page(client, there)[1]
        assert "Blocked: Sat, 12 Nov 2022, 10:00–11:30." in text
        assert "Board" in text
        with app.app_context():
            row = db.session.query(BlockedTime).order_by(BlockedTime.id.desc()).first()
            assert row.starts_at.hour == (4 if path == "interpreters/" else 5)
            key_of_row = row.id
        assert client.post(f"{there}/blocked/{key_of_row}/remove").status_code == 302
        assert "Free again: Sat, 12 Nov 2022, 10:00–11:30." in page(client, there)[1]
        assert client.post(f"{there}/blocked/{key_of_row}/remove").status_code == 404


def test_what_cannot_be_blocked_is_said_beside_its_field_and_kept(sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    values = {"starts": "2022-11-12T10:00", "ends": "2022-11-12T09:00", "label": "Board"}
    status, text = page(client, "/officials/1/blocked", **values)
    assert status == 422
    assert 'id="ends-error">The end must come after the start.' in text
    assert 'value="2022-11-12T10:00"' in text
    assert 'value="Board"' in text
    status, text = page(client, "/officials/1/days", on="2022-11-12", hours="ten to noon")
    assert status == 422
    assert 'id="hours-error"' in text
    assert 'value="ten to noon"' in text
    assert page(client, "/officials/1/days")[0] == 200


def test_days_are_entered_and_removed(sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    values = {"on": "2022-11-15", "hours": "10:00-12:00, 15:00-16:00", "why": "Visit"}
    assert page(client, "/officials/1/days", **values)[0] == 302
    text = page(client, "/officials/1")[1]
    assert "10:00–12:00, 15:00–16:00" in text
    assert "does not receive" in text
    assert client.post("/officials/1/days/2/remove").status_code == 302
    assert "15 November 2022 the weekly hours hold again" in page(client, "/officials/1")[1]
    assert client.post("/officials/1/days/2/remove").status_code == 404


def upload(client, path, content):
    # Written here: for a large file the test client's own encoder leaves a file open.
    head = b'--x\r\nContent-Disposition: form-data; name="calendar"; filename="a.ics"\r\n\r\n'
    body = head + content + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    return client.post(f"{path}/calendar", data=body, content_type=kind)


def test_a_calendar_is_read_in(sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    event = vevent("SUMMARY:Cabinet", "DTSTART:20221114T100000", "RRULE:FREQ=WEEKLY;COUNT=2",
                   "DURATION:PT1H")  # fmt: skip
    for path, key in ids.items():
        there = f"/officials/{path}{key}"
        assert upload(client, there, ics(event)).status_code == 302
        text = page(client, there)[1]
        assert "2 times were read from the calendar." in text
        assert "Mon, 14 Nov 2022, 10:00–11:00" in text
        assert "From a calendar" in text
        assert "Dentist" in text
    for content, says in ((b"PK\x03\x04", "not a calendar"), (b" " * 2_200_000, "megabytes")):
        answer = upload(client, "/officials/1", content)
        assert answer.status_code == 422
        text = answer.get_data(as_text=True)
        assert says in text.split('id="calendar-error"')[1][:120]
    assert 'id="calendar-error">Choose the file.' in page(client, "/officials/1/calendar", x="")[1]


def test_an_institution_s_zone_that_nobody_knows_is_refused_beside_its_field(sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    values = {"name_en": "A", "name_ru": "A", "name_kk": "A", "time_zone": "Mars/Base"}
    status, text = page(client, "/officials/institutions/new", **values)
    assert status == 422
    assert 'id="time_zone-error">Mars/Base is not a known time zone.' in text
    values["time_zone"] = "Asia/Oral"
    assert page(client, "/officials/institutions/new", **values)[0] == 302
    assert "Asia/Oral" in page(client, "/officials/institutions/")[1]


def test_ways_are_shown_and_saved_as_a_whole(app, sign_in, ids):
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        expect_writes(True)
        records.institution(name_en="Zenith")
        db.session.commit()
    version = page(client, "/officials/travel/")[1].split('name="version"')[1].split('"')[3]
    values = {"version": version, "way_1_2": "25"}
    assert page(client, "/officials/travel/", **values)[0] == 302
    assert 'value="25"' in page(client, "/officials/travel/")[1]
    status, text = page(client, "/officials/travel/", version=version, way_1_2="30")
    assert status == 422
    assert "changed meanwhile" in text
    assert 'value="30"' in text
    for wrong in ("601", "-1", "soon"):
        status, text = page(client, "/officials/travel/", version=version, way_1_2=wrong)
        assert status == 422
        assert 'id="way_1_2-error"' in text
    exported = client.get("/officials/travel/?format=csv").get_data(as_text=True)
    assert "Zenith" in exported
    assert "25" in exported


def test_a_deputy_is_chosen_from_the_others(sign_in, ids, app):
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        expect_writes(True)
        records.official(name_en="Second", deputy_of_id=ids[""])
        db.session.commit()
    text = page(client, "/officials/1/edit")[1]
    assert "Second" in text.split('id="deputy_of_id"')[1].split("</select>")[0]
    assert "Second" in page(client, "/officials/1")[1]
    values = {"version": "1", "institution_id": "1", "deputy_of_id": "2", "precedence": "1"}
    values |= {
        f"{kind}_{code}": "x" for kind in ("name", "position") for code in ("en", "ru", "kk")
    }
    status, text = page(client, "/officials/1/edit", buffer_minutes="0", **values)
    assert status == 422
    assert "is already a deputy of this person" in text.split('id="deputy_of_id-error"')[1][:100]
