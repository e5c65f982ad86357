"""Messages reach a receiver: signed, at least once, again after a failure, and nobody else."""

import json
import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.conftest import NOW
from tests.factories import accounts
from tests.factories.jobs import work
from tests.factories.receivers import Answer
from tests.factories.webhooks import only_row, ping, register, rows, webhook
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.jobs import jobs
from tracker.kernel.outbox import OutboxMessage
from tracker.kernel.permissions import Role
from tracker.webhooks import operations
from tracker.webhooks.jobs import SHARE, forget_deliveries, send_due
from tracker.webhooks.models import (
    DeliveryFailure,
    DeliveryStatus,
    EventKind,
    OffReason,
    WebhookDelivery,
)
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_again, send_test
from tracker.webhooks.queries import standing
from tracker.webhooks.rules import DELAYS, FAILING_FOR, KEPT, OVERLAP, PATIENCE, new_secret

pytestmark = pytest.mark.usefixtures("as_jobs_begin")
DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"
S = DeliveryStatus


@pytest.fixture(scope="module")
def verified():
    """The verifier that the documentation gives to receivers."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    names = {}
    exec(code, names)  # the code of our own page
    return names["verified"]


def letters_to(email):
    db.session.rollback()
    found = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    return [(row.subject, row.text) for row in found if row.recipient == email]


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
