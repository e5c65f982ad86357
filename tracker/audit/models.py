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
        sa.Index("ix_audit_entries_record", "record_table", "record_id"),
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
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)  # no key: users may be purged
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    # insert, update, delete; read, export; erase; anchor; rechain
    action: Mapped[str] = mapped_column(sa.String(20))
    record_table: Mapped[str] = mapped_column(sa.String(64))
    record_id: Mapped[str] = mapped_column(sa.String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    content_salt: Mapped[str | None] = mapped_column(sa.String(32))  # 16 bytes in hexadecimal
    content_digest: Mapped[str] = mapped_column(sa.String(64))
    erased_at: Mapped[datetime | None] = mapped_column()
    previous_digest: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
