"""Daily digests as read: what is due, what was issued, who receives it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.elections.queries import calendar_of
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.logistics.models.digest import Digest, DigestRecipient
from tracker.logistics.rules.digest import day_due

NEWEST = 31


def elections_due(now: datetime) -> list[int]:
    """The elections whose digest of the day is due and not issued yet, the earliest first."""
    hours = sa.select(Election).where(Election.digest_at.is_not(None)).order_by(Election.id)
    due = {}
    for row in db.session.scalars(hours):
        if day := day_due(now, row.digest_at, calendar_of(row)):
            due[row.id] = day
    issued = sa.select(Digest.election_id, Digest.on).where(
        Digest.election_id.in_(due), Digest.on.in_(set(due.values()))
    )
    done = {row.election_id for row in db.session.execute(issued) if due[row.election_id] == row.on}
    return [key for key in due if key not in done]


def newest_digests(election_id: int) -> Sequence[Digest]:
    """What was issued in the last days, the newest first."""
    query = sa.select(Digest).where(Digest.election_id == election_id)
    return db.session.scalars(query.order_by(Digest.on.desc()).limit(NEWEST)).all()


def digest_for(election_id: int, digest_id: int) -> Digest:
    """One digest of the election; raises `NotFound`."""
    query = sa.select(Digest).where(Digest.id == digest_id, Digest.election_id == election_id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(N_("There is no such digest."))
    return found


def recipients_of(election_id: int) -> Sequence[DigestRecipient]:
    """Who receives the election's digest, in the order in which they were entered."""
    query = sa.select(DigestRecipient).where(DigestRecipient.election_id == election_id)
    return db.session.scalars(query.order_by(DigestRecipient.id)).all()
