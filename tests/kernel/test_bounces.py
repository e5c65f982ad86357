"""Reports that mail came back (RFC 3464): read, matched, shown; nothing else is believed."""

from email import policy
from email.message import EmailMessage
from mailbox import Maildir

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import accounts
from tests.factories.mail import mail_server
from tracker.kernel.actor import SYSTEM
from tracker.kernel.bounces import LARGEST, report_in
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.mail import Message
from tracker.kernel.outbox import (
    MessageStatus,
    OutboxMessage,
    bounces_of,
    queue_message,
    send_due,
)
from tracker.kernel.permissions import Role
from tracker.ops.commands import mail

LEFT = "0123456789abcdef0123456789abcdef"
BORDER = "one-part-and-the-next"
GONE = "smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown"


def report(
    message_id=f"<{LEFT}@mfa.example.org>",
    *,
    action="failed",
    status="5.1.1",
    said=GONE,
    headers_only=False,
    original=True,
):
    """A report as mail servers write them."""
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    returned = [
        f"--{BORDER}",
        f"Content-Type: {kind}",
        "",
        "From: observers@mfa.example.org",
        f"Message-ID: {message_id}",
        "Subject: A",
        "",
        *([] if headers_only else ["Text"]),
    ]
    lines = [
        "From: MAILER-DAEMON@mx.example.org",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{BORDER}"',
        "",
        f"--{BORDER}",
        "Content-Type: text/plain",
        "",
        "This is the mail system at host mx.example.org.",
        f"--{BORDER}",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.org",
        "",
        "Final-Recipient: rfc822; ann@example.org",
        f"Action: {action}",
        f"Status: {status}",
        *([f"Diagnostic-Code: {said}"] if said else []),
        "",
        *(returned if original else []),
        f"--{BORDER}--",
        "",
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_report_names_the_message_and_why(headers_only):
    found = report_in(report(headers_only=headers_only))
    assert (found.left_half, found.code) == (LEFT, "5.1.1")
    assert found.reason.startswith("550 5.1.1")


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "delivered", "status": "2.0.0"},
        {"action": "relayed", "status": "2.0.0"},
        {"original": False},
        {"message_id": "<somebody.else@example.org>"},
        {"message_id": ""},
    ],
)
def test_what_is_no_end_or_not_ours_is_none(changes):
    assert report_in(report(**changes)) is None


def test_a_report_without_words_or_code_is_one_still():
    found = report_in(report(status="", said=""))
    assert (found.code, found.reason) == ("", "")


def test_other_mail_is_no_report():
    letter = EmailMessage(policy=policy.default)
    letter["Subject"] = "Out of office"
    letter.set_content(f"<{LEFT}@mfa.example.org> Action: failed")
    for content in (letter.as_bytes(), b"", b"\xff" * 100, report() + b" " * LARGEST):
        assert report_in(content) is None


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_break_the_reader(content):
    report_in(content)
    whole = report()
    report_in(whole[: len(content)] + content + whole[len(content) :])


@pytest.fixture
def sent(app):
    """Two messages to one person that a real server took; their Message-IDs as they arrived."""
    with app.app_context():
        expect_writes(False)
        with unit_of_work(SYSTEM):
            email = accounts.user(Role.OFFICIAL).email
            for number in (1, 2):
                letter = Message(to=("Person", email), subject="Meeting", text="Come.\n")
                queue_message(letter, key=f"meeting-{number}")
        with mail_server() as inbox:
            send_due()
        assert len(inbox.received) == 2
        yield email, [each.letter["Message-ID"] for each in inbox.received]
        db.session.remove()


def piped(content):
    return CliRunner().invoke(mail.commands["bounce"], ["-"], input=content)


def test_a_report_is_piped_matched_and_shown(app, sent, sign_in):
    email, (first, second) = sent
    made = piped(report(first))
    assert (made.exit_code, made.output) == (0, "Message No. 1 came back.\n")
    rows = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [row.status for row in rows] == [MessageStatus.SENT] * 2
    assert [row.bounced_at is not None for row in rows] == [True, False]
    assert rows[0].bounce_code == "5.1.1"
    assert bounces_of(email.upper()) == 1
    db.session.rollback()
    administrator = sign_in(Role.ADMINISTRATOR)
    page = administrator.get("/outbox").text
    assert "Came back" in page
    assert "User unknown" in page
    assert "ann@example.org" not in page
    narrowed = administrator.get("/outbox?status=bounced").text
    assert narrowed.count("<b>Meeting</b>") == 1
    assert "came back more than once" not in administrator.get("/users/1").text
    piped(report(first))  # the same again is not a second
    assert "came back more than once" not in administrator.get("/users/1").text
    piped(report(second))
    assert f"Mail to {email} came back more than once" in administrator.get("/users/1").text
    table = administrator.get("/outbox?format=csv").get_data(as_text=True)
    assert "Came back" in table


def test_a_report_about_nothing_of_ours_changes_nothing(sent):
    for content in (report(), b"no report", b""):
        made = piped(content)
        assert made.exit_code == 1
    rows = db.session.scalars(sa.select(OutboxMessage)).all()
    assert all(row.bounced_at is None for row in rows)


def test_a_message_that_did_not_leave_did_not_come_back(app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            letter = Message(to=("Ann", "ann@example.org"), subject="Meeting", text="Come.\n")
            queue_message(letter, key="meeting-1")
        left_half = db.session.scalars(sa.select(OutboxMessage.left_half)).one()
        db.session.rollback()
        assert piped(report(f"<{left_half}@mfa.example.org>")).exit_code == 1


def test_a_folder_of_mail_is_read_once(sent, tmp_path):
    _email, (first, second) = sent
    box = Maildir(tmp_path / "Maildir", create=True)
    for content in (report(first), b"Subject: a letter\n\nHello\n", report(second)):
        box.add(content)
    command = ["--maildir", str(tmp_path / "Maildir")]
    made = CliRunner().invoke(mail.commands["bounce"], command)
    assert (made.exit_code, made.output) == (0, "2 messages came back.\n"), made.exception
    assert list((tmp_path / "Maildir" / "new").iterdir()) == []
    assert len(list((tmp_path / "Maildir" / "cur").iterdir())) == 3
    assert CliRunner().invoke(mail.commands["bounce"], command).output == "0 messages came back.\n"


def test_one_way_or_the_other_is_asked_for(app, tmp_path):
    for arguments in ([], ["-", "--maildir", str(tmp_path)]):
        assert CliRunner().invoke(mail.commands["bounce"], arguments).exit_code == 2
