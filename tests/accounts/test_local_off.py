"""Local accounts switched off: the provider opens accounts, and a link of the command line."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tests.factories import accounts
from tests.factories.providers import enter
from tracker.accounts import operations
from tracker.accounts.commands import users
from tracker.accounts.models import AccountLink, LinkKind, SignInSession, User
from tracker.accounts.rules import ENTRY_LASTS
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role

OFF = "switched off in this installation"


@pytest.fixture
def app(trusting):
    return trusting(local_accounts=False)


@pytest.fixture
def administrator(app, provider):
    """Who came by the provider."""
    provider.knows("aigul", "CN=IT,OU=Groups")
    client = app.test_client()
    enter(client, provider, "aigul")
    return client


def person(app, *roles):
    with app.app_context(), unit_of_work(SYSTEM):
        user = accounts.user(*roles)
        return user.id, user.email


def is_in(client):
    return client.get("/account").status_code == 200


def test_the_page_of_sign_in_leads_to_the_provider_alone(app):
    page = app.test_client().get("/sign-in").text
    assert "Sign in with Ministry account" in page
    assert "password" not in page.lower()
    assert "passkey" not in page.lower()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sign-in"),
        ("POST", "/sign-in/passkey"),
        ("GET", "/sign-in/passkey"),
        ("POST", "/sign-in/second-factor"),
        ("POST", "/sign-in/recovery-code"),
        ("POST", "/sign-in/rescue"),
    ],
)
def test_every_other_way_in_is_refused_in_words(app, method, path):
    _id, email = person(app, Role.AUDITOR)
    client = app.test_client()
    form = {"email": email, "password": accounts.PASSWORD, "code": "123456"}
    answer = client.open(path, method=method, data=form)
    assert answer.status_code == 403
    assert OFF in answer.text
    assert not is_in(client)


def test_a_session_from_before_ends(app):
    client = accounts.browser(app, person(app, Role.AUDITOR)[0])
    assert not is_in(client)


def test_nothing_of_ones_own_is_set_up(app, administrator):
    for path in ("password", "passkeys", "second-factor", "recovery-codes", "verify"):
        assert OFF in administrator.get(f"/account/{path}").text


def test_nobody_is_invited_but_the_provider_may_be_told_of_them(app, administrator, provider):
    user_id, email = person(app, Role.OFFICIAL)
    assert OFF in administrator.post(f"/users/{user_id}/invitation").text
    assert OFF in administrator.get(f"/users/{user_id}/recovery").text
    assert "Give another invitation" not in administrator.get(f"/users/{user_id}").text
    form = {"name": "Dana", "email": "dana@example.org", "roles": ["registrar"], "language": ""}
    answer = administrator.post("/users/new", data=form, follow_redirects=True)
    assert "Dana can now sign in through the identity provider." in answer.text
    provider.knows("dana", "registrars", email="dana@example.org")
    client = app.test_client()
    assert enter(client, provider, "dana").status_code == 302
    assert is_in(client)


def test_an_invitation_from_before_opens_nothing(trusting, provider):
    app = trusting()
    with app.app_context(), unit_of_work(SYSTEM):
        user = accounts.user(Role.OFFICIAL)
        user.password = None
        secret = operations.invite(actor=SYSTEM, user=user)
    app.config["SETTINGS"] = _switched_off(app.config["SETTINGS"])
    form = {"password": "eleven plain oranges", "again": "eleven plain oranges"}
    for answer in (
        app.test_client().get(f"/account/link/{secret}"),
        app.test_client().post(f"/account/link/{secret}", data=form),
    ):
        assert answer.status_code == 403
        assert OFF in answer.text
    with app.app_context():
        assert db.session.scalars(sa.select(User.password)).one() is None


def _switched_off(settings):
    object.__setattr__(settings, "local_accounts", False)
    return settings


# The link of the command line, for the day on which the provider does not answer.


@pytest.fixture
def email(app):
    return person(app, Role.ADMINISTRATOR)[1]


@pytest.fixture
def path(app, email):
    with app.app_context():
        made = CliRunner().invoke(users.commands["link"], [email])
    assert made.exit_code == 0, made.output
    return made.output.rpartition(" ")[2].strip()


def test_it_signs_in_once(app, email, path):
    client = app.test_client()
    page = client.get(path)
    assert email in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not is_in(client)  # a preview of the link uses nothing up
    answer = client.post(path)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/users/").status_code == 200  # an administrator, and fresh
    assert client.get("/users/?format=csv").status_code == 200
    with app.app_context():
        assert db.session.scalars(sa.select(SignInSession.method)).one() == "entry"
        letter = db.session.scalars(sa.select(OutboxMessage)).one()
        assert "made on the server" in letter.text
        assert path not in letter.text
    assert app.test_client().post(path).status_code == 404


def test_it_is_open_for_a_quarter_of_an_hour(app, path):
    with clock.at(clock.now() + ENTRY_LASTS - timedelta(seconds=5)):
        assert app.test_client().get(path).status_code == 200
    with clock.at(clock.now() + ENTRY_LASTS):
        assert app.test_client().post(path).status_code == 404


def test_it_is_taken_back_with_the_account(app, email, path):
    with app.app_context(), unit_of_work(SYSTEM):
        user = db.session.scalars(sa.select(User).where(User.email == email)).one()
        user.active = False
    assert app.test_client().post(path).status_code == 404


def test_it_sets_no_password(app, email, path):
    with app.app_context():
        link = db.session.scalars(sa.select(AccountLink)).one()
        assert link.kind is LinkKind.ENTRY
    before = accounts.PASSWORD
    form = {"password": "eleven plain oranges", "again": "eleven plain oranges"}
    app.test_client().post(path, data=form)
    with app.app_context():
        assert db.session.scalars(sa.select(User.password)).one() == before


def test_an_administrator_may_not_make_one(app, administrator):
    user_id, _email = person(app, Role.OFFICIAL)
    administrator.post(f"/users/{user_id}/identity")
    with app.app_context():
        kinds = db.session.scalars(sa.select(AccountLink.kind)).all()
    assert LinkKind.ENTRY not in kinds


def test_of_nobody_it_is_refused_in_one_line(app):
    with app.app_context():
        made = CliRunner().invoke(users.commands["link"], ["nobody@example.org"])
    assert made.exit_code == 1
