"""The audit record: one append-only row for each change of a business row."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model

# Entries of these actions say what was looked at or attested; nothing became different by them.
IS_CHANGE = sa.text("action NOT IN ('anchor', 'export', 'read')")


class AuditEntry(Model):
    """What one actor did to one record; `digest` covers the row and the one before it.

    Of `before` and `after` it covers the commitment to them (`content_digest`, see `chain`), so
    that they may be erased, together with their salt, at the moment `erased_at`.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        # What a purge would find is counted along it, without a look at the entries themselves.
        sa.Index(
            "ix_audit_entries_contents",
            *("record_table", "record_id", "action", "recorded_at", "erased_at"),
        ),
        # The newest change is asked for at every request of the public, however many were read.
        sa.Index(
            "ix_audit_entries_changes",
            "position",
            sqlite_where=IS_CHANGE,
            postgresql_where=IS_CHANGE,
        ),
        {"info": {"audit": "skip"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)  # 1, 2, 3 … without gaps
    recorded_at: Mapped[datetime] = mapped_column(index=True)  # when it was written
    # The account; no key: users may be purged.
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    # Of the request or job, as the logs name it.
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    # insert, update, delete; read, export; erase; anchor; rechain
    action: Mapped[str] = mapped_column(sa.String(20))
    # What it was done to: a table, or a subject of its own.
    record_table: Mapped[str] = mapped_column(sa.String(64))
    record_id: Mapped[str] = mapped_column(sa.String(64))  # the row's key there
    # The changed columns as they were.
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # The changed columns as they are since.
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Of the commitment to the content: 16 bytes in hexadecimal.
    content_salt: Mapped[str | None] = mapped_column(sa.String(32))
    # The commitment to `before` and `after` (SHA-256).
    content_digest: Mapped[str] = mapped_column(sa.String(64))
    erased_at: Mapped[datetime | None] = mapped_column()  # when `before` and `after` were taken out
    previous_digest: Mapped[str] = mapped_column(sa.String(64))  # `digest` of the position before
    # Of this entry, chained to the one before (SHA-256).
    digest: Mapped[str] = mapped_column(sa.String(64))
