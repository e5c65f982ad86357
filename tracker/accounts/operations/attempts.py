"""The count of failed attempts, by account and by network, whether there is such an account or not.

Kept in the database, so that it is the same for every process; of what was typed and where it
came from only keyed digests are kept.
"""

from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
import structlog

from tracker.accounts.models import Attempt, FailedSignIn
from tracker.accounts.rules import WINDOW, is_locked
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.encryption import keyring

log = structlog.get_logger()

KEPT = timedelta(days=1)  # for administrators to see
Subject = tuple[Attempt, str]


def is_any_locked(subjects: Iterable[Subject]) -> bool:
    """Whether one of these has failed too often of late; a locked one goes to the log."""
    digests = {_digest(attempt, subject): attempt for attempt, subject in subjects}
    since = clock.now() - WINDOW
    query = (
        sa.select(FailedSignIn.identity_digest, sa.func.count(FailedSignIn.id))
        .where(FailedSignIn.identity_digest.in_(digests), FailedSignIn.failed_at > since)
        .group_by(FailedSignIn.identity_digest)
    )
    locked = {
        digests[digest]
        for digest, count in db.session.execute(query)
        if is_locked(digests[digest], count)
    }
    if locked:
        log.warning("attempt locked", attempt=" ".join(sorted(locked)))
    return bool(locked)


def count_attempts(subjects: Iterable[Subject], *, succeeded: bool) -> None:
    """Count a refused attempt, or begin anew after one that succeeded; stored at once.

    In a transaction of its own: the answer to a refused attempt is an error page, whose changes
    are otherwise dropped. A network is never forgiven for one success: whoever holds one account
    could go on trying others.
    """
    digests = {_digest(attempt, subject): attempt for attempt, subject in subjects}
    with unit_of_work(SYSTEM):
        old = FailedSignIn.failed_at < clock.now() - KEPT
        db.session.execute(sa.delete(FailedSignIn).where(old))
        if succeeded:
            forgiven = [key for key, kind in digests.items() if kind is not Attempt.NETWORK]
            db.session.execute(
                sa.delete(FailedSignIn).where(FailedSignIn.identity_digest.in_(forgiven))
            )
        else:
            db.session.add_all(
                FailedSignIn(attempt=attempt, identity_digest=digest)
                for digest, attempt in digests.items()
            )
    if not succeeded and digests:
        log.warning("attempt refused", attempt=" ".join(sorted(digests.values())))


def _digest(attempt: Attempt, subject: str) -> str:
    return keyring.digest(f"{attempt}:{subject.strip().lower()[:254]}")
