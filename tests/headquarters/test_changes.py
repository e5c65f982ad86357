"""What changed since one looked last: each kind of change is a line, once, and in its words."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import Reason, revoke_accreditation
from tracker.headquarters.changes import changes_between
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.i18n import force_locale
from tracker.kernel.permissions import Role
from tracker.logistics.models.movements import Direction, Means
from tracker.logistics.operations.movements import MovementDetails, advance_movement, plan_movement
from tracker.meetings.models import Meeting, MeetingKind, MeetingStatus

HOUR = timedelta(hours=1)


@pytest.fixture
def day(session):
    """An election with a meeting, an arrival and an accredited observer, all known by NOW."""
    election = records.election()
    of = records.delegation(election, records.organization(acronym="OIC"))
    observer = records.accreditation(of, status=AccreditationStatus.ACCREDITED)
    meeting = Meeting(
        election_id=election.id,
        kind=MeetingKind.BILATERAL,
        title="Courtesy call",
        starts_at=NOW + 5 * HOUR,
        ends_at=NOW + 6 * HOUR,
        delegations=[of],
    )
    db.session.add(meeting)
    arrival = plan_movement(
        actor=SYSTEM,
        election=election,
        delegation=of,
        details=MovementDetails(
            direction=Direction.ARRIVAL,
            means=Means.ROAD,
            point_id=records.point().id,
            moves_at=NOW + HOUR,
            people=4,
        ),
    )
    advance_movement(actor=SYSTEM, movement=arrival, name="confirm")
    db.session.flush()
    return election, of, observer, meeting, arrival


def said(election, since, until, code="en"):
    with force_locale(code):
        return [change.text for change in changes_between(election, since, until)]


def test_each_change_is_said_once_and_in_its_window(day):
    election, of, observer, meeting, arrival = day
    assert said(election, NOW, NOW + 9 * HOUR) == []
    with clock.at(NOW + HOUR):
        reason = Reason(ground=Ground.INTERFERENCE)
        revoke_accreditation(actor=SYSTEM, row=observer, reason=reason)
    with clock.at(NOW + 2 * HOUR):
        meeting.starts_at, meeting.ends_at = NOW + 6 * HOUR, NOW + 7 * HOUR
        advance_movement(actor=SYSTEM, movement=arrival, name="finish")
        records.assistance(of, created_at=NOW + 2 * HOUR)
        db.session.flush()
    with clock.at(NOW + 3 * HOUR):
        meeting.status = MeetingStatus.CANCELLED
        db.session.flush()
    assert said(election, NOW, NOW + 9 * HOUR) == [
        "1 accreditation revoked",
        "Meeting moved: OIC, from 17:00 to 18:00",
        "Meeting cancelled: OIC, 10 November 2022, 18:00",
        "4 people have arrived",
        "1 request raised",
    ]
    assert said(election, NOW + 2 * HOUR, NOW + 3 * HOUR) == [
        "Meeting cancelled: OIC, 10 November 2022, 18:00"
    ]
    assert said(election, NOW, NOW + 2 * HOUR, "ru") == [
        "Аннулирована 1 аккредитация",
        "Встреча перенесена: OIC, было 17:00, стало 18:00",
        "Прибыли 4 человека",
        "Поступила 1 заявка",
    ]


def test_another_election_is_another_matter(day):
    other = records.election(slug="other")
    with clock.at(NOW + HOUR):
        day[3].status = MeetingStatus.CANCELLED
        db.session.flush()
    assert said(other, NOW, NOW + 9 * HOUR) == []


def test_the_summary_remembers_on_the_device_when_it_was_looked_at(app, sign_in):
    with app.app_context(), clock.at(NOW - 2 * HOUR):
        expect_writes(True)
        of = records.delegation(records.election())
        records.assistance(of, created_at=NOW - 2 * HOUR)
        db.session.commit()
    client = sign_in(Role.OFFICIAL)
    raised = "1 request raised"

    def page(hours):
        with clock.at(NOW + hours * HOUR):
            return client.get("/e/kz-2022/summary").get_data(as_text=True)

    assert raised in page(0), "within a day of the first look"
    assert raised in page(0.1), "the same look, a moment later"
    assert raised not in page(1)
    assert "since 10 Nov 2022, 12:06" in page(1)
    client.set_cookie("looked-kz-2022", "not.a moment")
    assert raised in page(2), "what the device says wrong is left aside"
    client.set_cookie("looked-kz-2022", "99999999999999999999.1")
    assert raised in page(3)
