"""What was done is said with its way back, which is sent as any form is."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from tests.journeys.demonstration import demonstration, signed_in
from tracker.delegations.models import DelegationContact, DelegationMessage
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("undo"))


def undo(client, response):
    """Sends what stands beside the message; what is said then."""
    assert response.status_code == 302, response.get_data(as_text=True)[:2000]
    page = client.get(response.location, follow_redirects=True).get_data(as_text=True)
    [form] = re.findall(
        r'<form method="post" action="([^"]+)">((?:(?!</form>).)*Undo</button>)', page
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    answer = client.post(unescape(form[0]), data=fields)
    assert answer.status_code == 302
    return client.get(answer.location, follow_redirects=True).get_data(as_text=True)


def test_an_organization_is_in_use_again_and_stays_so(app):
    client = signed_in(app, Role.REGISTRAR)
    response = client.post("/organizations/1/archive")
    assert "is in use again" in undo(client, response)
    again = client.post("/organizations/1/archive", data={"archived": "0"})
    page = client.get(again.location).get_data(as_text=True)
    assert "is in use again" in page
    assert 'name="archived" value="1"' in page
    for _registrar in range(2):
        answer = client.post("/organizations/1/archive", data={"archived": "1"})
        assert "was archived" in client.get(answer.location).get_data(as_text=True)


def test_a_request_is_followed_and_not(app):
    client = signed_in(app, Role.COORDINATOR)
    response = client.post("/e/kz-2022/requests/1/watch")
    assert "told of this request no more" in undo(client, response)


def test_a_blocked_time_is_free_again(app):
    client = signed_in(app, Role.COORDINATOR)
    page = client.get("/officials/halls/").get_data(as_text=True)
    hall = re.search(r"/officials/halls/(\d+)", page)[1]
    typed = {"starts": "2022-11-19T10:00", "ends": "2022-11-19T11:00", "label": "Closed"}
    response = client.post(f"/officials/halls/{hall}/blocked", data=typed)
    assert "Free again" in undo(client, response)


def test_an_exception_of_an_official_is_taken_back(app):
    client = signed_in(app, Role.COORDINATOR)
    on = (clock.now() + timedelta(days=400)).date().isoformat()
    response = client.post("/officials/1/days", data={"on": on, "hours": "09:00-12:00"})
    page = undo(client, response)
    assert "the weekly hours hold again" in page
    fields = dict(re.findall(r'type="hidden" name="(on|hours)" value="([^"]*)"', page))
    assert fields == {"on": on, "hours": "09:00–12:00"}  # noqa: RUF001
    client.post("/officials/1/days", data=fields)
    assert f'datetime="{on}"' in client.get("/officials/1").get_data(as_text=True)


def test_a_contact_that_ended_today_is_one_again(app):
    with app.app_context(), unit_of_work(SYSTEM):
        contact = DelegationContact(
            delegation_id=1, name="Erol Kaya", effective_on=date(2022, 9, 1)
        )
        db.session.add(contact)
        db.session.flush()
        path = f"/e/kz-2022/delegations/1/contacts/{contact.id}/end"
    client = signed_in(app, Role.REGISTRAR)
    assert "Erol Kaya is a contact again" in undo(client, client.post(path))
    client.post(path)
    with clock.at(clock.now() + timedelta(days=2)):
        answer = signed_in(app, Role.REGISTRAR).post(path, data={"ended": "0"})
        assert answer.status_code == 409


def test_a_settled_thread_waits_again(app):
    with app.app_context(), unit_of_work(SYSTEM):
        row = DelegationMessage(
            delegation_id=1, is_from_headquarters=False, text="When?", author_name="Focal point"
        )
        db.session.add(row)
        db.session.flush()
        shown = {"message": row.id}
    client = signed_in(app, Role.COORDINATOR)
    response = client.post("/e/kz-2022/delegations/1/messages/settle", data=shown)
    page = undo(client, response)
    assert "waits for an answer again" in page
    assert "No answer needed" in page


def test_what_has_no_way_back_is_said_before(app):
    client = signed_in(app, Role.REGISTRAR)
    page = client.get("/e/kz-2022/observers/1/withdraw").get_data(as_text=True)
    assert "cannot be undone" in page
