"""People sign in as before once the installation's secret is another one."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.accounts.test_sign_in import attempt, code_of, is_signed_in
from tests.journeys.demonstration import SECRET, settings
from tracker.accounts.models import Attempt, User
from tracker.accounts.operations import count_attempts, create_user, is_any_locked
from tracker.accounts.rules import LIMITS
from tracker.app import create_app
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.kernel.rotation import begin_rotation, re_encrypt, rewrap_keys

NEW = "another secret, for tests only, 9876543210 9876543210"
EMAIL, PASSWORD = "ann@example.org", "nineteen green umbrellas"


@pytest.fixture
def start(tmp_path):
    """An installation that starts with a secret, and maybe the one before; real hashes."""
    apps = []

    def started(secret, previous=None):
        found = replace(settings(tmp_path), secret_key=secret, secret_key_previous=previous)
        apps.append(create_app(found, TESTING=True, WTF_CSRF_ENABLED=False))
        return apps[-1]

    yield started
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def second_factor(client):
    """Set one up; its shared secret and the recovery codes."""
    page = client.post("/account/second-factor", data={"setup": "authenticator"}).text
    shown = re.search(r'class="mono">\s*([A-Z2-7 -]+)\s*<', page)[1]
    secret = shown.replace(" ", "").replace("-", "")
    action = re.search(r'action="(/[^"]+)"\s*>(?=(?:(?!</form>).)*name="code")', page, re.S)[1]
    client.post(action, data={"code": code_of(secret)})
    codes = re.findall(r"<li>([\w-]+)</li>", client.post("/account/recovery-codes").text)
    return secret, codes


def signs_in(app, secret, recovery_code):
    """Password and second factor, then password and a recovery code."""
    with app.app_context(), unit_of_work(SYSTEM):  # no code works twice: as if time had passed
        db.session.execute(sa.update(User).values(totp_counter=None))
    for path, code in (
        ("/sign-in/second-factor", code_of(secret)),
        ("/sign-in/recovery-code", recovery_code),
    ):
        client = app.test_client()
        attempt(client, EMAIL, PASSWORD)
        assert not is_signed_in(client)
        client.post(path, data={"code": code})
        assert is_signed_in(client), path
    wrong = app.test_client()
    attempt(wrong, EMAIL, "nineteen green umbrella")
    assert not is_signed_in(wrong)


def test_password_second_factor_and_recovery_codes_outlive_a_secret(start):
    app = start(SECRET)
    with app.app_context():
        db.create_all()
        with unit_of_work(SYSTEM):
            create_user(
                actor=SYSTEM, email=EMAIL, name="Ann", roles=[Role.AUDITOR], password=PASSWORD
            )
    client = app.test_client()
    assert attempt(client, EMAIL, PASSWORD).status_code == 302
    secret, codes = second_factor(client)
    signs_in(app, secret, codes[0])

    between = start(NEW, previous=SECRET)
    signs_in(between, secret, codes[1])
    with between.app_context():
        with unit_of_work(SYSTEM):
            assert rewrap_keys(actor=SYSTEM) == 3
        with unit_of_work(SYSTEM):
            begin_rotation(actor=SYSTEM)
        re_encrypt(actor=SYSTEM)

    signs_in(start(NEW), secret, codes[2])


def test_a_session_outlives_the_change_while_both_secrets_are_given(start):
    app = start(SECRET)
    with app.app_context():
        db.create_all()
        with unit_of_work(SYSTEM):
            around = {"name": "Ann", "roles": [Role.AUDITOR], "password": PASSWORD}
            create_user(actor=SYSTEM, email=EMAIL, **around)
    client = app.test_client()
    attempt(client, EMAIL, PASSWORD)
    cookie = client.get_cookie("tracker_session").value

    def is_known(to):
        other = to.test_client()
        other.set_cookie("tracker_session", cookie)
        return is_signed_in(other)

    assert is_known(start(NEW, previous=SECRET))
    assert not is_known(start(NEW))


def test_a_locked_identity_stays_locked(start):
    app = start(SECRET)
    with app.app_context():
        db.create_all()
        subjects = [(Attempt.ACCOUNT, EMAIL)]
        for _number in range(LIMITS[Attempt.ACCOUNT]):
            count_attempts(subjects, succeeded=False)
    with start(NEW, previous=SECRET).app_context():
        assert is_any_locked(subjects)
