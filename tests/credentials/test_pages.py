"""The pages of certificates, as the people who issue, carry and look after them use them."""

import errno
import io
import json
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tracker.accreditation.models import AccreditationStatus
from tracker.audit.models import AuditEntry
from tracker.credentials import jobs as certificate_jobs
from tracker.credentials import operations, queries
from tracker.credentials.models import (
    BatchStatus,
    Certificate,
    CertificateBatch,
    CertificateStatus,
    SigningKey,
)
from tracker.credentials.routes import issue as issue_routes
from tracker.credentials.signing import vault
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role

BASE = "/e/kz-2022/certificates/"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def statuses(app):
    with app.app_context():
        return [row.status for row in db.session.scalars(sa.select(Certificate).order_by("serial"))]


def text_of(response):
    return response.get_data(as_text=True)


def work(app):
    """Do what was given out, as the job process does."""
    with app.app_context():
        for batch_id in db.session.scalars(sa.select(CertificateBatch.id)).all():
            db.session.rollback()
            certificate_jobs.run(batch_id)


def test_certificates_are_issued_to_a_delegation(app, sign_in, people):
    _ids, (first, _second) = people
    client = sign_in(Role.REGISTRAR)
    assert "3 accredited people have no certificate yet." in text_of(client.get(BASE))
    page = client.get(f"{BASE}issue?delegation={first}")
    assert f'selected value="delegation-{first}"' in text_of(page)
    done = client.post(f"{BASE}issue", data={"whom": f"delegation-{first}"}, follow_redirects=True)
    assert "2 certificates were issued." in text_of(done)
    assert len(statuses(app)) == 2
    again = client.post(f"{BASE}issue", data={"whom": f"delegation-{first}"})
    assert again.status_code == 422


def test_wrong_terms_stand_beside_their_field(sign_in, people):
    client = sign_in(Role.REGISTRAR)
    page = client.post(f"{BASE}issue", data={"whom": "all", "valid_until": "2023-01-01"})
    assert page.status_code == 422
    assert 'id="valid_until-error"' in text_of(page)
    assert client.post(f"{BASE}issue", data={"whom": "delegation-99"}).status_code == 422


def test_terms_of_many_are_refused_before_anything_is_given_out(app, sign_in, people, monkeypatch):
    monkeypatch.setattr(issue_routes, "AT_ONCE", 1)
    page = sign_in(Role.REGISTRAR).post(
        f"{BASE}issue", data={"whom": "all", "valid_until": "2023-01-01"}
    )
    assert page.status_code == 422
    assert 'id="valid_until-error"' in text_of(page)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(CertificateBatch.id))) == 0


def test_where_nobody_waits_nobody_else_is_offered_instead(app, sign_in, people):
    _ids, (first, second) = people
    client = sign_in(Role.REGISTRAR)
    client.post(f"{BASE}issue", data={"whom": f"delegation-{second}"})
    page = f"{BASE}issue?delegation={second}"
    assert f'selected value="delegation-{second}"' in text_of(client.get(page))
    refused = client.post(page, data={"whom": f"delegation-{second}"})
    assert "Nobody waits for a certificate there." in text_of(refused)
    assert len(statuses(app)) == 1
    assert client.get(f"{BASE}issue?submission=99").status_code == 404


def test_one_person_is_told_why_there_is_none(app, sign_in, people):
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text("UPDATE observers SET portrait = NULL"))
        db.session.commit()
    key = people[0][0]
    page = sign_in(Role.REGISTRAR).post(
        f"{BASE}issue?observer={key}", data={"whom": f"observer-{key}"}
    )
    assert page.status_code == 422
    assert "The portrait is missing." in text_of(page)


def test_many_are_issued_by_a_batch(app, sign_in, people, monkeypatch):
    monkeypatch.setattr(issue_routes, "AT_ONCE", 1)
    client = sign_in(Role.REGISTRAR)
    page = client.post(f"{BASE}issue", data={"whom": "all"}, follow_redirects=True)
    assert "data-live" in text_of(page)
    assert statuses(app) == []
    work(app)
    page = text_of(client.get(f"{BASE}batches/1"))
    assert "3 certificates." in page
    assert "Print all of them" in page
    printing = client.post(f"{BASE}batches/1", data={"task": "print", "paper": "badges"})
    assert printing.status_code == 302
    work(app)
    assert statuses(app) == [CertificateStatus.PRINTED] * 3
    pdf = client.post(f"{BASE}batches/2/file")
    assert len(PdfReader(io.BytesIO(pdf.data)).pages) == 6
    assert client.post(f"{BASE}batches/2/sheet").mimetype == "application/pdf"
    over = client.post(f"{BASE}batches/2", data={"task": "hand_over", "received_by": "A. Head"})
    assert over.status_code == 302
    assert statuses(app) == [CertificateStatus.HANDED_OVER] * 3
    with app.app_context():
        reads = sa.select(AuditEntry).where(
            AuditEntry.action == "read", AuditEntry.record_table == "certificate_batches"
        )
        assert len(db.session.scalars(reads).all()) == 2


def test_a_batch_that_cannot_be_says_why_and_changes_nothing(app, sign_in, issued):
    client = sign_in(Role.REGISTRAR)
    chosen = {"certificate": issued, "paper": "badges", "task": "print"}
    assert client.post(BASE, data=chosen).status_code == 302
    with app.app_context():
        expect_writes(True)
        election = db.session.scalars(sa.select(records.Election)).one()
        [row] = queries.certificates_with(election.id, issued[:1])
        operations.void_certificate(actor=SYSTEM, certificate=row, reason="Misprint")
        db.session.commit()
    work(app)
    page = text_of(client.get(f"{BASE}batches/1"))
    assert "cannot take this step any more" in page
    assert statuses(app)[1:] == [CertificateStatus.ISSUED] * 2


def process_dies(*_arguments, **_options):
    raise SystemExit


def disk_is_full(*_arguments, **_options):
    raise OSError(errno.ENOSPC, "No space left on device")


def database_is_gone(*_arguments, **_options):
    raise sa.exc.OperationalError("", {}, psycopg.OperationalError("server closed"))


@pytest.mark.parametrize("stopped", [process_dies, disk_is_full, database_is_gone])
def test_a_batch_that_is_stopped_leaves_nothing_and_is_given_out_again(
    app, sign_in, issued, monkeypatch, stopped
):
    client = sign_in(Role.REGISTRAR)
    client.post(BASE, data={"certificate": issued, "paper": "badges", "task": "print"})

    with monkeypatch.context() as patched:
        patched.setattr("tracker.credentials.operations.batches.print_certificates", stopped)
        with suppress(SystemExit):
            work(app)
    assert statuses(app) == [CertificateStatus.ISSUED] * 3
    assert "Under way" in text_of(client.get(f"{BASE}batches/1"))
    given = []
    monkeypatch.setattr(jobs, "enqueue_once", lambda name, **values: given.append((name, values)))
    with app.app_context():
        assert certificate_jobs.resume() == 1
    assert given == [("certificate_batch", {"batch_id": 1})]
    work(app)
    work(app)  # given out twice, done once
    assert statuses(app) == [CertificateStatus.PRINTED] * 3
    with app.app_context():
        assert db.session.get(CertificateBatch, 1).status is BatchStatus.DONE


def test_printing_again_asks_why(app, sign_in, issued):
    client = sign_in(Role.REGISTRAR)
    path = f"{BASE}{issued[0]}/print"
    first = client.post(path, data={"paper": "certificates"})
    assert first.mimetype == "application/pdf"
    again = client.post(path, data={"paper": "badges"})
    assert again.status_code == 422
    assert "say why it is printed again" in text_of(again)
    assert text_of(again).count('id="reason-error"') == 1
    assert client.post(path, data={"paper": "badges", "reason": "Jam"}).status_code == 200
    chosen = {"certificate": issued, "paper": "badges", "task": "print"}
    refused = client.post(BASE, data=chosen)
    assert refused.status_code == 422
    assert "1 of them were printed before" in text_of(refused)
    assert client.post(path, data={"paper": "poster"}).status_code == 400


def test_the_life_of_one_on_its_page(app, sign_in, issued):
    client = sign_in(Role.REGISTRAR)
    page = f"{BASE}{issued[0]}"
    client.post(f"{page}/print", data={"paper": "badges"})
    assert client.post(f"{page}/step", data={"step": "hand_over"}).status_code == 422
    client.post(f"{page}/step", data={"step": "hand_over", "received_by": "A. Head"})
    assert "Signed for by A. Head" in text_of(client.get(page))
    assert client.post(f"{page}/step", data={"step": "lose"}).status_code == 422
    done = client.post(f"{page}/reissue", data={"reason": "Water damage"}, follow_redirects=True)
    assert "A new certificate was issued" in text_of(done)
    old = text_of(client.get(page))
    assert "The certificate was replaced by a newer one." in old
    assert "Its place is taken by" in old
    assert client.post(f"{page}/step", data={"step": "print"}).status_code == 400
    assert statuses(app)[0] is CertificateStatus.REPLACED


def test_the_list_is_narrowed_and_exported(sign_in, issued):
    client = sign_in(Role.REGISTRAR)
    assert text_of(client.get(f"{BASE}?q=name1")).count('name="certificate"') == 1
    assert text_of(client.get(f"{BASE}?q=2-ABCD")).count('name="certificate"') == 1
    assert "Nothing matches the filter" in text_of(client.get(f"{BASE}?status=void"))
    assert f'action="{BASE}?q=name1"' in text_of(client.get(f"{BASE}?q=name1"))
    lines = text_of(client.get(f"{BASE}?format=csv")).splitlines()
    assert len(lines) == 4
    assert client.get(f"{BASE}?format=csv&status=lost").status_code == 200


def test_the_list_says_whose_time_has_run_out(sign_in, issued):
    client = sign_in(Role.REGISTRAR)
    assert "Expired" not in text_of(client.get(BASE))
    with clock.at(NOW + timedelta(days=400)):
        assert text_of(sign_in(Role.REGISTRAR).get(BASE)).count("Expired") == len(issued)


def test_a_focal_point_sees_its_own_only(sign_in, people, issued):
    _ids, (first, _second) = people
    client = sign_in(Role.FOCAL_POINT, delegation_ids=(first,))
    page = text_of(client.get(BASE))
    assert "NAME0" in page
    assert "NAME1" not in page
    assert client.get(f"{BASE}{issued[0]}").status_code == 200
    assert client.get(f"{BASE}{issued[1]}").status_code == 404
    assert client.get(f"{BASE}{issued[1]}/portrait").status_code == 404
    assert client.post(f"{BASE}{issued[0]}/print").status_code == 403


def test_keys_are_rotated_and_lost(app, sign_in, issued):
    client = sign_in(Role.ADMINISTRATOR)
    page = text_of(client.get("/signing-keys/"))
    assert page.count("In use") == 2
    client.post("/signing-keys/", data={"purpose": "certificates"})
    again = client.post("/signing-keys/", data={"purpose": "certificates"}, follow_redirects=True)
    assert "Waiting" in text_of(again)
    assert client.post("/signing-keys/", data={"purpose": "x"}).status_code == 302
    with app.app_context():
        query = sa.select(SigningKey.id).where(SigningKey.purpose == "certificates")
        key = db.session.scalars(query.order_by("id")).first()
    confirm = text_of(client.get(f"/signing-keys/{key}/lost"))
    assert "3 certificates that people carry become void" in confirm
    assert client.post(f"/signing-keys/{key}/lost", data={"reason": ""}).status_code == 422
    done = client.post(
        f"/signing-keys/{key}/lost", data={"reason": "Stolen"}, follow_redirects=True
    )
    assert "3 people have no certificate, because the key that signed it was lost" in text_of(done)
    assert 'href="/e/kz-2022/certificates/issue"' in text_of(done)
    assert statuses(app) == [CertificateStatus.VOID] * 3
    assert client.get("/signing-keys/99/lost").status_code == 404
    client.post(f"{BASE}issue", data={"whom": "all"})
    assert "have no certificate, because" not in text_of(client.get("/signing-keys/"))
    with app.app_context():  # no private half leaves for the audit record
        entries = db.session.scalars(sa.select(AuditEntry.after)).all()
        assert "PRIVATE KEY" not in json.dumps(entries, default=str)


def test_without_a_passphrase_nothing_is_issued_and_it_is_said(app, sign_in, people):
    vault.configure(None)
    page = sign_in(Role.REGISTRAR).post(f"{BASE}issue", data={"whom": "all"})
    assert page.status_code == 422
    assert "TRACKER_SIGNING_PASSPHRASE" in text_of(page)


def test_a_design_is_saved_and_seen(sign_in, people):
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get(f"{BASE}design")
    assert page.status_code == 200
    data = {"version": "0", "heading_en": "Commission", "color_head": "#ffffff"}
    wrong = client.post(f"{BASE}design", data=data)
    assert 'id="color_head-error"' in text_of(wrong)
    assert client.post(f"{BASE}design", data=data | {"color_head": "#402020"}).status_code == 302
    picture = client.get(f"{BASE}design/specimen/0")
    assert picture.data.startswith(b"\x89PNG")
    assert client.get(f"{BASE}design/specimen/7").status_code == 404
    stale = client.post(f"{BASE}design", data=data | {"color_head": "#402020", "version": "9"})
    assert stale.status_code == 422


def test_pages_cost_the_same_however_many_there_are(app, sign_in, people, issued):
    client = sign_in(Role.REGISTRAR)
    numbers = []

    def count():
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        client.get(BASE)
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    numbers.append(count())
    with app.app_context():
        expect_writes(True)
        election = db.session.scalars(sa.select(records.Election)).one()
        more = [
            records.accreditation(
                records.delegation(election),
                status=AccreditationStatus.ACCREDITED,
                person=records.observer(portrait=portrait()),
            )
            for _ in range(20)
        ]
        operations.issue_certificates(
            actor=SYSTEM, election=election, accreditation_ids=[row.id for row in more]
        )
        db.session.commit()
    numbers.append(count())
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 14
