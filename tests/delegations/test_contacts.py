"""A contact of a delegation is written to: what is no address is not kept as one."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import records
from tracker.delegations.models import Delegation, DelegationContact
from tracker.delegations.operations import add_contact
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role

CONTACT = {"name": "Ivan Ivanov", "effective_on": "2022-11-01"}


@pytest.fixture
def page(app):
    with app.app_context(), unit_of_work(SYSTEM):
        number = records.delegation(records.election()).id
    return f"/e/kz-2022/delegations/{number}/contacts"


def kept(app):
    with app.app_context():
        return db.session.scalars(sa.select(DelegationContact.email)).all()


@pytest.mark.parametrize("wrong", ["ivanov@mail,ru", "ivanov", "a@b@example.org"])
def test_what_is_no_address_is_said_beside_its_field(app, sign_in, page, wrong):
    answer = sign_in(Role.REGISTRAR).post(page, data=CONTACT | {"email": wrong})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert "This is not an e-mail address." in answer.text
    assert kept(app) == []


def test_a_contact_has_an_address_or_none(app, sign_in, page):
    registrar = sign_in(Role.REGISTRAR)
    for email in ("ivanov@mail.example", ""):
        assert registrar.post(page, data=CONTACT | {"email": email}).status_code == 302
    assert kept(app) == ["ivanov@mail.example", None]


def test_the_operation_itself_refuses(app, page):
    with app.app_context(), unit_of_work(SYSTEM):
        values = {"name": "Ivanov", "email": "ivanov@mail,ru", "effective_on": date(2022, 11, 1)}
        delegation = db.session.scalars(sa.select(Delegation)).one()
        with pytest.raises(Refused) as caught:
            add_contact(actor=SYSTEM, delegation=delegation, **values)
        assert caught.value.field == "email"
