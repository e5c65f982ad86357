"""What is kept of a meeting: presence, outcome, papers, follow-ups, a press note, printed cards."""

import io
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingDocument, MeetingKind, MeetingStatus
from tracker.meetings.operations import MeetingDetails, schedule_meeting

ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)
AFTER = NINE + timedelta(hours=2)


@pytest.fixture
def meeting(app):
    """The identity of a meeting of TURKPA with one named participant."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        sender = records.organization(name="Parliamentary Assembly", acronym="TURKPA")
        delegation = records.delegation(election, sender)
        member = records.accreditation(delegation, person=records.observer(surname="KAYA"))
        official = records.official(name_en="M. Host", name_ru="М. Хозяин", name_kk="М. Иесі")
        speaker = records.interpreter(name="A. Speaker", languages="tr", hours=[])
        made = schedule_meeting(
            actor=SYSTEM,
            election=election,
            details=MeetingDetails(
                kind=MeetingKind.BILATERAL,
                title="Courtesy call",
                starts_at=NINE,
                ends_at=NINE + timedelta(minutes=45),
                official_ids=(official.id,),
                delegation_ids=(delegation.id,),
                participant_ids=(member.id,),
                agenda="Voter lists\nObservers' access",
                language="tr",
                interpreter_id=speaker.id,
                protocol_attends=True,
                note="Not for others",
            ),
        )
        db.session.commit()
        return made.id, official.id, delegation.id, member.id


def base(meeting):
    return f"/e/kz-2022/meetings/{meeting[0]}"


def test_the_record_says_who_was_there_and_what_was_said(app, sign_in, meeting):
    coordinator = sign_in(Role.COORDINATOR)
    typed = {"outcome": "The lists are open.\n\nA report follows.", "others_present": "Press"}
    with clock.at(NOW):
        early = coordinator.post(f"{base(meeting)}/record", data=typed)
        assert early.status_code == 422
        assert "has not begun yet" in early.text
        assert "The lists are open." in early.text, "nothing typed is lost"
    with clock.at(AFTER):
        assert coordinator.post(f"{base(meeting)}/record", data=typed).status_code == 302
        page = coordinator.get(base(meeting)).text
        assert "The lists are open." in page
        assert "absent" in page
        present = typed | {"present": meeting[3]}
        coordinator.post(f"{base(meeting)}/record", data=present)
        assert "absent" not in coordinator.get(base(meeting)).text


def test_an_empty_record_is_refused_and_what_was_written_is_kept(app, sign_in, meeting):
    coordinator = sign_in(Role.COORDINATOR)
    with clock.at(AFTER):
        for outcome in ("", " \n "):
            refused = coordinator.post(f"{base(meeting)}/record", data={"outcome": outcome})
            assert refused.status_code == 422
            assert 'id="outcome-error"' in refused.text
            assert stored(app, meeting) == (MeetingStatus.SCHEDULED, None, [None])
        typed = {"outcome": "The lists are open.", "present": meeting[3]}
        coordinator.post(f"{base(meeting)}/record", data=typed)
        assert coordinator.post(f"{base(meeting)}/record", data={}).status_code == 422
    assert stored(app, meeting) == (MeetingStatus.HELD, "The lists are open.", [True])


def stored(app, meeting):
    with app.app_context():
        row = db.session.get_one(Meeting, meeting[0])
        return row.status, row.outcome, [each.was_present for each in row.participants]


def test_follow_ups_are_due_done_and_undone(sign_in, meeting):
    coordinator = sign_in(Role.COORDINATOR)
    with clock.at(AFTER):
        empty = coordinator.post(f"{base(meeting)}/follow-ups", data={"task": " "})
        assert "Say what is to be done." in empty.text
        task = {"task": "Send the lists", "responsible": "Archive", "due_on": "2022-11-17"}
        coordinator.post(f"{base(meeting)}/follow-ups", data=task)
        page = coordinator.get(base(meeting)).text
        assert "The task is entered." in page
        assert "overdue" in page
        coordinator.post(f"{base(meeting)}/follow-ups/1", data={"done": "1"})
        page = coordinator.get(base(meeting)).text
        assert "overdue" not in page
        assert "Not done after all" in page
        assert coordinator.post(f"{base(meeting)}/follow-ups/7").status_code == 404


def test_papers_are_encrypted_and_given_out_as_files_only(app, sign_in, meeting):
    coordinator, content = sign_in(Role.COORDINATOR), b"<script>alert(1)</script>"
    upload = {"document": (io.BytesIO(content), "проект.html")}
    with clock.at(NOW):
        answer = coordinator.post(f"{base(meeting)}/documents", data=upload)
        assert answer.status_code == 302
        assert "The file is attached." in coordinator.get(base(meeting)).text
        nothing = coordinator.post(f"{base(meeting)}/documents", data={})
        assert "Choose a file." in nothing.text
        paper = sign_in(Role.OFFICIAL).get(f"{base(meeting)}/documents/1")
    assert paper.data == content
    assert paper.content_type == "application/octet-stream"
    assert paper.headers["Content-Disposition"].startswith("attachment;")
    with app.app_context():
        key = db.session.get_one(MeetingDocument, 1).content
        stored = app.config["SETTINGS"].instance / "files" / key[:2] / key
        assert content not in stored.read_bytes()


def test_a_press_note_in_three_languages_closes_with_the_totals_of_the_day(app, sign_in, meeting):
    with app.app_context():
        expect_writes(True)
        db.session.get_one(Meeting, meeting[0]).outcome = "The lists are open."
        db.session.commit()
    with clock.at(AFTER):
        page = sign_in(Role.COORDINATOR).get(f"{base(meeting)}/press-note").text
    notes = dict(re.findall(r'<section[^>]*lang="(\w\w)">(.*?)</section>', page, re.S))
    assert set(notes) == {"en", "ru", "kk"}
    assert "18 November 2022: meeting. Host: Chairman M. Host." in notes["en"]
    assert "18 ноября 2022" in notes["ru"]
    assert "М. Иесі" in notes["kk"]
    assert all("The lists are open." in note for note in notes.values())
    assert "Not for others" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Friday, 18 November 2022", "M. Host", "Interpreter: A. Speaker"]),
        ("ru", ["пятница, 18 ноября 2022", "М. Хозяин", "Переводчик: A. Speaker"]),
        ("kk", ["2022 жылғы 18 қараша, жұма", "М. Иесі", "Аудармашы: A. Speaker"]),
    ],
)
def test_day_card_and_itinerary_on_paper(sign_in, meeting, language, words):
    coordinator = sign_in(Role.COORDINATOR)
    query = f"?language={language}&day=2022-11-18"
    with clock.at(NOW):
        card = coordinator.get(f"/e/kz-2022/meetings/day-card/{meeting[1]}{query}")
        plan = coordinator.get(f"/e/kz-2022/meetings/itinerary/{meeting[2]}{query}")
    for answer in (card, plan):
        assert answer.content_type == "application/pdf"
        text = " ".join(PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
        for word in (*words, "09:00–09:45", "Courtesy call", "Voter lists", "ANNA KAYA"):
            assert word in text, (language, word, text)
        assert "Not for others" not in text


def test_a_focal_point_prints_its_own_itinerary_only(app, sign_in, meeting):
    with app.app_context():
        expect_writes(True)
        election = db.session.get_one(Meeting, meeting[0]).election_id
        other = records.delegation(type("E", (), {"id": election})).id
        db.session.commit()
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(meeting[2],))
    assert focal.get(f"/e/kz-2022/meetings/itinerary/{meeting[2]}").status_code == 200
    assert focal.get(f"/e/kz-2022/meetings/itinerary/{other}").status_code == 404
    assert focal.get(base(meeting)).status_code == 403


def test_a_meeting_that_took_place_unplanned_is_said_to_be_recorded(sign_in, meeting):
    coordinator = sign_in(Role.COORDINATOR)
    typed = {"kind": "bilateral", "title": "In the corridor", "officials": meeting[1]}
    typed |= {"delegations": meeting[2], "day": "2022-11-09", "starts": "10:00", "ends": "10:20"}
    with clock.at(NOW):
        assert "has passed" in coordinator.post("/e/kz-2022/meetings/new", data=typed).text
        answer = coordinator.post(
            "/e/kz-2022/meetings/new",
            data=typed | {"has_taken_place": "y"},
            follow_redirects=True,
        )
    assert "It is recorded that the meeting took place." in answer.text
    assert "The meeting is scheduled." not in answer.text
