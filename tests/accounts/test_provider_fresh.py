"""What needs a fresh sign-in, for people who have no password: the provider asks them anew."""

import time

import pytest
import sqlalchemy as sa

from tests.factories import accounts
from tests.factories.providers import begin, enter, path_of, query_of
from tracker.accounts.models import SignInSession, User
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role

OLD = 3600


@pytest.fixture
def client(there, provider):
    """Of somebody whom the provider asked for nothing for an hour."""
    provider.knows("aigul", "CN=IT,OU=Groups", auth_time=int(time.time()) - OLD)
    client = there.test_client()
    enter(client, provider, "aigul")
    return client


def test_a_session_is_as_fresh_as_the_proof_at_the_provider(client, provider):
    answer = client.get("/users/?format=csv")
    assert answer.location == "/account/verify/provider?next=/users/?format%3Dcsv"
    page = client.get(answer.location).text
    assert "will ask you once more" in page
    address = begin(client, "/account/verify/provider/ask?next=/users/?format%3Dcsv")
    assert query_of(address)["prompt"] == "login"
    assert query_of(address)["max_age"] == "0"
    provider.knows("aigul", "CN=IT,OU=Groups")
    back = client.get(path_of(provider.answer(address, "aigul")))
    assert back.location == "/users/?format=csv"
    assert client.get("/users/?format=csv").status_code == 200


def test_a_sign_in_of_this_moment_is_fresh(there, provider):
    provider.knows("aigul", "CN=IT,OU=Groups")
    client = there.test_client()
    enter(client, provider, "aigul")
    assert client.get("/users/?format=csv").status_code == 200


@pytest.mark.parametrize("moment", [None, 0, -5, "now", True, 1e400, 10**400, [1]])
def test_a_provider_that_does_not_say_when_confirms_nothing(client, provider, moment):
    provider.forge = provider.changed(auth_time=moment)
    address = "/account/verify/provider/ask?next=/users/?format%3Dcsv"
    assert enter(client, provider, "aigul", address).status_code in {400, 403}
    assert client.get("/users/?format=csv").status_code == 302


def test_a_provider_that_did_not_ask_anew_confirms_nothing(client, provider):
    answer = enter(client, provider, "aigul", "/account/verify/provider/ask?next=/users/")
    assert answer.status_code == 403
    assert "did not say that it has asked you anew" in answer.text
    assert client.get("/users/?format=csv").status_code == 302


def test_a_time_to_come_confirms_nothing(client, provider):
    provider.knows("aigul", "CN=IT,OU=Groups", auth_time=int(time.time()) + 3600)
    answer = enter(client, provider, "aigul", "/account/verify/provider/ask?next=/users/")
    assert answer.status_code == 403


def test_somebody_else_confirms_nothing(client, there, provider):
    provider.knows("mallory", "CN=IT,OU=Groups")
    answer = enter(client, provider, "mallory", "/account/verify/provider/ask?next=/users/")
    assert answer.status_code == 403
    assert "as somebody else" in answer.text
    with there.app_context():
        assert db.session.scalars(sa.select(User.name)).all() == ["Aigul"]
    assert "Aigul" in client.get("/account").text


def test_confirming_leaves_one_session(client, there, provider):
    provider.knows("aigul", "CN=IT,OU=Groups")
    enter(client, provider, "aigul", "/account/verify/provider/ask")
    with there.app_context():
        standing = sa.select(SignInSession).where(SignInSession.ended_at.is_(None))
        assert len(db.session.scalars(standing).all()) == 1


def test_who_has_a_password_is_asked_for_it(there, provider):
    with there.app_context(), unit_of_work(SYSTEM):
        user_id = accounts.user(Role.ADMINISTRATOR).id
    client = accounts.browser(there, user_id)
    assert client.get("/account/verify/provider").location == "/account/verify"
