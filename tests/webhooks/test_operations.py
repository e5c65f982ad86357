"""Who may do what with receivers and messages to them, and what of it is on record."""

import pytest
import sqlalchemy as sa

from tests.factories.jobs import work
from tests.factories.webhooks import only_row, ping, register, webhook
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.permissions import Role
from tracker.webhooks import operations
from tracker.webhooks.models import EventKind
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_again, send_test
from tracker.webhooks.queries import delivery_for

pytestmark = pytest.mark.usefixtures("as_jobs_begin")


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
