"""Which names and proxies are believed, and what every answer tells a browser."""

import pytest
from flask import request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.journeys.demonstration import build, demonstration, signed_in
from tracker.kernel.permissions import Role
from tracker.kernel.security import Hosts

NAMES = ("observers.example.org", ".mfa.example.org", "10.0.0.5", "[::1]")


def passes(host, names=NAMES):
    """Whether a request for `host` comes through."""

    def inner(_environ, start):
        start("204 NO CONTENT", [])
        return []

    environ = EnvironBuilder().get_environ()
    environ.pop("HTTP_HOST", None)
    if host is not None:
        environ["HTTP_HOST"] = host
    body, status, headers = run_wsgi_app(Hosts(inner, names), environ)
    if status.startswith("204"):
        return True
    assert status == "400 BAD REQUEST"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert b"".join(body) == b"This name is not served here.\n"
    return False


@pytest.mark.parametrize(
    "host",
    [
        "observers.example.org",
        "OBSERVERS.example.org",
        "observers.example.org:8443",
        "mfa.example.org",
        "a.b.mfa.example.org:80",
        "10.0.0.5:8000",
        "[::1]",
        "[::1]:8000",
    ],
)
def test_our_names(host):
    assert passes(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8000",
        "observers.example.org.evil.example",
        "evilobservers.example.org",
        "evilmfa.example.org",
        "observers.example.org@evil.example",
        "observers.example.org/evil",
        "observers.example.org, evil.example",
        "observers.example.org:8000:1",
        "observers.example.org:99999",
        "observers.example.org\r\nX: y",
        "localhost",
        "10.0.0.50",
        "[::2]",
        "[::1].evil.example",
        "[::1]evil.example",
        "[::1]:evil",
        "[::1]@evil.example",
        "[",
        "]",
        "[]",
    ],
)
def test_other_names(host):
    assert not passes(host)


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_no_name_comes_through_that_is_not_ours(text):
    ends = ("mfa.example.org", "observers.example.org", "10.0.0.5", "[::1]")
    name = text.lower().rpartition(":")[0] if text.rpartition(":")[2].isdigit() else text.lower()
    assert not passes(text) or name.endswith(ends)


def test_a_foreign_name_gets_neither_page_nor_file_nor_what_is_kept(tmp_path):
    app = demonstration(tmp_path)
    client = app.test_client()
    paths = ("/", "/en/e/kz-2022/", "/sign-in", "/static/app.css", "/healthz", "/metrics")
    for path in paths:
        client.get(path)
        answer = client.get(path, headers={"Host": "evil.example"})
        assert answer.status_code == 400
        assert answer.text == "This name is not served here.\n"
        again = client.get(path, headers={"X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in again.text + again.headers.get("Location", "")


# Proxies


def scheme_seen(app, **headers):
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return app.test_client().get("/sign-in", headers=named).headers


def test_nobody_is_believed_by_default(tmp_path):
    headers = scheme_seen(build(tmp_path), X_Forwarded_Proto="https")
    assert "Strict-Transport-Security" not in headers
    assert "Secure" not in headers["Set-Cookie"]


def test_behind_a_proxy_the_scheme_is_its_word(tmp_path):
    app = build(tmp_path, proxies=1)
    headers = scheme_seen(app, X_Forwarded_Proto="https")
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-tracker_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Strict-Transport-Security" not in scheme_seen(app)
    # Only the last one of the list is of our proxy; what came before, anybody may have written.
    assert "Strict-Transport-Security" not in scheme_seen(app, X_Forwarded_Proto="https, http")


def test_the_address_of_the_reader_is_the_proxys_word(tmp_path):
    app = build(tmp_path, proxies=1)
    app.add_url_rule("/who", "who", lambda: request.remote_addr)
    client = app.test_client()
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    assert client.get("/who", headers=headers).text == "203.0.113.9"
    plain = build(tmp_path)
    plain.add_url_rule("/who", "who", lambda: request.remote_addr)
    assert plain.test_client().get("/who", headers=headers).text == "127.0.0.1"


# What a browser is told


def test_every_answer_closes_what_it_can(tmp_path):
    app = demonstration(tmp_path)
    client = signed_in(app, Role.ADMINISTRATOR)
    for path in ("/", "/en/", "/system", "/static/app.css", "/healthz", "/nowhere", "/users/"):
        headers = client.get(path).headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert headers["X-Content-Type-Options"] == "nosniff"
        allowed = dict(part.split("=") for part in headers["Permissions-Policy"].split(", "))
        own = {name for name, value in allowed.items() if value != "()"}
        assert own == {"publickey-credentials-create", "publickey-credentials-get"}
        assert {"camera", "microphone", "geolocation", "usb", "serial", "hid"} <= set(allowed)
        assert len(allowed) > 30
