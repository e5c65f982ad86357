"""Single sign-on with a real provider: who gets in, as whom, with which roles, and for how long."""

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.factories import accounts
from tests.factories.providers import begin, enter, path_of, query_of
from tracker.accounts import operations
from tracker.accounts.models import (
    FailedSignIn,
    ProviderSession,
    SignInSession,
    User,
)
from tracker.audit.models import AuditEntry
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role


def user_of(app, email):
    with app.app_context():
        user = db.session.scalar(sa.select(User).where(User.email == email))
        return None if user is None else (user.id, {row.name for row in user.roles}, user.name)


def is_in(client):
    return client.get("/account").status_code == 200


def made(app, *roles, **changes):
    """An account of the installation itself; its id and address."""
    with app.app_context(), unit_of_work(SYSTEM):
        user = accounts.user(*roles)
        for name, value in changes.items():
            setattr(user, name, value)
        db.session.flush()
        return user.id, user.email


def test_the_first_sign_in_makes_an_account_with_the_roles_of_the_claims(there, provider):
    provider.knows("aigul", "registrars", "people with bicycles")
    client = there.test_client()
    page = client.get("/sign-in").text
    assert "Sign in with Ministry account" in page
    with capture_logs() as said:
        answer = enter(client, provider, "aigul")
    assert (answer.status_code, answer.location) == (302, "/")
    assert user_of(there, "aigul@mfa.example.org")[1:] == ({"registrar"}, "Aigul")
    assert [(line["event"], line["attempt"]) for line in said if "attempt" in line] == [
        ("signed in", "oidc")
    ]
    assert "aigul" not in str(said)
    page = client.get("/account").text
    assert "Identity provider" in page
    assert provider.issuer in page
    assert "Change password" not in page


def test_what_is_asked_of_the_provider(there, provider):
    asked = query_of(begin(there.test_client(), "/sign-in/provider"))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile email"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 30
    assert len(asked["nonce"]) >= 20
    assert asked["redirect_uri"] == "http://localhost/sign-in/provider/return"
    other = query_of(begin(there.test_client(), "/sign-in/provider"))
    assert all(asked[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_the_session_is_one_like_any_other(there, provider):
    provider.knows("aigul", "registrars")
    here, elsewhere = there.test_client(), there.test_client()
    enter(here, provider, "aigul")
    enter(elsewhere, provider, "aigul")
    page = here.get("/account").text
    assert page.count("this browser") == 1
    assert here.post("/account/sessions/end-others").status_code == 302
    assert [is_in(here), is_in(elsewhere)] == [True, False]
    with there.app_context():
        rows = db.session.scalars(sa.select(SignInSession)).all()
        assert {row.method for row in rows} == {"oidc"}
        known = db.session.scalars(sa.select(ProviderSession)).all()
        assert len(known) == len(rows) == 2
        entries = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.record_table == "provider_sessions")
        ).all()
        assert {row.after["id_token"] for row in entries} == {"[redacted]"}
    here.post("/sign-out")
    assert not is_in(here)


def test_roles_follow_the_claims_at_every_sign_in(there, provider):
    provider.knows("aigul", "registrars")
    first = there.test_client()
    enter(first, provider, "aigul")
    provider.knows("aigul", "coordinators", "CN=IT,OU=Groups")
    second = there.test_client()
    enter(second, provider, "aigul")
    assert user_of(there, "aigul@mfa.example.org")[1] == {"coordinator", "administrator"}
    assert not is_in(first)  # as after any change of roles
    assert second.get("/users/").status_code == 200  # its second factor is the provider's matter
    with there.app_context():
        [letter] = db.session.scalars(sa.select(OutboxMessage))
        assert "roles of your account were changed" in letter.text


@pytest.mark.parametrize(
    "groups", [(), ("people with bicycles",), ("registrar",), ("focal_point",)]
)
def test_whoever_has_no_mapped_role_is_refused(there, provider, groups):
    provider.knows("aigul", *groups)
    client = there.test_client()
    with capture_logs() as said:
        answer = enter(client, provider, "aigul")
    assert answer.status_code == 403
    assert "gives you no role here" in answer.text
    assert not is_in(client)
    assert user_of(there, "aigul@mfa.example.org") is None
    refused = [line for line in said if line["event"] == "attempt refused"]
    assert [(line["attempt"], line["reason"]) for line in refused] == [("oidc", "no account")]


def test_whoever_loses_the_last_role_is_refused_and_stays_as_they_were(there, provider):
    provider.knows("aigul", "registrars")
    enter(there.test_client(), provider, "aigul")
    provider.knows("aigul")
    client = there.test_client()
    assert enter(client, provider, "aigul").status_code == 403
    assert not is_in(client)


def test_a_disabled_account_stays_out(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    enter(client, provider, "aigul")
    user_id = user_of(there, "aigul@mfa.example.org")[0]
    with there.app_context(), unit_of_work(SYSTEM):
        user = db.session.get_one(User, user_id)
        operations.set_active(actor=SYSTEM, user=user, active=False)
    assert not is_in(client)
    answer = enter(there.test_client(), provider, "aigul")
    assert answer.status_code == 403
    assert "is disabled" in answer.text


def test_refusals_of_a_network_are_counted_and_lock(there, provider):
    provider.knows("aigul")
    client = there.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    for number in range(60):
        answer = client.get("/sign-in/provider/return", query_string={"state": str(number)})
        assert answer.status_code == 400
    with there.app_context():
        assert db.session.query(FailedSignIn).count() == 60
    provider.knows("aigul", "registrars")
    answer = enter(client, provider, "aigul")
    assert answer.status_code == 429
    assert "Wait fifteen minutes" in answer.text
    assert enter(there.test_client(), provider, "aigul").status_code == 302  # from elsewhere


def test_ways_to_sign_in_there_may_be_demanded(trusting, provider):
    app = trusting(acr=("phishing-resistant", "mfa"))
    assert query_of(begin(app.test_client()))["acr_values"] == "phishing-resistant mfa"
    for said, status in (({}, 403), ({"acr": "password"}, 403), ({"acr": "mfa"}, 302)):
        provider.knows("aigul", "registrars", **said)
        assert enter(app.test_client(), provider, "aigul").status_code == status


def test_roles_are_read_from_the_claim_that_the_settings_name(trusting, provider):
    app = trusting(role_claim="realm_access.roles")
    provider.knows("aigul", "registrars", realm_access={"roles": ["coordinators"]})
    enter(app.test_client(), provider, "aigul")
    assert user_of(app, "aigul@mfa.example.org")[1] == {"coordinator"}


def test_a_provider_that_is_down_is_named_and_locks_nobody_out(there, provider):
    client = there.test_client()
    address = begin(client)
    provider.knows("aigul", "registrars")
    back = path_of(provider.answer(address, "aigul"))
    there.extensions["identity_provider"].server_metadata["token_endpoint"] = "http://127.0.0.1:9/"
    answer = client.get(back)
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    person = made(there, Role.AUDITOR)
    form = {"email": person[1], "password": accounts.PASSWORD}
    assert there.test_client().post("/sign-in", data=form).status_code == 302


def test_without_a_provider_nothing_is_offered(client):
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 422
    assert client.get("/sign-in/provider/return?state=a&code=b").status_code == 422
    assert client.get("/sign-out/provider").location == "/"
    assert client.post("/sign-out/back-channel", data={"logout_token": "a"}).status_code == 400
