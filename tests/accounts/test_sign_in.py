"""Signing in: who may, who is locked, the second factor, and what a stranger learns of accounts."""

import base64
import re
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.factories import accounts
from tracker.accounts.models import Attempt, FailedSignIn, User
from tracker.accounts.operations import change_roles, create_user, set_active
from tracker.accounts.rules import LIMITS, WINDOW, password_problem
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role

PASSWORD = accounts.PASSWORD


@pytest.fixture
def email(app):
    with app.app_context():
        expect_writes(True)
        user = accounts.user(Role.AUDITOR)
        db.session.commit()
        return user.email


def attempt(client, email, password):
    return client.post("/sign-in", data={"email": email, "password": password})


def is_signed_in(client):
    return client.get("/account").status_code == 200


def test_in_and_out(client, email):
    assert attempt(client, email, PASSWORD).status_code == 302
    assert is_signed_in(client)
    assert client.get("/sign-out").status_code in {404, 405}
    client.post("/sign-out")
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_account_look_the_same(client, email):
    def shown(page):
        return re.sub(r'value="[^"]*"', "", page.get_data(as_text=True))

    wrong = attempt(client, email, "wrong password!")
    unknown = attempt(client, "nobody@example.org", "wrong password!")
    assert (wrong.status_code, shown(wrong)) == (unknown.status_code, shown(unknown))


def test_repeated_failures_lock_for_a_while_account_or_not(app, client, email):
    for _number in range(LIMITS[Attempt.ACCOUNT]):
        attempt(client, email, "wrong password!")
        attempt(client, "nobody@example.org", "wrong password!")
    assert attempt(client, email, PASSWORD).status_code == 200
    assert not is_signed_in(client)
    with clock.at(clock.now() + WINDOW + timedelta(seconds=1)):
        assert attempt(client, email, PASSWORD).status_code == 302
    with app.app_context():  # success forgets the failures of this account only
        left = db.session.scalar(sa.select(sa.func.count(FailedSignIn.id)))
    assert left == LIMITS[Attempt.ACCOUNT]


def test_a_disabled_user_is_out_at_once(app, client, email):
    attempt(client, email, PASSWORD)
    assert is_signed_in(client)
    with app.app_context(), unit_of_work(SYSTEM):
        user = db.session.scalars(sa.select(User).filter_by(email=email)).one()
        set_active(actor=SYSTEM, user=user, active=False)
    assert not is_signed_in(client)
    attempt(client, email, PASSWORD)
    assert not is_signed_in(client)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_no_redirect_to_another_site(client, email, target):
    response = client.post("/sign-in", data={"email": email, "password": PASSWORD, "next": target})
    where = response.headers.get("Location", "/")
    assert re.match(r"/(?![/\\])", where) or where == "/", where
    response = client.post("/language", data={"language": "ru", "next": target})
    assert response.headers["Location"] == "/"


def test_forms_without_a_token_are_refused(app, email):
    app.config["WTF_CSRF_ENABLED"] = True
    response = app.test_client().post("/language", data={"language": "ru"})
    assert response.status_code == 400


def code_of(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()


def test_the_second_factor_and_a_recovery_code_that_works_once(app, client, email):
    attempt(client, email, PASSWORD)
    page = client.post("/account/second-factor", data={"setup": "authenticator"})
    text = page.get_data(as_text=True)
    secret = (
        re.search(r'class="mono">\s*([A-Z2-7 -]+)\s*<', text)[1].replace(" ", "").replace("-", "")
    )
    action = re.search(r'action="(/[^"]+)"\s*>(?=(?:(?!</form>).)*name="code")', text, re.S)[1]
    client.post(action, data={"code": code_of(secret)})
    codes_page = client.post("/account/recovery-codes").get_data(as_text=True)
    codes = re.findall(r"<li>([\w-]+)</li>", codes_page)
    assert codes

    client.post("/sign-out")
    attempt(client, email, PASSWORD)
    assert not is_signed_in(client)
    client.post("/sign-in/second-factor", data={"code": "000000"})
    assert not is_signed_in(client)
    client.post("/sign-in/recovery-code", data={"code": codes[0]})
    assert is_signed_in(client)

    client.post("/sign-out")
    attempt(client, email, PASSWORD)
    client.post("/sign-in/recovery-code", data={"code": codes[0]})
    assert not is_signed_in(client)


def test_the_last_administrator_stays(session):
    user = create_user(
        actor=SYSTEM, email="one@example.org", name="One", roles=[Role.ADMINISTRATOR]
    )
    for change in (
        lambda: change_roles(actor=SYSTEM, user=user, roles=[Role.AUDITOR]),
        lambda: set_active(actor=SYSTEM, user=user, active=False),
    ):
        with pytest.raises(Refused, match="last administrator"):
            change()


@pytest.mark.parametrize(
    "password", ["short", "password1234", "aaaaaaaaaaaaaa", "aigul-nurlan-2022"]
)
def test_passwords_that_will_not_do(password):
    assert password_problem(password, email="aigul@example.org", name="Aigul Nurlan")


def test_an_address_is_taken_once(session):
    values = {"actor": SYSTEM, "name": "Two", "roles": [Role.OFFICIAL]}
    create_user(email="two@example.org", **values)
    with pytest.raises(Refused) as refusal:
        create_user(email="TWO@example.org", **values)
    assert refusal.value.field == "email"
