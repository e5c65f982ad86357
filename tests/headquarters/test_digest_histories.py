"""As of a moment: what the digest takes from histories, and what it leaves out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.headquarters.digest import digest_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.models.assistance import AssistanceStatus, AssistanceStep
from tracker.logistics.models.movements import Direction, Means
from tracker.logistics.operations.movements import (
    MovementDetails,
    advance_movement,
    change_movement,
    plan_movement,
)
from tracker.meetings.models import Meeting, MeetingKind, MeetingStatus

HOUR = timedelta(hours=1)


@pytest.fixture
def election(session):
    return records.election()


def meeting(election, **values):
    starts_at = values.pop("starts_at", NOW + HOUR)
    row = Meeting(
        election_id=election.id,
        kind=MeetingKind.BRIEFING,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        **{"title": "Briefing", "created_at": NOW - 2 * HOUR} | values,
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_meetings_that_stand(election):
    meeting(election, title="Held", starts_at=NOW - HOUR, status=MeetingStatus.HELD)
    meeting(election, title="Ahead")
    meeting(election, title="Made later", created_at=NOW + HOUR / 2)
    meeting(election, title="Moved later", changed_at=NOW + HOUR / 2)
    meeting(election, title="Offered", status=MeetingStatus.PROPOSED)
    meeting(election, title="Called off", status=MeetingStatus.CANCELLED)
    with clock.at(NOW + 24 * HOUR):
        then = digest_of(election, "en", NOW)
    assert [(row.title, row.state) for row in then.meetings] == [
        ("Held", ""),
        ("Ahead", "Scheduled"),
        ("Offered", "Proposed"),
    ]
    now = digest_of(election, "en")
    assert [row.state for row in now.meetings if row.title == "Held"] == ["Held"]


def test_movements_by_their_steps(election):
    delegation, point = records.delegation(election), records.point()
    values = {
        "direction": Direction.ARRIVAL,
        "means": Means.ROAD,
        "point_id": point.id,
        "moves_at": NOW + 2 * HOUR,
    }
    around = {"actor": SYSTEM, "election": election}
    with clock.at(NOW - 3 * HOUR):
        row = plan_movement(
            **around, delegation=delegation, details=MovementDetails(people=5, **values)
        )

    def people(moment):
        with clock.at(NOW + 48 * HOUR):
            found = digest_of(election, "en", moment).travel
        return [(each.people, each.expected) for each in (found[0], found[2])]

    with clock.at(NOW - HOUR):
        change_movement(
            **around,
            movement=row,
            details=MovementDetails(people=7, **values),
            seen_version=row.version,
        )
    with clock.at(NOW - HOUR / 4):
        change_movement(
            **around,
            movement=row,
            details=MovementDetails(people=7, met_by="A. Greeter", **values),
            seen_version=row.version,
        )
    with clock.at(NOW):
        change_movement(
            **around,
            movement=row,
            details=MovementDetails(people=7, **values | {"moves_at": NOW + 26 * HOUR}),
            seen_version=row.version,
        )
    with clock.at(NOW + 27 * HOUR):
        advance_movement(actor=SYSTEM, movement=row, name="confirm")
        advance_movement(actor=SYSTEM, movement=row, name="finish")
    assert people(NOW - 4 * HOUR) == [(0, 0), (0, 0)], "nobody knew of it"
    assert people(NOW - 2 * HOUR) == [(5, 5), (0, 0)]
    assert people(NOW - HOUR / 2) == [(7, 7), (0, 0)]
    assert people(NOW + HOUR) == [(0, 0), (7, 7)]
    assert people(NOW + 28 * HOUR) == [(7, 0), (0, 0)]


def test_requests_by_their_steps(election):
    delegation = records.delegation(election)
    row = records.assistance(delegation, created_at=NOW - 2 * HOUR)
    step = AssistanceStep(
        assistance_id=row.id,
        to_status=AssistanceStatus.DECLINED,
        recorded_at=NOW - HOUR,
        actor_name="tests",
    )
    db.session.add(step)
    row.status, row.settled_at = AssistanceStatus.DECLINED, NOW - HOUR
    db.session.flush()

    def counts(moment):
        with clock.at(NOW + 48 * HOUR):
            found = digest_of(election, "en", moment).requests
        return found.raised, found.settled, found.open

    assert counts(NOW - 3 * HOUR) == (0, 0, 0)
    assert counts(NOW - 1.5 * HOUR) == (1, 0, 1)
    assert counts(NOW) == (1, 1, 0)
    assert counts(NOW + 24 * HOUR) == (0, 0, 0)


def test_it_is_about_the_local_day(election):
    late = datetime(2022, 11, 10, 19, tzinfo=UTC)  # 01:00 of the 11th in Almaty
    with clock.at(late):
        assert digest_of(election, "en").day == date(2022, 11, 11)
