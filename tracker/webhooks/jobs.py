"""What the job process does: sends what is due, tries again, gives up, forgets.

A message is claimed as outgoing mail is (`kernel/outbox.py`): by moving its next attempt in a short
transaction, so that two processes do not send it twice. A process that dies between the receiver's
"taken" and our note of it leaves the claim to run out; the message then comes once more under the
same id. So each comes at least once, in no promised order.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import load_only

from tracker.accounts.queries import holders_of
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.i18n import N_, force_locale, say
from tracker.kernel.jobs import Handler
from tracker.kernel.mail import Message, mailer
from tracker.kernel.outbox import queue_message
from tracker.kernel.permissions import Role
from tracker.webhooks.events import JOB, send_soon
from tracker.webhooks.labels import OFF
from tracker.webhooks.models import (
    DeliveryFailure,
    DeliveryStatus,
    OffReason,
    Webhook,
    WebhookDelivery,
)
from tracker.webhooks.operations import switch_off
from tracker.webhooks.rules import KEPT, PATIENCE, next_attempt, off_because, signed_headers
from tracker.webhooks.sending import Answer, post, reach

log = structlog.get_logger()

CLAIM = timedelta(minutes=5)  # longer than one receiver may hold us up
SHARE = 50  # messages to one receiver before the next has its turn
TURN = 10.0  # seconds, likewise
ROUND = 30.0  # seconds before other jobs have theirs
AGENT = "election-observer-mission-tracker"

NEXT = N_(
    "Whoever runs it should know. Once it answers again, switch it on; what it has missed can be "
    "sent again."
)
# Nothing to decipher, for what only moves a row on.
CLEAR = load_only(WebhookDelivery.status)
JUDGED = load_only(Webhook.name, Webhook.off_because, Webhook.failing_since)


def send_due() -> None:
    """One round: each receiver in turn is sent what is due, until it fails once.

    Those that nothing has reached of late come last, each round another one first: many that are
    down hold up nobody else.
    """
    _give_up()
    query = sa.select(Webhook.id, Webhook.failing_since).where(Webhook.off_because.is_(None))
    rows = db.session.execute(query.order_by(Webhook.id)).all()
    db.session.rollback()
    failing = [row.id for row in rows if row.failing_since]
    first = clock.now().minute % (len(failing) or 1)
    end, is_more = time.monotonic() + ROUND, False
    healthy = [row.id for row in rows if not row.failing_since]
    for webhook_id in (*healthy, *failing[first:], *failing[:first]):
        if time.monotonic() > end:
            break
        is_more |= _serve(webhook_id)
    if is_more:
        send_soon()


def _serve(webhook_id: int) -> bool:
    """Send to one receiver what is due, the longest waiting first; whether more waits that it
    would take now."""
    mine = WebhookDelivery.webhook_id == webhook_id
    query = sa.select(WebhookDelivery.id).where(mine, *_is_due(clock.now()))
    due = db.session.scalars(
        query.order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(SHARE)
    ).all()
    db.session.rollback()
    end = time.monotonic() + TURN
    for delivery_id in due:
        if time.monotonic() > end:
            return True
        if not _attempt(webhook_id, delivery_id):
            return False
    return len(due) == SHARE


def _is_due(moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    waiting = WebhookDelivery.status == DeliveryStatus.QUEUED
    return waiting, WebhookDelivery.next_attempt_at.between(moment - PATIENCE, moment)


def _give_up() -> None:
    """Fail what was due so long ago that it is no news."""
    late = sa.update(WebhookDelivery).where(
        WebhookDelivery.status == DeliveryStatus.QUEUED,
        WebhookDelivery.next_attempt_at < clock.now() - PATIENCE,
    )
    values = {"status": DeliveryStatus.FAILED, "failure": DeliveryFailure.WAITED_TOO_LONG}
    with unit_of_work(SYSTEM):
        db.session.execute(late.values(values | {"finished_at": clock.now()}))


def _attempt(webhook_id: int, delivery_id: int) -> bool:
    """Try one message; False where the receiver failed and is to be left alone for now."""
    attempt = _claim(delivery_id)
    if attempt is None:
        return True  # another process has it
    try:
        answer = _request(delivery_id)()
    except Exception as error:  # one that cannot be read stops no other
        db.session.rollback()
        log.error("webhook failed", delivery_id=delivery_id, reason=type(error).__name__)
        answer = Answer(DeliveryFailure.UNEXPECTED, 0)
    _note(webhook_id, delivery_id, attempt, answer)
    return answer.failure in {None, DeliveryFailure.UNEXPECTED}


def _claim(delivery_id: int) -> int | None:
    """Take the message for one attempt and give its number; None where it is not to be had."""
    now = clock.now()
    taken = sa.update(WebhookDelivery).where(WebhookDelivery.id == delivery_id, *_is_due(now))
    values = {"attempts": WebhookDelivery.attempts + 1, "next_attempt_at": now + CLAIM}
    attempt = sa.select(WebhookDelivery.attempts).where(WebhookDelivery.id == delivery_id)
    with unit_of_work(SYSTEM):
        found: sa.CursorResult[Any] = db.session.execute(taken.values(values))  # type: ignore[assignment]
        return db.session.scalar(attempt) if found.rowcount else None


def _request(delivery_id: int) -> Callable[[], Answer]:
    """The attempt itself, to be made when no transaction stands any more."""
    row = db.session.get_one(WebhookDelivery, delivery_id)
    webhook = db.session.get_one(Webhook, row.webhook_id)
    secrets = [webhook.secret]
    if webhook.previous_secret and webhook.previous_until and webhook.previous_until > clock.now():
        secrets.append(webhook.previous_secret)
    address, body, message_id = webhook.address, row.body.encode(), row.message_id
    db.session.rollback()
    # By the world's clock, which the receiver compares with its own.
    signed = signed_headers(secrets, message_id=message_id, moment=clock.world(), body=body)
    headers = {"content-type": "application/json", "user-agent": AGENT, **signed}
    return lambda: post(address, headers=headers, body=body, networks=reach.networks)


def _note(webhook_id: int, delivery_id: int, attempt: int, answer: Answer) -> None:
    """Keep how the attempt ended, unless it took so long that another process took over, or the
    receiver was switched off or removed meanwhile.

    The receiver is locked before the message, as where an administrator switches it off.
    """
    receiver = sa.select(Webhook).filter_by(id=webhook_id).with_for_update(key_share=True)
    mine = sa.select(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id,
        WebhookDelivery.status == DeliveryStatus.QUEUED,
        WebhookDelivery.attempts == attempt,
    )
    with unit_of_work(SYSTEM):
        webhook = db.session.scalar(receiver.options(JUDGED))
        row = db.session.scalar(mine.options(CLEAR).with_for_update(key_share=True))
        if webhook is None or row is None:
            return
        row.failure, row.took_ms = answer.failure, answer.took_ms
        row.answer_code, row.answer = answer.code, answer.beginning
        again = next_attempt(attempt, clock.now())
        if answer.failure is None:
            row.status, row.finished_at = DeliveryStatus.DELIVERED, clock.now()
        elif again is None:
            row.status, row.finished_at = DeliveryStatus.FAILED, clock.now()
        else:
            row.next_attempt_at = again
        _judge(webhook, answer.failure)


def _judge(webhook: Webhook, failure: DeliveryFailure | None) -> None:
    """Remember since when nothing reaches a receiver, and switch one off that is past hope.

    That nothing reaches it moves no version: whoever edits it is not disturbed.
    """
    if failure is DeliveryFailure.UNEXPECTED:
        return
    since = None if failure is None else webhook.failing_since or clock.now()
    if since != webhook.failing_since:
        same = sa.update(Webhook).where(Webhook.id == webhook.id)
        db.session.execute(same.values(failing_since=since))
    if failure is None or since is None:
        return
    reason = off_because(failure, since, clock.now())
    if reason is not None and webhook.is_on:
        switch_off(actor=SYSTEM, webhook=webhook, reason=reason)
        _tell_administrators(webhook, reason)
        log.warning("webhook switched off", webhook_id=webhook.id, reason=reason.value)


def _tell_administrators(webhook: Webhook, reason: OffReason) -> None:
    """Write to all administrators that a receiver is told nothing more, and why; to those of a
    demonstration nobody writes."""
    for user in holders_of(Role.ADMINISTRATOR):
        if user.is_demonstration:
            continue
        with force_locale(user.language or "en"):
            lines = [f"{webhook.name} — {say(OFF[reason])}.", say(NEXT)]
            lines.append(mailer.address_of(f"/webhooks/{webhook.id}"))
            letter = Message(
                to=(user.name, user.email),
                subject=say(N_("Another system is told nothing any more")),
                text="\n\n".join(lines) + "\n",
            )
        queue_message(letter, key=f"webhook-{webhook.id}-off-{webhook.off_at}-user-{user.id}")


def forget_deliveries() -> None:
    """Drop what has been over for long."""
    over = WebhookDelivery.finished_at < clock.now() - KEPT
    db.session.execute(sa.delete(WebhookDelivery).where(over))


HANDLERS: dict[str, Handler] = {JOB: send_due}
