"""Outgoing mail: written with the change that it tells of, sent after that change is committed.

A message is a row of the caller's transaction, so that nothing is said that did not happen. A
round takes the rows that are due one by one: it claims a row by moving its next attempt, in a
short transaction of its own, so that two job processes do not send it twice. A process that dies
between the server's "taken" and our note of it leaves the row claimed; after `CLAIM` it is sent
once more. So a message leaves at least once, and where it leaves twice, both carry the same
Message-ID, by which the recipient's server or program knows them for one.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, load_only, mapped_column

from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import Model, after_commit, db, enum_type, unit_of_work
from tracker.kernel.encryption import EncryptedString, keyring
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.jobs import jobs
from tracker.kernel.listing import Page, keyset
from tracker.kernel.mail import (
    OF_SERVER,
    PERMANENT,
    Attachment,
    MailFailure,
    Message,
    Method,
    mailer,
)
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import StorageKey, storage

log = structlog.get_logger()

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1_440))
CLAIM = timedelta(minutes=15)  # longer than a server may hold us up with one message
PATIENCE = timedelta(days=4)  # RFC 5321 4.5.4.1; what waited longer is no news any more
ROUND = 20  # messages sent before other jobs get their turn

REDACT, SKIP = {"audit": "redact"}, {"audit": "skip"}


class MessageStatus(StrEnum):
    """How far a message is."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(Model):
    """One message to one recipient; `key` names what it tells, and no person."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        sa.Index("ix_outbox_messages_due", "status", "next_attempt_at"),
        sa.Index("ix_outbox_messages_left_half", "left_half"),
        sa.Index("ix_outbox_messages_recipient", "recipient_digest", "bounced_at"),
        sa.CheckConstraint(
            "(attachment IS NULL) = (attachment_name IS NULL)", name="attachment_has_a_name"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Names what is told, and no person: the same twice is sent once.
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    recipient_name: Mapped[str] = mapped_column(EncryptedString, info=REDACT)  # who it is for
    recipient: Mapped[str] = mapped_column(EncryptedString, info=REDACT)  # their address of mail
    # The subject, in the recipient's language.
    subject: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    # The letter, in the recipient's language.
    text: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    # An invitation or its end (RFC 5545).
    calendar: Mapped[str | None] = mapped_column(EncryptedString, info=REDACT)
    # What the calendar does (RFC 5546).
    method: Mapped[Method | None] = mapped_column(enum_type(Method))
    attachment: Mapped[str | None] = mapped_column(StorageKey)  # a paper that goes with it
    # What the recipient sees it called.
    attachment_name: Mapped[str | None] = mapped_column(sa.String(200))
    status: Mapped[MessageStatus] = mapped_column(
        enum_type(MessageStatus), default=MessageStatus.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0, info=SKIP)  # how often it was tried
    # Before then it is not tried; moved on while somebody sends it.
    next_attempt_at: Mapped[datetime] = mapped_column(default=clock.now, info=SKIP)
    # Why it did not leave the last time.
    last_error: Mapped[MailFailure | None] = mapped_column(enum_type(MailFailure), info=SKIP)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]  # when the server took it
    # The left half of its Message-ID, by which a report of failure finds it.
    left_half: Mapped[str | None] = mapped_column(sa.String(32), info=SKIP)
    # Keyed, of the address: by it the page of a user finds what came back.
    recipient_digest: Mapped[str | None] = mapped_column(sa.String(64), info=REDACT)
    bounced_at: Mapped[datetime | None]  # when the report came that it did not arrive
    # Of that report (RFC 3463), as 5.1.1.
    bounce_code: Mapped[str | None] = mapped_column(sa.String(20))
    # What that report gives as the reason.
    bounce_reason: Mapped[str | None] = mapped_column(EncryptedString, info=REDACT)

    @property
    def message(self) -> Message:
        """What is to be sent."""
        return Message(
            to=(self.recipient_name, self.recipient),
            subject=self.subject,
            text=self.text,
            calendar=None if self.calendar is None else self.calendar.encode(),
            method=self.method,
            attachment=self._attached(),
        )

    def _attached(self) -> Attachment | None:
        if self.attachment is None or self.attachment_name is None:
            return None
        return Attachment(self.attachment_name, storage.get(self.attachment))

    @property
    def message_id(self) -> str:
        """The left half of its Message-ID: the same at every attempt."""
        return self.left_half or _left_half(self.key)


def _left_half(key: str) -> str:
    return keyring.digest(f"message {key}")[:32]


def recipient_digest(address: str) -> str:
    """How messages to one address are found, since addresses are kept as ciphertext."""
    return keyring.digest(f"recipient:{address.strip().casefold()}")


CLEAR = load_only(OutboxMessage.status)  # nothing to decipher, for what only moves a row on


# What changes


def queue_message(message: Message, *, key: str) -> bool:
    """Send `message` once the change under way is committed; False where `key` was queued before.

    The key says what the message tells, for example "meeting-7-REQUEST-2-contact-31": the same
    twice is sent once. It is stored in clear and must name no person.
    """
    (name, address), attached = message.to, message.attachment
    row = OutboxMessage(
        key=key,
        recipient_name=name,
        recipient=address,
        left_half=_left_half(key),
        recipient_digest=recipient_digest(address),
        subject=message.subject,
        text=message.text,
        calendar=None if message.calendar is None else message.calendar.decode(),
        method=message.method,
        attachment=storage.put(attached.content) if attached else None,
        attachment_name=attached.name if attached else None,
    )
    db.session.flush()  # what the caller changed is not ours to refuse below
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        if db.session.scalar(sa.select(OutboxMessage.id).where(OutboxMessage.key == key)) is None:
            raise
        return False
    after_commit(_send_soon)
    return True


def retry_message(*, actor: Actor, message_id: int) -> OutboxMessage:
    """Send a message that failed once more, with all its attempts before it again."""
    actor.require(Capability.ADMINISTER)
    query = sa.select(OutboxMessage).where(OutboxMessage.id == message_id)
    row = db.session.scalar(query.options(CLEAR).with_for_update(key_share=True))
    if row is None:
        raise NotFound(N_("There is no such message."))
    if row.status is not MessageStatus.FAILED:
        raise Refused(N_("Only a message that failed can be sent again."))
    row.status, row.last_error = MessageStatus.QUEUED, None
    row.attempts, row.next_attempt_at = 0, clock.now()
    db.session.flush()
    after_commit(_send_soon)
    return row


def note_bounce(*, left_half: str, code: str, reason: str) -> OutboxMessage | None:
    """Keep that a message came back, as a server reports it; None where we sent none that is
    called so, or know already. The newest report of a message counts."""
    query = sa.select(OutboxMessage).where(OutboxMessage.left_half == left_half)
    row = db.session.scalar(query.options(CLEAR).with_for_update(key_share=True))
    if row is None or row.status is not MessageStatus.SENT:
        return None
    row.bounced_at = row.bounced_at or clock.now()
    row.bounce_code, row.bounce_reason = code[:20], reason[:500]
    db.session.flush()
    return row


# What is read


def bounces_of(address: str) -> int:
    """How many messages to an address came back."""
    query = sa.select(sa.func.count(OutboxMessage.id)).where(
        OutboxMessage.recipient_digest == recipient_digest(address),
        OutboxMessage.bounced_at.is_not(None),
    )
    return db.session.scalar(query) or 0


def messages(
    status: MessageStatus | None = None, *, bounced: bool = False
) -> sa.Select[OutboxMessage, int]:
    """The messages that match, in no order yet."""
    query = sa.select(OutboxMessage, OutboxMessage.id)
    if bounced:
        query = query.where(OutboxMessage.bounced_at.is_not(None))
    return query if status is None else query.where(OutboxMessage.status == status)


def messages_page(query: sa.Select[OutboxMessage, int], cursor: str | None) -> Page:
    """One page of messages, the newest first."""
    return keyset(query, keys=(OutboxMessage.id,), cursor=cursor, descending=True)


# What the job process does


def _send_soon() -> None:
    """Give out a round; where the queue does not answer, the round of the next minute sends."""
    try:
        jobs.enqueue("send_mail")
    except Exception as error:
        log.error("mail waits for its minute", reason=type(error).__name__)


def send_due() -> None:
    """One round: what is due, the longest waiting first, until the server itself fails."""
    _give_up()
    if not mailer.is_configured:
        return
    due = sa.select(OutboxMessage.id).where(*_is_due(clock.now()))
    waiting = db.session.scalars(
        due.order_by(OutboxMessage.next_attempt_at, OutboxMessage.id).limit(ROUND)
    ).all()
    db.session.rollback()
    for message_id in waiting:
        if _attempt(message_id) in OF_SERVER:
            return
    if len(waiting) == ROUND:
        _send_soon()


def _is_due(moment: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    waiting = OutboxMessage.status == MessageStatus.QUEUED
    return waiting, OutboxMessage.next_attempt_at.between(moment - PATIENCE, moment)


def _give_up() -> None:
    """Fail what was due so long ago that it is no news, as when no server was configured."""
    late = sa.select(OutboxMessage).where(
        OutboxMessage.status == MessageStatus.QUEUED,
        OutboxMessage.next_attempt_at < clock.now() - PATIENCE,
    )
    with unit_of_work(SYSTEM):
        for row in db.session.scalars(late.options(CLEAR).with_for_update(key_share=True)):
            row.status, row.last_error = MessageStatus.FAILED, MailFailure.WAITED_TOO_LONG


def _attempt(message_id: int) -> MailFailure | None:
    """Try one message; why it was not sent, None where it was or another process has it."""
    attempt = _claim(message_id)
    if attempt is None:
        return None
    try:
        failure = _deliver(message_id)
    except Exception as error:  # one message that cannot be read or written stops no other
        failure = MailFailure.UNEXPECTED
        # By its name alone: the rest of it may repeat an address.
        log.error("mail failed", message_id=message_id, reason=type(error).__name__)
    _note(message_id, attempt, failure)
    return failure


def _claim(message_id: int) -> int | None:
    """Take the message for one attempt and give its number; None where it is not to be had."""
    now = clock.now()
    taken = sa.update(OutboxMessage).where(OutboxMessage.id == message_id, *_is_due(now))
    values = {"attempts": OutboxMessage.attempts + 1, "next_attempt_at": now + CLAIM}
    attempt = sa.select(OutboxMessage.attempts).where(OutboxMessage.id == message_id)
    with unit_of_work(SYSTEM):
        found: sa.CursorResult[Any] = db.session.execute(taken.values(values))  # type: ignore[assignment]
        return db.session.scalar(attempt) if found.rowcount else None


def _deliver(message_id: int) -> MailFailure | None:
    row = db.session.get_one(OutboxMessage, message_id)
    message, left_half, moment = row.message, row.message_id, row.created_at
    db.session.rollback()  # no transaction stands while a server makes us wait
    return mailer.deliver(message, message_id=left_half, moment=moment)


def _note(message_id: int, attempt: int, failure: MailFailure | None) -> None:
    """Keep how the attempt ended, unless it took so long that another process took over."""
    mine = sa.select(OutboxMessage).where(
        OutboxMessage.id == message_id,
        OutboxMessage.status == MessageStatus.QUEUED,
        OutboxMessage.attempts == attempt,
    )
    with unit_of_work(SYSTEM):
        row = db.session.scalar(mine.options(CLEAR).with_for_update(key_share=True))
        if row is None:
            return
        row.last_error = failure
        if failure is None:
            row.status, row.sent_at = MessageStatus.SENT, clock.now()
        elif failure in PERMANENT or attempt > len(DELAYS):
            row.status = MessageStatus.FAILED
        else:
            row.next_attempt_at = clock.now() + DELAYS[attempt - 1]


HANDLERS = {"send_mail": send_due}
