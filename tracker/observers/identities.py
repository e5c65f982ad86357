"""Names with a day of birth that more than one person carries, kept while persons change: the
attention list asks on every view, and must not compare a million persons for it."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction

from tracker.audit.capture import Before, after_recording
from tracker.kernel.database import Base, in_chunks
from tracker.observers.models import Observer, SharedIdentity


def install() -> None:
    """Keep them in every session of this process from now on."""
    after_recording(flushed=_flushed, inserted=_inserted, updated=_updated)


def _flushed(session: Session, _flush: UOWTransaction) -> None:
    touched: set[str | None] = set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Observer):
            history = sa.inspect(row).attrs.identity_digest.history
            is_gone = row in session.deleted
            touched.update(history.sum() if is_gone or history.has_changes() else ())
    keep(session.connection(), touched)


def _inserted(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if model is Observer:
        keep(session.connection(), {row.get("identity_digest") for row in rows})


def _updated(session: Session, model: type[Base], before: Before) -> None:
    if model is Observer and (old := {row.get("identity_digest") for row in before.values()}):
        now = sa.select(Observer.identity_digest).where(Observer.id.in_(before))
        keep(session.connection(), old.union(session.connection().scalars(now)))


def keep(connection: sa.Connection, digests: Iterable[str | None]) -> None:
    """Note which of these digests more than one person carries now."""
    for chunk in in_chunks(digest for digest in digests if digest):
        connection.execute(
            sa.delete(SharedIdentity).where(SharedIdentity.identity_digest.in_(chunk))
        )
        carried = sa.select(Observer.identity_digest).where(Observer.identity_digest.in_(chunk))
        shared = carried.group_by(Observer.identity_digest).having(sa.func.count() > 1)
        connection.execute(sa.insert(SharedIdentity).from_select(["identity_digest"], shared))


def remake(connection: sa.Connection) -> None:
    """Note them all anew."""
    connection.execute(sa.delete(SharedIdentity))
    carried = sa.select(Observer.identity_digest).where(Observer.identity_digest.is_not(None))
    shared = carried.group_by(Observer.identity_digest).having(sa.func.count() > 1)
    connection.execute(sa.insert(SharedIdentity).from_select(["identity_digest"], shared))
