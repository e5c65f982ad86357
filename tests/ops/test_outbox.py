"""The page of outgoing mail: what waits, was sent and was not, without saying to whom."""

import csv
import io
import re

import pytest
import sqlalchemy as sa

from tracker.audit.models import AuditEntry
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.mail import MailFailure, Message
from tracker.kernel.outbox import MessageStatus, OutboxMessage, queue_message
from tracker.kernel.permissions import Role
from tracker.ops import FAILURES, STATUSES, TONES


def table(page):
    """The rows of the page as plain text."""
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_what_is_queued_sent_and_failed(sign_in, inbox):
    page = sign_in(Role.ADMINISTRATOR).get("/outbox").text
    queued, sent, failed = table(page)
    assert "Meeting 3 Queued 0" in queued
    assert "Meeting 2 Sent 1" in sent
    assert "Meeting 1 Not sent 1 The recipient’s address was refused." in failed
    assert page[page.index("<main") : page.index("</main>")].count("Try again") == 1
    assert "@example.org" in page
    assert not re.search(r"ann\d|Smith", page)
    assert "No mail server is configured" not in page


def test_the_page_says_that_mail_is_not_configured(sign_in):
    page = sign_in(Role.ADMINISTRATOR).get("/outbox").text
    assert "No mail server is configured" in page
    assert "No messages" in page


def test_the_filter_and_the_files(sign_in, inbox):
    client = sign_in(Role.ADMINISTRATOR)
    [only] = table(client.get("/outbox?status=failed").text)
    assert "Meeting 1" in only
    assert len(table(client.get("/outbox?status=none").text)) == 3
    answer = client.get("/outbox?status=failed&format=csv")
    [row] = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert row["Recipient"].endswith("@example.org")
    assert "ann1" not in answer.text
    assert row["What stopped it"] == "The recipient’s address was refused."
    assert client.get("/outbox?format=xlsx").data.startswith(b"PK")
    assert client.get("/outbox?format=pdf").status_code == 403


def test_try_again(app, sign_in, inbox):
    client = sign_in(Role.ADMINISTRATOR)
    answer = client.post("/outbox/1/retry", follow_redirects=True)
    assert "Message no. 1 waits to be sent again." in answer.text
    assert client.post("/outbox/1/retry").status_code == 409  # it waits already
    assert client.post("/outbox/99/retry").status_code == 404
    with app.app_context():
        while task := jobs.huey.dequeue():
            jobs.huey.execute(task)
        assert db.session.get_one(OutboxMessage, 1).status is MessageStatus.SENT
        done = db.session.scalars(
            sa.select(AuditEntry.actor_name)
            .where(AuditEntry.record_table == "outbox_messages", AuditEntry.record_id == "1")
            .order_by(AuditEntry.position)
        ).all()
    assert done[:2] == ["system", "system"]  # queued, failed
    assert done[2].startswith("Person")  # tried again by a person
    assert done[3:] == ["system"]


def test_only_administrators(sign_in, inbox):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        client = sign_in(role)
        assert client.get("/outbox").status_code == 403
        assert client.post("/outbox/1/retry").status_code == 403


def test_every_status_and_failure_has_words():
    assert set(STATUSES) == set(TONES) == set(MessageStatus)
    assert set(FAILURES) == set(MailFailure)


@pytest.mark.parametrize("count", [2, 120])
def test_pages_by_key(app, sign_in, count):
    with app.app_context(), unit_of_work(SYSTEM):
        for number in range(count):
            message = Message(to=("", "ann@example.org"), subject=f"No. {number}", text="Come.\n")
            queue_message(message, key=f"meeting-{number}")
    client = sign_in(Role.ADMINISTRATOR)
    page, seen = client.get("/outbox").text, []
    while True:
        seen += re.findall(r"<b>No\. (\d+)</b>", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        page = client.get(following[1].replace("&amp;", "&")).text
    assert [int(number) for number in seen] == list(reversed(range(count)))
