"""Assistance requests: what delegations ask headquarters for, and what became of it."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.models import User
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import StorageKey
from tracker.kernel.words import Searched

PERSONAL = {"audit": "redact"}


class AssistanceKind(StrEnum):
    """What is asked for."""

    VISA = "visa"
    TRANSPORT = "transport"
    INTERPRETER = "interpreter"
    ACCOMMODATION = "accommodation"
    ACCESS = "access"
    LOST_CERTIFICATE = "lost_certificate"
    SECURITY = "security"
    INFORMATION = "information"
    OTHER = "other"


class Priority(StrEnum):
    """How soon headquarters owes an answer."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class AssistanceStatus(StrEnum):
    """Where a request stands; waiting means: for the delegation."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class AssistanceRequest(Searched, Versioned, Model):
    """One thing that a delegation asks for; `number` counts within the election."""

    __tablename__ = "assistance_requests"
    SEARCHED = ("title",)
    __table_args__ = (
        sa.UniqueConstraint("election_id", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
        sa.CheckConstraint("duplicate_of_id <> id", name="duplicate_of_another"),
        sa.CheckConstraint(
            "status NOT IN ('assigned', 'in_progress', 'waiting') OR assignee_id IS NOT NULL",
            name="work_has_an_assignee",
        ),
        sa.CheckConstraint(
            "(status IN ('done', 'declined', 'cancelled')) = (settled_at IS NOT NULL)",
            name="settled_at_a_moment",
        ),
        sa.Index("ix_assistance_requests_by_status", "election_id", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    number: Mapped[int]  # 1, 2, 3 … within the election
    delegation_id: Mapped[int] = mapped_column(sa.ForeignKey("delegations.id"), index=True)
    kind: Mapped[AssistanceKind] = mapped_column(enum_type(AssistanceKind))
    title: Mapped[str] = mapped_column(sa.String(200))
    # Often about one person: whose visa, which certificate was lost.
    text: Mapped[str | None] = mapped_column(EncryptedString, info=PERSONAL)
    priority: Mapped[Priority] = mapped_column(enum_type(Priority), default=Priority.NORMAL)
    status: Mapped[AssistanceStatus] = mapped_column(
        enum_type(AssistanceStatus), default=AssistanceStatus.NEW
    )
    # When an answer is owed; moved on by the time that the delegation takes.
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]  # when it was done, declined or cancelled
    # The account that sees to it.
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    # The observer whom it is about.
    accreditation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("accreditations.id"), index=True
    )
    # The meeting that it is for.
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meetings.id"), index=True)
    # The request that asks for the same.
    duplicate_of_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("assistance_requests.id"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    delegation: Mapped[Delegation] = relationship(lazy="joined", innerjoin=True)
    assignee: Mapped[User | None] = relationship(lazy="joined")


class AssistanceStep(Model):
    """One step of a request's life; append-only."""

    __tablename__ = "assistance_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The request that it belongs to.
    assistance_id: Mapped[int] = mapped_column(sa.ForeignKey("assistance_requests.id"), index=True)
    from_status: Mapped[AssistanceStatus | None] = mapped_column(
        enum_type(AssistanceStatus, "from_status")
    )
    to_status: Mapped[AssistanceStatus] = mapped_column(enum_type(AssistanceStatus, "to_status"))
    # To whom it was given, as they were called then.
    assignee_name: Mapped[str | None] = mapped_column(sa.String(200))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))


class AssistanceWatcher(Model):
    """Somebody who is told by mail what becomes of a request."""

    __tablename__ = "assistance_watchers"

    # The request that is followed.
    assistance_id: Mapped[int] = mapped_column(
        sa.ForeignKey("assistance_requests.id"), primary_key=True
    )
    # Who follows it.
    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )


class AssistanceComment(Model):
    """What was said about a request; an internal comment is for headquarters alone."""

    __tablename__ = "assistance_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The request that it belongs to.
    assistance_id: Mapped[int] = mapped_column(sa.ForeignKey("assistance_requests.id"), index=True)
    text: Mapped[str] = mapped_column(EncryptedString, info=PERSONAL)  # what was said
    is_internal: Mapped[bool]  # whether it is for headquarters alone
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))


class AssistanceAttachment(Model):
    """A paper that belongs to a request; its content is an encrypted file."""

    __tablename__ = "assistance_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The request that it belongs to.
    assistance_id: Mapped[int] = mapped_column(sa.ForeignKey("assistance_requests.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[str] = mapped_column(StorageKey)  # the paper itself
    size: Mapped[int]  # how many bytes it has
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))


class CannedAnswer(Versioned, Model):
    """An answer that is given often, ready in three languages."""

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    title_en: Mapped[str] = mapped_column(sa.String(100), unique=True)
    title_ru: Mapped[str] = mapped_column(sa.String(100))
    title_kk: Mapped[str] = mapped_column(sa.String(100))
    text_en: Mapped[str] = mapped_column(sa.Text)  # the answer
    text_ru: Mapped[str] = mapped_column(sa.Text)
    text_kk: Mapped[str] = mapped_column(sa.Text)
