"""Accounts that exist already: an address alone opens none; administrators link and unlink."""

import pytest
import sqlalchemy as sa

from tests.accounts.test_provider import is_in, made, user_of
from tests.factories import accounts
from tests.factories.providers import enter
from tracker.accounts import operations
from tracker.accounts.models import AccountLink, ProviderIdentity, User
from tracker.delegations.models import FocalPoint
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role


def allow(app, user_id):
    with app.app_context(), unit_of_work(SYSTEM):
        operations.allow_linking(actor=SYSTEM, user=db.session.get_one(User, user_id))


def test_an_account_is_not_taken_over_by_its_address(there, provider):
    user_id, email = made(there, Role.ADMINISTRATOR)
    provider.knows("mallory", "registrars", email=email)
    answer = enter(there.test_client(), provider, "mallory")
    assert answer.status_code == 403
    assert "An administrator has to allow" in answer.text
    assert user_of(there, email)[:2] == (user_id, {"administrator"})


@pytest.mark.parametrize("verified", [False, None, "true", "false", 1, [True]])
def test_an_address_that_the_provider_has_not_verified_is_none(there, provider, verified):
    user_id, email = made(there, Role.OFFICIAL)
    allow(there, user_id)
    provider.knows("mallory", "registrars", email=email, email_verified=verified)
    answer = enter(there.test_client(), provider, "mallory")
    assert answer.status_code == 403
    assert "no e-mail address that it has verified" in answer.text
    provider.knows("mallory", "registrars", email_verified=verified)
    assert enter(there.test_client(), provider, "mallory").status_code == 403
    with there.app_context():
        assert db.session.query(ProviderIdentity).count() == 0


@pytest.mark.parametrize("email", [None, "", "nobody", 7, "a@b.example\nBcc: c@d.example"])
def test_without_an_address_there_is_no_account(there, provider, email):
    provider.knows("aigul", "registrars", email=email)
    assert enter(there.test_client(), provider, "aigul").status_code == 403


def test_an_administrator_allows_it_once_for_one_account(there, provider):
    user_id, email = made(there, Role.OFFICIAL)
    administrator = accounts.browser(there, made(there, Role.ADMINISTRATOR)[0])
    page = administrator.get(f"/users/{user_id}").text
    assert "Allow sign-in with Ministry account" in page
    administrator.post(f"/users/{user_id}/identity")
    page = administrator.get(f"/users/{user_id}").text
    assert f"with the verified address {email} gets this account" in page
    provider.knows("aigul", "registrars", email=email.upper())
    client = there.test_client()
    assert enter(client, provider, "aigul").status_code == 302
    assert user_of(there, email)[:2] == (user_id, {"registrar"})
    with there.app_context():
        assert db.session.get_one(User, user_id).password is None
        told = " ".join(row.text for row in db.session.scalars(sa.select(OutboxMessage)))
        assert "linked to the identity provider" in told
        [link] = db.session.scalars(sa.select(AccountLink))
        assert link.cancelled_at is not None
    old = {"email": email, "password": accounts.PASSWORD}
    assert there.test_client().post("/sign-in", data=old).status_code != 302
    provider.knows("mallory", "registrars", email=email)  # another subject, same address
    assert enter(there.test_client(), provider, "mallory").status_code == 403


def test_a_changed_address_is_the_same_person(there, provider):
    provider.knows("aigul", "registrars")
    enter(there.test_client(), provider, "aigul")
    provider.knows("aigul", "registrars", email="married@mfa.example.org")
    client = there.test_client()
    assert enter(client, provider, "aigul").status_code == 302
    assert "aigul@mfa.example.org" in client.get("/account").text


def test_an_account_is_unlinked_and_linked_again(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    enter(client, provider, "aigul")
    user_id = user_of(there, "aigul@mfa.example.org")[0]
    administrator = accounts.browser(there, made(there, Role.ADMINISTRATOR)[0])
    for path in ("invitation", "recovery"):
        form = {"kind": "password", "reason": "seen in person"}
        answer = administrator.post(f"/users/{user_id}/{path}", data=form)
        assert answer.status_code in {409, 422}
        assert "unlink it first" in answer.text
    assert "aigul" in administrator.get(f"/users/{user_id}").text
    administrator.post(f"/users/{user_id}/identity/unlink")
    assert not is_in(client)
    assert enter(there.test_client(), provider, "aigul").status_code == 403
    administrator.post(f"/users/{user_id}/identity")
    assert enter(there.test_client(), provider, "aigul").status_code == 302


def test_a_linked_account_has_no_other_way_in(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    enter(client, provider, "aigul")
    new = {"new_password": "eleven plain oranges", "new_password_confirm": "eleven plain oranges"}
    for path in ("password", "passkeys", "second-factor", "recovery-codes", "verify"):
        for answer in (client.get(f"/account/{path}"), client.post(f"/account/{path}", data=new)):
            assert answer.status_code == 403
            assert "opened by the identity provider" in answer.text
    with there.app_context():
        assert db.session.scalars(sa.select(User.password)).one() is None


def test_a_focal_point_is_made_by_administrators_alone(there, provider):
    """The claims neither give the role nor take it."""
    user_id, email = made(there, Role.FOCAL_POINT)
    allow(there, user_id)
    provider.knows("guest", email=email)
    client = there.test_client()
    assert enter(client, provider, "guest").status_code == 302
    assert user_of(there, email)[1] == {"focal_point"}
    with there.app_context():
        assert db.session.query(FocalPoint).count() == 0  # of no delegation until somebody says so
