"""Tells people of what has changed: a round each minute, from the record of changes.

The record has a position for every change, in the order of their commits and without gaps: so a
mark at the last one that was told loses nothing and tells nothing twice, whichever process made
the change, and no operation need remember to tell. Where there is no mark yet, the record is read
from now on: nobody is told of years at once.
"""

from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
import structlog

from tracker.accounts.operations import send_summaries, tell
from tracker.audit.models import AuditEntry
from tracker.audit.queries import last_position
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import Handler
from tracker.notices.models import NoticeMark
from tracker.notices.news import WATCHED

log = structlog.get_logger()
MOST = 2_000  # entries read at once
ONLY = 1  # the identity of the one mark


def tell_of_changes() -> None:
    """One round: write what is told at once, keep the rest for the morning."""
    with unit_of_work(SYSTEM):
        count = _pulled()
        letters = send_summaries()
    if count or letters:
        log.info("people told", count=count, recipients=letters)


def _pulled() -> int:
    mark = db.session.get(NoticeMark, ONLY, with_for_update={"key_share": True})
    until = last_position()
    if mark is None:
        db.session.add(NoticeMark(id=ONLY, position=until))
        return 0
    query = sa.select(AuditEntry).where(
        AuditEntry.position > mark.position,
        AuditEntry.position <= until,
        AuditEntry.action.in_(("insert", "update")),
        AuditEntry.record_table.in_(WATCHED),
    )
    entries = db.session.scalars(query.order_by(AuditEntry.position).limit(MOST)).all()
    count = 0
    by_table = attrgetter("record_table")
    for table, some in groupby(sorted(entries, key=by_table), key=by_table):
        for users, news in WATCHED[table](list(some)):
            count += tell(users, news)
    mark.position = entries[-1].position if len(entries) == MOST else until
    return count


HANDLERS: dict[str, Handler] = {"tell_people": tell_of_changes}
