"""What the attention list speaks of, and what somebody has put off with a reason."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, enum_type


class Kind(StrEnum):
    """A kind of matter on the attention list."""

    OVERDUE_REQUEST = "overdue_request"  # an assistance request whose answer is owed by now
    MESSAGE = "message"  # a delegation wrote, and nobody answered
    LIST = "list"  # a delegation sent a list, and nobody accepted or returned it
    LATE_REGISTERED = "late_registered"  # registered, not submitted, the close near or past
    WAITING = "waiting"  # submitted, not decided
    EXPIRING = "expiring"  # a passport that ends before election day + 1
    PORTRAIT = "portrait"
    DRAFT = "draft"
    DUPLICATE = "duplicate"
    FOLLOW_UP = "follow_up"  # promised at a meeting, and its day has passed
    NO_ANSWER = "no_answer"
    NO_ARRIVAL = "no_arrival"  # accredited, and nobody knows when they arrive
    NO_CERTIFICATE = "no_certificate"  # accredited, and nothing to carry


class Snooze(Model):
    """A matter put off until a moment; of each kind at most one stands in an election."""

    __tablename__ = "snoozes"
    __table_args__ = (
        sa.Index(
            "uq_snoozes_standing",
            "election_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.CheckConstraint("created_at < until_at", name="until_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    kind: Mapped[Kind] = mapped_column(enum_type(Kind, "matterkind"))
    count: Mapped[int]  # how many there were then: more of them bring the matter back
    until_at: Mapped[datetime]  # until when nobody is asked about it
    reason: Mapped[str] = mapped_column(sa.String(300))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    ended_at: Mapped[datetime | None]  # taken back, or followed by another
