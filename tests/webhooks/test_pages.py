"""The pages of receivers: registered, looked at, tested, changed, switched off, removed."""

import re

import pytest
import sqlalchemy as sa

from tests.factories import jobs
from tests.factories.receivers import Answer
from tests.factories.records import election
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.webhooks.models import Webhook

FORM = {"name": "Commission", "election_id": "0", "kinds": ["accreditation.revoked"]}


@pytest.fixture
def client(sign_in):
    return sign_in(Role.ADMINISTRATOR)


def stored(app):
    with app.app_context():
        row = db.session.scalars(sa.select(Webhook)).one_or_none()
        db.session.expunge_all()  # it is looked at when this context is over
        return row


def work(app):
    with app.app_context():
        jobs.work()


def test_a_receiver_is_registered_and_its_secret_shown_once(app, client, there):
    assert "No receivers" in client.get("/webhooks/").text
    page = client.post("/webhooks/new", data=FORM | {"address": there.address})
    assert page.status_code == 200
    row = stored(app)
    assert row.secret in page.text
    for path in ("/webhooks/", "/webhooks/1", "/webhooks/1/edit"):
        text = client.get(path).text
        assert "Commission" in text
        assert "whsec_" not in text
    shown = client.get("/webhooks/").text
    assert "Accreditation revoked" in shown
    assert "Every election" in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"address": "http://receiver.example.org/"}, "Only https is used"),
        ({"address": "https://10.0.0.1/"}, "private network"),
        ({"address": ""}, "Fill this in."),
        ({"kinds": [], "name": ""}, "Choose at least one event."),
        ({"name": " "}, "Fill this in."),
        ({"election_id": "7"}, "Not a valid choice"),
        ({"kinds": ["ping"]}, "not a valid choice"),
    ],
)
def test_what_will_not_do_is_said_beside_its_field(app, client, change, message):
    form = FORM | {"address": "https://receiver.example.org/"} | change
    page = client.post("/webhooks/new", data=form)
    assert page.status_code == 422
    assert message in page.text
    assert stored(app) is None


def test_a_test_message_its_answer_and_once_more(app, client, there):
    there.answers = [Answer(500, body=b"<b>broken</b>")]
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    page = client.post("/webhooks/1/test", follow_redirects=True)
    assert "The test message is on its way" in page.text
    assert "Queued" in page.text
    work(app)
    page = client.get("/webhooks/1").text
    assert "The receiver did not take it." in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page
    assert "nothing reaches it" in page
    assert "500" in re.sub(r"<[^>]+>", " ", page)
    assert client.post("/webhooks/1/deliveries/1/again").status_code == 409  # it waits already
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text("UPDATE webhook_deliveries SET status = 'failed'"))
        db.session.commit()
    page = client.post("/webhooks/1/deliveries/1/again", follow_redirects=True)
    assert "waits to be sent again" in page.text
    work(app)
    assert len(there.received) == 2
    assert "Delivered" in client.get("/webhooks/1?status=delivered").text
    assert "Nothing matches the filter" in client.get("/webhooks/1?status=failed").text
    assert client.post("/webhooks/1/deliveries/9/again").status_code == 404
    assert client.post("/webhooks/9/deliveries/1/again").status_code == 404


def test_another_secret(app, client, there):
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    first = stored(app).secret
    page = client.post("/webhooks/1/rotate").text
    row = stored(app)
    assert row.secret in page
    assert first not in page
    assert row.previous_secret == first
    shown = client.get("/webhooks/1").text
    assert "signs as well until" in shown
    assert "/webhooks/1/rotate" not in shown
    assert client.post("/webhooks/1/rotate").status_code == 409
    assert stored(app).secret == row.secret


def test_it_is_changed_and_nobody_overwrites_another(app, client, there):
    with app.app_context():
        expect_writes(True)
        number = election(slug="second").id
        db.session.commit()
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    changed = FORM | {"address": there.address, "election_id": str(number), "version": "1"}
    assert client.post("/webhooks/1/edit", data=changed).status_code == 302
    assert stored(app).election_id == number
    page = client.post("/webhooks/1/edit", data=changed | {"name": "Other"})
    assert page.status_code == 422
    assert "changed this record meanwhile" in page.text
    assert stored(app).name == "Commission"


def test_it_is_switched_off_and_on_and_removed(app, client, there):
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    client.post("/webhooks/1/test")
    for _administrator in range(2):
        page = client.post("/webhooks/1/switch", data={"on": "0"}, follow_redirects=True).text
        assert "is told nothing more" in page
    assert 'name="on" value="1"' in page
    assert "The receiver was switched off before." in page
    assert client.post("/webhooks/1/test").status_code == 409
    for _administrator in range(2):
        page = client.post("/webhooks/1/switch", data={"on": "1"}, follow_redirects=True).text
        assert "is told again" in page
    assert 'name="on" value="0"' in page
    page = client.post("/webhooks/1/remove", follow_redirects=True).text
    assert "was removed" in page
    assert stored(app) is None
    with app.app_context():
        left = sa.text("SELECT count(*) FROM webhook_deliveries")
        assert db.session.scalar(left) == 0
        db.session.rollback()


def test_the_page_of_the_system_counts_receivers(client, there):
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    assert "1 receiver, 0 waiting" in client.get("/system").text


def test_only_administrators(sign_in):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert sign_in(role).get("/webhooks/").status_code == 403


def test_the_list_of_receivers_is_a_file_too_without_their_addresses(app, client, there):
    client.post("/webhooks/new", data=FORM | {"address": there.address})
    assert "/webhooks/?format=csv" in client.get("/webhooks/").text
    text = client.get("/webhooks/?format=csv").text
    head, row = (line.split(",") for line in text.lstrip("\ufeff").splitlines())
    assert head[:5] == ["Receiver", "Election", "Events", "Status", "Messages waiting"]
    assert row[:2] == ["Commission", "Every election"]
    assert row[3:5] == ["on", "0"]
    assert there.address not in text  # it may hold a key of theirs
    assert stored(app).secret not in text
    assert client.get("/webhooks/?format=xlsx").status_code == 200
