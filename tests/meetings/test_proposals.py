"""Free times for a meeting: nobody engaged, within hours, and why there is none."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import demonstration, signed_in
from tracker.demonstration.installation import START
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingKind, Whom
from tracker.meetings.operations import (
    MeetingDetails,
    RequestDetails,
    request_meeting,
    schedule_meeting,
)
from tracker.meetings.proposals import free_times, times_for
from tracker.officials.models import OfficialHours
from tracker.officials.operations import HallDetails, create_hall

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
TEN = datetime(2022, 11, 14, 4, tzinfo=UTC)  # Monday 14 November, 10:00 in Almaty


@pytest.fixture
def election(session):
    return records.election()


def details(official, delegation, **more):
    values = {
        "kind": MeetingKind.BILATERAL,
        "title": "Meeting",
        "starts_at": TEN,
        "ends_at": TEN + timedelta(minutes=45),
        "official_ids": (official.id,),
        "delegation_ids": (delegation.id,),
    }
    return MeetingDetails(**values | more)


def test_every_proposal_can_be_booked(app, election):
    official, delegation = records.official(), records.delegation(election)
    official.hours = [OfficialHours(weekday=0, starts=time(10), ends=time(12))]
    other = records.delegation(election)
    schedule_meeting(actor=COORDINATOR, election=election, details=details(official, other))
    with app.test_request_context():
        found, reason = free_times(election, details(official, delegation), with_hall=False)
    assert reason == ""
    assert [free.starts.strftime("%d %H:%M") for free in found] == ["14 10:45"]
    free = found[0]
    booked = details(official, delegation, starts_at=free.starts, ends_at=free.ends)
    assert schedule_meeting(actor=COORDINATOR, election=election, details=booked).id


def test_the_wished_day_comes_first_and_the_smallest_hall_that_fits(app, election):
    official, delegation = records.official(), records.delegation(election)
    for capacity in (120, 16):
        create_hall(
            actor=COORDINATOR,
            details=HallDetails(
                institution_id=official.institution_id,
                name_en=f"Hall {capacity}",
                name_ru="Зал",
                name_kk="Зал",
                capacity=capacity,
            ),
        )
    with app.test_request_context():
        wanted = details(official, delegation, people=12)
        found, _reason = free_times(election, wanted, with_hall=True)
    assert {free.hall.split(",")[0] for free in found} == {"Hall 16"}
    assert {free.starts.date().day for free in found} == {14}
    assert "on a wished day" in found[0].reasons


def test_why_there_is_no_free_time(app, election):
    official, delegation = records.official(), records.delegation(election)
    official.name_en = "A. Official"
    official.hours = [OfficialHours(weekday=0, starts=time(10), ends=time(10, 30))]
    with app.test_request_context():
        found, reason = free_times(election, details(official, delegation), with_hall=False)
        assert found == []
        assert "A. Official: no hours long enough for 45 minutes" in reason
        wanted = details(official, delegation, people=500, ends_at=TEN + timedelta(minutes=20))
        assert "no hall for 500 people" in free_times(election, wanted, with_hall=True)[1]


def test_the_page_proposes_and_a_proposal_fills_the_form(app, sign_in):
    with app.app_context():
        expect_writes(True)
        made = records.election(
            election_on=(NOW + timedelta(days=3650)).date(),
            closes_at=NOW + timedelta(days=3600),
            ends_at=NOW + timedelta(days=3660),
        )
        official, delegation = records.official(), records.delegation(made)
        chosen = {"officials": official.id, "delegations": delegation.id}
        db.session.commit()
    coordinator = sign_in(Role.COORDINATOR)
    typed = {"kind": "bilateral", "day": "2031-03-03", "starts": "03:00", "ends": "03:45"}
    page = coordinator.post(
        "/e/kz-2022/meetings/new", data=typed | chosen | {"propose": "1", "hall_id": "0"}
    )
    assert page.status_code == 200
    assert "Free times" in page.text
    said = page.text.split('name="take" value="')[1].split('"')[0].replace("&amp;", "&")
    kept = {"agenda": "Count abroad", "note": "Bring the map", "kind": "bilateral"}
    filled = coordinator.post(
        "/e/kz-2022/meetings/new", data=typed | chosen | kept | {"take": said}
    )
    assert filled.status_code == 200
    for value in ("Count abroad", "Bring the map", 'value="2031-03-03"'):
        assert value in filled.text
    assert 'value="03:00"' not in filled.text
    with app.app_context():
        assert db.session.query(Meeting).count() == 0


def asked(election, *days, **stay):
    """A request of a delegation with such a stay, for these days."""
    official = records.official()
    wish = RequestDetails(
        whom=Whom.OFFICIAL, official_id=official.id, topics="Voter lists", days=days
    )
    return request_meeting(
        actor=COORDINATOR,
        election=election,
        delegation=records.delegation(election, **stay),
        details=wish,
    )


def test_who_wishes_for_a_day_outside_its_stay_is_told_the_stay(app, election):
    stay = {"arrival_on": date(2022, 11, 18), "departure_on": date(2022, 11, 22)}
    early = asked(election, date(2022, 11, 10), **stay)
    open_ended = asked(election, date(2022, 11, 10), arrival_on=date(2022, 11, 18))
    within = asked(election, date(2022, 11, 21), **stay)
    with app.test_request_context():
        found, reason = times_for(election, early)
        assert (found, reason.partition("; ")[2]) == (
            [],
            "the delegation stays from 18 November 2022 to 22 November 2022",
        )
        assert "stays from" not in times_for(election, open_ended)[1]
        assert times_for(election, within)[0]


def test_another_time_begins_with_the_day_that_is_wished_for(app, sign_in):
    with app.app_context(), clock.at(NOW - timedelta(days=3)):
        expect_writes(True)
        election = records.election()
        wish = asked(election, date(2022, 11, 8), date(2022, 11, 16), date(2022, 11, 15))
        past = asked(election, date(2022, 11, 8))
        db.session.commit()
        paths = [f"/e/kz-2022/meetings/requests/{each.id}/place" for each in (wish, past)]
    coordinator = sign_in(Role.COORDINATOR)
    with clock.at(NOW):
        assert 'value="2022-11-15"' in coordinator.get(paths[0]).text
        linked = coordinator.get(f"{paths[0]}?day=2022-11-17&starts=11:00&ends=11:45").text
        assert 'value="2022-11-17"' in linked
        assert 'value="2022-11-10"' in coordinator.get(paths[1]).text, "that day has passed"


def test_officials_are_named_with_their_institution(tmp_path):
    client = signed_in(demonstration(tmp_path), Role.COORDINATOR)
    meetings = "/e/kz-2022/meetings/"
    paths = ("new", "requests/new", "schedule?day=2022-11-18", "schedule?day=2022-11-18&span=day")
    with clock.at(START):
        pages = [client.get(f"{meetings}{path}").text for path in paths]
    for page in pages:
        assert "Nurlan Abdirov" in page
        assert "Chairman, Central Election Commission" in page
