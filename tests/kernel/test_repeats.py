"""The same form sent twice is done once, and the second gets the first one's answer."""

import io
import re
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.kernel.repeats import KEPT, FormAnswer, forget_answers
from tracker.logistics.models.duty import DutyNote

PAGE = "/e/kz-2022/duty/"


@pytest.fixture
def person(app, sign_in):
    """A coordinator whose forms are protected as on a real installation."""
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context(), unit_of_work(SYSTEM):
        records.delegation(records.election(ends_at=NOW + timedelta(days=9000)))
    with clock.at(NOW):
        yield sign_in(Role.COORDINATOR, Role.REGISTRAR)


def token_of(client, path=PAGE):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)[1]


def count(app, model=DutyNote):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_double_click(app, person):
    fields = {"csrf_token": token_of(person), "text": "A car broke down.", "kind": "note"}
    first, second = (person.post(PAGE, data=fields) for _time in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    assert count(app) == 1
    assert count(app, FormAnswer) == 1
    page = person.get(second.location).text
    assert page.count("A car broke down.") == 1


def test_what_the_first_said_is_said_after_the_second(app, person):
    path = "/e/kz-2022/delegations/new"
    with app.app_context(), unit_of_work(SYSTEM):
        sender = records.organization(name="Turkic Assembly").id
    fields = {
        "csrf_token": token_of(person, path),
        "sender": f"organization-{sender}",
        "organization": str(sender),
        "format": "short_term",
        "invited_on": "2022-10-01",
    }
    answers = [person.post(path, data=dict(fields)) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302], answers[0].text
    assert answers[0].location == answers[1].location
    assert count(app, Delegation) == 2  # the one of the fixture and this one
    with person.session_transaction() as session:
        session.pop("_flashes")  # the browser left the first answer unread
    person.post(path, data=dict(fields))
    assert "Turkic Assembly was entered" in person.get(answers[1].location).text


def test_two_at_the_same_moment(app, person):
    fields = {"csrf_token": token_of(person), "text": "At once.", "kind": "note"}
    cookie = "; ".join(f"{item.key}={item.value}" for item in person._cookies.values())
    barrier, answers = threading.Barrier(4), []

    def send():
        client = app.test_client(use_cookies=False)
        barrier.wait()
        with clock.at(NOW):
            answers.append(client.post(PAGE, data=fields, headers={"Cookie": cookie}))

    threads = [threading.Thread(target=send) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert count(app) == 1


def test_what_differs_is_another_form(app, person, sign_in):
    token = token_of(person)
    for text, kind in (("One.", "note"), ("Two.", "note"), ("Two. ", "note"), ("One.", "call")):
        fields = {"csrf_token": token, "text": text, "kind": kind}
        assert person.post(PAGE, data=fields).status_code == 302
    assert count(app) == 4
    other = sign_in(Role.COORDINATOR)
    fields = {"csrf_token": token_of(other), "text": "One.", "kind": "note"}
    assert other.post(PAGE, data=fields).status_code == 302
    assert count(app) == 5


def test_what_was_refused_can_be_sent_again(app, person):
    fields = {"csrf_token": token_of(person), "text": "", "kind": "note"}
    assert [person.post(PAGE, data=fields).status_code for _time in range(2)] == [422, 422]
    assert count(app, FormAnswer) == 0


def test_a_page_opened_anew_sends_anew(app, person):
    for _page in range(2):
        fields = {"csrf_token": token_of(person), "text": "The same words.", "kind": "note"}
        assert person.post(PAGE, data=fields).status_code == 302
        time.sleep(1.1)  # the token holds the second in which the page was made
    assert count(app) == 2


def test_a_file_is_part_of_the_form(app, person):
    with app.app_context():
        delegation = db.session.scalars(sa.select(Delegation)).one()
        path = f"/e/kz-2022/delegations/{delegation.id}/edit"
        version = delegation.version
    page = person.get(path).text
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    fields |= {"format": "short_term", "version": str(version)}

    def send(content):
        files = {"scan": (io.BytesIO(content), "note.pdf")}
        return person.post(path, data=fields | files, content_type="multipart/form-data")

    first, again, other = send(b"%PDF-1.7 one"), send(b"%PDF-1.7 one"), send(b"%PDF-1.7 two")
    assert (first.status_code, again.status_code) == (302, 302), first.text
    assert other.status_code == 422  # not a repeat, so the row's version has moved on


def test_answers_are_forgotten(app, person):
    fields = {"csrf_token": token_of(person), "text": "Old.", "kind": "note"}
    person.post(PAGE, data=fields)
    with app.app_context():
        with unit_of_work(SYSTEM):
            forget_answers()
        assert count(app, FormAnswer) == 1
        with clock.at(clock.now() + KEPT + timedelta(minutes=1)), unit_of_work(SYSTEM):
            forget_answers()
        assert count(app, FormAnswer) == 0
