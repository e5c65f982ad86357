"""What the library behind sign-in could do besides, and must not."""

import re
import time
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask_security.utils import hash_password
from structlog.testing import capture_logs

from tests.factories import accounts
from tests.journeys.demonstration import empty
from tracker.accounts.models import Attempt, User
from tracker.accounts.rules import LIMITS, WINDOW
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role


@pytest.fixture
def email(app):
    with app.app_context(), unit_of_work(SYSTEM):
        return accounts.user(Role.AUDITOR).email


def credentials(email, **more):
    return {"email": email, "password": accounts.PASSWORD} | more


@pytest.mark.parametrize("address", ["/account", "/account/password"])
def test_no_token_opens_a_page(app, email, address):
    with app.test_request_context():
        token = (
            db.session.scalars(sa.select(User).where(User.email == email)).one().get_auth_token()
        )
    answers = (
        app.test_client().get(address, headers={"Authentication-Token": token}),
        app.test_client().get(address, query_string={"auth_token": token}),
        app.test_client().get(address, json={"auth_token": token}),
    )
    assert [answer.status_code for answer in answers] == [302, 302, 415]  # no page takes JSON


def test_who_asks_for_json_is_answered_with_pages(app, email):
    client = app.test_client()
    asked = {"headers": {"Accept": "application/json"}}
    assert client.get("/account", **asked).headers["Location"].startswith("/sign-in")
    assert client.get("/sign-in", **asked).mimetype == "text/html"
    answer = client.post("/sign-in?include_auth_token", json=credentials(email), **asked)
    assert answer.status_code == 415
    answer = client.post("/sign-in?include_auth_token", data=credentials(email), **asked)
    assert answer.status_code == 302
    assert "authentication_token" not in answer.text


def test_signing_in_sets_one_cookie_that_ends_with_the_session(app, email):
    client = app.test_client()
    answer = client.post("/sign-in", data=credentials(email, remember="y"))
    assert client.get("/account").status_code == 200
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("tracker_session=")
    assert client.get_cookie("remember_token") is None


def test_pages_of_the_library_are_kept_by_nobody(app, email):
    client = app.test_client()
    pages = [client.get("/sign-in"), client.post("/sign-in", data=credentials(email))]
    addresses = ("/account/password", "/account/recovery-codes", "/account/passkeys")
    pages += [client.get(address) for address in addresses]
    pages += [client.post("/account/second-factor", data={"setup": "authenticator"})]
    assert [page.status_code for page in pages] == [200, 302, 200, 200, 200, 200]
    assert {page.headers["Cache-Control"] for page in pages} == {"private, no-store"}


def test_every_way_in_and_out_goes_to_the_log_without_who_and_what_was_typed(app, email):
    client = app.test_client()
    with capture_logs() as said:
        for _number in range(LIMITS[Attempt.ACCOUNT]):
            client.post("/sign-in", data=credentials(email, password="a wrong password"))
        client.post("/sign-in", data=credentials(email))
        with clock.at(clock.now() + WINDOW):
            client.post("/sign-in", data=credentials(email))
        client.post("/account/verify", data={"password": "a wrong password"})
        client.post("/sign-out")
    told = [(line["event"], line.get("attempt")) for line in said if line["event"] != "request"]
    refused = [("attempt refused", "account")] * LIMITS[Attempt.ACCOUNT]
    assert told[:6] == [*refused, ("attempt locked", "account")]
    assert told[6:] == [
        ("signed in", "password"),
        ("attempt refused", "again"),
        ("signed out", None),
    ]
    assert email not in str(said)
    assert "a wrong password" not in str(said)


def test_sign_out_empties_the_browser_and_is_offered_on_every_page_of_the_account(app, email):
    client = app.test_client()
    client.post("/sign-in", data=credentials(email))
    for address in ("password", "recovery-codes", "passkeys", "second-factor", "verify"):
        assert 'action="/sign-out"' in client.get(f"/account/{address}").text
    assert client.post("/sign-out").headers["Clear-Site-Data"] == '"cache"'
    assert 'action="/sign-out"' not in client.get("/sign-in").text


def test_password_fields_are_masked_and_known_to_password_managers(app, email):
    client = app.test_client()
    pages = {"/sign-in": client.get("/sign-in").text}
    client.post("/sign-in", data=credentials(email))
    for address in ("/account/password", "/account/verify"):
        pages[address] = client.get(address).text
    kinds = {"/sign-in": ["current-password"], "/account/verify": ["current-password"]}
    kinds["/account/password"] = ["current-password", "new-password", "new-password"]
    for address, page in pages.items():
        fields = re.findall(r'<input[^>]*name="[^"]*password[^"]*"[^>]*>', page)
        assert [re.search(r'autocomplete="([^"]+)"', each)[1] for each in fields] == kinds[address]
        assert all('type="password"' in each for each in fields)
    scripts = Path(app.static_folder).glob("*.js")
    assert not any(re.search(r"paste|contextmenu", each.read_text()) for each in scripts)


def test_six_digits_are_taken_once(app, email):
    client = app.test_client()
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as now:
        client.post("/sign-in", data=credentials(email))
        page = client.post("/account/second-factor", data={"setup": "authenticator"}).text
        secret = re.sub("[ -]", "", re.search(r'class="mono">\s*([A-Z2-7 -]+)\s*<', page)[1])
        totp = TOTP(b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
        action = re.search(r'action="(/account/second-factor/[^"]+)"', page)[1]
        client.post(action, data={"code": totp.generate(int(time.time())).decode()})
        for later, is_taken in ((30, True), (0, False), (30, True)):
            now.shift(timedelta(seconds=later))
            other = app.test_client()
            other.post("/sign-in", data=credentials(email))
            code = totp.generate(int(time.time())).decode()
            other.post("/sign-in/second-factor", data={"code": code})
            assert (other.get("/account").status_code == 200) is is_taken, later


def test_passwords_are_kept_as_argon2id(tmp_path):
    """With the settings of an installation, which those of tests make cheaper."""
    with empty(tmp_path).app_context():
        first, second = hash_password("a sentence as a password"), hash_password("another one")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", first)
    # OWASP's recommendation: 19 MiB, two passes, one lane; RFC 9106's second: 64 MiB, three, four.
    assert [int(each) for each in found.groups()] == [65_536, 3, 4]
    assert first.split("$")[4] != second.split("$")[4]  # the salt
