"""Whose accreditation has ended gets no paper any more, neither alone nor among others."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.credentials.test_pages import BASE, statuses, text_of, work
from tracker.accreditation.models import Accreditation, Ground
from tracker.accreditation.operations import Reason, revoke_accreditation
from tracker.credentials.models import CertificateStatus
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

S = CertificateStatus
CHOSEN = {"paper": "badges", "task": "print"}
SAID = "is not accredited any more."


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def client(sign_in):
    return sign_in(Role.REGISTRAR)


def revoke(app, accreditation_id):
    with app.app_context():
        expect_writes(True)
        row = db.session.get_one(Accreditation, accreditation_id)
        revoke_accreditation(actor=SYSTEM, row=row, reason=Reason(Ground.INTERFERENCE))
        db.session.commit()


def test_a_revoked_holders_certificate_is_not_printed(app, client, people, issued):
    revoke(app, people[0][0])
    refused = client.post(f"{BASE}{issued[0]}/print", data={"paper": "badges"})
    assert refused.status_code == 422
    assert SAID in text_of(refused)
    assert statuses(app)[0] is S.ISSUED
    page = text_of(client.get(f"{BASE}{issued[0]}"))
    assert f"{BASE}{issued[0]}/print" not in page
    assert f"{BASE}{issued[0]}/reissue" not in page
    assert 'value="void"' in page


def test_nor_handed_over(app, client, people, issued):
    client.post(f"{BASE}{issued[0]}/print", data={"paper": "badges"})
    revoke(app, people[0][0])
    data = {"step": "hand_over", "received_by": "A. Head"}
    refused = client.post(f"{BASE}{issued[0]}/step", data=data)
    assert refused.status_code == 422
    many = {"certificate": issued[:1], "task": "hand_over", "received_by": "A. Head"}
    assert SAID in text_of(client.post(BASE, data=many))
    assert statuses(app)[0] is S.PRINTED


def test_it_can_still_be_taken_back(app, client, people, issued):
    client.post(f"{BASE}{issued[0]}/print", data={"paper": "badges"})
    data = {"step": "hand_over", "received_by": "A. Head"}
    client.post(f"{BASE}{issued[0]}/step", data=data)
    revoke(app, people[0][0])
    assert client.post(f"{BASE}{issued[0]}/step", data={"step": "return"}).status_code == 302
    assert statuses(app)[0] is S.RETURNED


def test_a_batch_asked_for_before_prints_nobody_and_says_why(app, client, people, issued):
    client.post(BASE, data=CHOSEN | {"certificate": issued})
    revoke(app, people[0][0])
    work(app)
    assert statuses(app) == [S.ISSUED] * 3
    assert SAID in text_of(client.get(f"{BASE}batches/1"))


def test_a_finished_batch_goes_on_without_them(app, client, people, issued):
    client.post(BASE, data=CHOSEN | {"certificate": issued})
    work(app)
    revoke(app, people[0][0])
    page = text_of(client.get(f"{BASE}batches/1"))
    assert "The holder of 1 of them is not accredited any more" in page
    assert "Hand over 2 printed certificates" in page
    over = {"task": "hand_over", "received_by": "A. Head"}
    assert client.post(f"{BASE}batches/1", data=over).status_code == 302
    assert statuses(app) == [S.PRINTED, S.HANDED_OVER, S.HANDED_OVER]
    assert client.post(f"{BASE}batches/1", data=over).status_code == 422  # nobody is left


def test_the_holders_page_says_of_it_what_its_own_page_says(app, client, people, issued):
    holder, page = f"/e/kz-2022/observers/{people[0][0]}", f"{BASE}{issued[0]}"
    assert "The accreditation was revoked." not in text_of(client.get(holder))
    revoke(app, people[0][0])
    for shown in (page, holder):
        assert "Not valid" in text_of(client.get(shown))
        assert "The accreditation was revoked." in text_of(client.get(shown))


def test_the_holders_page_says_that_it_ran_out(client, sign_in, people, issued):
    holder = f"/e/kz-2022/observers/{people[0][0]}"
    assert "The certificate has expired." not in text_of(client.get(holder))
    with clock.at(NOW + timedelta(days=60)):
        page = text_of(sign_in(Role.REGISTRAR).get(holder))
    assert "The certificate has expired." in page
