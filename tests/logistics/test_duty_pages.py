"""Pages about duty on the demonstration election, as each role meets them."""

import re

import pytest
import sqlalchemy as sa

from tests.journeys.demonstration import demonstration, signed_in
from tracker.audit.models import AuditEntry
from tracker.demonstration.installation import START
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.permissions import Role
from tracker.kernel.printing import page_count
from tracker.logistics.models.duty import DutyNote, DutyShift, HandOver

DUTY = "/e/kz-2022/duty/"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


def shown(client, path, status=200):
    with clock.at(START):
        response = client.get(f"{DUTY}{path}")
    assert response.status_code == status, path
    return response.get_data(as_text=True)


def sent(client, path, status=302, **typed):
    with clock.at(START):
        response = client.post(f"{DUTY}{path}", data=typed)
    assert response.status_code == status, response.get_data(as_text=True)
    return response


def last(app, model):
    with app.app_context():
        return db.session.scalars(sa.select(model).order_by(model.id.desc())).unique().first()


def test_the_log_says_who_is_on_duty_and_what_is_left_over(app):
    page = shown(signed_in(app, Role.OFFICIAL), "")
    assert "+7 7172 00 01 01" in page
    assert "Two suitcases" in page
    assert "Signed and sent at 10:05" in page
    assert "Write into the log" not in page
    assert "Print the sheet" not in page
    assert shown(signed_in(app, Role.OFFICIAL), "?kind=incident").count("Two suitcases") == 2


@pytest.mark.parametrize("role", [Role.FOCAL_POINT, Role.COMMISSION])
def test_others_see_nothing_of_it(app, role):
    client = signed_in(app, role)
    for path in ("", "roster/", "contacts/", "print", "notes/1", "hand-overs/1", "news/1"):
        shown(client, path, 403)
    with clock.at(START):
        assert DUTY not in client.get("/").get_data(as_text=True)
    sent(client, "", 403, text="x", kind="note")


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.ADMINISTRATOR, Role.AUDITOR])
def test_readers_write_nothing(app, role):
    client = signed_in(app, role)
    for path in ("", "notes/1/close", "notes/1/strike", "hand-over", "hand-overs/1/take"):
        sent(client, path, 403, text="x", word="x", kind="note")
    for path in ("roster/new", "roster/repeat", "roster/1/edit", "contacts/new", "hand-over"):
        shown(client, path, 403)
    is_auditor = role is Role.AUDITOR
    shown(client, "contacts/", 200 if is_auditor else 403)
    sent(client, "contacts/print", 200 if is_auditor else 403)


def test_what_was_typed_is_kept_where_it_is_refused(app):
    client = signed_in(app, Role.REGISTRAR)
    typed = {"text": "A call\nfrom the hotel", "kind": "call"}
    page = sent(client, "", 422, **typed, at="23:59").get_data(as_text=True)
    assert "This moment has not come yet." in page
    assert "A call\nfrom the hotel" in page.replace("\r\n", "\n")
    page = sent(client, "", 422, **typed, day="2022-11-17").get_data(as_text=True)
    assert "Give a time." in page
    page = sent(client, "", 422, text=" ", kind="call").get_data(as_text=True)
    assert "Write what has happened." in page
    assert sent(client, "", 422, text="x", kind="hand_over")
    before = last(app, DutyNote).id
    assert shown(client, f"news/{before}").strip() == ""
    sent(client, "", **typed, at="10:40")
    assert last(app, DutyNote).happened_at == START  # the present minute means now
    assert "1 new note: show it" in shown(client, f"news/{before}")


def test_a_note_is_corrected_followed_up_and_struck_out(app):
    client = signed_in(app, Role.COORDINATOR)
    sent(client, "", text="At ten", kind="note", needs_follow_up="y")
    old = last(app, DutyNote)
    assert "At ten" in shown(client, f"notes/{old.id}/correct")
    sent(client, f"notes/{old.id}/correct", text="At eleven", kind="note", needs_follow_up="y")
    new = last(app, DutyNote)
    assert "<del>At ten</del>" in shown(client, f"notes/{old.id}")
    assert f"In place of No. {old.number}" in shown(client, f"notes/{new.id}").replace(
        f'In place of <a href="{DUTY}notes/{old.id}">No.', "In place of No."
    )
    sent(client, f"notes/{new.id}/close", 422, word=" ")
    sent(client, f"notes/{new.id}/close", word="Done")
    sent(client, f"notes/{new.id}/close", 422, word="Again")
    sent(client, f"notes/{new.id}/strike", word="Another day")
    page = shown(client, "")
    assert "<del>At eleven</del>" in page
    assert "Another day" in page


def test_the_record_never_holds_what_was_said(app):
    sent(signed_in(app, Role.COORDINATOR), "", text="Passport of N. N. is lost", kind="note")
    with app.app_context():
        entries = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.record_table == "duty_notes")
        )
        assert not any("Passport" in str(entry.after) for entry in entries)


def test_the_roster_says_what_is_wrong_and_is_filled_at_once(app):
    client = signed_in(app, Role.COORDINATOR)
    page = shown(client, "roster/?day=2022-11-21")
    assert "No duty officer from 21 Nov 2022, 00:00 to 28 Nov 2022, 00:00" in page
    turns = {
        **{"turn_1-starts": "09:00", "turn_1-ends": "21:00", "turn_1-name": "C. Day"},
        **{"turn_2-starts": "21:00", "turn_2-ends": "09:00", "turn_2-user_id": "1"},
    }
    days = {"function": "duty_officer", "first": "2022-11-20", "last": "2022-11-27"}
    page = sent(client, "roster/repeat", 422, **days).get_data(as_text=True)
    assert "Say who is on duty in one turn at least." in page
    missing = turns | {"turn_1-ends": "", "turn_2-name": "B"}
    page = sent(client, "roster/repeat", 422, **days, **missing).get_data(as_text=True)
    assert "First turn: Give both times of the turn." in page
    assert "Second turn: Choose an account or give a name, one of them." in page
    sent(client, "roster/repeat", **days, **turns)
    page = shown(client, "roster/?day=2022-11-21")
    assert "A duty officer is there round the clock, and nobody is booked twice." in page
    one = {"function": "liaison", "name": "c. day", "starts": "08:00", "ends": "10:00"}
    sent(client, "roster/new", **one, day="2022-11-22")
    assert "C. Day is booked twice" in shown(client, "roster/?day=2022-11-21").replace(
        "c. day is booked", "C. Day is booked"
    )
    shift = last(app, DutyShift)
    typed = one | {"day": "2022-11-22", "starts": "23:00", "ends": "02:00"}
    sent(client, f"roster/{shift.id}/edit", 422, **typed, version="7")
    sent(client, f"roster/{shift.id}/edit", **typed, version=str(shift.version))
    sent(client, f"roster/{shift.id}/delete")
    shown(client, f"roster/{shift.id}/edit", 404)


def test_one_hands_over_and_another_takes_over(app):
    leaving, coming = signed_in(app, Role.COORDINATOR), signed_in(app, Role.REGISTRAR)
    page = shown(leaving, "hand-over")
    assert "Two suitcases" in page
    assert "Nobody meets them yet" in page
    shift_id = re.search(r'<option selected value="(\d+)">Daniyar Omar', page)[1]
    sent(leaving, "hand-over", 422, shift_id=shift_id, word="")
    path = sent(leaving, "hand-over", shift_id=shift_id, word="All quiet").headers["Location"]
    path = path.removeprefix(DUTY)
    assert "Take over as" not in shown(leaving, path)
    assert "Read and take over" in shown(coming, "")
    assert "Take over as Aigul Nurlan" in shown(coming, path)
    sent(leaving, f"{path}/take", 409)
    sent(coming, f"{path}/take")
    sent(coming, f"{path}/take", 409)
    assert "Taken over at 18 Nov 2022, 10:40 by Aigul Nurlan" in shown(coming, path)
    assert last(app, HandOver).note.text.startswith("All quiet\n\nOpen notes: ")


def test_contacts_are_kept_and_printing_them_goes_on_record(app):
    client = signed_in(app, Role.COORDINATOR)
    typed = {"name_en": "Fire brigade", "phone": "101", "position": "5"}
    sent(client, "contacts/new", 422, **typed | {"phone": ""})
    sent(client, "contacts/new", **typed)
    page = shown(client, "contacts/")
    assert page.index("Fire brigade") < page.index("Ambulance")
    assert "Liaison officer" in page
    response = sent(client, "contacts/print", 200)
    assert response.data.startswith(b"%PDF")
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == "read")
        entry = db.session.scalars(query.order_by(AuditEntry.id.desc())).first()
    assert entry.after == {"shown": "contacts sheet", "to": "Daniyar Omar"}
    path = re.search(r"contacts/(\d+)/edit", page)[0]
    assert "Fire brigade" in shown(client, path)
    sent(client, path, 422, **typed, version="9")
    sent(client, path, **typed | {"phone": "112"}, version="1")
    sent(client, path.replace("edit", "delete"))
    assert "Fire brigade" not in shown(client, "contacts/")


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_papers_are_made_in_every_language(app, language):
    client = signed_in(app, Role.COORDINATOR)
    client.set_cookie("language", language)
    for day in ("2022-11-18", "2022-12-24"):  # full and empty
        with clock.at(START):
            response = client.get(f"{DUTY}print?day={day}")
        assert response.data.startswith(b"%PDF")
    assert sent(client, "contacts/print", 200).data.startswith(b"%PDF")


def test_the_longest_note_is_printed_over_several_pages(app):
    client = signed_in(app, Role.COORDINATOR)
    sent(client, "", text="line\n" * 790, kind="note")
    with clock.at(START):
        response = client.get(f"{DUTY}print?day=2022-11-18")
    assert page_count(response.data) > 10


def test_a_letter_that_no_font_draws_keeps_no_day_from_paper(app):
    client = signed_in(app, Role.COORDINATOR)
    sent(client, "", text="Met 王 👍🏽 at the airport", kind="note")
    typed = {"name_en": "王 desk", "phone": "1", "position": "1"}
    sent(client, "contacts/new", **typed)
    with clock.at(START):
        assert client.get(f"{DUTY}print?day=2022-11-18").data.startswith(b"%PDF")
    assert sent(client, "contacts/print", 200).data.startswith(b"%PDF")
