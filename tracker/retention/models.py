"""Periods that an installation chose, and the purges that were made, as stored."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.storage import StorageKey


class Category(StrEnum):
    """What is kept equally long; the order is the one in which a purge goes on."""

    DOCUMENTS = "documents"
    PORTRAITS = "portraits"
    CONTACTS = "contacts"
    LISTS = "lists"
    CERTIFICATES = "certificates"
    CHECKS = "checks"
    MOVEMENTS = "movements"
    DEPLOYMENT = "deployment"
    ASSISTANCE = "assistance"
    MEETINGS = "meetings"
    DUTY = "duty"
    MESSAGES = "messages"
    SIGN_INS = "sign_ins"
    REMARKS = "remarks"
    NAMES = "names"
    AUDIT = "audit"


class RetentionPeriod(Versioned, Model):
    """The period of one category where it is not the default.

    `least_days` and `most_days` are what the law of the host allows, `source` where it says so.
    """

    __tablename__ = "retention_periods"
    __table_args__ = (
        sa.CheckConstraint("days BETWEEN 1 AND 36500", name="days"),
        sa.CheckConstraint("least_days <= days AND days <= most_days", name="within_the_law"),
    )

    category: Mapped[Category] = mapped_column(enum_type(Category), primary_key=True)
    days: Mapped[int]  # after the election day of the last round
    least_days: Mapped[int | None]  # what the law asks for at least
    most_days: Mapped[int | None]  # what the law allows at most
    source: Mapped[str | None] = mapped_column(sa.String(300))  # where the law says so


class PurgeStatus(StrEnum):
    """How far a purge is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class Problem(StrEnum):
    """Why a purge stopped."""

    UNPROVEN = "unproven"  # the totals were not what the history gives, before anything went
    COUNTED = "counted"  # what was to go is counted; it did not go
    DIFFERENT = "different"  # the totals after are not those before


OPEN = (PurgeStatus.WAITING, PurgeStatus.RUNNING)
_OPEN_SQL = sa.text("status IN ('waiting', 'running')")


class RetentionPurge(Versioned, Model):
    """One purge of one election: who asked, what went, and the totals before and after.

    The record of it holds no personal data, so that it can be kept for good.
    """

    __tablename__ = "retention_purges"
    __table_args__ = (
        # One at a time: what two of them count would be nobody's.
        sa.Index(
            "uq_retention_purges_one_open",
            "election_id",
            unique=True,
            sqlite_where=_OPEN_SQL,
            postgresql_where=_OPEN_SQL,
        ),
        sa.Index("ix_retention_purges_newest", "election_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    as_of: Mapped[date]  # local day: what was due on it goes
    status: Mapped[PurgeStatus] = mapped_column(
        enum_type(PurgeStatus, "purge_status"), default=PurgeStatus.WAITING
    )
    # The days of each category that is due.
    periods: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    # How many rows, entries and files the dry run found when it was asked for.
    expected: Mapped[int] = mapped_column(default=0, server_default="0")
    # By category: rows, files and bytes that went.
    removed: Mapped[dict[str, dict[str, int]]] = mapped_column(sa.JSON, default=dict)
    people: Mapped[int] = mapped_column(default=0)  # how many observers' names were due
    kept: Mapped[int] = mapped_column(default=0)  # how many observers are kept for a later election
    # JSON: every figure, counted before anything went.
    totals_before: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True), info={"audit": "skip"}
    )
    # JSON: every figure, counted afterwards.
    totals_after: Mapped[dict[str, Any] | None] = mapped_column(
        sa.JSON(none_as_null=True), info={"audit": "skip"}
    )
    digest_before: Mapped[str | None] = mapped_column(sa.String(64))  # SHA-256 of the totals before
    # SHA-256 of the totals afterwards.
    digest_after: Mapped[str | None] = mapped_column(sa.String(64))
    problem: Mapped[Problem | None] = mapped_column(enum_type(Problem))
    requested_at: Mapped[datetime] = mapped_column(default=clock.now)  # when it was asked for
    requested_by_id: Mapped[int | None]  # the account that asked for it
    # Who asked for it, as they were called then.
    requested_by: Mapped[str] = mapped_column(sa.String(200))
    finished_at: Mapped[datetime | None]  # when it was done, or stopped
    rewritten_at: Mapped[datetime | None]  # when nothing was left in free pages either

    election: Mapped[Election] = relationship(lazy="joined", innerjoin=True)

    @property
    def progress(self) -> tuple[int, int] | None:
        """How much went so far, of how much; none where nobody counted it beforehand.

        What was written since the dry run goes, too, so that there may be more than was expected.
        """
        counted = ("deleted", "erased", "entries", "files")
        done = sum(numbers[name] for numbers in self.removed.values() for name in counted)
        return (done, max(done, self.expected)) if self.expected else None


class RetentionFile(Model):
    """A file that a purge took the last known name of; it goes once that is committed."""

    __tablename__ = "retention_files"
    __table_args__ = ({"info": {"audit": "skip"}},)  # gone when the purge is done

    # The purge that took its name.
    purge_id: Mapped[int] = mapped_column(sa.ForeignKey("retention_purges.id"), primary_key=True)
    key: Mapped[str] = mapped_column(StorageKey, primary_key=True)  # the name of the file
    category: Mapped[Category] = mapped_column(enum_type(Category, "file_category"))
    size: Mapped[int]  # its bytes on the disk
