"""Invitations (RFC 5546, 6047) through a real mail server, following every change of a meeting."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.conftest import NOW
from tests.factories import records
from tests.factories.mail import SENDER, mail_server
from tracker.delegations.models import DelegationContact
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.jobs import jobs
from tracker.kernel.outbox import send_due
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingKind
from tracker.meetings.operations import (
    MeetingDetails,
    cancel_meeting,
    change_meeting,
    invite,
    schedule_meeting,
)

ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)
GUEST, ENDED, ASSISTANT = "guest@turkpa.example.org", "old@example.org", "office@senate.example.org"
OTHER_GUEST = "guest@cis.example.org"


@pytest.fixture
def inbox():
    with mail_server() as found:
        yield found


@pytest.fixture
def meeting(app):
    """The identity of a meeting with an assistant, a contact and a contact who has left."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election)
        add_contact(delegation, GUEST)
        add_contact(delegation, ENDED, ended_on=date(2022, 11, 1))
        official = records.official(assistant_email=ASSISTANT)
        made = schedule_meeting(
            actor=SYSTEM, election=election, details=details(official, delegation)
        )
        db.session.commit()
        return made.id


def add_contact(delegation, email, ended_on=None):
    contact = DelegationContact(
        delegation_id=delegation.id,
        name="Selin Demir",
        email=email,
        effective_on=date(2022, 10, 1),
        ended_on=ended_on,
    )
    db.session.add(contact)


def details(official, delegation, starts=NINE):
    return MeetingDetails(
        kind=MeetingKind.BILATERAL,
        title="Қабылдау",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
        official_ids=(official.id,),
        delegation_ids=(delegation.id,),
    )


def do(app, meeting, work):
    """One change in its own transaction, then what the job process would send."""
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            row = db.session.get_one(Meeting, meeting)
            work(db.session.get_one(Election, row.election_id), row)
        send_due()
        db.session.remove()


def invited(election, row):
    assert invite(actor=SYSTEM, election=election, meeting=row) == 2


def moved(election, row):
    later = details(row.officials[0], row.delegations[0], NINE + timedelta(hours=3))
    change_meeting(
        actor=SYSTEM, election=election, meeting=row, details=later, seen_version=row.version
    )


def cancelled(election, row):
    cancel_meeting(actor=SYSTEM, election=election, meeting=row, reason="Fog")


def with_another(election, row):
    """The delegation of another sender joins in."""
    other = records.delegation(election)
    add_contact(other, OTHER_GUEST)
    both = tuple(each.id for each in (*row.delegations, other))
    changed(election, row, delegation_ids=both)


def changed(election, row, **values):
    now_is = details(row.officials[0], row.delegations[0], row.starts_at)
    change_meeting(
        actor=SYSTEM,
        election=election,
        meeting=row,
        details=replace(now_is, **values),
        seen_version=row.version,
    )


def without_the_other(election, row):
    later = row.starts_at + timedelta(hours=3)
    changed(election, row, starts_at=later, ends_at=later + timedelta(minutes=45))


def said(inbox):
    """Recipient, METHOD, SEQUENCE, local start and status of each letter, in order."""
    found = []
    for received in inbox.received:
        part = next(p for p in received.letter.walk() if p.get_content_type() == "text/calendar")
        calendar = Calendar.from_ical(part.get_payload(decode=True))
        (event,) = calendar.walk("VEVENT")
        assert part.get_param("method") == str(calendar["METHOD"])
        assert str(event["ORGANIZER"]) == f"mailto:{SENDER[1]}"
        assert str(event["ATTENDEE"]) == f"mailto:{received.recipients[0]}"
        start = event["DTSTART"].dt.strftime("%H:%M")
        facts = (str(calendar["METHOD"]), int(event["SEQUENCE"]), start, str(event.get("STATUS")))
        found.append((received.recipients[0], *facts, str(event["UID"])))
    return found


def test_an_invitation_its_change_and_its_end_reach_those_who_were_invited(app, inbox, meeting):
    do(app, meeting, moved)
    assert said(inbox) == [], "nobody is told before somebody invites"
    do(app, meeting, invited)
    do(app, meeting, moved)
    do(app, meeting, cancelled)
    letters = said(inbox)
    assert len({letter[-1] for letter in letters}) == 1, "one UID for good"
    expected = [
        ("REQUEST", 1, "12:00", "CONFIRMED"),
        ("REQUEST", 2, "12:00", "CONFIRMED"),
        ("CANCEL", 3, "12:00", "CANCELLED"),
    ]
    for address in (GUEST, ASSISTANT):
        assert [letter[1:-1] for letter in letters if letter[0] == address] == expected
    assert ENDED not in {letter[0] for letter in letters}


def texts(inbox, address):
    letters = [each.letter for each in inbox.received if each.recipients[0] == address]
    return [
        next(p for p in letter.walk() if p.get_content_type() == "text/plain")
        .get_payload(decode=True)
        .decode()
        for letter in letters
    ]


def test_whoever_is_no_longer_of_the_meeting_is_told_and_nothing_more(app, inbox, meeting):
    do(app, meeting, invited)
    do(app, meeting, with_another)
    do(app, meeting, without_the_other)
    do(app, meeting, cancelled)
    letters = said(inbox)
    assert [letter[1:-1] for letter in letters if letter[0] == OTHER_GUEST] == [
        ("REQUEST", 1, "09:00", "CONFIRMED"),
        # The meeting itself stands (RFC 5546, 3.2.5); when it is now is not for who left it.
        ("CANCEL", 2, "09:00", "None"),
    ]
    assert len({letter[-1] for letter in letters}) == 1
    assert [letter[1] for letter in letters if letter[0] == GUEST] == ["REQUEST"] * 3 + ["CANCEL"]
    last = texts(inbox, OTHER_GUEST)[-1]
    assert "You no longer take part in this meeting:" in last
    assert "Вы больше не участвуете в этой встрече:" in last
    assert "09:00–09:45" in last
    assert "12:00" not in last
    subjects = [str(make_header(decode_header(each.letter["Subject"]))) for each in inbox.received]
    assert "You no longer take part: Қабылдау" in subjects


def test_an_official_who_is_replaced_is_told(app, inbox, meeting):
    do(app, meeting, invited)
    do(
        app,
        meeting,
        lambda election, row: changed(election, row, official_ids=(records.official().id,)),
    )
    letters = [letter[1:-1] for letter in said(inbox) if letter[0] == ASSISTANT]
    assert letters == [("REQUEST", 0, "09:00", "CONFIRMED"), ("CANCEL", 1, "09:00", "None")]


def test_the_letter_says_it_in_three_languages(app, inbox, meeting):
    do(app, meeting, invited)
    do(app, meeting, cancelled)
    first, *_others, last = texts(inbox, GUEST)
    assert "Friday, 18 November 2022, 09:00–09:45 (UTC+0600)" in first
    assert "пятница, 18 ноября 2022, 09:00–09:45" in first
    assert "2022 жылғы 18 қараша, жұма, 09:00–09:45" in first
    assert "Fog" in last


def test_inviting_twice_sends_once(app, inbox, meeting):
    do(app, meeting, invited)
    do(app, meeting, invited)
    assert len(said(inbox)) == 2


def test_the_page_says_who_is_invited_and_refuses_where_no_mail_is_set_up(
    app, sign_in, meeting, inbox
):
    coordinator = sign_in(Role.COORDINATOR)
    address = f"/e/kz-2022/meetings/{meeting}"
    with clock.at(NOW):
        page = coordinator.get(address).text
        assert "Invite 2 people" in page
        assert GUEST not in page
        assert coordinator.post(f"{address}/invite").status_code == 302
        assert "changes go out by themselves" in coordinator.get(address).text


def test_without_mail_an_invitation_is_refused(app, meeting):
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        row = db.session.get_one(Meeting, meeting)
        election = db.session.get_one(Election, row.election_id)
        with pytest.raises(Refused, match="No mail is set up"):
            invite(actor=SYSTEM, election=election, meeting=row)


def test_everybody_is_invited_to_all_confirmed_meetings_at_once(app, sign_in, inbox, meeting):
    coordinator = sign_in(Role.COORDINATOR)
    with clock.at(NOW):
        assert "To 1 confirmed meeting nobody" in coordinator.get("/e/kz-2022/meetings/").text
        assert coordinator.post("/e/kz-2022/meetings/invite-all").status_code == 302
        with app.app_context():
            while task := jobs.huey.dequeue():
                jobs.huey.execute(task)
            send_due()
        assert "nobody has been invited" not in coordinator.get("/e/kz-2022/meetings/").text
    assert [letter[:3] for letter in said(inbox)] == [
        (ASSISTANT, "REQUEST", 0),
        (GUEST, "REQUEST", 0),
    ]
