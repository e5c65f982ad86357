"""What people do comes out the same on both databases, and of two at once only one is first."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import Accreditation
from tracker.audit.queries import verify
from tracker.demonstration import installation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.errors import Refused
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.operations import Received, receive_list
from tracker.lists.undoing import undo_list
from tracker.meetings.jobs import make_plan
from tracker.meetings.models import (
    Meeting,
    MeetingBooking,
    MeetingKind,
    MeetingRequest,
    RequestStatus,
    Whom,
)
from tracker.meetings.operations import (
    MeetingDetails,
    PlanDetails,
    RequestDetails,
    accept_plan,
    answer_request,
    cancel_meeting,
    change_meeting,
    request_meeting,
    schedule_meeting,
    start_plan,
)
from tracker.meetings.queries import rows_of_plan
from tracker.totals.queries import figures, recount


def test_the_demonstration_is_the_same_on_both_databases(app):
    with app.app_context():
        at_head()
        (app.config["SETTINGS"].instance / "demonstration_password").write_text("demonstration pw")
        installation.load(report=lambda line: None)
        election = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        for local, expected in {
            "2022-10-17T23:59+06:00": (43, 4, 1, 41, 2),
            "2022-10-31T12:00+06:00": (76, 4, 3, 71, 5),
            "2022-10-31T23:59+06:00": (139, 6, 8, 125, 14),
            "2022-11-08T23:59+06:00": (271, 7, 21, 233, 38),
            "2022-11-14T18:00+06:00": (641, 10, 35, 532, 109),
        }.items():
            moment = datetime.fromisoformat(local)
            found = figures(election, as_of=moment)
            assert found == recount(election, as_of=moment)
            assert expected == (
                found.observers,
                found.organizations,
                found.states,
                found.observers_from_organizations,
                found.observers_from_states,
            )
        assert verify()[1] == []
        count = verify()[0]
        installation.load(report=lambda line: None)  # the second time changes nothing
        assert verify()[0] == count
    clock.set_offset(timedelta())


def test_a_list_is_accepted_and_undone_on_both_databases(app):
    head = "Surname;Given names;Sex;Date of birth;Citizenship;Passport No;Valid until;E-mail\n"
    lines = (
        f"{chr(64 + number) * 3}ELMAN;ANNA;F;1970-01-{number:02};TR;"
        f"U{number * 11_111:07};2030-01-01;\n"
        for number in range(1, 21)
    )
    with app.app_context(), clock.at(NOW):
        at_head()
        with unit_of_work(SYSTEM):
            election = records.election()
            delegation = records.delegation(election)
            around = {"actor": SYSTEM, "election": election, "delegation": delegation}
            received = Received(filename="list.csv", content=(head + "".join(lines)).encode())
            found = receive_list(**around, received=received, at_once=True)
            begin_acceptance(actor=SYSTEM, found=found)
            outcome = accept_list(**around, list_id=found.id)
            assert outcome.created == 20
            assert not receive_list(**around, received=received).facts["counts"]["new"]
        with unit_of_work(SYSTEM):
            election, delegation, found = (
                db.session.merge(row) for row in (election, delegation, found)
            )
            undo_list(actor=SYSTEM, election=election, delegation=delegation, found=found)
        live = sa.select(sa.func.count()).where(Accreditation.is_live)
        assert db.session.scalar(live) == 0
        assert verify()[1] == []


def test_two_coordinators_at_the_same_second_book_an_official_once(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        election, official = records.election(), records.official()
        identities = election.id, official.id
        db.session.commit()
    outcomes, barrier = [], threading.Barrier(2)

    def book():
        with app.app_context(), clock.at(NOW):
            expect_writes(True)
            details = MeetingDetails(
                kind=MeetingKind.BRIEFING,
                title="Briefing",
                starts_at=NOW,
                ends_at=NOW.replace(hour=7),
                official_ids=(identities[1],),
            )
            barrier.wait()
            try:
                row = db.session.get_one(Election, identities[0])
                schedule_meeting(actor=SYSTEM, election=row, details=details)
                db.session.commit()
                outcomes.append("booked")
            except Refused:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=book) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["booked", "refused"]


def test_two_confirmations_of_one_slot_end_as_one_meeting_and_one_clear_refusal(app):
    """Through the pages' own operation, for two requests that want the same official and time."""
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        election, official = records.election(), records.official(name_en="A. Host")
        ids = []
        for _number in range(2):
            delegation = records.delegation(election)
            wish = RequestDetails(whom=Whom.OFFICIAL, official_id=official.id, topics="Lists")
            around = {"actor": SYSTEM, "election": election, "delegation": delegation}
            ids.append((request_meeting(**around, details=wish).id, delegation.id))
        identities = election.id, official.id
        db.session.commit()
    outcomes, barrier = [], threading.Barrier(2)

    def confirm(request_id, delegation_id):
        with app.app_context(), clock.at(NOW):
            expect_writes(True)
            details = MeetingDetails(
                kind=MeetingKind.BILATERAL,
                title="Lists",
                starts_at=NOW + timedelta(hours=1),
                ends_at=NOW + timedelta(hours=2),
                official_ids=(identities[1],),
                delegation_ids=(delegation_id,),
            )
            barrier.wait()
            try:
                election = db.session.get_one(Election, identities[0])
                request = db.session.get_one(MeetingRequest, request_id)
                answer_request(actor=SYSTEM, election=election, request=request, details=details)
                db.session.commit()
                outcomes.append("booked")
            except Refused as refusal:
                db.session.rollback()
                outcomes.append(str(refusal))

    threads = [threading.Thread(target=confirm, args=pair) for pair in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused, booked = sorted(outcomes)
    assert booked == "booked"
    assert "A. Host: taken on 2022-11-10 from 13:00 to 14:00 by “Lists”" in refused
    with app.app_context():
        statuses = sorted(db.session.scalars(sa.select(MeetingRequest.status)))
        assert statuses == [RequestStatus.CONFIRMED, RequestStatus.RECEIVED]
        assert db.session.scalar(sa.select(sa.func.count(Meeting.id))) == 1


def test_a_week_is_planned_and_accepted_on_both_databases(app):
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        election = records.election()
        for _number in range(3):
            official, delegation = records.official(), records.delegation(election)
            wish = RequestDetails(whom=Whom.OFFICIAL, official_id=official.id, topics="Lists")
            around = {"actor": SYSTEM, "election": election, "delegation": delegation}
            request_meeting(**around, details=wish)
        days = PlanDetails(first_on=NOW.date(), last_on=NOW.date() + timedelta(days=1))
        plan = start_plan(actor=SYSTEM, election=election, details=days)
        db.session.commit()
        make_plan(plan.id)
        expect_writes(True)
        rows = rows_of_plan(plan.id)
        ids = [row.request_id for row in rows]
        around = {"actor": SYSTEM, "election": election, "plan": plan}
        assert accept_plan(**around, rows=rows, request_ids=ids) == 3
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count(MeetingBooking.id))) == 6
        _moved_and_cancelled(election)
        assert verify()[1] == []


def _moved_and_cancelled(election):
    """One meeting of the plan moves, another is cancelled; their requests follow."""
    expect_writes(True)
    first, second, _third = db.session.scalars(sa.select(Meeting).order_by(Meeting.id)).all()
    later = first.starts_at + timedelta(hours=1)
    details = MeetingDetails(
        kind=first.kind,
        title=first.title,
        starts_at=later,
        ends_at=later + timedelta(minutes=30),
        official_ids=tuple(row.id for row in first.officials),
        delegation_ids=tuple(row.id for row in first.delegations),
    )
    around = {"actor": SYSTEM, "election": election}
    change_meeting(
        **around, meeting=first, details=details, seen_version=first.version, reason="Late"
    )
    cancel_meeting(**around, meeting=second, reason="Fog")
    db.session.commit()
    statuses = set(db.session.scalars(sa.select(MeetingRequest.status)))
    assert statuses == {RequestStatus.MOVED, RequestStatus.RECEIVED, RequestStatus.CONFIRMED}


def test_the_database_itself_refuses_a_double_booking(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        official = records.official()
        election = records.election()
        around = {"election_id": election.id, "kind": MeetingKind.BRIEFING, "title": "Briefing"}
        times = {"starts_at": NOW, "ends_at": NOW.replace(hour=7)}
        meetings = [Meeting(**around, **times) for _number in range(2)]
        db.session.add_all(meetings)
        db.session.flush()
        booked = [
            MeetingBooking(meeting_id=row.id, resource=f"official:{official.id}", **times)
            for row in meetings
        ]
        db.session.add_all(booked)
        if db.engine.dialect.name == "postgresql":
            with pytest.raises(IntegrityError, match="ex_meeting_bookings_overlap"):
                db.session.flush()
        db.session.rollback()


def test_concurrent_changes_keep_one_audit_chain(app):
    with app.app_context():
        at_head()
    barrier = threading.Barrier(4)

    def work():
        with app.app_context():
            expect_writes(True)
            barrier.wait()
            for _number in range(5):
                records.organization()
                db.session.commit()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert verify() == (20, [])
