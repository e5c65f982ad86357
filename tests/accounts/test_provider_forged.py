"""What is not the provider's word, or not to this browser, or not for us, opens nothing."""

import base64
import json
import time
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from structlog.testing import capture_logs

from tests.factories.providers import CLIENT_SECRET, begin, enter, path_of, query_of
from tests.house.test_web import ELSEWHERE
from tracker.accounts.models import SignInSession, User
from tracker.kernel.database import db

RETURN = "/sign-in/provider/return"


def unsigned(token, **header):
    """The same claims under another header and without a signature."""
    _head, body, _signature = token.split(".")
    head = base64.urlsafe_b64encode(json.dumps({"typ": "JWT"} | header).encode()).decode()
    return f"{head.rstrip('=')}.{body}."


def with_key_of(key, algorithm):
    """Signs the claims of a token with another key."""

    def forge(token):
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])

    return forge


def altered(token):
    """A token in which one role was changed after it was signed."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["groups"] = ["CN=IT,OU=Groups"]
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def shared(provider):
    """Signs with the provider's public key as if it were a secret (RFC 8725, 2.1)."""
    public = json.dumps(provider.key.as_dict(private=False)).encode()
    return with_key_of(OctKey.import_key(public), "HS256")


def hour(claim, hours):
    return {claim: int(time.time()) + hours * 3600}


FORGED = {
    "nothing": lambda provider: lambda token: None,
    "no token": lambda provider: lambda token: "no token",
    "a text as long as a book": lambda provider: lambda token: "a" * 100_000,
    "alg none": lambda provider: lambda token: unsigned(token, alg="none"),
    "alg None": lambda provider: lambda token: unsigned(token, alg="None"),
    "no alg": lambda provider: unsigned,
    "no signature": lambda provider: lambda token: token.rpartition(".")[0] + ".",
    "another key": lambda provider: with_key_of(RSAKey.generate_key(2048), "RS256"),
    "the public key as a secret": shared,
    "the secret of the client": lambda provider: with_key_of(
        OctKey.import_key(CLIENT_SECRET), "HS256"
    ),
    "another role": lambda provider: altered,
    "another issuer": lambda provider: provider.changed(iss="https://evil.example"),
    "the issuer with a slash": lambda provider: provider.changed(iss=f"{provider.issuer}/"),
    "no issuer": lambda provider: provider.changed(iss=None),
    "another audience": lambda provider: provider.changed(aud="another", azp=None),
    "another audience, for us": lambda provider: provider.changed(aud="another", azp="tracker"),
    "another party": lambda provider: provider.changed(aud=["tracker", "other"], azp="other"),
    "many audiences, no party": lambda provider: provider.changed(aud=["tracker", "b"], azp=None),
    "no audience": lambda provider: provider.changed(aud=None),
    "another nonce": lambda provider: provider.changed(nonce="another"),
    "no nonce": lambda provider: provider.changed(nonce=None),
    "an empty nonce": lambda provider: provider.changed(nonce=""),
    "expired": lambda provider: provider.changed(**hour("exp", -1)),
    "no end": lambda provider: provider.changed(exp=None),
    "an end that is no number": lambda provider: provider.changed(exp="tomorrow"),
    "not yet": lambda provider: provider.changed(**hour("nbf", 1)),
    "issued to come": lambda provider: provider.changed(**hour("iat", 1)),
    "no subject": lambda provider: provider.changed(sub=None),
    "a subject that is no text": lambda provider: provider.changed(sub=7),
    "another access token": lambda provider: provider.changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}


def nobody_came(app):
    with app.app_context():
        return db.session.query(User).count() == db.session.query(SignInSession).count() == 0


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_opens_nothing(there, provider, name):
    provider.knows("aigul", "registrars")
    provider.forge = FORGED[name](provider)
    client = there.test_client()
    with capture_logs() as said:
        answer = enter(client, provider, "aigul")
    assert answer.status_code == 400, name
    assert "is not valid" in answer.text
    assert client.get("/account").status_code == 302
    assert nobody_came(there)
    assert [line["reason"] for line in said if line["event"] == "attempt refused"] == ["token"]
    provider.forge = None
    assert enter(client, provider, "aigul").status_code == 302


def test_a_token_that_is_only_resigned_is_taken(there, provider):
    """Else the test above would refuse for the forging's own sake."""
    provider.knows("aigul", "registrars")
    provider.forge = provider.changed()
    assert enter(there.test_client(), provider, "aigul").status_code == 302


@pytest.mark.parametrize(
    "claim", [7, True, None, {"registrars": True}, [["registrars"]], "registrars coordinators"]
)
def test_a_claim_of_another_shape_gives_no_role(there, provider, claim):
    provider.knows("aigul", "registrars")
    provider.forge = provider.changed(groups=claim)
    assert enter(there.test_client(), provider, "aigul").status_code == 403
    assert nobody_came(there)


def test_the_provider_of_the_metadata_is_the_one_of_the_settings(there, provider):
    provider.metadata = {"issuer": "https://evil.example"}
    answer = there.test_client().get("/sign-in/provider")
    assert answer.status_code == 400
    assert "is not valid" in answer.text


@pytest.mark.parametrize("offered", [["none"], ["HS256"], [], ["none", "HS512"]])
def test_a_provider_that_offers_no_signature_is_not_asked(there, provider, offered):
    provider.metadata = {"id_token_signing_alg_values_supported": offered}
    assert there.test_client().get("/sign-in/provider").status_code == 400


def test_none_is_refused_where_the_metadata_offer_it(there, provider):
    provider.metadata = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
    provider.knows("aigul", "registrars")
    for name in ("alg none", "the secret of the client", "the public key as a secret"):
        provider.forge = FORGED[name](provider)
        assert enter(there.test_client(), provider, "aigul").status_code == 400, name
    assert nobody_came(there)


def test_no_address_of_the_provider_is_followed_elsewhere(there, provider):
    provider.knows("aigul", "registrars")
    provider.metadata = {"token_endpoint": f"{provider.issuer}/oauth2/end_session/confirm"}
    assert enter(there.test_client(), provider, "aigul").status_code in {400, 503}
    assert nobody_came(there)


# The way back: for the browser that left, once, and with the provider's own code.


def test_an_answer_is_taken_once(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    back = path_of(provider.answer(begin(client), "aigul"))
    assert client.get(back).status_code == 302
    client.post("/sign-out")
    again = client.get(back)
    assert again.status_code == 400
    assert "used already" in again.text
    assert client.get("/account").status_code == 302


def test_an_answer_to_another_browser_opens_nothing(there, provider):
    """Neither for a thief who copied the address nor for a victim who is made to open it."""
    provider.knows("mallory", "registrars")
    back = path_of(provider.answer(begin(there.test_client()), "mallory"))
    victim = there.test_client()
    assert victim.get(back).status_code == 400
    begin(victim)  # an attempt of its own changes nothing
    assert victim.get(back).status_code == 400
    assert victim.get("/account").status_code == 302


@pytest.mark.parametrize("state", [None, "", "forged", "_", "\x00", "a" * 5000])
def test_without_the_state_of_this_browser_nothing_is_looked_at(there, provider, state):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    back = query_of(provider.answer(begin(client), "aigul"))
    asked = len(provider.asked)
    query = back | {"state": state}
    answer = client.get(RETURN, query_string={k: v for k, v in query.items() if v is not None})
    assert answer.status_code == 400
    assert len(provider.asked) == asked
    error = client.get(RETURN, query_string={"error": "access_denied", "state": state or ""})
    assert error.status_code == 400


def test_a_code_of_another_attempt_is_refused(there, provider):
    """A code that was stolen on its way is put into the thief's own attempt (PKCE)."""
    provider.knows("aigul", "registrars")
    stolen = query_of(provider.answer(begin(there.test_client()), "aigul"))["code"]
    thief = there.test_client()
    own = query_of(begin(thief))
    query = urlencode({"code": stolen, "state": own["state"]})
    assert thief.get(f"{RETURN}?{query}").status_code == 400
    assert nobody_came(there)


@pytest.mark.parametrize("code", ["", "forged", "a" * 5000, "\x00"])
def test_a_forged_code_is_refused(there, provider, code):
    client = there.test_client()
    state = query_of(begin(client))["state"]
    answer = client.get(RETURN, query_string={"code": code, "state": state})
    assert answer.status_code == 400
    assert nobody_came(there)


def test_an_answer_of_another_issuer_is_refused(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    back = path_of(provider.answer(begin(client), "aigul"))
    assert client.get(f"{back}&iss=https://evil.example").status_code == 400
    assert nobody_came(there)


def test_whoever_says_no_at_the_provider_reads_so(there, provider):
    client = there.test_client()
    state = query_of(begin(client))["state"]
    query = {"error": "access_denied", "error_description": "<b>zqzq</b>", "state": state}
    answer = client.get(RETURN, query_string=query)
    assert answer.status_code == 403
    assert "did not let you in" in answer.text
    assert "<b>zqzq" not in answer.text


def test_an_attempt_is_one_a_browser_and_its_cookie_does_not_grow(there, provider):
    client = there.test_client()
    addresses = [begin(client) for _number in range(20)]
    assert len(client.get_cookie("tracker_session").value) < 1500
    provider.knows("aigul", "registrars")
    assert client.get(path_of(provider.answer(addresses[0], "aigul"))).status_code == 400
    assert client.get(path_of(provider.answer(addresses[-1], "aigul"))).status_code == 302


@pytest.mark.parametrize("target", [*ELSEWHERE, "/" + "a" * 5000])
def test_nobody_is_led_to_another_site(there, provider, target):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    path = f"/sign-in/provider?{urlencode({'next': target})}"
    answer = enter(client, provider, "aigul", path)
    assert answer.status_code == 302
    url = urlsplit(answer.location)
    assert (url.scheme, url.netloc) == ("", "")
    assert not answer.location.replace("\\", "/").startswith("//")


def test_whoever_wanted_a_page_comes_to_it(there, provider):
    provider.knows("aigul", "registrars")
    client = there.test_client()
    first = client.get("/account")
    page = client.get(first.location).text
    assert "/sign-in/provider?next=/account" in page.replace("%2F", "/")
    answer = enter(client, provider, "aigul", "/sign-in/provider?next=/account")
    assert answer.location == "/account"


def test_two_people_are_two_accounts(there, provider):
    """However alike their subjects are."""
    for number, subject in enumerate(("aigul", "Aigul", "aigul ")):
        provider.knows(subject, "registrars", email=f"person{number}@mfa.example.org")
        enter(there.test_client(), provider, subject)
    with there.app_context():
        assert len(db.session.scalars(sa.select(User)).all()) == 3
