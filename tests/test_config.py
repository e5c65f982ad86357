"""Settings of mail and of signatures: complete and safe, or refused at start in one clear line."""

import traceback

import pytest

from tests.factories.mail import mail_server
from tracker.app import create_app
from tracker.config import Security, Settings, SettingsError
from tracker.kernel.mail import mailer
from tracker.kernel.permissions import Role

SENDER = "Observer headquarters <observers@mfa.example.org>"


def mail(tmp_path, url, sender=SENDER):
    environ = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_MAIL_URL": url}
    return Settings.load(environ | {"TRACKER_MAIL_FROM": sender}).mail


def test_without_mail_everything_works(tmp_path, app):
    assert mail(tmp_path, "", "") is None
    assert not mailer.is_configured
    assert mailer.sender is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u:p@mx.example.org", ("mx.example.org", 587, Security.STARTTLS, "u", "p")),
        ("smtp://u:p@mx.example.org:2587", ("mx.example.org", 2587, Security.STARTTLS, "u", "p")),
        ("smtp://u:p@127.0.0.1:2525", ("127.0.0.1", 2525, Security.STARTTLS, "u", "p")),
        ("smtp://mx.example.org?starttls=1", ("mx.example.org", 587, Security.STARTTLS, "", "")),
        ("smtps://mx.example.org", ("mx.example.org", 465, Security.TLS, "", "")),
        ("smtps://a%40b:p%2Fw%3A%25@mx.kz:99", ("mx.kz", 99, Security.TLS, "a@b", "p/w:%")),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, Security.NONE, "", "")),
        ("smtp://localhost", ("localhost", 25, Security.NONE, "", "")),
        ("smtp://[::1]:25/", ("::1", 25, Security.NONE, "", "")),
    ],
)
def test_what_is_understood(tmp_path, url, expected):
    found = mail(tmp_path, url)
    assert (found.host, found.port, found.security, found.user, found.password) == expected
    assert found.sender == ("Observer headquarters", "observers@mfa.example.org")


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mx.example.org",
        "smtp://mx.example.org:587",
        "smtp://10.0.0.1",
        "smtp://127.0.0.1.example.org",
        "smtp://localhost.example.org",
        "smtp://mx.example.org?starttls=0",
        "smtp://mx.example.org?starttls=1&starttls=0",
        "smtps://mx.example.org?starttls=1",
        "smtp://u@mx.example.org",
        "smtp://:hunter2@mx.example.org",
        "smtps://u:hunter2@",
        "smtps://u:hunter2/x@mx.example.org",
        "smtps://u:hunter2#x@mx.example.org",
        "smtps://u:hunter2?x@mx.example.org",
        "smtps://u:hunter2 x@mx.example.org",
        "smtps://u:пароль@mx.example.org",
        "smtps://mx.example.org/folder",
        "smtps://mx.example.org:0",
        "smtps://mx.example.org:99999",
        "smtps://[::1",
        "https://mx.example.org",
        "mx.example.org",
    ],
)
def test_what_is_refused_without_repeating_a_password(tmp_path, url):
    with pytest.raises(SettingsError, match="TRACKER_MAIL_URL") as refusal:
        mail(tmp_path, url)
    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))
    assert "\n" not in str(refusal.value)


def test_both_or_neither(tmp_path):
    for url, sender in (("smtps://mx.example.org", ""), ("", SENDER)):
        with pytest.raises(SettingsError, match="both"):
            mail(tmp_path, url, sender)


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("a@mfa.kz", ("", "a@mfa.kz")),
        ("<a@mfa.kz>", ("", "a@mfa.kz")),
        ("Сыртқы істер министрлігі <a@mfa.kz>", ("Сыртқы істер министрлігі", "a@mfa.kz")),
        ('"Ministry, Astana" <a@mfa.kz>', ("Ministry, Astana", "a@mfa.kz")),
    ],
)
def test_senders(tmp_path, sender, expected):
    assert mail(tmp_path, "smtps://mx.example.org", sender).sender == expected


@pytest.mark.parametrize("sender", ["mfa", "a@b, c@d", "a@mfa.kz>", "X <a@mfa.kz", "X a@mfa.kz"])
def test_senders_that_are_none(tmp_path, sender):
    with pytest.raises(SettingsError, match="TRACKER_MAIL_FROM"):
        mail(tmp_path, "smtps://mx.example.org", sender)


def test_a_sender_that_no_server_would_take_stops_the_start(tmp_path):
    environ = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_MAIL_URL": "smtps://mx.example.org"}
    with pytest.raises(SettingsError, match="TRACKER_MAIL_FROM"):
        create_app(Settings.load(environ | {"TRACKER_MAIL_FROM": "a@mfa..kz"}))


def test_the_password_is_in_no_repr():
    with mail_server() as inbox:
        assert mailer.sender == inbox.settings().sender
        assert "hunter2" not in repr(inbox.settings(user="u", password="hunter2"))


PASSPHRASE = "correct horse battery staple"


def signing(tmp_path, **values):
    named = {f"TRACKER_SIGNING_PASSPHRASE{name}": value for name, value in values.items()}
    return Settings.load({"TRACKER_INSTANCE": str(tmp_path)} | named)


def test_a_local_installation_makes_its_passphrase_and_keeps_it(tmp_path):
    first = signing(tmp_path).signing_passphrase
    assert first == signing(tmp_path).signing_passphrase
    assert len(first) >= 32
    assert (tmp_path / "signing_passphrase").stat().st_mode & 0o077 == 0
    assert PASSPHRASE not in repr(signing(tmp_path, **{"": PASSPHRASE}))


def test_elsewhere_it_is_given_in_the_environment_or_in_a_file(tmp_path):
    path = tmp_path / "passphrase"
    path.write_text(f"{PASSPHRASE}\n")
    assert signing(tmp_path, **{"": PASSPHRASE}).signing_passphrase == PASSPHRASE
    assert signing(tmp_path, _FILE=str(path)).signing_passphrase == PASSPHRASE
    production = {"TRACKER_HOST": "10.0.0.1", "TRACKER_SECRET_KEY": "0123456789abcdef" * 2}
    assert (
        Settings.load({"TRACKER_INSTANCE": str(tmp_path)} | production).signing_passphrase is None
    )


@pytest.mark.parametrize(
    "values",
    [
        {"": "short"},
        {"": PASSPHRASE, "_FILE": "/etc/hostname"},
        {"_FILE": "/nowhere/passphrase"},
        {"_FILE": "/dev/null"},
    ],
    ids=["short", "both", "no file", "empty file"],
)
def test_a_passphrase_that_will_not_do_stops_the_start(tmp_path, values):
    with pytest.raises(SettingsError) as refusal:
        signing(tmp_path, **values)
    assert PASSPHRASE not in str(refusal.value)


def test_a_second_factor_can_be_asked_of_everybody(tmp_path):
    def asked(text):
        values = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_SECOND_FACTOR_ROLES": text}
        return Settings.load(values).second_factor_roles

    assert asked("all") == frozenset(Role)
    assert asked("registrar, auditor") == {Role.REGISTRAR, Role.AUDITOR}
    assert asked("") == frozenset()
    with pytest.raises(SettingsError, match="everybody"):
        asked("everybody")


# Who may ask, and by which name

SAFE = {"TRACKER_SECRET_KEY": "0123456789abcdef" * 2}


def load(tmp_path, **values):
    named = {f"TRACKER_{name}": value for name, value in values.items()}
    return Settings.load({"TRACKER_INSTANCE": str(tmp_path)} | SAFE | named)


def test_the_names_of_an_installation(tmp_path):
    own = ("localhost", "127.0.0.1", "[::1]")
    assert load(tmp_path).allowed_hosts == own
    assert load(tmp_path, HOST="::1").allowed_hosts == own
    assert load(tmp_path, HOST="10.0.0.1").allowed_hosts == (*own, "10.0.0.1")
    given = load(tmp_path, HOST="0.0.0.0", ALLOWED_HOSTS=" Observers.MFA.kz, .mfa.kz,[::1] ,")
    assert given.allowed_hosts == ("observers.mfa.kz", ".mfa.kz", "[::1]")


def test_behind_a_proxy_cookies_are_for_https(tmp_path):
    assert not load(tmp_path).is_https
    assert load(tmp_path, PROXIES="1").is_https
    assert load(tmp_path, HOST="10.0.0.1").is_https


def test_contacts_and_limits(tmp_path):
    found = load(tmp_path, SECURITY_CONTACT="security@mfa.kz, https://mfa.kz/report, tel:+77172")
    assert found.security_contacts == (
        "mailto:security@mfa.kz",
        "https://mfa.kz/report",
        "tel:+77172",
    )
    assert load(tmp_path).security_contacts == ()
    assert load(tmp_path).slow_query_ms == 200
    assert load(tmp_path, SLOW_QUERY_MS="0").slow_query_ms == 0
    path = tmp_path / "token"
    path.write_text("0123456789abcdef\n")
    assert load(tmp_path, METRICS_TOKEN_FILE=str(path)).metrics_token == "0123456789abcdef"
    assert "a token of metrics" not in repr(load(tmp_path, METRICS_TOKEN="a token of metrics"))


@pytest.mark.parametrize(
    "values",
    [
        {"HOST": "0.0.0.0"},
        {"HOST": "::"},
        {"ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": "https://mfa.kz"},
        {"ALLOWED_HOSTS": "mfa.kz:8000"},
        {"ALLOWED_HOSTS": "mfa.kz/path"},
        {"PROXIES": "-1"},
        {"PROXIES": "yes"},
        {"PROXIES": "²"},
        {"PROXIES": "10"},
        {"SLOW_QUERY_MS": "1.5"},
        {"SLOW_QUERY_MS": "9" * 5000},
        {"METRICS_TOKEN": "short"},
        {"METRICS_TOKEN": "é" * 20},
        {"METRICS_TOKEN": "0123456789abcdef", "METRICS_TOKEN_FILE": "/etc/hostname"},
        {"METRICS_TOKEN_FILE": "/dev/null"},
        {"SECURITY_CONTACT": "call us"},
        {"SECURITY_CONTACT": "http://mfa.kz/report"},
        {"SECURITY_CONTACT": "mailto:a@b\nExpires: 1970-01-01T00:00:00Z"},
    ],
)
def test_what_would_not_be_safe_stops_the_start(tmp_path, values):
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, **values)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "s3://observers",
        "s3://observers/files/2026",
        "s3://observers/files?endpoint_url=https://files.example.org:9000",
        "s3://observers?endpoint_url=http://10.0.0.5:9000",
    ],
)
def test_a_bucket_is_understood(tmp_path, url):
    environ = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_FILES_URL": f" {url} "}
    assert Settings.load(environ).files_url == url
    assert Settings.load(environ | {"TRACKER_FILES_URL": ""}).files_url is None


@pytest.mark.parametrize(
    "url",
    [
        "observers",
        "gs://observers",
        "https://files.example.org/observers",
        "s3://",
        "s3:///files",
        "s3://key:hunter2@observers/files",
        "s3://Observers/files",
        "s3://observers/files#x",
        "s3://observers/files?endpoint=https://files.example.org",
        "s3://observers/files?endpoint_url=ftp://files.example.org",
        "s3://observers/files?endpoint_url=https://key:hunter2@files.example.org",
        "s3://observers/files?endpoint_url=https://files.example.org&key=hunter2",
        "s3://observers/files?endpoint_url=https://[",
    ],
)
def test_what_is_no_bucket_is_refused_without_repeating_it(tmp_path, url):
    environ = {"TRACKER_INSTANCE": str(tmp_path), "TRACKER_FILES_URL": url}
    with pytest.raises(SettingsError, match="TRACKER_FILES_URL must look like") as refused:
        Settings.load(environ)
    assert "hunter2" not in str(refused.value)
