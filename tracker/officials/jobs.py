"""What the job process does with officials: why a day is another than usual is put under a key."""

import sqlalchemy as sa

from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.officials.models import OfficialDay

BATCH = 200  # rows; a transaction of some tens of milliseconds


def encrypt_reasons() -> int:
    """Encrypt what days entered before revision 0040 say in clear; how many."""
    count = 0
    while batch := _encrypt_batch():
        count += batch
    return count


def _encrypt_batch() -> int:
    query = sa.select(OfficialDay).where(OfficialDay.label.is_not(None))
    query = query.order_by(OfficialDay.id).limit(BATCH).with_for_update(key_share=True)
    with unit_of_work(SYSTEM):
        rows = db.session.scalars(query).all()
        for row in rows:
            row.reason, row.label = row.label, None
        return len(rows)
