"""An account is switched as was asked: two administrators who ask for the same undo nothing."""

import re

import pytest

from tests.factories import accounts
from tracker.accounts.models import SignInSession, User
from tracker.accounts.operations import set_active
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role


@pytest.fixture
def user_id(app):
    with app.app_context(), unit_of_work(SYSTEM):
        return accounts.user(Role.OFFICIAL).id


def asked(client, user_id):
    """What the button of the page sends."""
    page = client.get(f"/users/{user_id}").text
    [form] = re.findall(r'action="[^"]+/active">((?:(?!</form>).)*)</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def is_active(app, user_id):
    with app.app_context():
        return db.session.get_one(User, user_id).active


def test_two_who_disable_an_account_disable_it(app, sign_in, user_id):
    clients = [sign_in(Role.ADMINISTRATOR), sign_in(Role.ADMINISTRATOR)]
    for is_wanted in (False, True):
        shown = [asked(client, user_id) for client in clients]
        for client, fields in zip(clients, shown, strict=True):
            assert client.post(f"/users/{user_id}/active", data=fields).status_code == 302
            assert is_active(app, user_id) is is_wanted


def test_who_is_enabled_already_stays_signed_in(app, sign_in, user_id):
    sign_in(Role.AUDITOR)
    with app.app_context(), unit_of_work(SYSTEM):
        user = db.session.query(User).filter_by(id=user_id).one()
        before = db.session.query(SignInSession).count()
        mark = user.fs_uniquifier
        set_active(actor=SYSTEM, user=user, active=True)
        assert user.fs_uniquifier == mark
        assert db.session.query(SignInSession).count() == before
