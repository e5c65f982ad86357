"""What changed since one looked last: each kind of change is a line, once, and in its words."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.accreditation.test_operations import decide, enter, person
from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import (
    Reason,
    register_observer,
    revoke_accreditation,
    submit_observers,
)
from tracker.headquarters.changes import MOST_MEETINGS, changes_between, meetings_told
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


def test_who_is_returned_for_correction_is_not_registered_anew(day):
    election, of = day[:2]
    draft = records.accreditation(of)
    with clock.at(NOW + HOUR):
        sent = submit_observers(actor=SYSTEM, election=election, accreditation_ids=[draft.id])
        decide(election, sent, kind="returned", reason=Reason())
    assert said(election, NOW, NOW + HOUR) == [
        "1 candidate submitted",
        "1 candidate returned for correction",
    ]
    assert "Возвращён на исправление 1 кандидат" in said(election, NOW, NOW + HOUR, "ru")
    drawn_up = enter(election, of, person(document_number="U7", surname="ARSLAN"))
    with clock.at(NOW + 2 * HOUR):
        register_observer(actor=SYSTEM, election=election, row=drawn_up)
    assert said(election, NOW + HOUR, NOW + 2 * HOUR) == ["1 observer registered"]


def test_what_is_no_news_or_of_another_election_pushes_nothing_out(day):
    election, meeting = day[0], day[3]
    other = records.election(slug="other")
    theirs = Meeting(
        election_id=other.id,
        kind=MeetingKind.BRIEFING,
        title="Briefing",
        starts_at=NOW + 5 * HOUR,
        ends_at=NOW + 6 * HOUR,
    )
    db.session.add(theirs)
    with clock.at(NOW + HOUR):
        meeting.status = MeetingStatus.CANCELLED
        db.session.flush()
        for number in range(MOST_MEETINGS + 1):
            theirs.starts_at += timedelta(minutes=1)
            meeting.note = f"Note {number}"
            db.session.flush()
    assert said(election, NOW, NOW + HOUR) == ["Meeting cancelled: OIC, 10 November 2022, 17:00"]
    assert len(said(other, NOW, NOW + HOUR)) == MOST_MEETINGS


@pytest.mark.parametrize("database", ["sqlite"])
def test_meetings_are_looked_for_along_an_index(day):
    query = meetings_told(day[0], NOW, NOW + HOUR)
    text = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
    [entries] = [line for line in plan if "audit_entries" in line]
    assert "record_table=? AND record_id=? AND action=? AND recorded_at>?" in entries, plan
    assert not [line for line in plan if line.startswith("SCAN")], plan


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
