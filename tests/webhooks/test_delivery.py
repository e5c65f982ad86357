"""Messages reach a receiver: signed, at least once, again after a failure, and nobody else."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.conftest import NOW
from tests.factories import accounts
from tests.factories.mail import certificate
from tests.factories.receivers import Answer, receiver
from tests.journeys.demonstration import environment
from tests.kernel.test_outbox import work
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.jobs import jobs
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role
from tracker.webhooks import jobs as webhook_jobs
from tracker.webhooks import operations, sending
from tracker.webhooks.events import JOB
from tracker.webhooks.jobs import CLAIM, SHARE, forget_deliveries, send_due
from tracker.webhooks.models import (
    DeliveryFailure,
    DeliveryStatus,
    EventKind,
    OffReason,
    Webhook,
    WebhookDelivery,
)
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_again, send_test
from tracker.webhooks.queries import delivery_for, standing
from tracker.webhooks.rules import DELAYS, FAILING_FOR, KEPT, OVERLAP, PATIENCE, new_secret

DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"
WORKERS, COUNT = 4, 12
S = DeliveryStatus


@pytest.fixture(scope="module")
def verified():
    """The verifier that the documentation gives to receivers."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    names = {}
    exec(code, names)  # the code of our own page
    return names["verified"]


@pytest.fixture(autouse=True)
def _context(app):
    with app.app_context():
        expect_writes(False)  # as the job process begins
        yield
        db.session.remove()


@pytest.fixture
def there():
    with receiver() as found:
        yield found


def register(address, name="Commission", kinds=tuple(EventKind)):
    with unit_of_work(SYSTEM):
        made = register_webhook(actor=SYSTEM, details=WebhookDetails(name, address, kinds))
        return made.id


def ping(webhook_id=1, count=1):
    with unit_of_work(SYSTEM):
        webhook = db.session.get_one(Webhook, webhook_id)
        return [send_test(actor=SYSTEM, webhook=webhook).id for _ in range(count)]


def rows():
    db.session.rollback()
    return db.session.scalars(sa.select(WebhookDelivery).order_by(WebhookDelivery.id)).all()


def letters_to(email):
    db.session.rollback()
    found = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    return [(row.subject, row.text) for row in found if row.recipient == email]


def only_row():
    [row] = rows()
    return row


def webhook(webhook_id=1):
    db.session.rollback()
    return db.session.get_one(Webhook, webhook_id)


def checked(verified, received, secret, now=None):
    return verified(secret, received.headers, received.body, now or received.moment)


def test_a_message_leaves_after_the_commit_signed_and_once(there, verified):
    with unit_of_work(SYSTEM):
        made = register_webhook(
            actor=SYSTEM, details=WebhookDetails("Commission", there.address, tuple(EventKind))
        )
        send_test(actor=SYSTEM, webhook=made)
        assert jobs.huey.pending_count() == 0
    assert there.received == []  # the job process sends, not the page
    work()
    [received] = there.received
    assert received.path == "/events?key=7"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{there.port}"
    assert json.loads(received.body)["type"] == "ping"
    row = only_row()
    assert (row.status, row.attempts, row.failure) == (S.DELIVERED, 1, None)
    assert (row.answer_code, row.answer) == (200, "taken")
    assert row.took_ms >= 0
    assert row.message_id == received.headers["webhook-id"]
    assert checked(verified, received, webhook().secret)
    work()
    send_due()
    assert len(there.received) == 1


def test_what_is_forged_altered_or_old_is_refused(there, verified):
    register(there.address)
    ping()
    work()
    [received] = there.received
    secret = webhook().secret
    assert not checked(verified, received, new_secret())
    assert not verified(secret, received.headers, received.body + b" ", received.moment)
    for name, value in (("webhook-id", "msg_1"), ("webhook-timestamp", "1668060000")):
        changed = received.headers | {name: value}
        assert not verified(secret, changed, received.body, received.moment)
    assert not checked(verified, received, secret, received.moment + 301)  # a replay
    assert checked(verified, received, secret, received.moment + 299)


def test_the_timestamp_is_the_worlds_whatever_a_demonstration_shows(there, verified):
    register(there.address)
    with clock.at(NOW):
        ping()
        send_due()
    assert checked(verified, there.received[0], webhook().secret)


def test_both_secrets_sign_until_the_former_ends(there, verified):
    register(there.address)
    with clock.at(NOW):
        first = webhook().secret
        with unit_of_work(SYSTEM):
            operations.rotate_secret(actor=SYSTEM, webhook=webhook())
        second = webhook().secret
        assert first != second
        with pytest.raises(Refused), unit_of_work(SYSTEM):
            operations.rotate_secret(actor=SYSTEM, webhook=webhook())
        ping()
        send_due()
    with clock.at(NOW + OVERLAP):
        ping()
        send_due()
    during, after = there.received
    for received, secret, expected in (
        (during, first, True),
        (during, second, True),
        (after, first, False),
        (after, second, True),
    ):
        assert checked(verified, received, secret) is expected


def test_delays_grow_until_it_is_given_up(there):
    there.answers = [Answer(503, body=b"busy")] * 20
    register(there.address)
    moment = NOW
    with clock.at(moment):
        ping()
        send_due()
    for delay in DELAYS:
        row = only_row()
        assert (row.status, row.failure) == (S.QUEUED, DeliveryFailure.REFUSED)
        assert (row.answer_code, row.answer) == (503, "busy")
        assert row.next_attempt_at == moment + delay
        with clock.at(moment + delay - timedelta(seconds=1)):
            send_due()  # too early
        moment += delay
        with clock.at(moment):
            send_due()
    row = only_row()
    assert (row.status, row.attempts) == (S.FAILED, len(DELAYS) + 1)
    assert len(there.received) == len(DELAYS) + 1
    assert len(set(there.ids)) == 1
    assert webhook().is_on


def test_a_failure_then_success(there):
    there.answers = [Answer(500)]
    register(there.address)
    with clock.at(NOW):
        ping()
        send_due()
        assert webhook().failing_since == NOW
        assert standing().failing == ("Commission",)
    version = webhook().version
    with clock.at(NOW + DELAYS[0]):
        send_due()
    row = only_row()
    assert (row.status, row.attempts, row.failure) == (S.DELIVERED, 2, None)
    assert there.ids[0] == there.ids[1]
    found = webhook()
    assert (found.failing_since, found.version) == (None, version)  # whoever edits is undisturbed


def test_redirects_are_not_followed(there):
    with receiver() as elsewhere:
        there.answers = [Answer(307, {"Location": elsewhere.address})]
        register(there.address)
        ping()
        work()
        assert elsewhere.received == []
    assert only_row().failure is DeliveryFailure.REDIRECTED


@pytest.mark.parametrize("pause", [0, 0.05])
def test_who_is_slow_is_cut_off(there, monkeypatch, pause):
    """At once, and byte by byte, each of them within any timeout of a socket."""
    monkeypatch.setattr(sending, "TIMEOUT", 0.4)
    go_on = threading.Event()
    there.answers = [Answer(pause=pause, before=lambda: pause or go_on.wait(20))]
    register(there.address)
    ping()
    work()
    go_on.set()
    row = only_row()
    assert (row.status, row.failure) == (S.QUEUED, DeliveryFailure.TOO_SLOW)
    assert row.answer_code is None


def test_a_long_answer_is_kept_in_part(there):
    there.answers = [Answer(body="қ".encode() * 100_000)]
    register(there.address)
    ping()
    work()
    assert only_row().answer == "қ" * (sending.BEGINNING // 2)


def test_noise_is_no_answer(there):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _address = server.accept()
            connection.recv(100_000)
            connection.sendall(b"\x00\xff noise\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        register(f"http://127.0.0.1:{server.getsockname()[1]}/")
        ping()
        work()
        thread.join()
    assert only_row().failure is DeliveryFailure.UNREACHABLE


def test_who_is_gone_is_switched_off_at_once(there):
    there.answers = [Answer(410, body=b"moved")]
    register(there.address)
    ping(count=2)
    work()
    found = webhook()
    assert found.off_because is OffReason.GONE
    assert [(row.status, row.failure) for row in rows()] == [
        (S.FAILED, DeliveryFailure.GONE),
        (S.FAILED, DeliveryFailure.SWITCHED_OFF),
    ]
    assert len(there.received) == 1
    assert standing().switched_off == ("Commission",)
    with pytest.raises(Refused), unit_of_work(SYSTEM):
        ping()
    with unit_of_work(SYSTEM):
        operations.switch_on(actor=SYSTEM, webhook=webhook())
    with unit_of_work(SYSTEM):
        send_again(actor=SYSTEM, webhook=webhook(), delivery=rows()[1])
    work()
    assert rows()[1].status is S.DELIVERED


def test_who_fails_for_days_is_switched_off_and_administrators_see_it(app, there, sign_in):
    there.answers = [Answer(500)] * 3
    register(there.address)
    with unit_of_work(SYSTEM):
        administrator = accounts.user(Role.ADMINISTRATOR)
        administrator.language = "ru"
        email = administrator.email
    with clock.at(NOW):
        ping()
        send_due()
    assert letters_to(email) == []
    with clock.at(NOW + FAILING_FOR):
        ping()
        send_due()
    [(subject, text)] = letters_to(email)
    assert subject == "Внешней системе больше не сообщается"
    assert text.startswith("Commission — отключён: сообщения не доходили пять дней.")
    assert text.endswith("/webhooks/1\n")
    found = webhook()
    assert (found.off_because, found.off_at) == (OffReason.FAILING, NOW + FAILING_FOR)
    actors = sa.select(AuditEntry.actor_name).where(AuditEntry.record_table == "webhooks")
    assert set(db.session.scalars(actors)) == {"system"}
    db.session.rollback()
    page = sign_in(Role.ADMINISTRATOR).get("/system").text
    assert "switched off: Commission" in page
    metrics = app.test_client().get("/metrics").text
    assert 'tracker_webhooks{state="off"} 1.0' in metrics
    assert "tracker_webhook_messages 0.0" in metrics


def test_one_who_fails_holds_up_no_other(there):
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    failing, other = register(nobody), register(there.address)
    ping(failing, 5)
    ping(other, 3)
    send_due()
    assert len(there.received) == 3
    assert [row.attempts for row in rows()] == [1, 0, 0, 0, 0, 1, 1, 1]
    assert rows()[0].failure is DeliveryFailure.UNREACHABLE


def test_many_messages_are_sent_in_rounds(there):
    register(there.address)
    ping(count=SHARE + 5)
    assert jobs.huey.pending_count() == 1
    work()  # and the round that it gives out in its turn
    assert len(set(there.ids)) == SHARE + 5


def test_one_message_that_cannot_be_read_stops_no_other(there):
    register(there.address)
    register(there.address, "Border service")
    ping(1)
    ping(2)
    with unit_of_work(SYSTEM):
        db.session.execute(sa.text("UPDATE webhooks SET secret = '1.no cipher' WHERE id = 1"))
    with capture_logs() as said:
        send_due()
    assert len(there.received) == 1
    db.session.rollback()
    columns = WebhookDelivery.status, WebhookDelivery.failure
    found = db.session.execute(sa.select(*columns).order_by(WebhookDelivery.id)).all()
    assert [tuple(row) for row in found] == [
        (S.QUEUED, DeliveryFailure.UNEXPECTED),
        (S.DELIVERED, None),
    ]
    assert [(line["event"], line["reason"]) for line in said] == [
        ("webhook failed", "InvalidToken")
    ]


def test_what_waited_for_long_is_no_news(there):
    with clock.at(NOW):
        register(there.address)
        ping()
    with clock.at(NOW + PATIENCE + timedelta(minutes=1)):
        send_due()
    assert there.received == []
    assert only_row().failure is DeliveryFailure.WAITED_TOO_LONG


def test_what_is_over_is_forgotten_after_a_month(there):
    register(there.address)
    with clock.at(NOW):
        ping()
        send_due()
        ping()
    for moment, left in ((NOW + KEPT, 2), (NOW + KEPT + timedelta(seconds=1), 1)):
        with clock.at(moment), unit_of_work(SYSTEM):
            forget_deliveries()
        assert len(rows()) == left
    assert only_row().status is S.QUEUED


# Where messages may go


def test_a_name_that_leads_inside_gets_nothing(there, monkeypatch):
    real = socket.getaddrinfo

    def resolved(host, port, *arguments, **named):
        if host == "receiver.example.org":
            return real("8.8.8.8", port, *arguments, **named) + real("127.0.0.1", port)
        return real(host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    sending.reach.configure([])
    register(f"https://receiver.example.org:{there.port}/")
    ping()
    work()
    assert there.received == []
    assert only_row().failure is DeliveryFailure.FORBIDDEN_ADDRESS


def test_the_connection_goes_to_the_address_that_was_judged(there, monkeypatch):
    """A name that leads elsewhere the second time that it is asked for (DNS rebinding)."""
    real, asked = socket.getaddrinfo, []

    def resolved(host, port, *arguments, **named):
        if host == "receiver.example.org":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, *arguments, **named)
        return real(host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    found = sending.post(
        f"http://receiver.example.org:{there.port}/",
        headers={},
        body=b"{}",
        networks=sending.reach.networks,
    )
    assert (found.failure, len(asked)) == (None, 1)
    assert there.received[0].headers["host"] == f"receiver.example.org:{there.port}"


@pytest.mark.parametrize("address", ["https://2130706433/", "https://0x7f.1/", "https://127.1/"])
def test_other_spellings_of_this_machine_are_seen_through(address):
    found = sending.post(address, headers={}, body=b"{}", networks=[])
    assert found.failure is DeliveryFailure.FORBIDDEN_ADDRESS


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    file = certificate(tmp_path)
    with receiver(file) as safe:
        register(safe.address)
        ping()
        send_due()
        assert (only_row().failure, safe.received) == (DeliveryFailure.INSECURE, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with clock.at(clock.now() + DELAYS[0]):
            send_due()
        assert only_row().status is S.DELIVERED
        # The same machine under a name that the certificate does not bear.
        named = safe.address.replace("127.0.0.1", "localhost")
        found = sending.post(named, headers={}, body=b"", networks=sending.reach.networks)
        assert found.failure is DeliveryFailure.INSECURE


# Who may do what, and what is on record


def test_only_administrators(there, actor):
    register(there.address)
    ping()
    stranger = actor(Role.COORDINATOR)
    row = webhook()
    details = WebhookDetails("Other", there.address, [EventKind.PING])
    for call in (
        lambda: register_webhook(actor=stranger, details=details),
        lambda: operations.change_webhook(
            actor=stranger, webhook=row, details=details, seen_version=1
        ),
        lambda: operations.rotate_secret(actor=stranger, webhook=row),
        lambda: operations.switch_on(actor=stranger, webhook=row),
        lambda: operations.switch_off(actor=stranger, webhook=row),
        lambda: operations.remove_webhook(actor=stranger, webhook=row),
        lambda: send_test(actor=stranger, webhook=row),
        lambda: send_again(actor=stranger, webhook=row, delivery=only_row()),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_message_is_sent_again_by_an_administrator_under_its_id(there, actor):
    administrator = actor(Role.ADMINISTRATOR)
    register(there.address)
    register(there.address, "Border service")
    ping()
    with pytest.raises(Refused), unit_of_work(SYSTEM):
        send_again(actor=administrator, webhook=webhook(), delivery=only_row())
    work()
    with unit_of_work(administrator):
        send_again(actor=administrator, webhook=webhook(), delivery=only_row())
    work()
    assert there.ids[0] == there.ids[1]
    assert only_row().asked_by == "administrator"
    with pytest.raises(NotFound):
        delivery_for(webhook(2), 1)


def test_secrets_are_ciphertext_and_stay_out_of_the_record(there):
    register(there.address)
    with unit_of_work(SYSTEM):
        operations.rotate_secret(actor=SYSTEM, webhook=webhook())
    ping()
    work()
    raw = db.session.execute(sa.text("SELECT * FROM webhooks")).one()
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.position)).all()
    for text in (str(tuple(raw)), str([(entry.before, entry.after) for entry in entries])):
        assert "whsec_" not in text
        assert "key=7" not in text
    said = [(entry.record_table, entry.action) for entry in entries]
    assert said == [
        ("webhooks", "insert"),
        ("webhooks", "update"),
        ("webhook_deliveries", "insert"),
    ]
    assert verify()[1] == []


# Processes


def test_several_workers_send_each_message_once(app, there):
    register(there.address)
    ids = ping(count=COUNT)
    barrier = threading.Barrier(WORKERS)

    def run():
        with app.app_context():
            barrier.wait()
            send_due()

    threads = [threading.Thread(target=run) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(there.ids) == len(set(there.ids)) == len(ids)
    assert {row.status for row in rows()} == {S.DELIVERED}


def test_a_claim_that_nobody_ended_is_taken_up_again(there):
    """As when the process dies while it sends."""
    with clock.at(NOW):
        register(there.address)
        ping()
        assert webhook_jobs._claim(1) == 1
        send_due()
        assert webhook_jobs._claim(1) is None
        assert there.received == []
    with clock.at(NOW + CLAIM):
        send_due()
        late = sending.Answer(DeliveryFailure.TOO_SLOW, 1)
        webhook_jobs._note(1, 1, 1, late)  # the first comes back late: not its any more
    row = only_row()
    assert (row.status, row.attempts) == (S.DELIVERED, 2)
    assert webhook().failing_since is None


def start(folder):
    around = os.environ | environment(folder) | {"TRACKER_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    return subprocess.Popen([sys.executable, "-m", "tracker.cli", "work"], env=around)


def test_a_job_process_killed_while_it_sends_is_followed_by_another(there, tmp_path):
    arrived, may_go_on = threading.Event(), threading.Event()

    def hold():
        arrived.set()
        may_go_on.wait(20)  # the receiver has it; we are not told any more

    there.answers = [Answer(before=hold)]
    register(there.address)
    ping()
    first = start(tmp_path)
    try:
        assert arrived.wait(60)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        may_go_on.set()
    assert only_row().status is S.QUEUED
    later = (CLAIM + timedelta(seconds=1)).total_seconds()
    (tmp_path / "demonstration_clock.json").write_text(f'{{"offset_seconds": {later}}}')
    jobs.enqueue(JOB)
    second = start(tmp_path)
    try:
        end = time.monotonic() + 60
        while only_row().status is S.QUEUED and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        second.terminate()
        second.wait()
    assert only_row().status is S.DELIVERED
    one, two = there.ids
    assert one == two
