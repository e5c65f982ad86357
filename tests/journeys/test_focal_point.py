"""A delegation's own way: invited by mail, sixty observers delivered, two errors mended,
accredited, a meeting asked for and read in a calendar; and nobody else's."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from tests.factories import accounts, databases, records
from tests.factories.forms import forms_of
from tests.factories.lists import sixty
from tests.factories.mail import mail_server
from tests.journeys.demonstration import empty
from tracker.kernel import clock, outbox
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

NOW = datetime(2022, 11, 7, 5, tzinfo=UTC)
E = "/e/kz-2022"
PASSWORD = "eleven plain oranges"


@pytest.fixture
def app(tmp_path):
    """Two delegations, an official to meet, and nobody of the delegations signed in yet."""
    app = empty(tmp_path, JOBS_IMMEDIATE=True)
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        election = records.election()
        records.delegation(election, records.organization(acronym="TURKPA", name="TURKPA"))
        records.delegation(election, records.state("TR", "Türkiye"))
        records.official()
    with clock.at(NOW):
        yield app
    with app.app_context():
        db.engine.dispose()
    databases.drop(tmp_path, databases.KIND)


def staff(app, role):
    with app.app_context(), unit_of_work(SYSTEM):
        user_id = accounts.user(role).id
    return accounts.browser(app, user_id)


def invited(app, registrar, delegation, email):
    """A focal point who followed the link of the letter, chose a password and signed in."""
    person = {"name": "Contact", "email": email, "language": "en"}
    registrar.post(f"{E}/delegations/{delegation}/focal-points", data=person)
    with app.app_context(), mail_server() as inbox:
        outbox.send_due()
    [letter] = [received.letter for received in inbox.received]
    text = letter.get_payload(decode=True).decode()
    client = app.test_client()
    address = re.search(r"http://localhost(/account/link/\S+)", text)[1]
    client.post(address, data={"password": PASSWORD, "again": PASSWORD})
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert client.get(f"{E}/portal/").location == f"{E}/portal/{delegation}"
    return client


def deliver(focal, delegation):
    """The list of sixty, its two errors mended, sent; its address."""
    content, pictures = sixty()
    sent = {
        "delegation": delegation,
        "file": (BytesIO(content), "observers.csv"),
        "portraits": (BytesIO(pictures), "portraits.zip"),
        "pledge_signed_on": "2022-11-01",
    }
    address = focal.post(f"{E}/lists/new", data=sent).location
    page = focal.get(address).text
    broken = re.findall(r'action="[^"]*/rows/(\d+)"', page)
    assert len(broken) == 2
    assert "disabled" in page.partition("Send to headquarters")[0].rpartition("<button")[2]
    for number in broken:
        focal.post(f"{address}/rows/{number}", data={"cell-birth_date": "1971-02-03"})
    assert focal.post(f"{address}/send").location == address
    return address


def accredit(registrar, commission, address):
    """Headquarters accepts and presents, the commission decides."""
    registrar.post(f"{address}/accept")
    assert "Registered at once, since nothing was missing: 60." in registrar.get(address).text
    submission = registrar.post(f"{E}/submissions/new", data={"everybody": "1"}).location
    decision = {"all": "accredited", "resolution_number": "12/34"}
    decision["effective_at"] = "2022-11-07T11:00"
    assert commission.post(f"{submission}/decide", data=decision).location == submission


def test_from_the_invitation_to_the_calendar(app):
    registrar, commission = staff(app, Role.REGISTRAR), staff(app, Role.COMMISSION)
    coordinator = staff(app, Role.COORDINATOR)
    focal = invited(app, registrar, 1, "one@example.org")
    stranger = invited(app, registrar, 2, "two@example.org")

    address = deliver(focal, 1)
    assert "Headquarters checks this list." in focal.get(address).text
    accredit(registrar, commission, address)
    assert "<b>60</b>" in focal.get(f"{E}/portal/1").text
    assert focal.get(address).text.count("Accredited") >= 50, "a page of the list"

    wish = {"delegation_id": 1, "target": "official:1", "topics": "Election day", "priority": 3}
    wish |= {"length_minutes": 45, "people": 3}
    asked = focal.post(f"{E}/meetings/requests/new", data=wish).location
    assert "Election day" in focal.get(f"{E}/portal/1").text
    place = f"{asked}/place"
    where = f"{place}?day=2022-11-08&starts=10:00&ends=10:45"
    forms = forms_of(coordinator.get(where).text)
    form = next(each for each in forms if "officials" in each.fields)
    sent = {name: each.values for name, each in form.fields.items() if each.values}
    meeting = coordinator.post(place, data=sent).location
    assert re.fullmatch(rf"{E}/meetings/\d+", meeting)
    assert "Election day" in focal.get(f"{E}/portal/1").text

    page = focal.post(f"{E}/meetings/my-calendar").text
    feed = re.search(r"http://localhost(/calendars/\S+?\.ics)", page)[1]
    [event] = Calendar.from_ical(app.test_client().get(feed).data).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2022, 11, 8, 4, tzinfo=UTC)

    own = [f"{E}/portal/1", f"{E}/delegations/1", address, asked, f"{E}/delegations/1/messages"]
    with app.app_context():
        people = db.session.scalars(sa.text("SELECT id FROM accreditations")).all()
    own += [f"{E}/observers/{number}" for number in people]
    assert {stranger.get(path).status_code for path in own} == {404}
    for page in ("observers/", "lists/", "meetings/requests/", "messages/", "portal/2"):
        text = stranger.get(f"{E}/{page}").text
        assert "DEMIR" not in text
        assert "TURKPA" not in text
