"""Calendars at secret addresses: who holds one sees its meetings, and nothing else."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from tests.conftest import NOW
from tests.factories import records
from tracker.accounts.models import User
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.meetings.models import CalendarAddress, Meeting, MeetingKind, MeetingStatus
from tracker.meetings.operations import MeetingDetails, cancel_meeting, schedule_meeting


@pytest.fixture
def people(app):
    """Two officials and two delegations, each pair with a meeting; returns their identities."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        found = []
        for hours in (1, 3):
            official, delegation = records.official(), records.delegation(election)
            schedule_meeting(
                actor=SYSTEM,
                election=election,
                details=MeetingDetails(
                    kind=MeetingKind.BILATERAL,
                    title=f"Meeting at {hours}",
                    starts_at=NOW + timedelta(hours=hours),
                    ends_at=NOW + timedelta(hours=hours + 1),
                    official_ids=(official.id,),
                    delegation_ids=(delegation.id,),
                ),
            )
            found.append((official.id, delegation.id))
        db.session.commit()
    return found


def new_address(client, subject):
    page = client.post("/e/kz-2022/meetings/calendars", data={"subject": subject}).text
    return re.search(r'value="http://localhost(/calendars/[^"]+)"', page)[1]


def titles(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(event["SUMMARY"]): event for event in events}


def test_each_address_shows_its_own_meetings(client, sign_in, people):
    coordinator = sign_in(Role.COORDINATOR)
    (official, _first), (_other, delegation) = people
    shown = {
        subject: set(titles(client, new_address(coordinator, subject)))
        for subject in (f"official:{official}", f"delegation:{delegation}", "election")
    }
    assert list(shown.values()) == [
        {"Meeting at 1"},
        {"Meeting at 3"},
        {"Meeting at 1", "Meeting at 3"},
    ]


def test_a_cancelled_meeting_is_said_with_a_higher_sequence(app, client, sign_in, people):
    path = new_address(sign_in(Role.COORDINATOR), "election")
    before = titles(client, path)["Meeting at 1"]
    with app.app_context():
        expect_writes(True)
        meeting = db.session.scalars(sa.select(Meeting).filter_by(title="Meeting at 1")).one()
        cancel_meeting(
            actor=SYSTEM,
            election=db.session.get_one(Election, meeting.election_id),
            meeting=meeting,
            reason="Fog",
        )
        db.session.commit()
    after = titles(client, path)["Meeting at 1"]
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_closed_or_invented_address_shows_nothing(app, client, sign_in, people):
    coordinator = sign_in(Role.COORDINATOR)
    path = new_address(coordinator, "election")
    assert client.get("/calendars/invented.ics").status_code == 404
    coordinator.post("/e/kz-2022/meetings/calendars/1/revoke")
    assert client.get(path).status_code == 404
    with app.app_context():
        row = db.session.scalars(sa.select(CalendarAddress)).one()
        assert row.digest not in path  # only a digest of the secret is kept


def test_only_coordinators_make_addresses(sign_in, people):
    answer = sign_in(Role.OFFICIAL).post(
        "/e/kz-2022/meetings/calendars", data={"subject": "election"}
    )
    assert answer.status_code == 403


def test_people_and_interpreters_have_calendars_of_their_own(app, client, sign_in, people):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        speaker = records.interpreter(hours=[])
        meeting = db.session.scalars(sa.select(Meeting).order_by(Meeting.id)).first()
        meeting.interpreter_id, key = speaker.id, speaker.id
        db.session.commit()
    coordinator = sign_in(Role.COORDINATOR)
    assert set(titles(client, new_address(coordinator, f"interpreter:{key}"))) == {"Meeting at 1"}
    own = {
        "everything": coordinator,
        "own delegation": sign_in(Role.FOCAL_POINT, delegation_ids=(people[1][1],)),
    }
    found = {}
    for name, person in own.items():
        page = person.post("/e/kz-2022/meetings/my-calendar").text
        address = re.search(r'value="http://localhost(/calendars/[^"]+)"', page)[1]
        found[name] = (address, set(titles(client, address)))
    assert found["everything"][1] == {"Meeting at 1", "Meeting at 3"}
    assert found["own delegation"][1] == {"Meeting at 3"}
    stranger = sign_in(Role.FOCAL_POINT, delegation_ids=(people[0][1],))
    assert stranger.post("/e/kz-2022/meetings/calendars/2/revoke").status_code == 403
    assert own["everything"].post("/e/kz-2022/meetings/calendars/2/revoke").status_code == 302
    assert client.get(found["everything"][0]).status_code == 404


def test_a_closed_account_closes_its_calendar(app, client, sign_in, people):
    page = sign_in(Role.COORDINATOR).post("/e/kz-2022/meetings/my-calendar").text
    address = re.search(r'value="http://localhost(/calendars/[^"]+)"', page)[1]
    assert client.get(address).status_code == 200
    with app.app_context():
        expect_writes(True)
        db.session.scalars(sa.select(User)).one().active = False
        db.session.commit()
    assert client.get(address).status_code == 404


def test_a_proposed_meeting_is_tentative(app, client, sign_in, people):
    with app.app_context():
        expect_writes(True)
        db.session.get_one(Meeting, 1).status = MeetingStatus.PROPOSED
        db.session.commit()
    address = new_address(sign_in(Role.COORDINATOR), "election")
    statuses = {title: str(event["STATUS"]) for title, event in titles(client, address).items()}
    assert statuses == {"Meeting at 1": "TENTATIVE", "Meeting at 3": "CONFIRMED"}
