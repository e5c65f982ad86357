"""Revisions go up and down on both databases with rows in them, and make the models' schema."""

from datetime import time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError

from tests.conftest import NOW
from tests.factories import records, tokens
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.logistics.models.duty import DutyFunction, NoteKind
from tracker.logistics.models.movements import Direction, Means
from tracker.logistics.operations.deployment import TeamDetails, place_members, plan_team
from tracker.logistics.operations.digest import (
    Letter,
    Recipient,
    add_digest_recipient,
    issue_digest,
    set_digest_hour,
)
from tracker.logistics.operations.duty_contacts import ContactDetails, keep_contact
from tracker.logistics.operations.duty_log import NoteDetails, strike_note, write_note
from tracker.logistics.operations.duty_roster import Person, ShiftDetails, plan_shift
from tracker.logistics.operations.hand_overs import give_over, take_over
from tracker.logistics.operations.movements import MovementDetails, advance_movement, plan_movement
from tracker.meetings.addresses import Subject, create_address
from tracker.meetings.models import CalendarKind, MeetingKind, PlanRow, Whom
from tracker.meetings.operations import (
    MeetingDetails,
    PlanDetails,
    RequestDetails,
    add_follow_up,
    answer_request,
    attach_document,
    request_meeting,
    start_plan,
)
from tracker.officials.models import Official
from tracker.webhooks.models import EventKind
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_test

ROOT = Path(__file__).parents[2]


def _webhooks():
    """A receiver and a message to it."""
    details = WebhookDetails("Commission", "https://receiver.example.org/", [EventKind.PING])
    send_test(actor=SYSTEM, webhook=register_webhook(actor=SYSTEM, details=details))


def _availability():
    """A row in each table that says when somebody is free."""
    official, hall, interpreter = records.official(), records.hall(), records.interpreter()
    records.official(institution=official.institution, deputy_of=official, most_a_day=3)
    records.day_off(official, NOW.date())
    records.travel_time(official.institution, hall.institution)
    records.blocked_time(official_id=official.id)
    records.blocked_time(hall_id=hall.id)
    records.blocked_time(interpreter_id=interpreter.id)


def _meetings():
    """A row in each table about meetings, with values that only the newest revision allows."""
    election = db.session.scalars(sa.select(Election)).one()
    official, delegation = records.official(), records.delegation(election)
    member = records.accreditation(delegation)
    around = {"actor": SYSTEM, "election": election}
    with clock.at(NOW):
        wish = RequestDetails(whom=Whom.OFFICIAL, official_id=official.id, topics="Lists")
        request = request_meeting(**around, delegation=delegation, details=wish)
        details = MeetingDetails(
            kind=MeetingKind.BILATERAL,
            title="Lists",
            starts_at=NOW + timedelta(hours=1),
            ends_at=NOW + timedelta(hours=2),
            official_ids=(official.id,),
            delegation_ids=(delegation.id,),
            participant_ids=(member.id,),
        )
        meeting = answer_request(**around, request=request, details=details, is_proposal=True)
        add_follow_up(actor=SYSTEM, meeting=meeting, task="Send the lists")
        attach_document(actor=SYSTEM, meeting=meeting, filename="a.pdf", content=b"paper")
        days = PlanDetails(first_on=NOW.date(), last_on=NOW.date())
        plan = start_plan(**around, details=days)
        db.session.add(PlanRow(plan_id=plan.id, request_id=request.id, reason="official_full"))
        speaker = records.interpreter()
        subject = Subject(kind=CalendarKind.INTERPRETER, interpreter_id=speaker.id)
        create_address(**around, subject=subject, language="en")


def _movements():
    """A row in each table about arrivals and departures."""
    election = db.session.scalars(sa.select(Election)).one()
    delegation = records.delegation(election)
    member = records.accreditation(delegation)
    details = MovementDetails(
        direction=Direction.ARRIVAL,
        means=Means.FLIGHT,
        number="ZZ 123",
        point_id=records.point().id,
        moves_at=NOW,
        passenger_ids=(member.id,),
        hotel="Inn",
    )
    around = {"actor": SYSTEM, "election": election}
    movement = plan_movement(**around, delegation=delegation, details=details)
    advance_movement(actor=SYSTEM, movement=movement, name="confirm")


def _deployment():
    """A row in each table about deployment."""
    election = db.session.scalars(sa.select(Election)).one()
    delegation = records.delegation(election)
    member = records.accreditation(delegation)
    day = election.election_on
    details = TeamDetails(name="1", region="KZ-75", starts_on=day, ends_on=day, driver="A. Driver")
    around = {"actor": SYSTEM, "election": election}
    team = plan_team(**around, delegation=delegation, details=details)
    place_members(**around, team=team, accreditation_ids=[member.id], seen_version=team.version)


def _duty():
    """A row in each table about duty at headquarters."""
    election = db.session.scalars(sa.select(Election)).one()
    around = {"actor": SYSTEM, "election": election}
    with clock.at(NOW):
        note = write_note(**around, details=NoteDetails(kind=NoteKind.CALL, text="A call"))
        strike_note(actor=SYSTEM, note=note, word="Twice")
        shift = ShiftDetails(
            function=DutyFunction.DUTY_OFFICER,
            person=Person(name="A. Officer", phone="1"),
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=12),
        )
        given = give_over(**around, text="Quiet", shift=plan_shift(**around, details=shift))
        take_over(actor=SYSTEM, hand_over=given)
        keep_contact(**around, details=ContactDetails(name_en="Ambulance", phone="103"))


def _digests():
    """A row in each table about digests, and a message with a paper."""
    election = db.session.scalars(sa.select(Election)).one()
    around = {"actor": SYSTEM, "election": election}
    set_digest_hour(**around, at=time(20))
    person = Recipient(name="Office", email="office@example.org", language="ru")
    add_digest_recipient(**around, recipient=person)
    letter = Letter(subject="Digest", text="Text", paper=b"%PDF")
    letters = dict.fromkeys(("en", "ru", "kk"), letter)
    assert issue_digest(**around, as_of=NOW, letters=letters).recipients == 1


def test_up_down_and_up_again_with_rows(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        records.accreditation(
            records.delegation(records.election()), status=AccreditationStatus.ACCREDITED
        )
        _availability()
        _meetings()
        _movements()
        _deployment()
        _duty()
        _digests()
        _webhooks()
        tokens.service(Role.COMMISSION)
        db.session.commit()
        db.session.remove()
        downgrade(revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        at_head()


def test_officials_of_earlier_revisions_keep_their_rows_up_and_down(app):
    names = "(name_en, name_ru, name_kk, created_at, version"
    moment = "'2022-11-01 00:00:00', 1"
    with app.app_context():
        upgrade(revision="0004")
        with db.engine.begin() as connection:
            for statement in (
                f"INSERT INTO institutions {names}) VALUES ('Senate', 'С', 'С', {moment})",
                f"INSERT INTO officials {names}, institution_id, position_en, position_ru, "
                "position_kk, precedence, is_active) "
                f"SELECT 'Chairman', 'П', 'Т', {moment}, id, 'C', 'П', 'Т', 10, TRUE "
                "FROM institutions",
            ):
                connection.execute(sa.text(statement))
        at_head()
        expect_writes(True)
        official = db.session.scalars(sa.select(Official)).one()
        assert (official.buffer_minutes, official.most_a_day, official.deputy_of) == (0, None, None)
        assert official.institution.time_zone is None
        records.official(institution=official.institution, deputy_of=official)
        db.session.commit()
        db.session.remove()
        downgrade(revision="0004")
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM officials")) == 2


def test_the_database_refuses_what_the_rules_refuse(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        official, hall = records.official(), records.hall()
        for refused in (
            lambda: records.official(buffer_minutes=241),
            lambda: records.official(most_a_day=0),
            lambda: records.official(id=77, deputy_of_id=77),
            lambda: records.day_off(official, NOW.date(), starts=time(9)),
            lambda: records.day_off(official, NOW.date(), starts=time(9), ends=time(9)),
            lambda: records.interpreter(languages=""),
            lambda: records.travel_time(hall.institution, hall.institution),
            lambda: records.travel_time(official.institution, hall.institution, 601),
            lambda: records.blocked_time(),
            lambda: records.blocked_time(official_id=official.id, hall_id=hall.id),
            lambda: records.blocked_time(hall_id=hall.id, starts_at=NOW, ends_at=NOW),
        ):
            with pytest.raises(IntegrityError), db.session.begin_nested():
                refused()


def test_the_models_equal_the_migrated_schema(app):
    with app.app_context():
        at_head()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []


def test_head_is_named_so_that_two_branches_collide():
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    assert scripts.get_heads() == [(ROOT / "migrations" / "HEAD").read_text().strip()]
