"""What is told of: with the change, once a receiver that wants it, and of nothing else."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.accreditation.test_operations import accredited, decide, enter, person
from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tests.journeys.demonstration import demonstration, signed_in
from tests.meetings.test_bookings import NINE, details
from tests.publications.test_operations import published
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import (
    Reason,
    expire_ended_elections,
    register_observer,
    revoke_accreditation,
    submit_observers,
    withdraw_accreditation,
)
from tracker.audit.capture import update_many
from tracker.credentials.models import Certificate
from tracker.credentials.operations import issue_certificates, void_certificate
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.operations import (
    cancel_meeting,
    change_meeting,
    confirm_meeting,
    schedule_meeting,
)
from tracker.meetings.operations.meetings import mark_held
from tracker.webhooks.events import SOURCES
from tracker.webhooks.models import EventKind, WebhookDelivery
from tracker.webhooks.operations import WebhookDetails, register_webhook, switch_off

K = EventKind
ROOT = Path(__file__).parents[2]


def register(*kinds, **values):
    wanted = {"name": "Commission", "address": "https://receiver.example.org/events"}
    about = WebhookDetails(**wanted | values, kinds=kinds or tuple(K))
    return register_webhook(actor=SYSTEM, details=about)


def told(webhook=None):
    """The messages that wait, parsed, in order."""
    db.session.flush()
    query = sa.select(WebhookDelivery).order_by(WebhookDelivery.id)
    if webhook is not None:
        query = query.filter_by(webhook_id=webhook.id)
    return [json.loads(row.body) for row in db.session.scalars(query)]


def kinds(webhook=None):
    return [each["type"] for each in told(webhook)]


@pytest.fixture
def election(session):
    return records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


def test_the_life_of_an_accreditation(election, delegation):
    register()
    row = accredited(election, delegation)
    revoke_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.INTERFERENCE))
    assert kinds() == [
        "observer.registered",
        "submission.made",
        "accreditation.accredited",
        "accreditation.revoked",
    ]
    assert told()[2] == {
        "type": "accreditation.accredited",
        "timestamp": "2022-11-10T06:00:00Z",
        "data": {
            "election": election.slug,
            "resource": f"/e/{election.slug}/observers/{row.id}",
            "accreditation": row.id,
            "delegation": delegation.id,
            "submission": 1,
            "resolution": 1,
            "effective_at": "2022-11-10T06:00:00Z",
        },
    }


@pytest.mark.parametrize(
    ("decision", "reason", "kind"),
    [
        ("refused", Reason(Ground.INCOMPLETE), "accreditation.refused"),
        ("returned", Reason(), "accreditation.returned"),
    ],
)
def test_other_decisions(election, delegation, decision, reason, kind):
    register()
    row = enter(election, delegation)
    register_observer(actor=SYSTEM, election=election, row=row)
    found = submit_observers(actor=SYSTEM, election=election, accreditation_ids=[row.id])
    decide(election, found, kind=decision, reason=reason)
    assert kinds()[-1] == kind


def test_many_at_once_are_told_one_by_one(election, delegation):
    register(K.ACCREDITATION_EXPIRED, K.ACCREDITATION_WITHDRAWN)
    rows = [
        accredited(
            election,
            delegation,
            person(document_number=f"U{number}", surname=f"KAYA{number}", given_names="A"),
            number=f"R{number}",
        )
        for number in range(3)
    ]
    withdraw_accreditation(actor=SYSTEM, row=rows[0], reason=Reason(Ground.OWN_REQUEST))
    with clock.at(election.ends_at + timedelta(minutes=1)):
        assert expire_ended_elections(actor=SYSTEM) == 2
    assert kinds() == ["accreditation.withdrawn"] + ["accreditation.expired"] * 2
    assert len({each["data"]["accreditation"] for each in told()}) == 3


def test_a_certificate(election, delegation):
    row = records.accreditation(
        delegation,
        status=AccreditationStatus.ACCREDITED,
        person=records.observer(portrait=portrait()),
    )
    register()
    [first] = issue_certificates(actor=SYSTEM, election=election, accreditation_ids=[row.id]).ids
    certificate = db.session.get_one(Certificate, first)
    void_certificate(actor=SYSTEM, certificate=certificate, reason="Damaged")
    assert kinds() == ["certificate.issued", "certificate.voided"]
    assert told()[1]["data"] == {
        "election": election.slug,
        "resource": f"/e/{election.slug}/certificates/{first}",
        "certificate": first,
        "serial": certificate.serial,
        "accreditation": row.id,
        "delegation": delegation.id,
    }
    assert certificate.code not in str(told())


def test_a_meeting_from_proposal_to_cancellation(election, delegation):
    register()
    official = records.official()
    wanted = details(official, delegation)
    meeting = schedule_meeting(
        actor=SYSTEM, election=election, details=wanted, status=MeetingStatus.PROPOSED
    )
    assert kinds() == []
    confirm_meeting(actor=SYSTEM, meeting=meeting)
    later = details(official, delegation, NINE + timedelta(hours=2))
    around = {"actor": SYSTEM, "election": election, "meeting": meeting}
    change_meeting(**around, details=later, seen_version=meeting.version)
    cancel_meeting(**around, reason="Called away")
    assert kinds() == ["meeting.scheduled", "meeting.changed", "meeting.cancelled"]
    assert told()[1]["data"]["starts_at"] == "2022-11-18T05:00:00Z"
    assert [each["data"]["sequence"] for each in told()] == [1, 2, 3]


def test_a_meeting_that_took_place_or_was_only_proposed_is_not_told_of(election, delegation):
    register()
    official = records.official()
    around = {"actor": SYSTEM, "election": election}
    meeting = schedule_meeting(**around, details=details(official, delegation))
    with clock.at(NINE + timedelta(hours=2)):
        mark_held(actor=SYSTEM, meeting=meeting)
    proposed = schedule_meeting(
        **around,
        details=details(official, delegation, NINE + timedelta(hours=4)),
        status=MeetingStatus.PROPOSED,
    )
    cancel_meeting(**around, meeting=proposed, reason="Withdrawn")
    assert kinds() == ["meeting.scheduled"]


def test_a_bulletin(election):
    register()
    bulletin = published(election)
    [only] = told()
    assert only["type"] == "bulletin.published"
    assert only["data"]["resource"] == f"/e/{election.slug}/bulletins/{bulletin.id}"
    assert (only["data"]["number"], only["data"]["as_of"]) == (1, "2022-11-10T06:00:00Z")


def test_what_comes_past_the_flush_is_told_too(election, delegation):
    """As a bulk update changes meetings."""
    meeting = schedule_meeting(
        actor=SYSTEM, election=election, details=details(records.official(), delegation)
    )
    register()
    update_many(Meeting, [meeting.id], {"status": MeetingStatus.CANCELLED})
    assert kinds() == ["meeting.cancelled"]


def test_each_receiver_is_told_what_it_chose_of_its_election(election, delegation):
    other = records.election(slug="second")
    elsewhere = register(election_id=other.id)
    chosen = register(K.SUBMISSION_MADE, election_id=election.id)
    everything = register()
    off = register()
    switch_off(actor=SYSTEM, webhook=off)
    accredited(election, delegation)
    assert kinds(elsewhere) == kinds(off) == []
    assert kinds(chosen) == ["submission.made"]
    assert len(kinds(everything)) == 3
    ids = sa.select(WebhookDelivery.message_id).where(
        WebhookDelivery.kind == K.SUBMISSION_MADE.value
    )
    assert len(set(db.session.scalars(ids))) == 1  # one event, the same id to everybody


def test_what_was_undone_was_never_told(app):
    with app.app_context(), clock.at(NOW):
        with unit_of_work(SYSTEM):
            register()
            election = records.election()
            row = enter(election, records.delegation(election))
            ids = election.id, row.id

        def register_and_fail():
            with unit_of_work(SYSTEM):
                election = db.session.get_one(records.Election, ids[0])
                found = db.session.get_one(type(row), ids[1])
                register_observer(actor=SYSTEM, election=election, row=found)
                assert kinds() == ["observer.registered"]
                raise RuntimeError

        with pytest.raises(RuntimeError):
            register_and_fail()
        assert kinds() == []


def test_no_message_names_a_person(election, delegation):
    register()
    accredited(election, delegation, person(surname="ZQSURNAME", given_names="ZQGIVEN"))
    text = str(told()).casefold()
    assert "accreditation.accredited" in text
    for value in ("zqsurname", "zqgiven", "u1234567", "1965", "registrar", "commission"):
        assert value not in text


def test_the_documentation_names_every_event_with_its_fields():
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| [^|]+ \|([^|]*)\|$", text, re.M)
    documented = {name: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    assert set(documented) == set(K)
    fields = {source.data for source in SOURCES.values()}
    for name, found in documented.items():
        assert tuple(found) in fields or (name, found) == ("ping", []), name


def test_every_resource_is_an_address_of_a_page(tmp_path):
    app = demonstration(tmp_path)
    with app.app_context():
        rows = [(db.session.execute(source.facts).first(), source) for source in SOURCES.values()]
        paths = [source.resource.format(**row._mapping) for row, source in rows]
        db.session.rollback()
    client = signed_in(app, Role.AUDITOR)
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
