"""The administration of accounts: who was invited, who came, and what ended links say."""

import pytest
import sqlalchemy as sa

from tests.factories import accounts
from tracker.accounts import operations
from tracker.accounts.models import AccountLink, User
from tracker.accounts.operations import use_link
from tracker.accounts.queries import link_by
from tracker.accounts.rules import INVITATION_LASTS
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

NEW = "eleven plain oranges"


@pytest.fixture
def secret(app):
    """The invitation of somebody who has not come yet."""
    with app.app_context(), unit_of_work(SYSTEM):
        user = accounts.user(Role.REGISTRAR)
        user.email, user.password = "invited@example.org", None
        return operations.invite(actor=SYSTEM, user=user)


def used(app, secret):
    with app.app_context(), unit_of_work(SYSTEM):
        use_link(link=link_by(secret), password=NEW)


def ended(app, secret):
    with app.app_context(), unit_of_work(SYSTEM):
        operations.cancel_link(actor=SYSTEM, link=link_by(secret))


def guessed(app, secret):
    """Nothing becomes of the link: another one is tried."""


@pytest.mark.parametrize("became", [used, ended, guessed])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_opens_nothing_says_so_and_no_more(app, client, secret, became, method):
    became(app, secret)
    tried = "guess" if became is guessed else secret
    answer = getattr(client, method)(f"/account/link/{tried}")
    never = client.get("/account/link/never")
    assert answer.status_code == never.status_code == 404
    assert "This link is not open any more" in answer.text
    assert "sign in with it" in answer.text
    assert 'href="/sign-in"' in answer.text
    assert "invited@example.org" not in answer.text
    assert answer.headers["Referrer-Policy"] == never.headers["Referrer-Policy"] == "no-referrer"
    assert answer.text.count("<") == never.text.count("<")


def standing(page):
    return page.split("invited@example.org")[1].split("</tr>")[0]


def test_who_has_not_come_yet_is_shown_as_invited(app, sign_in, secret):
    administrator = sign_in(Role.ADMINISTRATOR)
    assert ">invited<" in standing(administrator.get("/users/").text)
    with app.app_context():
        number = db.session.scalars(sa.select(AccountLink.user_id)).one()
    assert ">invited<" in administrator.get(f"/users/{number}").text
    used(app, secret)
    assert ">active<" in standing(administrator.get("/users/").text)
    assert ">invited<" not in administrator.get(f"/users/{number}").text


def test_who_may_not_come_any_more_is_not_invited(app, sign_in, secret):
    with clock.at(clock.now() + INVITATION_LASTS):
        assert ">invited<" not in sign_in(Role.ADMINISTRATOR).get("/users/").text


def test_a_focal_point_is_not_made_without_a_delegation(app, sign_in):
    administrator = sign_in(Role.ADMINISTRATOR)
    page = administrator.get("/users/new").text
    assert 'value="focal_point"' not in page
    assert "invited from the page of the delegation" in page
    person = {"email": "new@example.org", "name": "New", "roles": ["focal_point"], "language": ""}
    assert administrator.post("/users/new", data=person).status_code == 422
    with app.app_context():
        found = db.session.scalar(sa.select(User.id).where(User.email == "new@example.org"))
        assert found is None
