"""What this installation can say of itself, for the page of administrators and for Prometheus."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from tracker.accounts.models import Attempt, FailedSignIn
from tracker.accounts.rules import LIMITS, WINDOW
from tracker.audit.queries import last_position
from tracker.credentials.models import KeyPurpose
from tracker.credentials.register import key_in_use
from tracker.kernel import clock, encryption
from tracker.kernel.database import db
from tracker.kernel.jobs import Failure, Run, Waiting, jobs
from tracker.kernel.metrics import metrics
from tracker.kernel.outbox import MessageStatus, OutboxMessage
from tracker.ops.health import REVISION

BACKUP = "backup.json"  # in the instance folder; outside the database, which may be gone


@dataclass(frozen=True)
class Database:
    """The database as it answers; `size` in bytes."""

    kind: str
    version: str
    size: int
    revision: str | None  # None where it was never migrated


@dataclass(frozen=True)
class Mail:
    """Outgoing mail that has not left."""

    queued: int
    failed: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class Backup:
    """The last backup by what made it: `at` is of the last that succeeded, in the world's time."""

    at: datetime | None
    size: int | None  # bytes
    is_failed: bool  # the last attempt
    verified_at: datetime | None

    def age(self) -> timedelta | None:
        """How old what could be restored is."""
        return datetime.now(UTC) - self.at if self.at else None


@dataclass(frozen=True)
class Key:
    """A key in use: what for, and since when."""

    purpose: str
    since: datetime


@dataclass(frozen=True)
class SignIns:
    """Sign-ins that failed within a day, and identities that are locked now."""

    failed: int
    locked: int


@dataclass(frozen=True)
class Queue:
    """What the job process has before it and behind it."""

    waiting: Waiting
    runs: list[Run]
    failures: list[Failure]


def database() -> Database:
    """The database; two or three statements."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        pages = db.session.execute(sa.text("PRAGMA page_count")).scalar_one()
        size = pages * db.session.execute(sa.text("PRAGMA page_size")).scalar_one()
        kind, version = "SQLite", ".".join(map(str, connection.dialect.server_version_info or ()))
    else:
        size = db.session.execute(sa.text("SELECT pg_database_size(current_database())")).scalar()
        kind = "PostgreSQL"
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
    found = None
    if sa.inspect(connection).has_table("alembic_version"):
        found = db.session.execute(sa.text(REVISION)).scalar()
    return Database(kind, version, int(size or 0), found)


def mail() -> Mail:
    """Messages that wait or were given up; one statement."""
    query = sa.select(
        OutboxMessage.status, sa.func.count(), sa.func.min(OutboxMessage.created_at)
    ).where(OutboxMessage.status != MessageStatus.SENT)
    rows = {
        status: (count, oldest)
        for status, count, oldest in db.session.execute(query.group_by(OutboxMessage.status))
    }
    queued, oldest = rows.get(MessageStatus.QUEUED, (0, None))
    return Mail(queued, rows.get(MessageStatus.FAILED, (0, None))[0], oldest)


def backup(instance: Path) -> Backup | None:
    """The last backup; None where there never was one, or what tells of it cannot be read."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        told = json.loads((instance / BACKUP).read_text(encoding="utf-8"))
        size = told.get("bytes", told.get("size"))
        return Backup(
            at=_moment(told, "at") or _moment(told, "made_at"),
            size=int(size) if size is not None else None,
            is_failed=told.get("outcome") == "failed",
            verified_at=_moment(told, "verified_at"),
        )
    return None


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    text = told.get(name)
    found = datetime.fromisoformat(text) if text else None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found


def keys_in_use() -> list[Key]:
    """The keys in use, by purpose; two statements, and one for data keys."""
    now = clock.now()
    signing = {purpose: key_in_use(purpose, now) for purpose in KeyPurpose}
    found = [Key(purpose.value, row.signs_from) for purpose, row in signing.items() if row]
    # Of each: purpose, number, when it was made, whether it is in use.
    ages: list[Any] = getattr(encryption, "key_ages", list)()
    return found + [Key(purpose, since) for purpose, _number, since, in_use in ages if in_use]


def sign_ins() -> SignIns:
    """Failures of the last day, as far back as they are kept; two statements."""
    now = clock.now()
    count = sa.func.count(FailedSignIn.id)
    failed = db.session.scalar(
        sa.select(count).where(
            FailedSignIn.failed_at > now - timedelta(days=1),
            FailedSignIn.attempt != Attempt.NETWORK,  # each of the others counts there as well
        )
    )
    locked = (
        sa.select(FailedSignIn.identity_digest)
        .where(FailedSignIn.failed_at > now - WINDOW, FailedSignIn.attempt == Attempt.ACCOUNT)
        .group_by(FailedSignIn.identity_digest)
        .having(count >= LIMITS[Attempt.ACCOUNT])
    )
    found = db.session.scalar(sa.select(sa.func.count()).select_from(locked.subquery()))
    return SignIns(failed or 0, found or 0)


def queue() -> Queue:
    """The queue; raises where it does not answer."""
    return Queue(jobs.waiting(), jobs.runs(), jobs.failures())


def audit_entries() -> int:
    """How many entries the audit record has: they are numbered without a gap."""
    return last_position()


def disk(folder: Path) -> tuple[int, int]:
    """Bytes that are free where files are kept, and of how many."""
    found = shutil.disk_usage(folder if folder.exists() else os.sep)
    return found.free, found.total


@event.listens_for(Session, "after_flush")
def _count_failures(session: Session, _context: Any) -> None:
    """Count a failed sign-in where it is stored, whatever refused it."""
    if any(isinstance(row, FailedSignIn) for row in session.new):
        metrics.signed_in("failed")
