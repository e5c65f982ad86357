"""Reads receivers and what was sent to them."""

from dataclasses import dataclass

import sqlalchemy as sa

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.permissions import Capability
from tracker.webhooks.models import DeliveryStatus, OffReason, Webhook, WebhookDelivery


@dataclass(frozen=True)
class Standing:
    """Receivers by how they are, for the page of administrators."""

    count: int
    switched_off: tuple[str, ...]  # names of those that the system gave up
    failing: tuple[str, ...]  # names of those that nothing reaches at present
    waiting: int  # messages


def webhooks() -> list[tuple[Webhook, int]]:
    """All receivers by name, each with the number of messages that wait for it."""
    waiting = (
        sa.select(sa.func.count())
        .where(
            WebhookDelivery.webhook_id == Webhook.id,
            WebhookDelivery.status == DeliveryStatus.QUEUED,
        )
        .scalar_subquery()
    )
    query = sa.select(Webhook, waiting).order_by(Webhook.name, Webhook.id)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def webhook_for(actor: Actor, webhook_id: int) -> Webhook:
    """A receiver, or `NotFound`."""
    actor.require(Capability.ADMINISTER)
    found = db.session.get(Webhook, webhook_id)
    if found is None:
        raise NotFound(N_("There is no such receiver."))
    return found


def delivery_for(webhook: Webhook, delivery_id: int) -> WebhookDelivery:
    """A message to this receiver, or `NotFound`."""
    query = sa.select(WebhookDelivery).filter_by(id=delivery_id, webhook_id=webhook.id)
    found = db.session.scalar(query.with_for_update(key_share=True))
    if found is None:
        raise NotFound(N_("There is no such message to this receiver."))
    return found


def deliveries_page(webhook: Webhook, status: DeliveryStatus | None, cursor: str | None) -> Page:
    """One page of the messages to a receiver, the newest first."""
    query = sa.select(WebhookDelivery, WebhookDelivery.id).filter_by(webhook_id=webhook.id)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    return keyset(query, keys=(WebhookDelivery.id,), cursor=cursor, descending=True)


def standing() -> Standing:
    """How receivers are; two statements."""
    columns = Webhook.name, Webhook.off_because, Webhook.failing_since
    rows = db.session.execute(sa.select(*columns).order_by(Webhook.name, Webhook.id)).all()
    waiting = sa.select(sa.func.count()).where(WebhookDelivery.status == DeliveryStatus.QUEUED)
    given_up = {OffReason.GONE, OffReason.FAILING}
    return Standing(
        count=len(rows),
        switched_off=tuple(row.name for row in rows if row.off_because in given_up),
        failing=tuple(row.name for row in rows if not row.off_because and row.failing_since),
        waiting=db.session.scalar(waiting) or 0,
    )
