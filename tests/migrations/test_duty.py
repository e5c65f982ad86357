"""Duty on both databases: rows go up and down, one takes over, numbers are given out once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade
from sqlalchemy.exc import IntegrityError

from tests.factories import accounts, records
from tests.journeys.demonstration import at_head
from tracker.audit.queries import verify
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.logistics.models.duty import (
    DutyFunction,
    DutyNote,
    DutyShift,
    HandOver,
    NoteKind,
    TakeOver,
)
from tracker.logistics.operations.duty_log import NoteDetails, strike_note, write_note
from tracker.logistics.operations.hand_overs import give_over, take_over
from tracker.logistics.queries import duty_log as log
from tracker.logistics.queries.duty_roster import on_duty
from tracker.logistics.queries.hand_overs import hand_over_for, matters, never_taken_over

NOW = datetime(2022, 11, 10, 6, tzinfo=UTC)
ROLES = frozenset({Role.COORDINATOR})


@pytest.fixture
def election_id(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        election = records.election()
        db.session.commit()
        return election.id


def save(row):
    db.session.add(row)
    db.session.flush()


def told(text, **more):
    return NoteDetails(kind=NoteKind.CALL, text=text, **more)


def at_once(app, *deeds):
    """What each of two people at the same moment got: None, or why they were refused."""
    barrier, found = threading.Barrier(len(deeds)), []

    def act(deed):
        with app.app_context(), clock.at(NOW):
            expect_writes(True)
            barrier.wait()
            try:
                deed()
                db.session.commit()
                found.append(None)
            except Refused as refusal:
                db.session.rollback()
                found.append(refusal.message)

    threads = [threading.Thread(target=act, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_rows_are_read_and_go_down_and_up_again(app, election_id):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = db.session.get_one(Election, election_id)
        delegation = records.delegation(election)
        records.duty(delegation, number=3, at=NOW - timedelta(hours=1))
        db.session.commit()
        assert [each.name for each in on_duty(election_id, NOW)] == ["Officer 3"]
        found = matters(election_id, NOW)
        assert ([row.number for row in found.notes], len(found.next)) == ([7], 1)
        assert len(never_taken_over(election_id, NOW)) == 1
        page = log.notes_page(log.filtered(election, log.Filter(day=NOW.date())), None)
        assert [row[0].number for row in page.rows] == [6, 7]
        db.session.remove()
        downgrade(revision="0009")
        names = set(sa.inspect(db.engine).get_table_names())
        assert not {name for name in names if name.startswith("duty")}
        assert "movements" in names
        at_head()
        assert db.session.scalar(sa.select(sa.func.count(DutyNote.id))) == 0
        assert verify()[1] == []


def test_two_who_take_over_at_once_are_one(app, election_id):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        people = [accounts.user(Role.COORDINATOR) for _number in range(2)]
        actors = [Actor(each.id, each.name, ROLES) for each in people]
        election = db.session.get_one(Election, election_id)
        given_id = give_over(actor=SYSTEM, election=election, text="Quiet").id
        db.session.commit()

    def taking(actor):
        return lambda: take_over(actor=actor, hand_over=hand_over_for(election_id, given_id))

    results = at_once(app, *map(taking, actors))
    assert sorted(results, key=str) == [
        None,
        "Somebody else has taken over at the same moment.",
    ]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(TakeOver.id))) == 1
        assert verify()[1] == []


def test_one_shift_is_handed_over_once(app, election_id):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        delegation = records.delegation(db.session.get_one(Election, election_id))
        records.duty(delegation, number=1, at=NOW)
        db.session.commit()
        shift_id = db.session.scalars(sa.select(DutyShift.id).order_by(DutyShift.id)).first()

    def give():
        give_over(
            actor=SYSTEM,
            election=db.session.get_one(Election, election_id),
            text="Quiet",
            shift=db.session.get_one(DutyShift, shift_id),
        )

    results = at_once(app, give, give)
    assert results.count(None) == 1
    with app.app_context():
        query = sa.select(sa.func.count(HandOver.id)).where(HandOver.shift_id == shift_id)
        assert db.session.scalar(query) == 1


def test_a_note_is_struck_out_or_corrected_and_never_both(app, election_id):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = db.session.get_one(Election, election_id)
        note_id = write_note(actor=SYSTEM, election=election, details=told("A call")).id
        db.session.commit()

    def strike():
        strike_note(actor=SYSTEM, note=log.note_for(election_id, note_id), word="Twice")

    def correct():
        write_note(
            actor=SYSTEM,
            election=db.session.get_one(Election, election_id),
            details=told("Another"),
            corrects=log.note_for(election_id, note_id),
        )

    assert at_once(app, strike, correct).count(None) == 1


def test_two_writers_get_different_numbers(app, election_id):
    def write():
        for _each in range(5):
            election = db.session.get_one(Election, election_id)
            write_note(actor=SYSTEM, election=election, details=told("A call"))
            db.session.commit()

    assert at_once(app, write, write) == [None, None]
    with app.app_context():
        assert sorted(db.session.scalars(sa.select(DutyNote.number))) == list(range(1, 11))
        assert verify()[1] == []


def test_the_database_refuses_what_the_rules_refuse(app, election_id):
    note = {
        **{"election_id": election_id, "number": 1, "kind": NoteKind.NOTE, "text": "x"},
        **{"author_name": "A", "happened_at": NOW, "recorded_at": NOW},
    }
    shift = {
        **{"election_id": election_id, "function": DutyFunction.LIAISON, "name": "A"},
        **{"starts_at": NOW, "ends_at": NOW + timedelta(hours=1), "created_by": "A"},
    }
    with app.app_context():
        expect_writes(True)
        save(DutyNote(**note))
        for row in (
            DutyNote(**note),
            DutyNote(**note | {"number": 2, "happened_at": NOW + timedelta(seconds=1)}),
            DutyNote(**note | {"number": 2, "is_open": True}),
            DutyNote(**note | {"number": 0}),
            DutyShift(**shift | {"ends_at": NOW}),
            DutyShift(**shift | {"name": None}),
        ):
            with pytest.raises(IntegrityError), db.session.begin_nested():
                save(row)
