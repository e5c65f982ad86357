"""Invitations and recoveries: one administrator starts, another confirms, the owner opens."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import accounts
from tracker.accounts.models import AccountLink, Attempt, LinkKind, Passkey, User
from tracker.accounts.operations import confirm_recovery, start_recovery
from tracker.accounts.rules import INVITATION_LASTS, LIMITS, RECOVERY_LASTS
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role

NEW = "eleven plain oranges"


@pytest.fixture
def person(app):
    """Somebody with a passkey, a second factor and recovery codes."""
    with app.app_context(), unit_of_work(SYSTEM):
        user = accounts.user(Role.REGISTRAR)
        user.tf_primary_method, user.tf_totp_secret = "authenticator", "secret"
        user.webauthn.append(
            Passkey(
                name="telephone",
                credential_id=b"id",
                public_key=b"key",
                device_type="single_device",
                lastuse_datetime=clock.now(),
                usage="first",
            )
        )
        db.session.flush()
        return user.id


def address(page):
    return re.search(r'value="http://localhost(/account/link/[^"]+)"', page)[1]


def begin(client, person, kind=LinkKind.EVERYTHING):
    values = {"kind": kind.value, "reason": "Called from the embassy; I know the voice."}
    return client.post(f"/users/{person}/recovery", data=values)


def state(app, user_id):
    with app.app_context():
        user = db.session.get_one(User, user_id)
        return user.password, user.tf_primary_method, len(user.webauthn)


def test_two_administrators_open_an_account_and_one_alone_does_not(app, sign_in, person, client):
    one, two = sign_in(Role.ADMINISTRATOR), sign_in(Role.ADMINISTRATOR)
    assert begin(one, person).status_code == 302
    own_page = one.get(f"/users/{person}").get_data(as_text=True)
    assert "waits for another administrator" in own_page
    assert "Confirm and show the link" not in own_page
    assert one.post(f"/users/{person}/links/1/confirm").status_code == 409
    assert "asks to recover the account" in two.get("/users/").get_data(as_text=True)
    page = two.post(f"/users/{person}/links/1/confirm").get_data(as_text=True)
    link = address(page)
    assert two.post(f"/users/{person}/links/1/confirm").status_code == 409  # shown once

    assert "At least 12 characters" in client.get(link).get_data(as_text=True)
    assert client.get(link).headers["Referrer-Policy"] == "no-referrer"
    weak = client.post(link, data={"password": "passwordpassword", "again": "passwordpassword"})
    assert weak.status_code == 422
    assert "stolen lists" in weak.get_data(as_text=True)
    differing = client.post(link, data={"password": NEW, "again": "another"})
    assert "The two passwords differ." in differing.get_data(as_text=True)
    assert state(app, person)[1:] == ("authenticator", 1)
    assert client.post(link, data={"password": NEW, "again": NEW}).status_code == 302
    assert state(app, person) == (NEW, None, 0)
    assert client.post(link, data={"password": NEW, "again": NEW}).status_code == 404  # once
    with app.app_context():
        told = [row.text for row in db.session.scalars(sa.select(OutboxMessage))]
    assert any("Two administrators" in text for text in told)
    assert any("password of your account was changed" in text for text in told)


def test_a_lost_password_alone_leaves_the_second_factor(app, sign_in, person, client):
    begin(sign_in(Role.ADMINISTRATOR), person, LinkKind.PASSWORD)
    page = sign_in(Role.ADMINISTRATOR).post(f"/users/{person}/links/1/confirm")
    client.post(address(page.get_data(as_text=True)), data={"password": NEW, "again": NEW})
    assert state(app, person) == (NEW, "authenticator", 1)


def test_an_administrator_does_not_confirm_the_recovery_of_the_own_account(session):
    user = accounts.user(Role.ADMINISTRATOR)
    own = Actor(user.id, user.name, frozenset({Role.ADMINISTRATOR}))
    other = Actor(user.id + 1, "Other", frozenset({Role.ADMINISTRATOR}))
    link = start_recovery(actor=SYSTEM, user=user, kind=LinkKind.PASSWORD, reason="lost")
    with pytest.raises(Refused, match="Another administrator"):
        confirm_recovery(actor=own, link=link)
    assert confirm_recovery(actor=other, link=link)


def test_a_recovery_needs_a_reason_and_lapses(session):
    user = accounts.user(Role.OFFICIAL)
    with pytest.raises(Refused, match="Say why"):
        start_recovery(actor=SYSTEM, user=user, kind=LinkKind.PASSWORD, reason=" ")
    link = start_recovery(actor=SYSTEM, user=user, kind=LinkKind.PASSWORD, reason="lost")
    with (
        clock.at(clock.now() + RECOVERY_LASTS),
        pytest.raises(Refused, match="no longer"),
    ):
        confirm_recovery(actor=SYSTEM, link=link)


def test_a_new_person_chooses_the_password(app, sign_in, client):
    administrator = sign_in(Role.ADMINISTRATOR)
    values = {
        "email": "new@example.org",
        "name": "Dana Serik",
        "roles": ["registrar"],
        "language": "",
    }
    page = administrator.post("/users/new", data=values).get_data(as_text=True)
    assert "It works until " in page
    link = address(page)
    client.post("/sign-in", data={"email": "new@example.org", "password": ""})
    assert client.get("/account").status_code == 302  # no password opens it yet
    with clock.at(clock.now() + INVITATION_LASTS + timedelta(seconds=1)):
        assert client.get(link).status_code == 404
    assert client.post(link, data={"password": NEW, "again": NEW}).status_code == 302
    client.post("/sign-in", data={"email": "new@example.org", "password": NEW})
    assert client.get("/account").status_code == 200


def test_another_invitation_replaces_the_first_and_none_follows_a_password(app, sign_in, client):
    administrator = sign_in(Role.ADMINISTRATOR)
    values = {
        "email": "new@example.org",
        "name": "Dana Serik",
        "roles": ["registrar"],
        "language": "",
    }
    first = address(administrator.post("/users/new", data=values).get_data(as_text=True))
    with app.app_context():
        user_id = db.session.scalar(sa.select(User.id).where(User.email == "new@example.org"))
    page = administrator.post(f"/users/{user_id}/invitation").get_data(as_text=True)
    assert client.get(first).status_code == 404
    client.post(address(page), data={"password": NEW, "again": NEW})
    assert administrator.post(f"/users/{user_id}/invitation").status_code == 409


def test_a_link_taken_back_opens_nothing(app, sign_in, person, client):
    begin(sign_in(Role.ADMINISTRATOR), person)
    two = sign_in(Role.ADMINISTRATOR)
    link = address(two.post(f"/users/{person}/links/1/confirm").get_data(as_text=True))
    assert two.post(f"/users/{person}/links/1/cancel").status_code == 302
    assert client.get(link).status_code == 404


def test_who_guesses_links_is_stopped(app, client):
    around = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    for number in range(LIMITS[Attempt.LINK]):
        assert client.get(f"/account/link/guess{number}", **around).status_code == 404
    assert client.get("/account/link/guess", **around).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.10"}}
    assert client.get("/account/link/guess", **elsewhere).status_code == 404


def test_secrets_are_not_in_the_database(app, sign_in, person):
    begin(sign_in(Role.ADMINISTRATOR), person)
    page = sign_in(Role.ADMINISTRATOR).post(f"/users/{person}/links/1/confirm")
    secret = address(page.get_data(as_text=True)).rsplit("/", maxsplit=1)[1]
    with app.app_context():
        link = db.session.get_one(AccountLink, 1)
        assert secret not in str(vars(link))
        digest = link.secret_digest
        dump = [
            str(db.session.execute(sa.text(f"SELECT * FROM {name}")).all())
            for name in sa.inspect(db.session.connection()).get_table_names()
        ]
        db.session.rollback()
    assert any(digest in each for each in dump)
    assert not [each for each in dump if secret in each]


def test_there_is_no_account_without_a_role(sign_in):
    values = {"email": "new@example.org", "name": "Dana Serik", "language": ""}
    answer = sign_in(Role.ADMINISTRATOR).post("/users/new", data=values)
    assert answer.status_code == 422
    assert "Choose at least one role." in answer.get_data(as_text=True)
