"""Where a flaw is reported to."""

from datetime import UTC, datetime, timedelta

from tests.journeys.demonstration import build


def test_security_txt(tmp_path):
    contacts = ("mailto:security@mfa.example.org", "https://mfa.example.org/report")
    app = build(tmp_path, security_contacts=contacts, proxies=1)
    answer = app.test_client().get(
        "/.well-known/security.txt", headers={"X-Forwarded-Proto": "https"}
    )
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert [value for name, value in fields if name == "Contact"] == list(contacts)
    [expires] = [value for name, value in fields if name == "Expires"]
    ahead = datetime.fromisoformat(expires) - datetime.now(UTC)
    assert timedelta(days=90) < ahead < timedelta(days=365)
    assert ["Preferred-Languages", "en, kk, ru"] in fields
    assert ["Canonical", "https://localhost/.well-known/security.txt"] in fields


def test_without_a_contact_there_is_none(client):
    assert client.get("/.well-known/security.txt").status_code == 404
