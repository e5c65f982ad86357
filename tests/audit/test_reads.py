"""Reads of pictures, scans and papers are recorded; a second look within the hour is not."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.databases import KIND
from tracker.audit.disclosures import SHOWN_AGAIN
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage
from tracker.logistics.operations.assistance import attach_to_assistance


@pytest.fixture
def stored(app):
    """An observer with a portrait and contacts, a scan of a note verbale, a paper of a request."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        delegation = records.delegation(
            records.election(), note_verbale_scan=storage.put(b"scan"), liaison_phone="+7 1"
        )
        key = storage.put(b"picture")
        person = records.observer(portrait=key, email="anna@example.org", phone="+90 5")
        found = records.accreditation(delegation, person=person)
        request = records.assistance(delegation)
        paper = attach_to_assistance(actor=SYSTEM, request=request, filename="a", content=b"paper")
        db.session.commit()
        return {
            "accreditation": found.id,
            "person": str(person.id),
            "delegation": delegation.id,
            "request": request.id,
            "paper": paper.id,
        }


def reads(app):
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == "read")
        return [
            (row.record_table, row.record_id, row.after["shown"])
            for row in db.session.scalars(query.order_by(AuditEntry.position))
        ]


def page_of(stored):
    return f"/e/kz-2022/observers/{stored['accreditation']}"


def test_pictures_scans_and_papers_leave_an_entry_each(app, sign_in, stored):
    client = sign_in(Role.REGISTRAR)
    here = "/e/kz-2022"
    assert client.get(f"{page_of(stored)}/portrait").data == b"picture"
    scan = client.get(f"{here}/delegations/{stored['delegation']}/note-verbale")
    assert scan.data == b"scan"
    paper = f"{here}/requests/{stored['request']}/attachments/{stored['paper']}"
    assert client.get(paper).data == b"paper"
    assert reads(app) == [
        ("observers", stored["person"], "portrait"),
        ("delegations", str(stored["delegation"]), "note_verbale_scan"),
        ("assistance_attachments", str(stored["paper"]), "content"),
    ]


def test_a_page_leaves_one_entry_of_all_that_it_shows(app, sign_in, stored):
    client = sign_in(Role.AUDITOR)
    with clock.at(NOW):
        page = client.get(page_of(stored)).text
        assert "2 Jan 1980" in page
        expected = [("observers", stored["person"], "birth_date, email, phone")]
        assert reads(app) == expected
        client.get(page_of(stored))
    with clock.at(NOW + SHOWN_AGAIN - timedelta(seconds=1)):
        client.get(page_of(stored))
        assert reads(app) == expected
        sign_in(Role.AUDITOR).get(page_of(stored))
        assert reads(app) == expected * 2, "another person is another read"
    with clock.at(NOW + SHOWN_AGAIN):
        client.get(page_of(stored))
        assert reads(app) == expected * 3
    with app.app_context():
        assert verify()[1] == []


def test_a_page_that_refreshes_itself_waits_for_no_writer(app, sign_in, stored):
    client = sign_in(Role.AUDITOR)
    assert client.get(page_of(stored)).status_code == 200
    with app.app_context():
        expect_writes(True)
        writer = db.engine.connect()
        writer.execute(sa.text("UPDATE audit_entries SET actor_name = actor_name"))
        expect_writes(False)
    before = time.monotonic()
    assert client.get(page_of(stored)).status_code == 200
    assert time.monotonic() - before < 20, "it would have waited for thirty seconds"
    writer.rollback()
    writer.close()


def test_what_is_masked_is_not_read(app, sign_in, stored):
    page = sign_in(Role.OFFICIAL).get(page_of(stored)).text
    assert "2 Jan 1980" not in page
    assert reads(app) == []


def test_a_form_that_shows_what_is_stored_reads_it(app, sign_in, stored):
    client = sign_in(Role.REGISTRAR)
    assert 'value="1980-01-02"' in client.get(f"{page_of(stored)}/edit").text
    assert reads(app) == [("observers", stored["person"], "birth_date, email, phone")]


def test_a_revealed_number_is_recorded_each_time(app, sign_in, stored):
    client = sign_in(Role.REGISTRAR)
    for _time in range(2):
        assert client.post(f"{page_of(stored)}/document").status_code == 200
    assert [shown for table, _id, shown in reads(app) if table == "travel_documents"] == [
        "document number"
    ] * 2


NO_MORE_ENTRIES = {
    "sqlite": [
        "CREATE TRIGGER no_more BEFORE INSERT ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'no space'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE check_violation; END $$",
        "CREATE TRIGGER no_more BEFORE INSERT ON audit_entries EXECUTE FUNCTION no_more()",
    ],
}


def test_what_cannot_be_recorded_is_not_shown(app, sign_in, stored):
    client = sign_in(Role.REGISTRAR)
    with app.app_context():
        expect_writes(True)
        for statement in NO_MORE_ENTRIES[KIND]:
            db.session.execute(sa.text(statement))
        db.session.commit()
    answer = client.get(page_of(stored))
    assert answer.status_code == 500
    assert "1980-01-02" not in answer.text
    assert client.get(f"{page_of(stored)}/portrait").data != b"picture"
    assert client.get("/e/kz-2022/observers/").status_code == 200, "what shows nothing is served"
