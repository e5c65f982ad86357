"""What people are told of by mail: pulled from the record, once, to whom it matters alone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import accounts, records
from tracker.accounts.models import Delivery, Notice, User, WaitingNotice
from tracker.accreditation.models import Ground
from tracker.accreditation.operations import (
    Decision,
    Reason,
    decide_submission,
    submit_observers,
)
from tracker.accreditation.queries import items_of
from tracker.audit.queries import last_position
from tracker.delegations.messages import write_message
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.delivery import return_list, send_list
from tracker.lists.operations import Received, receive_list
from tracker.logistics.operations.assistance import advance_assistance, take_assistance
from tracker.logistics.operations.watchers import watch_assistance
from tracker.meetings.models import Whom
from tracker.meetings.operations import (
    RequestDetails,
    request_meeting,
    settle_request,
)
from tracker.notices.jobs import tell_of_changes
from tracker.notices.models import NoticeMark
from tracker.organizations.models import Organization

ALMATY = ZoneInfo("Asia/Almaty")
LISTS = "Lists of observers that came, were accepted or returned"


def submitted(world, count=2):
    rows = [
        records.accreditation(world.delegation, person=records.observer(surname=f"SECRET{number}"))
        for number in range(count)
    ]
    return submit_observers(
        actor=world.actor(Role.REGISTRAR),
        election=world.election,
        accreditation_ids=[row.id for row in rows],
    )


def decide(world, submission, kinds):
    items = items_of(submission.id)
    refused = Reason(Ground.LATE)
    return decide_submission(
        actor=world.actor(Role.COMMISSION),
        election=world.election,
        submission=submission,
        decisions={
            item.id: Decision(kind, refused if kind == "refused" else Reason())
            for item, kind in zip(items, kinds, strict=True)
        },
        resolution_number="R1",
        effective_at=NOW,
    )


def test_a_submission_is_told_to_the_commission(world):
    with unit_of_work(SYSTEM):
        submission = submitted(world)
        path = f"/e/kz-2022/submissions/{submission.id}"
    [(role, subject, text)] = world.told()
    assert role is Role.COMMISSION
    assert subject == "Submissions to decide"
    assert "Submission No. 1 was presented." in text
    assert f"https://observers.example.org{path}" in text
    assert "https://observers.example.org/account#notices" in text
    assert world.told() == []  # once


def test_decisions_are_told_to_the_delegation_in_numbers_once_a_day(world):
    with unit_of_work(SYSTEM):
        submission = submitted(world, 4)
    world.told()
    with unit_of_work(SYSTEM):
        decide(world, submission, ["accredited", "accredited", "refused", "returned"])
    assert world.told() == []
    assert db.session.query(WaitingNotice).count() == 3
    eight = datetime(2022, 11, 11, 8, tzinfo=ALMATY)
    with clock.at(eight - timedelta(minutes=1)):
        assert world.told() == []
    with clock.at(eight):
        [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.FOCAL_POINT, "Notices of the day")
    for line in ("Accredited observers: 2", "Refused observers: 1", "returned for correction: 1"):
        assert line in text
    assert "SECRET" not in text
    assert db.session.query(WaitingNotice).count() == 0
    with clock.at(eight + timedelta(days=1)):
        assert world.told() == []


def test_a_list_is_told_to_other_registrars(world):
    world.want(Role.REGISTRAR, Notice.LISTS, Delivery.AT_ONCE)
    colleague = accounts.user(Role.REGISTRAR)
    content = b"Surname;Given names\nKAYA;EROL\n"
    with unit_of_work(SYSTEM):
        receive_list(
            actor=SYSTEM,
            election=world.election,
            delegation=world.delegation,
            received=Received(filename="SECRET.csv", content=content),
        )
    world.names[colleague.email] = "colleague"
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.REGISTRAR, LISTS)
    assert "SECRET" not in subject + text
    assert db.session.scalars(sa.select(WaitingNotice.user_id)).all() == [colleague.id]


def test_a_list_of_a_delegation_is_told_once_it_is_sent_and_again_where_it_goes(world):
    world.want(Role.REGISTRAR, Notice.LISTS, Delivery.AT_ONCE)
    around = {"election": world.election, "delegation": world.delegation}
    received = Received(filename="SECRET.csv", content=b"Surname;Given names\nKAYA;EROL\n")
    focal, registrar = world.actor(Role.FOCAL_POINT), world.actor(Role.REGISTRAR)
    with unit_of_work(focal):
        found = receive_list(actor=focal, **around, received=received)
    assert world.told() == []
    with unit_of_work(focal):
        send_list(actor=focal, **around, found=found)
    assert [(role, subject) for role, subject, _text in world.told()] == [(Role.REGISTRAR, LISTS)]
    with unit_of_work(registrar):
        return_list(actor=registrar, **around, found=found, reason="SECRET")
    [(role, _subject, text)] = world.told()
    assert role is Role.FOCAL_POINT
    assert "returned your list" in text
    assert "SECRET" not in text
    with unit_of_work(focal):
        send_list(actor=focal, **around, found=found)
    world.told()
    with unit_of_work(registrar):
        begin_acceptance(actor=registrar, found=found)
        accept_list(actor=registrar, **around, list_id=found.id)
    [(role, _subject, text)] = world.told()
    assert role is Role.FOCAL_POINT
    assert "accepted your list" in text


def test_a_message_is_told_to_the_other_side_without_its_text(world):
    world.want(Role.REGISTRAR, Notice.MESSAGES, Delivery.AT_ONCE)
    world.want(Role.COORDINATOR, Notice.MESSAGES, Delivery.NEVER)
    for writer, reader in (
        (Role.FOCAL_POINT, Role.REGISTRAR),
        (Role.REGISTRAR, Role.FOCAL_POINT),
    ):
        actor = world.actor(writer)
        with unit_of_work(actor):
            write_message(actor=actor, delegation=world.delegation, text="SECRET")
        [(role, subject, text)] = world.told()
        assert role is reader
        assert "SECRET" not in subject + text
        assert "/messages" in text


def test_who_sent_it_is_named_as_in_the_language_of_the_letter(world):
    with unit_of_work(SYSTEM):
        sender = db.session.get_one(Organization, world.delegation.organization_id)
        sender.acronym_ru = "БДИПЧ ОБСЕ"
        db.session.get_one(User, world.people[Role.REGISTRAR].id).language = "ru"
        world.want(Role.REGISTRAR, Notice.MESSAGES, Delivery.AT_ONCE)
        world.want(Role.COORDINATOR, Notice.MESSAGES, Delivery.AT_ONCE)
    actor = world.actor(Role.FOCAL_POINT)
    with unit_of_work(actor):
        write_message(actor=actor, delegation=world.delegation, text="SECRET")
    texts = {role: text for role, _subject, text in world.told()}
    assert "БДИПЧ ОБСЕ" in texts[Role.REGISTRAR]
    assert f"{sender.acronym} wrote to headquarters." in texts[Role.COORDINATOR]


def wanted(official):
    return RequestDetails(whom=Whom.OFFICIAL, official_id=official.id, topics="SECRET")


def test_a_request_for_a_meeting_and_its_answer(world):
    with unit_of_work(SYSTEM):
        request = request_meeting(
            actor=world.actor(Role.FOCAL_POINT),
            election=world.election,
            delegation=world.delegation,
            details=wanted(records.official()),
        )
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.COORDINATOR, "Requests for meetings")
    assert "asks for a meeting" in text
    assert "SECRET" not in text
    with unit_of_work(SYSTEM):
        settle_request(
            actor=world.actor(Role.COORDINATOR),
            election=world.election,
            request=request,
            name="decline",
            reason="No time",
        )
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.FOCAL_POINT, "Answers to requests of your delegation")
    assert "declined" in text


def test_a_request_is_told_of_to_the_delegation_and_to_followers_once(world):
    request = records.assistance(world.delegation, title="SECRET")
    db.session.commit()
    world.told()
    with unit_of_work(SYSTEM):
        take_assistance(actor=world.actor(Role.COORDINATOR), request=request)
        advance_assistance(actor=world.actor(Role.COORDINATOR), request=request, name="finish")
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.FOCAL_POINT, "Answers to requests of your delegation")
    assert f"Request No. {request.number} is done." in text
    with unit_of_work(SYSTEM):
        focal = world.actor(Role.FOCAL_POINT)
        watch_assistance(actor=focal, request=request, is_watching=True)
        advance_assistance(
            actor=world.actor(Role.COORDINATOR), request=request, name="reopen", reason="Not yet"
        )
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.FOCAL_POINT, "Requests that you follow or see to")
    assert "SECRET" not in subject
    assert f"/e/kz-2022/requests/{request.id}" in text


def test_who_wants_nothing_gets_nothing(world):
    world.want(Role.COMMISSION, Notice.SUBMISSIONS, Delivery.NEVER)
    with unit_of_work(SYSTEM):
        submitted(world)
    assert world.told() == []


def test_who_was_disabled_or_is_of_a_demonstration_gets_nothing(world):
    with unit_of_work(SYSTEM):
        db.session.merge(world.people[Role.COMMISSION]).active = False
        accounts.user(Role.COMMISSION).is_demonstration = True
        submitted(world)
    assert world.told() == []


def test_every_page_in_a_letter_is_one_of_ours(app, world):
    with unit_of_work(SYSTEM):
        submitted(world)
        request_meeting(
            actor=SYSTEM,
            election=world.election,
            delegation=world.delegation,
            details=wanted(records.official()),
        )
    adapter = app.url_map.bind("localhost")
    for _role, _subject, text in world.told():
        links = [line for line in text.splitlines() if line.startswith("https://")]
        for link in links:
            path = link.removeprefix("https://observers.example.org").partition("#")[0]
            assert adapter.match(path)


def test_the_mark_loses_nothing_and_tells_nothing_twice(world, monkeypatch):
    monkeypatch.setattr("tracker.notices.jobs.MOST", 3)
    with unit_of_work(SYSTEM):
        for number in range(3):
            db.session.add(_request(world, number))
            db.session.flush()
    letters = [text for _round in range(6) for _role, _subject, text in world.told()]
    assert len(letters) == 3
    assert db.session.get_one(NoticeMark, 1).position == last_position()


def _request(world, number):
    row = request_meeting(
        actor=SYSTEM,
        election=world.election,
        delegation=world.delegation,
        details=wanted(records.official(name_en=f"Official {number}")),
    )
    assert row.delegation_id == world.delegation.id
    return row


def test_a_round_that_fails_tells_it_all_in_the_next(world, monkeypatch):
    with unit_of_work(SYSTEM):
        submitted(world)
    with monkeypatch.context() as patch:
        patch.setattr("tracker.notices.jobs.send_summaries", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tell_of_changes()
    db.session.rollback()
    assert len(world.told()) == 1
