"""The page of the digest, as each role: papers to read, the hour and the recipients to keep."""

import re
from datetime import time

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.mail import mail_server
from tests.kernel.test_printing import words_of
from tracker.elections.models import Election
from tracker.headquarters.jobs import issue_digests
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.logistics.models.digest import DigestRecipient

PAGE = "/e/kz-2022/digest"
PERSON = {"name": "Office of the Minister", "email": "office@example.org", "language": "ru"}
MANAGERS = {Role.COORDINATOR, Role.ADMINISTRATOR}


@pytest.fixture(autouse=True)
def _election(app):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        records.election(digest_at=time(12))
        records.election(slug="other")
        db.session.commit()
        yield


def stored(column):
    db.session.rollback()
    return db.session.scalars(sa.select(column).order_by(column.class_.id)).all()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FOCAL_POINT}))
def test_readers_read_and_managers_manage(sign_in, role):
    client = sign_in(role)
    page = client.get(PAGE).get_data(as_text=True)
    assert "Issued daily at 12:00, local time." in page
    assert "No digest was issued yet" in page
    assert ("Add a recipient" in page) == (role in MANAGERS)
    expected = 302 if role in MANAGERS else 403
    assert client.post(f"{PAGE}/recipients", data=PERSON).status_code == expected
    assert client.post(f"{PAGE}/hour", data={"at": "20:30"}).status_code == expected
    assert ("office@example.org" in client.get(PAGE).get_data(as_text=True)) == (role in MANAGERS)
    assert client.post(f"{PAGE}/recipients/1/remove").status_code == expected
    assert stored(DigestRecipient.email) == []


def test_a_focal_point_sees_nothing_of_it(sign_in):
    client = sign_in(Role.FOCAL_POINT)
    assert {client.get(f"{PAGE}{path}").status_code for path in ("", "/preview", "/1")} == {403}


def test_the_hour_is_set_and_taken_back(sign_in):
    client = sign_in(Role.COORDINATOR)
    client.post(f"{PAGE}/hour", data={"at": "20:30"})
    assert stored(Election.digest_at) == [time(20, 30), None]
    wrong = client.post(f"{PAGE}/hour", data={"at": "25:00"})
    assert wrong.status_code == 422
    client.post(f"{PAGE}/hour", data={"at": ""})
    assert stored(Election.digest_at) == [None, None]
    assert "No hour is set: none is issued." in client.get(PAGE).get_data(as_text=True)


def test_what_is_wrong_is_said_beside_its_field_and_kept(sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    client.post(f"{PAGE}/recipients", data=PERSON)
    for changes, said in (
        ({}, "The digest is sent to this address already."),
        ({"email": "nobody"}, "nobody is not an e-mail address."),
        ({"name": " "}, "Give the name."),
        ({"language": "fr"}, "Not a valid choice"),
    ):
        response = client.post(f"{PAGE}/recipients", data=PERSON | changes)
        assert response.status_code == 422
        assert said in response.get_data(as_text=True)
    assert stored(DigestRecipient.email) == ["office@example.org"]


def test_recipients_belong_to_their_election(sign_in):
    client = sign_in(Role.COORDINATOR)
    client.post(f"{PAGE}/recipients", data=PERSON)
    assert client.post("/e/other/digest/recipients/1/remove").status_code == 404
    assert client.post(f"{PAGE}/recipients/1/remove").status_code == 302


def test_who_was_removed_by_mistake_is_brought_back(sign_in):
    client = sign_in(Role.COORDINATOR)
    client.post(f"{PAGE}/recipients", data=PERSON, follow_redirects=True)
    page = client.post(f"{PAGE}/recipients/1/remove", follow_redirects=True).get_data(as_text=True)
    assert stored(DigestRecipient.email) == []
    form = page.split(f'action="{PAGE}/recipients/restore"')[1].split("</form>")[0]
    gone = re.search(r'name="gone" value="([^"]+)"', form)[1]
    assert PERSON["name"] not in page
    assert PERSON["email"] not in page
    client.post(f"{PAGE}/recipients/restore", data={"gone": gone})
    assert stored(DigestRecipient.email) == [PERSON["email"]]
    assert stored(DigestRecipient.language) == ["ru"]
    again = client.post(f"{PAGE}/recipients/restore", data={"gone": gone})
    assert again.status_code == 409  # it is there already
    db.session.rollback()
    for wrong in ("", "x", "77.é", gone[:-1], gone.partition(".")[2]):
        assert client.post(f"{PAGE}/recipients/restore", data={"gone": wrong}).status_code == 409
    assert client.post("/e/other/digest/recipients/restore", data={"gone": gone}).status_code == 409


def test_who_only_reads_brings_nobody_back(sign_in):
    assert sign_in(Role.OFFICIAL).post(f"{PAGE}/recipients/restore").status_code == 403


def test_papers_are_those_that_were_issued(sign_in):
    issue_digests()
    client = sign_in(Role.OFFICIAL)
    page = client.get(PAGE).get_data(as_text=True)
    assert "10 Nov 2022" in page
    for code, said in {"en": "Daily digest", "ru": "Сводка дня", "kk": "Күнделікті шолу"}.items():
        response = client.get(f"{PAGE}/1?language={code}")
        assert response.mimetype == "application/pdf"
        assert f"digest-kz-2022-2022-11-10-{code}.pdf" in response.headers["Content-Disposition"]
        assert said in words_of(response.data)
    assert client.get("/e/other/digest/1").status_code == 404
    assert client.get(f"{PAGE}/2").status_code == 404


def test_a_preview_is_in_the_reader_s_language_and_sends_nothing(sign_in):
    client = sign_in(Role.OFFICIAL)
    client.set_cookie("language", "ru")
    words = words_of(client.get(f"{PAGE}/preview").data)
    assert "Наблюдатели не аккредитованы." in words
    assert "По состоянию на 12:00 (UTC+06:00)" in words
    past = words_of(client.get(f"{PAGE}/preview?as_of=2022-11-01T18:00").data)
    assert "1 ноября 2022" in past
    assert "Требует действий" not in past
    assert client.get(f"{PAGE}/preview?as_of=yesterday").status_code == 200
    assert "No digest was issued yet" not in client.get(PAGE).get_data(as_text=True)


def test_it_says_where_nothing_is_sent(sign_in):
    client = sign_in(Role.COORDINATOR)
    assert "No mail server is configured" in client.get(PAGE).get_data(as_text=True)
    with mail_server():
        assert "No mail server is configured" not in client.get(PAGE).get_data(as_text=True)
