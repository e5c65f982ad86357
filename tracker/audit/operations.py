"""What is written to the record on purpose: a read of personal data, erased contents."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from tracker.audit.capture import append
from tracker.audit.chain import ERASE, ranges_of
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import Actor, acting
from tracker.kernel.database import db, hold_chain, in_chunks

OWN = AuditEntry.__tablename__  # what entries about the record itself are filed under


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


def erase_contents(*, actor: Actor, records: Iterable[tuple[str, str]]) -> int:
    """Erase what the record says of `records` (table, identity), and say how many entries that is.

    Who did what to which record and when stays, and the chain still proves it; what the values
    were before and after is gone for good, the means to try guesses against the chain included.
    One entry says which positions lost their content; without it, verification would name them.
    Whoever calls answers for it that these contents have to go.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for table, record_id in records:
        if table == OWN:
            raise ValueError("what the record says of itself is never erased")
        wanted[table].add(record_id)
    hold_chain(db.session.connection())  # no entry about them may be under way
    moment = clock.now()
    positions: list[int] = []
    for table, identities in wanted.items():
        for chunk in in_chunks(identities):
            positions += _erase(table, chunk, moment)
    if positions:
        positions.sort()
        change = {
            "action": ERASE,
            "record_table": OWN,
            "record_id": f"{positions[0]}-{positions[-1]}",
            "before": None,
            "after": {"erased": len(positions), "positions": ranges_of(positions)},
        }
        with clock.at(moment), acting(actor):
            append(db.session(), [change])
    return len(positions)


def _erase(table: str, identities: list[str], moment: datetime) -> list[int]:
    """Erase one table's entries about these records; their positions."""
    which = sa.and_(
        AuditEntry.record_table == table,
        AuditEntry.record_id.in_(identities),
        AuditEntry.erased_at.is_(None),
    )
    positions = list(db.session.scalars(sa.select(AuditEntry.position).where(which)))
    gone = {"before": None, "after": None, "content_salt": None, "erased_at": moment}
    db.session.execute(
        sa.update(AuditEntry).where(which).values(gone),
        execution_options={"synchronize_session": False},
    )
    return positions
