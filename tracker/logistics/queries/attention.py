"""What was put off on the attention list."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.logistics.models.attention import Snooze


def snoozes(election_id: int) -> Sequence[Snooze]:
    """Everything put off and not taken back, also where its time has passed."""
    query = sa.select(Snooze).where(Snooze.election_id == election_id, Snooze.ended_at.is_(None))
    return db.session.scalars(query.order_by(Snooze.id)).all()
