"""Mail leaves with the change that it tells of: after it, once, and not without it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.conftest import NOW
from tests.factories.jobs import work
from tests.factories.mail import mail_server
from tests.journeys.demonstration import environment
from tracker.audit.models import AuditEntry
from tracker.kernel import clock, outbox
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import after_commit, db, unit_of_work
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.jobs import jobs
from tracker.kernel.mail import Attachment, MailFailure, Message, Method
from tracker.kernel.outbox import (
    DELAYS,
    PATIENCE,
    ROUND,
    MessageStatus,
    OutboxMessage,
    queue_message,
    retry_message,
    send_due,
)
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage

pytestmark = pytest.mark.usefixtures("as_jobs_begin")


@pytest.fixture
def inbox():
    with mail_server() as found:
        yield found


def message(number=0, **changes):
    usual = {"to": ("Ann", f"ann{number}@example.org"), "subject": "Meeting", "text": "Come.\n"}
    return Message(**usual | changes)


def queue(number=0, **changes):
    with unit_of_work(SYSTEM):
        return queue_message(message(number, **changes), key=f"meeting-{number}")


def rows():
    db.session.rollback()
    return db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()


def only_row():
    [row] = rows()
    return row


def test_a_message_leaves_after_the_commit(inbox):
    with unit_of_work(SYSTEM):
        assert queue_message(message(), key="meeting-0")
        assert jobs.huey.pending_count() == 0
    assert inbox.received == []  # the job process sends, not the page
    work()
    [received] = inbox.received
    assert received.recipients == ["ann0@example.org"]
    row = only_row()
    assert (row.status, row.attempts, row.last_error) == (MessageStatus.SENT, 1, None)
    assert row.sent_at is not None
    work()
    send_due()
    assert len(inbox.received) == 1


def test_what_was_rolled_back_is_never_said(inbox):
    def change_and_fail():
        with unit_of_work(SYSTEM):
            queue_message(message(), key="meeting-0")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    with unit_of_work(SYSTEM):
        savepoint = db.session.begin_nested()
        queue_message(message(), key="meeting-0")
        savepoint.rollback()
    work()
    send_due()
    assert inbox.received == []
    assert rows() == []


def test_a_paper_waits_as_an_encrypted_file(app, inbox):
    content = b"%PDF" + bytes(range(256)) * 100
    with unit_of_work(SYSTEM):
        queue_message(message(attachment=Attachment("digest.pdf", content)), key="digest-1")
    row = only_row()
    assert row.attachment_name == "digest.pdf"
    assert storage.get(row.attachment) == content
    folder = app.config["SETTINGS"].instance / "files"
    assert content not in (folder / row.attachment[:2] / row.attachment).read_bytes()
    work()
    _text, paper = inbox.received[0].letter.get_payload()
    assert paper.get_payload(decode=True) == content


def test_a_paper_that_is_gone_is_tried_again_later(app, inbox):
    with unit_of_work(SYSTEM):
        queue_message(message(attachment=Attachment("digest.pdf", b"%PDF")), key="digest-1")
    key = only_row().attachment
    file = app.config["SETTINGS"].instance / "files" / key[:2] / key
    kept = file.read_bytes()
    file.unlink()
    work()
    row = only_row()
    assert (row.status, row.last_error) == (MessageStatus.QUEUED, MailFailure.UNEXPECTED)
    file.write_bytes(kept)
    with clock.at(row.next_attempt_at):
        send_due()
    assert len(inbox.received) == 1


def test_the_same_message_is_queued_once(inbox):
    assert queue()
    assert not queue()
    with unit_of_work(SYSTEM):
        assert not queue_message(message(text="Come at noon.\n"), key="meeting-0")
        assert queue_message(message(), key="meeting-0-changed")
    work()
    assert len(inbox.received) == 2


def test_a_key_that_is_taken_undoes_nothing_of_the_caller(inbox):
    queue()
    with unit_of_work(SYSTEM):
        queue_message(message(1), key="meeting-1")
        assert not queue_message(message(), key="meeting-0")
    assert [row.key for row in rows()] == ["meeting-0", "meeting-1"]


def test_many_messages_of_one_change_give_out_one_job(inbox):
    with unit_of_work(SYSTEM):
        for number in range(ROUND + 5):
            queue_message(message(number), key=f"meeting-{number}")
    assert jobs.huey.pending_count() == 1
    work()  # and the round that it gives out in its turn
    assert len({tuple(each.recipients) for each in inbox.received}) == ROUND + 5


def test_the_same_call_waits_for_a_commit_once():
    called = []

    def call():
        called.append(1)

    with unit_of_work(SYSTEM):
        after_commit(call)
        after_commit(call)
    assert called == [1]


def test_an_invitation_comes_back_from_the_table_as_it_was(inbox):
    content = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Кездесу\r\nEND:VCALENDAR\r\n".encode()
    queue(calendar=content, method=Method.CANCEL)
    work()
    alternative, file = inbox.received[0].letter.get_payload()
    assert alternative.get_payload()[1].get_payload(decode=True) == content
    assert file.get_payload(decode=True) == content


def test_delays_grow_until_it_is_given_up(inbox):
    inbox.to_recipients = ["450 busy"] * 20
    moment = NOW
    with clock.at(moment):
        queue()
        send_due()
    for delay in DELAYS:
        row = only_row()
        assert (row.status, row.last_error) == (MessageStatus.QUEUED, MailFailure.DEFERRED)
        assert row.next_attempt_at == moment + delay
        with clock.at(moment + delay - timedelta(seconds=1)):
            send_due()  # too early
        moment += delay
        with clock.at(moment):
            send_due()
    row = only_row()
    assert (row.status, row.attempts) == (MessageStatus.FAILED, len(DELAYS) + 1)
    assert len(inbox.to_recipients) == 20 - len(DELAYS) - 1


def test_a_temporary_failure_then_success(inbox):
    inbox.to_content = ["451 try later"]
    with clock.at(NOW):
        queue()
        send_due()
    with clock.at(NOW + DELAYS[0]):
        send_due()
    row = only_row()
    assert (row.status, row.attempts, row.last_error) == (MessageStatus.SENT, 2, None)
    first, second = (each.letter for each in inbox.received)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


def test_a_refused_recipient_fails_at_once_and_nobody_else_does(inbox):
    inbox.to_recipients = ["550 no such user"]
    queue(1)
    queue(2)
    work()
    first, second = rows()
    assert (first.status, first.attempts) == (MessageStatus.FAILED, 1)
    assert first.last_error is MailFailure.RECIPIENT_REFUSED
    assert second.status is MessageStatus.SENT


def test_where_the_server_fails_the_others_do_not_try(inbox):
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = inbox.settings(port=free.getsockname()[1])
    for number in range(3):
        queue(number)
    outbox.mailer.configure(nobody)
    send_due()
    assert [row.attempts for row in rows()] == [1, 0, 0]
    outbox.mailer.configure(inbox.settings())
    with clock.at(clock.now() + DELAYS[0]):
        send_due()
    assert {row.status for row in rows()} == {MessageStatus.SENT}


def test_one_message_that_cannot_be_read_stops_no_other(inbox):
    queue(1)
    queue(2)
    with unit_of_work(SYSTEM):
        db.session.execute(sa.text("UPDATE outbox_messages SET text = '1.no cipher' WHERE id = 1"))
    with capture_logs() as said:
        send_due()
    [received] = inbox.received
    assert received.recipients == ["ann2@example.org"]
    columns = OutboxMessage.status, OutboxMessage.last_error
    found = db.session.execute(sa.select(*columns).order_by(OutboxMessage.id)).all()
    assert [tuple(row) for row in found] == [
        (MessageStatus.QUEUED, MailFailure.UNEXPECTED),
        (MessageStatus.SENT, None),
    ]
    assert [(line["event"], line["reason"]) for line in said] == [("mail failed", "InvalidToken")]


def test_without_a_server_messages_wait_and_old_ones_are_not_sent_later():
    with clock.at(NOW):
        queue(1)
    with clock.at(NOW + timedelta(days=3)):
        queue(2)
        work()
    assert {row.status for row in rows()} == {MessageStatus.QUEUED}
    with mail_server() as inbox, clock.at(NOW + PATIENCE + timedelta(minutes=1)):
        send_due()
        assert [each.recipients for each in inbox.received] == [["ann2@example.org"]]
        first, _second = rows()
        assert (first.status, first.last_error) == (
            MessageStatus.FAILED,
            MailFailure.WAITED_TOO_LONG,
        )
        with unit_of_work(SYSTEM):
            retry_message(actor=SYSTEM, message_id=first.id)
        work()
        assert len(inbox.received) == 2


def test_a_claim_that_nobody_ended_is_taken_up_again(inbox):
    """As when the process dies while it sends."""
    with clock.at(NOW):
        queue()
        assert outbox._claim(1) == 1
        send_due()
        assert outbox._claim(1) is None
        assert inbox.received == []
    with clock.at(NOW + outbox.CLAIM):
        send_due()
        outbox._note(1, 1, MailFailure.DEFERRED)  # the first comes back late: not its any more
    row = only_row()
    assert (row.status, row.attempts) == (MessageStatus.SENT, 2)


def test_a_failed_message_is_sent_again_by_an_administrator(inbox, actor):
    inbox.to_recipients = ["550 no such user"]
    queue()
    work()
    with pytest.raises(Forbidden), unit_of_work(SYSTEM):
        retry_message(actor=actor(Role.COORDINATOR), message_id=1)
    with unit_of_work(SYSTEM):
        retry_message(actor=actor(Role.ADMINISTRATOR), message_id=1)
    work()
    row = only_row()
    assert (row.status, row.attempts) == (MessageStatus.SENT, 1)
    with pytest.raises(Refused), unit_of_work(SYSTEM):
        retry_message(actor=SYSTEM, message_id=1)
    with pytest.raises(NotFound), unit_of_work(SYSTEM):
        retry_message(actor=SYSTEM, message_id=2)


def test_recipients_and_contents_are_ciphertext_and_stay_out_of_the_record(inbox):
    content = {"calendar": b"BEGIN:VCALENDAR Minister", "method": Method.REQUEST}
    queue(to=("Ann Minister", "minister@example.org"), subject="Minister", **content)
    work()
    raw = db.session.execute(sa.text("SELECT * FROM outbox_messages")).one()
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.position)).all()
    assert "inister" not in str(tuple(raw))
    assert "inister" not in str([(entry.before, entry.after) for entry in entries])
    assert [(entry.action, entry.after["status"]) for entry in entries] == [
        ("insert", "queued"),
        ("update", "sent"),
    ]


def test_where_the_queue_does_not_answer_the_change_stands(inbox, monkeypatch):
    def fail(*_arguments, **_values):
        raise ConnectionError("redis")

    monkeypatch.setattr(jobs, "enqueue", fail)
    with capture_logs() as said:
        assert queue()
    assert [line["reason"] for line in said] == ["ConnectionError"]
    send_due()  # as every minute
    assert len(inbox.received) == 1


def start(folder, port):
    around = os.environ | {
        **environment(folder),
        "TRACKER_MAIL_URL": f"smtp://127.0.0.1:{port}",
        "TRACKER_MAIL_FROM": "Observer headquarters <observers@mfa.example.org>",
    }
    return subprocess.Popen([sys.executable, "-m", "tracker.cli", "work"], env=around)


def test_a_job_process_killed_while_it_sends_is_followed_by_another(inbox, tmp_path):
    arrived, may_go_on = threading.Event(), threading.Event()
    taken = inbox.handle_DATA

    async def slowly(*arguments):
        answer = await taken(*arguments)
        arrived.set()
        may_go_on.wait(20)  # the server has it; we are not told any more
        return answer

    inbox.handle_DATA = slowly
    queue()
    first = start(tmp_path, inbox.port)
    try:
        assert arrived.wait(60)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        may_go_on.set()
    assert only_row().status is MessageStatus.QUEUED
    arrived.clear()
    later = (outbox.CLAIM + timedelta(seconds=1)).total_seconds()
    (tmp_path / "demonstration_clock.json").write_text(f'{{"offset_seconds": {later}}}')
    jobs.enqueue("send_mail")
    second = start(tmp_path, inbox.port)
    try:
        assert arrived.wait(60)
        end = time.monotonic() + 20
        while only_row().status is MessageStatus.QUEUED and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        second.terminate()
        second.wait()
    assert only_row().status is MessageStatus.SENT
    one, two = (each.letter["Message-ID"] for each in inbox.received)
    assert one == two
