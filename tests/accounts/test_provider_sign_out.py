"""Signing out at the provider too, and being signed out by it."""

import base64
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.factories import accounts
from tests.factories.providers import CLIENT_SECRET, LOGOUT_EVENT, enter, query_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

BACK = "/sign-out/back-channel"


def is_in(client):
    return client.get("/account").status_code == 200


def test_signing_out_offers_to_sign_out_there(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    enter(client, provider, "aigul")
    page = client.post("/sign-out", follow_redirects=True).text
    assert not is_in(client)
    assert "At Ministry account you are still signed in" in page
    answer = client.get("/sign-out/provider")
    assert answer.status_code == 302
    assert answer.location.startswith(f"{provider.issuer}/oauth2/end_session?")
    asked = query_of(answer.location)
    assert asked["client_id"] == "tracker"
    assert asked["post_logout_redirect_uri"] == "http://localhost/sign-in"
    assert jwt.decode(asked["id_token_hint"], provider.key).claims["sub"] == "aigul"
    assert "still signed in" not in client.get("/sign-in").text  # once
    assert "id_token_hint" not in query_of(client.get("/sign-out/provider").location)


def test_who_did_not_come_from_there_is_not_sent_there(there, provider):
    with there.app_context(), unit_of_work(SYSTEM):
        user_id = accounts.user(Role.AUDITOR).id
    client = accounts.browser(there, user_id)
    assert "still signed in" not in client.post("/sign-out", follow_redirects=True).text
    assert "id_token_hint" not in query_of(client.get("/sign-out/provider").location)


def test_a_provider_without_such_an_end_is_left_alone(there, provider):
    provider.metadata = {"end_session_endpoint": None}
    provider.knows("aigul", "registrars")
    client = there.test_client()
    enter(client, provider, "aigul")
    client.post("/sign-out")
    assert client.get("/sign-out/provider").location == "/"


# OpenID Connect Back-Channel Logout 1.0.


@pytest.fixture
def people(there, provider):
    """Two sessions of one person, which the provider calls one and two, and one of another."""
    clients = []
    for subject, sid in (("aigul", "one"), ("aigul", "two"), ("dana", "three")):
        provider.knows(subject, "registrars", sid=sid)
        clients.append(there.test_client())
        enter(clients[-1], provider, subject)
    assert all(map(is_in, clients))
    return clients


@pytest.fixture
def say(there, provider):
    """Asks as the provider asks: without a cookie, by a form."""

    def asked(token):
        return there.test_client().post(BACK, data={"logout_token": token}).status_code

    return asked


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ({"sid": "two"}, [True, False, True]),
        ({"sub": "aigul"}, [False, False, True]),
        ({"sub": "aigul", "sid": "one"}, [False, True, True]),
        ({"sub": "dana", "sid": "one"}, [True, True, True]),
        ({"sub": "nobody"}, [True, True, True]),
    ],
)
def test_the_sessions_that_are_named_end(people, say, provider, named, left):
    claims = provider.logout_token(**named)
    assert say(provider.token(claims, typ="logout+jwt")) == 200
    assert list(map(is_in, people)) == left


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"iat": None},
        {"exp": None},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) - 3600},
        {"jti": None},
        {"events": None},
        {"events": []},
        {"events": {LOGOUT_EVENT: True}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "one"},
        {"sub": None},
        {"sub": 7},
        {"sub": None, "sid": ["one"]},
    ],
)
def test_what_is_no_logout_token_ends_nothing(people, say, provider, changed):
    claims = provider.logout_token(**{"sub": "aigul"} | changed)
    assert say(provider.token(claims, typ="logout+jwt")) == 400
    assert all(map(is_in, people))


def test_a_token_of_another_kind_or_key_ends_nothing(people, say, provider):
    claims = provider.logout_token(sub="aigul")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"logout+jwt"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    typ = {"typ": "logout+jwt"}
    forged = [
        "",
        "no token",
        f"{head}.{body}.",
        provider.token(claims),
        provider.token(claims, typ="JWT"),
        jwt.encode({"alg": "RS256"} | typ, claims, RSAKey.generate_key(2048)),
        jwt.encode({"alg": "HS256"} | typ, claims, OctKey.import_key(CLIENT_SECRET)),
    ]
    assert [say(token) for token in forged] == [400] * len(forged)
    assert all(map(is_in, people))


def test_an_id_token_ends_nothing(people, say, provider):
    people[0].post("/sign-out")
    token = query_of(people[0].get("/sign-out/provider").location)["id_token_hint"]
    assert say(token) == 400
    assert is_in(people[1])


def test_it_is_asked_without_the_token_of_a_form(there, people, provider):
    there.config["WTF_CSRF_ENABLED"] = True
    token = provider.token(provider.logout_token(sub="aigul"), typ="logout+jwt")
    answer = there.test_client().post(BACK, data={"logout_token": token})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not is_in(people[0])
