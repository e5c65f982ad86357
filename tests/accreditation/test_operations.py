"""What registrars and the commission do, and what is refused them, on a real database."""

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.headquarters.test_statements import counted
from tracker.accreditation import queries
from tracker.accreditation.counts import differences
from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Function,
    Ground,
    Transition,
)
from tracker.accreditation.operations import (
    Decision,
    Place,
    Reason,
    create_accreditation,
    decide_submission,
    expire_ended_elections,
    register_observer,
    revoke_accreditation,
    submit_observers,
    withdraw_accreditation,
)
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.permissions import Role
from tracker.observers.models import DocumentType, Sex
from tracker.observers.operations import PersonDetails
from tracker.totals.queries import figures

S = AccreditationStatus
REGISTRAR = Actor(1, "Registrar", frozenset({Role.REGISTRAR}))
COMMISSION = Actor(2, "Commission", frozenset({Role.COMMISSION}))
ADMINISTRATOR = Actor(3, "Administrator", frozenset({Role.ADMINISTRATOR}))


def person(**values):
    defaults = {
        "surname": "KAYA",
        "given_names": "EROL",
        "sex": Sex.MALE,
        "birth_date": date(1965, 3, 12),
        "citizenship": "TR",
        "portrait": "0" * 64,
        "document_kind": DocumentType.PASSPORT,
        "document_number": "U1234567",
        "issuing_state": "TUR",
        "document_expires_on": date(2030, 1, 1),
    }
    return PersonDetails(**defaults | values)


PLACE = Place(function=Function.HEAD, pledge_signed_on=date(2022, 10, 1))


@pytest.fixture
def delegation(session):
    return records.delegation(records.election())


@pytest.fixture
def election(delegation):
    return db.session.get_one(type(delegation).election.property.mapper.class_, 1)


def enter(election, delegation, details=None, place=PLACE):
    return create_accreditation(
        actor=REGISTRAR,
        election=election,
        delegation=delegation,
        details=details or person(),
        place=place,
    )


def accredited(election, delegation, details=None, *, number="R1", at=NOW, place=PLACE):
    row = enter(election, delegation, details, place)
    register_observer(actor=REGISTRAR, election=election, row=row)
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    decide(election, submission, number=number, at=at)
    return row


def decide(election, submission, *, kind="accredited", reason=None, number="R1", at=NOW):
    items = queries.items_of(submission.id)
    return decide_submission(
        actor=COMMISSION,
        election=election,
        submission=submission,
        decisions={item.id: Decision(kind, reason or Reason()) for item in items},
        resolution_number=number,
        effective_at=at,
    )


def test_from_draft_to_accredited_with_its_history(session, election, delegation):
    row = accredited(election, delegation)
    steps = [step.to_status for step, _submission, _resolution in queries.history_of(row.id)]
    assert steps == [S.DRAFT, S.REGISTERED, S.SUBMITTED, S.ACCREDITED]
    assert row.status is S.ACCREDITED
    assert figures(election).observers == 1


def test_what_is_missing_is_refused_all_at_once(session, election, delegation):
    details = person(portrait=None, birth_date=None)
    row = enter(election, delegation, details, Place())
    with pytest.raises(Refused) as refusal:
        register_observer(actor=REGISTRAR, election=election, row=row)
    assert len(refusal.value.params["missing"]) == 4
    assert row.status is S.DRAFT


def test_a_second_live_accreditation_is_refused_and_says_where_the_first_is(
    session, election, delegation
):
    first = enter(election, delegation)
    other = records.delegation(election, records.organization(name="Other mission"))
    with pytest.raises(Refused) as refusal:
        enter(election, other)
    assert refusal.value.params["number"] == first.id
    withdraw_accreditation(actor=REGISTRAR, row=first, reason=Reason(Ground.OWN_REQUEST))
    assert enter(election, other).status is S.DRAFT


def test_the_database_itself_refuses_a_second_live_accreditation(session, election, delegation):
    first = enter(election, delegation)
    values = {
        "election_id": first.election_id,
        "delegation_id": first.delegation_id,
        "observer_id": first.observer_id,
        "sort_name": "x",
        "status": S.DRAFT,
        "is_live": True,
        "status_at": NOW,
        "version": 1,
        "created_at": NOW,
    }
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.insert(Accreditation).values(**values))


def test_a_known_document_brings_the_same_person_back(session, election, delegation):
    first = enter(election, delegation)
    second_round = records.election(slug="kz-2022-2")
    row = enter(second_round, records.delegation(second_round, delegation.organization))
    assert row.observer_id == first.observer_id


def test_nothing_is_submitted_after_the_close_but_by_override(session, election, delegation):
    row = enter(election, delegation)
    register_observer(actor=REGISTRAR, election=election, row=row)
    late = election.closes_at + timedelta(seconds=1)
    with clock.at(late), pytest.raises(Refused, match="closed"):
        submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    with clock.at(late), pytest.raises(Refused) as refusal:
        submit_observers(actor=ADMINISTRATOR, election=election, accreditation_ids=[row.id])
    assert refusal.value.field == "override_reason"
    with clock.at(late):
        submit_observers(
            actor=ADMINISTRATOR,
            election=election,
            accreditation_ids=[row.id],
            override_reason="Visa came late",
        )
    last = session.scalars(sa.select(Transition).order_by(Transition.id.desc())).first()
    assert last.override_reason == "Visa came late"


def test_the_moment_of_the_close_itself_is_in_time(session, election, delegation):
    row = enter(election, delegation)
    register_observer(actor=REGISTRAR, election=election, row=row)
    with clock.at(election.closes_at):
        submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    assert row.status is S.SUBMITTED


def test_roles_cannot_do_each_others_work(session, election, delegation):
    row = enter(election, delegation)
    register_observer(actor=REGISTRAR, election=election, row=row)
    with pytest.raises(Forbidden):
        submit_observers(actor=COMMISSION, election=election, accreditation_ids=[row.id])
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    item = queries.items_of(submission.id)[0]
    with pytest.raises(Forbidden):
        decide_submission(
            actor=REGISTRAR,
            election=election,
            submission=submission,
            decisions={item.id: Decision("accredited")},
            resolution_number="R1",
            effective_at=NOW,
        )


def test_refusing_needs_a_ground_and_other_needs_words(session, election, delegation):
    row = enter(election, delegation)
    register_observer(actor=REGISTRAR, election=election, row=row)
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    for reason in (Reason(), Reason(Ground.OWN_REQUEST), Reason(Ground.OTHER, " ")):
        savepoint = session.begin_nested()
        with pytest.raises(Refused):
            decide(election, submission, kind="refused", reason=reason)
        savepoint.rollback()
    decide(election, submission, kind="refused", reason=Reason(Ground.OTHER, "No visa"))
    assert row.status is S.REFUSED
    assert not row.is_live


def test_returned_for_correction_needs_no_resolution_and_can_be_submitted_again(
    session, election, delegation
):
    row = enter(election, delegation)
    register_observer(actor=REGISTRAR, election=election, row=row)
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    assert decide(election, submission, kind="returned", number=None, at=None) is None
    assert row.status is S.REGISTERED
    again = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[row.id])
    assert again.number == 2
    decide(election, again)
    assert row.status is S.ACCREDITED


def test_a_resolution_takes_effect_at_one_moment_and_never_in_the_future(
    session, election, delegation
):
    accredited(election, delegation)
    other = enter(election, delegation, person(document_number="U7", surname="DEMIR"))
    register_observer(actor=REGISTRAR, election=election, row=other)
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=[other.id])
    with pytest.raises(Refused, match="took effect"):
        decide(election, submission, at=NOW - timedelta(hours=1))
    with pytest.raises(Refused, match="future"):
        decide(election, submission, number="R2", at=NOW + timedelta(minutes=1))


def test_a_replaced_observer_stops_counting_when_the_replacement_starts(
    session, election, delegation
):
    first = accredited(election, delegation)
    later = NOW + timedelta(days=1)
    with clock.at(later):
        place = Place(
            function=Function.HEAD, pledge_signed_on=date(2022, 10, 1), replaces_id=first.id
        )
        details = person(document_number="U99", surname="DEMIR")
        second = accredited(election, delegation, details, number="R2", at=later, place=place)
    assert (first.status, second.status) == (S.WITHDRAWN, S.ACCREDITED)
    last = queries.history_of(first.id)[-1]
    assert last[0].ground is Ground.REPLACED
    assert last[0].replaced_by_id == second.id
    for moment, count in ((NOW, 1), (later - timedelta(microseconds=1), 1), (later, 1)):
        assert figures(election, as_of=moment).observers == count


def test_who_is_replaced_is_not_withdrawn_by_hand(session, election, delegation):
    row = accredited(election, delegation)
    with pytest.raises(Refused, match="replacement"):
        withdraw_accreditation(actor=REGISTRAR, row=row, reason=Reason(Ground.REPLACED))


def test_revocation_is_the_commissions(session, election, delegation):
    row = accredited(election, delegation)
    with pytest.raises(Forbidden):
        revoke_accreditation(actor=REGISTRAR, row=row, reason=Reason(Ground.INTERFERENCE))
    revoke_accreditation(actor=COMMISSION, row=row, reason=Reason(Ground.INTERFERENCE))
    assert row.status is S.REVOKED
    assert figures(election).observers == 0


def test_accreditations_expire_after_the_election_has_ended(session, election, delegation):
    row = accredited(election, delegation)
    with clock.at(election.ends_at - timedelta(seconds=1)):
        assert expire_ended_elections(actor=SYSTEM) == 0
    with clock.at(election.ends_at + timedelta(days=3)):
        assert expire_ended_elections(actor=SYSTEM) == 1
        assert expire_ended_elections(actor=SYSTEM) == 0
    assert queries.history_of(row.id)[-1][0].actor_name == SYSTEM.name
    assert row.status is S.EXPIRED
    assert row.status_at == election.ends_at
    assert figures(election, as_of=election.ends_at - timedelta(seconds=1)).observers == 1


def test_some_expire_at_a_time_each_at_its_moment(session, election, delegation):
    late = election.ends_at + timedelta(hours=5)
    for at in (NOW, NOW, late):
        records.accreditation(delegation, status=S.ACCREDITED, at=at)
    with clock.at(late + timedelta(days=1)):
        assert [expire_ended_elections(actor=SYSTEM, most=2) for _time in range(3)] == [2, 1, 0]
    moments = sa.select(Accreditation.status_at).order_by(Accreditation.status_at)
    assert session.scalars(moments).all() == [election.ends_at, election.ends_at, late]
    assert differences(session.connection(), election.id) == []


def registered(delegation, count):
    return [records.accreditation(delegation, status=S.REGISTERED).id for _number in range(count)]


def decided(election, ids, kinds):
    """Submits and decides them, one of the kinds after another."""
    submission = submit_observers(actor=REGISTRAR, election=election, accreditation_ids=ids)
    reason = Reason(Ground.OTHER, "In words")
    decisions = {
        item.id: Decision(kind, reason if kind == "refused" else Reason())
        for item, kind in zip(queries.items_of(submission.id), cycle(kinds), strict=False)
    }
    decide_submission(
        actor=COMMISSION,
        election=election,
        submission=submission,
        decisions=decisions,
        resolution_number="12/34",
        effective_at=clock.now(),
    )
    return submission


def test_deciding_takes_no_more_statements_for_more_candidates(app, session, election, delegation):
    taken = []
    for count in (3, 60):
        ids = registered(delegation, count)
        with counted(app) as statements:
            decided(election, ids, ["accredited", "refused", "returned"])
        taken.append(len(statements))
        session.expire_all()
    assert taken[1] <= taken[0]
    assert differences(session.connection(), election.id) == []


def test_many_decisions_are_each_on_record(session, election, delegation):
    submission = decided(election, registered(delegation, 5), ["accredited", "refused", "returned"])
    ids = [item.accreditation_id for item in queries.items_of(submission.id)]  # by name
    statuses = [row.status for row in map(by_id(session), ids)]
    assert statuses == [S.ACCREDITED, S.REFUSED, S.REGISTERED, S.ACCREDITED, S.REFUSED]
    query = sa.select(AuditEntry).where(AuditEntry.action == "update")
    changes = {}
    for entry in session.scalars(query.order_by(AuditEntry.position)):
        changes.setdefault((entry.record_table, int(entry.record_id)), []).append(entry)
    assert [each.after["status"] for each in changes["accreditations", ids[1]]][-2:] == [
        "submitted",
        "refused",
    ]
    assert changes["accreditations", ids[1]][-1].before["status"] == "submitted"
    item = queries.items_of(submission.id)[1]
    (told,) = changes["submission_items", item.id]
    assert told.before["decision"] is None
    assert (told.after["decision"], told.after["ground_text"]) == ("refused", "In words")
    assert session.get_one(Accreditation, ids[1]).version > 1


def by_id(session):
    return lambda key: session.get_one(Accreditation, key)


def test_two_registrars_at_the_same_second_enter_one_person_once(app):
    with app.app_context():
        expect_writes(True)
        delegation = records.delegation(records.election())
        identity = delegation.id
        db.session.commit()
    outcomes = []
    barrier = threading.Barrier(2)

    def work():
        with app.app_context(), clock.at(datetime(2022, 11, 10, tzinfo=UTC)):
            expect_writes(True)
            barrier.wait()
            try:
                found = db.session.get_one(type(delegation), identity)
                mapper = type(delegation).election.property.mapper.class_
                enter(db.session.get_one(mapper, found.election_id), found)
                db.session.commit()
                outcomes.append("entered")
            except Refused:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["entered", "refused"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Accreditation.id))) == 1
