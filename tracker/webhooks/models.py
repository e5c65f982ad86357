"""Who is told of what, and each message to them, as stored."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString

REDACT, SKIP = {"audit": "redact"}, {"audit": "skip"}


class EventKind(StrEnum):
    """What is told; docs/webhooks.md says what each holds."""

    OBSERVER_REGISTERED = "observer.registered"
    SUBMISSION_MADE = "submission.made"
    ACCREDITATION_ACCREDITED = "accreditation.accredited"
    ACCREDITATION_REFUSED = "accreditation.refused"
    ACCREDITATION_RETURNED = "accreditation.returned"
    ACCREDITATION_WITHDRAWN = "accreditation.withdrawn"
    ACCREDITATION_REVOKED = "accreditation.revoked"
    ACCREDITATION_EXPIRED = "accreditation.expired"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_LOST = "certificate.lost"
    CERTIFICATE_REPLACED = "certificate.replaced"
    CERTIFICATE_VOIDED = "certificate.voided"
    MEETING_SCHEDULED = "meeting.scheduled"
    MEETING_CHANGED = "meeting.changed"
    MEETING_CANCELLED = "meeting.cancelled"
    BULLETIN_PUBLISHED = "bulletin.published"
    PRESS_NOTE_PUBLISHED = "press_note.published"
    PING = "ping"  # a test; to whoever is asked, whatever they chose


class OffReason(StrEnum):
    """Why a receiver is told nothing."""

    ASKED = "asked"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # for days


class Webhook(Versioned, Model):
    """One receiver: where, of what, and the secret by which it knows us.

    For a while after a new secret was made, messages are signed with the former one as well.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)", name="previous_until"
        ),
        sa.CheckConstraint("(off_because IS NULL) = (off_at IS NULL)", name="off_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))  # what the receiver is called
    # Https:// …; it may hold a key of theirs.
    address: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    # What it is told of: values of `EventKind`, by spaces.
    kinds: Mapped[str] = mapped_column(sa.Text)
    # The election that it is told of; none: all.
    election_id: Mapped[int | None] = mapped_column(sa.ForeignKey("elections.id"))
    # What messages are signed with.
    secret: Mapped[str] = mapped_column(EncryptedString, info=REDACT)
    # What they are signed with as well for a while.
    previous_secret: Mapped[str | None] = mapped_column(EncryptedString, info=REDACT)
    previous_until: Mapped[datetime | None]  # the end of that while
    off_because: Mapped[OffReason | None] = mapped_column(enum_type(OffReason))
    off_at: Mapped[datetime | None]  # since when it is told nothing
    failing_since: Mapped[datetime | None] = mapped_column(info=SKIP)  # since when nothing arrived
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    @property
    def is_on(self) -> bool:
        """Whether it is told anything."""
        return self.off_because is None


class DeliveryStatus(StrEnum):
    """How far a message is."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryFailure(StrEnum):
    """Why a message did not arrive."""

    UNREACHABLE = "unreachable"
    FORBIDDEN_ADDRESS = "forbidden_address"
    INSECURE = "insecure"
    TOO_SLOW = "too_slow"
    REDIRECTED = "redirected"
    REFUSED = "refused"  # any other answer than "taken"
    GONE = "gone"
    UNEXPECTED = "unexpected"
    WAITED_TOO_LONG = "waited_too_long"
    SWITCHED_OFF = "switched_off"


class WebhookDelivery(Model):
    """One message to one receiver. What made it is on record; of the message itself the record
    holds who asked for a test or had it sent again."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.Index("ix_webhook_deliveries_due", "webhook_id", "status", "next_attempt_at", "id"),
        sa.Index("ix_webhook_deliveries_newest", "webhook_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The receiver.
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(sa.String(40))  # its name, the same to every receiver
    kind: Mapped[str] = mapped_column(sa.String(40))  # the `EventKind`, as it was called then
    body: Mapped[str] = mapped_column(sa.Text)  # what is sent and signed, in JSON
    status: Mapped[DeliveryStatus] = mapped_column(
        enum_type(DeliveryStatus), default=DeliveryStatus.QUEUED, info=SKIP
    )
    attempts: Mapped[int] = mapped_column(default=0, info=SKIP)  # how often it was tried
    # Before then it is not tried again.
    next_attempt_at: Mapped[datetime] = mapped_column(default=clock.now, info=SKIP)
    failure: Mapped[DeliveryFailure | None] = mapped_column(enum_type(DeliveryFailure), info=SKIP)
    answer_code: Mapped[int | None] = mapped_column(info=SKIP)  # the status of HTTP that came back
    # How the body that came back begins.
    answer: Mapped[str | None] = mapped_column(EncryptedString, info=SKIP)
    took_ms: Mapped[int | None] = mapped_column(info=SKIP)  # milliseconds of the last attempt
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When it arrived, or was given up.
    finished_at: Mapped[datetime | None] = mapped_column(info=SKIP)
    # Who asked for a test, or to send it again.
    asked_by: Mapped[str | None] = mapped_column(sa.String(200))
    asked_at: Mapped[datetime | None]  # when somebody asked for it
