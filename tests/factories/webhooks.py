"""Receivers that are registered, messages to them, and what became of these."""

import sqlalchemy as sa

from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.webhooks.models import EventKind, Webhook, WebhookDelivery
from tracker.webhooks.operations import WebhookDetails, register_webhook, send_test


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


def only_row():
    [row] = rows()
    return row


def webhook(webhook_id=1):
    db.session.rollback()
    return db.session.get_one(Webhook, webhook_id)
