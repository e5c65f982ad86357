"""Sessions: one row for each sign-in in each browser, ended by a row and not by hope."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from tracker.accounts.models import SignInSession, User
from tracker.accounts.queries import key_digest
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_

PATIENCE = 50  # milliseconds that a page waits for another writer in order to note that it was seen


def start_session(*, user: User, method: str, device: str, address: str | None) -> str:
    """Open a session; return its key, which the cookie carries and nothing else knows."""
    key = secrets.token_urlsafe(32)
    db.session.add(
        SignInSession(
            user_id=user.id,
            key_digest=key_digest(key),
            method=method[:40],
            device=device[:60],
            address=address,
        )
    )
    db.session.flush()
    return key


def renew_key(*, key: str) -> str:
    """Another key for the session that has this one; the old key opens nothing any more."""
    query = sa.select(SignInSession).where(SignInSession.key_digest == key_digest(key))
    row = db.session.scalar(query.with_for_update(key_share=True))
    if row is None:
        return key
    new_key = secrets.token_urlsafe(32)
    row.key_digest = key_digest(new_key)
    db.session.flush()
    return new_key


def end_session(*, actor: Actor, session_id: int) -> None:
    """End one of the actor's own sessions."""
    row = db.session.get(SignInSession, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound(N_("There is no such session."))
    row.ended_at = row.ended_at or clock.world()
    db.session.flush()


def end_session_by_key(*, key: str) -> None:
    """End the session that a cookie names, if it is open."""
    query = sa.select(SignInSession).where(SignInSession.key_digest == key_digest(key))
    row = db.session.scalar(query)
    if row is not None and row.ended_at is None:
        row.ended_at = clock.world()
        db.session.flush()


def end_other_sessions(*, user_id: int, except_key: str | None = None) -> int:
    """End every open session of an account, but for the one with this key; how many were ended."""
    query = sa.select(SignInSession).where(
        SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)
    )
    if except_key:
        query = query.where(SignInSession.key_digest != key_digest(except_key))
    rows = db.session.scalars(query).all()
    for row in rows:
        row.ended_at = clock.world()
    db.session.flush()
    return len(rows)


def note_seen(session_id: int, moment: datetime) -> None:
    """Remember that a session was used, outside of the request's own transaction."""
    note_aside(
        sa.update(SignInSession).where(SignInSession.id == session_id).values(seen_at=moment)
    )


def note_aside(statement: sa.Update) -> None:
    """Note a use beside the transaction under way.

    Best effort: where another change holds the database, the next use is noted.
    """
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        try:
            if is_sqlite:
                _wait_at_most(connection, PATIENCE)
            connection.execute(statement)
            connection.commit()
        except OperationalError:
            connection.rollback()
        finally:
            if is_sqlite:
                _wait_at_most(connection, 30_000)


def _wait_at_most(connection: sa.Connection, milliseconds: int) -> None:
    driver = connection.connection.dbapi_connection
    if driver is not None:
        driver.cursor().execute(f"PRAGMA busy_timeout={milliseconds:d}")
