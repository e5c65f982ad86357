"""What every answer says to a browser, whatever kind of answer it is."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from tests.factories import accounts, records
from tracker.app import create_app
from tracker.config import Settings
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage

JPEG = b"\xff\xd8\xff\xe0 portrait"


@pytest.fixture
def portrait(app):
    """The address of an observer's portrait."""
    with app.app_context(), unit_of_work(SYSTEM):
        person = records.observer(portrait=storage.put(JPEG))
        row = records.accreditation(records.delegation(records.election()), person=person)
        return f"/e/kz-2022/observers/{row.id}/portrait"


@pytest.fixture
def answers(app, sign_in, portrait):
    """One answer of each kind, over HTTPS."""
    registrar, stranger = sign_in(Role.REGISTRAR), app.test_client()
    https = {"base_url": "https://localhost"}
    with registrar.session_transaction() as session:  # a cookie of HTTP; the same over HTTPS
        kept = dict(session)
    with registrar.session_transaction(**https) as session:
        session.update(kept)
    return {
        "page": registrar.get("/e/kz-2022/observers/", **https),
        "public page": stranger.get("/en/", **https),
        "page that scans": stranger.get("/verify/kz-2022/?language=en", **https),
        "sign-in": stranger.get("/sign-in", **https),
        "redirect": stranger.get("/account", **https),
        "forbidden": registrar.get("/users/", **https),
        "not found": registrar.get("/nowhere", **https),
        "wrong method": registrar.get("/sign-out", **https),
        "bad request": registrar.post("/language", data={"language": "xx"}, **https),
        "file": registrar.get("/e/kz-2022/observers/?format=csv", **https),
        "portrait": registrar.get(portrait, **https),
        "script": stranger.get("/static/app.js", **https),
        "style": stranger.get("/static/app.css", **https),
        "health": stranger.get("/healthz", **https),
        "name of another": stranger.get("/", base_url="https://evil.example"),
    }


def policy_of(answer):
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {part.split()[0]: part.split()[1:] for part in parts}


def test_every_answer_tells_the_browser_to_be_strict(answers):
    assert [answer.status_code for answer in answers.values()][:4] == [200, 200, 200, 200]
    for name, answer in answers.items():
        policy = policy_of(answer)
        assert policy["default-src"] == ["'none'"], name
        assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], name
        # What people sent is kept apart from the site that shows it.
        assert policy["form-action"] == ["'none'" if name == "portrait" else "'self'"], name
        assert "unsafe-inline" not in str(policy), name
        assert "'unsafe-eval'" not in str(policy), name
        assert not {"*", "http:", "https:"} & set(sum(policy.values(), [])), name
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        if name != "name of another":  # which is text, from no page
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
            assert "camera=" in headers["Permissions-Policy"], name
        seconds = re.match(
            r"max-age=(\d+); includeSubDomains", headers["Strict-Transport-Security"]
        )
        assert int(seconds[1]) >= 31_536_000, name


def test_text_names_its_letters_and_other_kinds_are_what_they_say(answers):
    for name, answer in answers.items():
        if answer.data and answer.mimetype.startswith("text/"):
            assert answer.mimetype_params.get("charset") == "utf-8", name
    kinds = {name: answer.mimetype for name, answer in answers.items()}
    assert kinds["script"] == "text/javascript"
    assert kinds["style"] == "text/css"
    assert kinds["file"] == "text/csv"
    assert kinds["portrait"] == "image/jpeg"
    assert answers["file"].headers["Content-Disposition"].startswith("attachment")


def test_what_is_about_people_is_kept_by_no_browser_and_no_cache(answers):
    for name in ("page", "forbidden", "file", "portrait", "sign-in", "redirect"):
        assert answers[name].headers["Cache-Control"] == "private, no-store", name


def test_no_other_site_may_read_answers(app, sign_in, portrait):
    for address in ("/account", "/e/kz-2022/observers/", portrait, "/sign-in"):
        answer = sign_in(Role.REGISTRAR).get(address, headers={"Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers
        asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = sign_in(Role.REGISTRAR).options(address, headers=asked)
        assert "Access-Control-Allow-Methods" not in answer.headers


def elsewhere(tmp_path, secret="tests only, never a real installation 0123456789") -> Flask:
    """An installation that is reached over HTTPS."""
    settings = Settings(
        instance=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}",
        secret_key=secret,
        redis_url=None,
        host="10.0.0.1",
        port=8000,
    )
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        db.create_all()
    return app


def test_every_cookie_travels_encrypted_and_with_requests_of_this_site(tmp_path):
    app = elsewhere(tmp_path)
    with app.app_context(), unit_of_work(SYSTEM):
        records.election()
        email = accounts.user(Role.OFFICIAL).email
    client, https = app.test_client(), {"base_url": "https://localhost"}
    with app.app_context():
        password = {"email": email, "password": "wrong"}
    answers = (
        client.get("/sign-in", **https),
        client.post("/sign-in", data=password, **https),
        client.post("/language", data={"language": "kk"}, **https),
        client.get("/en/display?theme=dark&text=xl&space=l", **https),
    )
    cookies = [text for answer in answers for text in answer.headers.getlist("Set-Cookie")]
    names = {text.partition("=")[0] for text in cookies}
    assert {"language", "theme", "text", "space"} < names
    assert any(name.endswith("tracker_session") for name in names)
    for text in cookies:
        attributes = {part.strip().lower() for part in text.split(";")[1:]}
        assert {"secure", "path=/", "samesite=lax"} <= attributes, text
        assert "domain" not in text.lower(), text
        is_display = text.partition("=")[0] in {"theme", "text", "space"}
        assert is_display or "httponly" in attributes, text


def test_the_cookie_is_signed_with_sha_256(app):
    interface = app.session_interface
    signer = interface.get_signing_serializer(app)
    text = signer.dumps({"key": "value"})
    assert signer.loads(text) == {"key": "value"}
    kind = {"key_derivation": "hmac"}  # as Flask does by itself, with SHA-1
    other = URLSafeTimedSerializer(
        app.secret_key, salt=interface.salt, serializer=interface.serializer, signer_kwargs=kind
    )
    with pytest.raises(BadSignature):
        signer.loads(other.dumps({"key": "value", "at": str(datetime.now(UTC))}))
