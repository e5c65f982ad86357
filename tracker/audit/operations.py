"""What is written to the record on purpose: reads of personal data."""

from tracker.audit.capture import append
from tracker.kernel.actor import Actor
from tracker.kernel.database import db


def record_read(*, actor: Actor, table: str, record_id: int, what: str = "") -> None:
    """Record that `actor` was shown personal data of one record."""
    after = {"shown": what, "to": actor.name} if what else None
    append(
        db.session(),
        [
            {
                "action": "read",
                "record_table": table,
                "record_id": str(record_id),
                "before": None,
                "after": after,
            }
        ],
    )
