"""What administrators do with receivers: register, change, test, switch off; and send again."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import after_commit, db
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.webhooks.events import message_of, send_soon
from tracker.webhooks.models import (
    DeliveryFailure,
    DeliveryStatus,
    EventKind,
    OffReason,
    Webhook,
    WebhookDelivery,
)
from tracker.webhooks.rules import OVERLAP, address_fault, new_secret
from tracker.webhooks.sending import reach


@dataclass(frozen=True)
class WebhookDetails:
    """A receiver as it is typed; `election_id` None: of every election."""

    name: str
    address: str
    kinds: Sequence[EventKind]
    election_id: int | None = None


def register_webhook(*, actor: Actor, details: WebhookDetails) -> Webhook:
    """A new receiver, told of what happens from now on; its secret is in the row."""
    actor.require(Capability.ADMINISTER)
    webhook = Webhook(secret=new_secret(), created_by=actor.name)
    _fill(webhook, details)
    db.session.add(webhook)
    db.session.flush()
    return webhook


def change_webhook(
    *, actor: Actor, webhook: Webhook, details: WebhookDetails, seen_version: int
) -> Webhook:
    """Change where and of what; raises `Stale` where somebody else changed it meanwhile."""
    actor.require(Capability.ADMINISTER)
    if webhook.version != seen_version:
        raise Stale(N_("Somebody else changed this record meanwhile. Check it and save again."))
    _fill(webhook, details)
    db.session.flush()
    return webhook


def _fill(webhook: Webhook, details: WebhookDetails) -> None:
    if fault := address_fault(details.address, reach.networks):
        raise Refused(fault, field="address")
    if not details.kinds:
        raise Refused(N_("Choose at least one event."), field="kinds")
    if details.election_id is not None and db.session.get(Election, details.election_id) is None:
        raise Refused(N_("Choose an election from the list."), field="election_id")
    webhook.name, webhook.address = details.name, details.address
    webhook.kinds = " ".join(details.kinds)
    webhook.election_id = details.election_id


def rotate_secret(*, actor: Actor, webhook: Webhook) -> Webhook:
    """Make another secret; for `OVERLAP` the one before signs as well.

    Not twice in that time: the receiver may know either of the two, and both must go on signing.
    """
    actor.require(Capability.ADMINISTER)
    if webhook.previous_until is not None and webhook.previous_until > clock.now():
        raise Refused(
            N_("Two secrets sign until %(until)s. Another can be made after that day."),
            until=webhook.previous_until.date(),
        )
    webhook.previous_secret, webhook.previous_until = webhook.secret, clock.now() + OVERLAP
    webhook.secret = new_secret()
    db.session.flush()
    return webhook


def switch_on(*, actor: Actor, webhook: Webhook) -> Webhook:
    """Tell a receiver again of what happens from now on."""
    actor.require(Capability.ADMINISTER)
    webhook.off_because = webhook.off_at = webhook.failing_since = None
    db.session.flush()
    return webhook


def switch_off(*, actor: Actor, webhook: Webhook, reason: OffReason = OffReason.ASKED) -> Webhook:
    """Tell it nothing more; what waits for it has failed, for its own reason where
    it had one, and can be sent again by hand."""
    actor.require(Capability.ADMINISTER)
    if webhook.is_on:
        webhook.off_because, webhook.off_at = reason, clock.now()
        db.session.flush()
    waiting = sa.update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.status == DeliveryStatus.QUEUED
    )
    db.session.execute(
        waiting.values(
            status=DeliveryStatus.FAILED,
            failure=sa.func.coalesce(WebhookDelivery.failure, DeliveryFailure.SWITCHED_OFF),
            finished_at=clock.now(),
        )
    )
    return webhook


def remove_webhook(*, actor: Actor, webhook: Webhook) -> None:
    """Forget a receiver, and every message to it."""
    actor.require(Capability.ADMINISTER)
    db.session.delete(webhook)
    db.session.flush()


def send_test(*, actor: Actor, webhook: Webhook) -> WebhookDelivery:
    """Have a message sent that says nothing but that it is one."""
    _require_on(actor, webhook)
    delivery = WebhookDelivery(
        webhook_id=webhook.id,
        asked_by=actor.name,
        asked_at=clock.now(),
        **message_of(EventKind.PING, {}),
    )
    db.session.add(delivery)
    db.session.flush()
    after_commit(send_soon)
    return delivery


def send_again(*, actor: Actor, webhook: Webhook, delivery: WebhookDelivery) -> WebhookDelivery:
    """Have a message sent once more under its own id, with all its attempts before it again."""
    _require_on(actor, webhook)
    if delivery.status is DeliveryStatus.QUEUED:
        raise Refused(N_("This message waits to be sent already."))
    delivery.asked_by, delivery.asked_at = actor.name, clock.now()
    delivery.status, delivery.failure, delivery.finished_at = DeliveryStatus.QUEUED, None, None
    delivery.attempts, delivery.next_attempt_at = 0, clock.now()
    db.session.flush()
    after_commit(send_soon)
    return delivery


def _require_on(actor: Actor, webhook: Webhook) -> None:
    actor.require(Capability.ADMINISTER)
    if not webhook.is_on:
        raise Refused(N_("This receiver is switched off: switch it on first."))
