"""Does a purge to its end: in short transactions, so that others work on and a kill loses nothing.

A purge that died goes on when the job process starts, or when its command is given again.
"""

import sqlalchemy as sa
import structlog

from tracker.accounts.queries import actor_of
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Forbidden
from tracker.kernel.jobs import jobs
from tracker.retention import operations
from tracker.retention.models import OPEN, Problem, PurgeStatus, RetentionPurge
from tracker.retention.purging import CountedChanged
from tracker.retention.sweep import rewrite

log = structlog.get_logger()
JOB = "retention_purge"


def run(purge_id: int) -> None:
    """Do a purge on behalf of who asked for it."""
    found = db.session.get_one(RetentionPurge, purge_id)
    try:
        actor = actor_of(found.requested_by_id)
    except Forbidden:  # the account was closed meanwhile; what was begun is ended all the same
        actor = SYSTEM
    db.session.rollback()
    complete(actor, purge_id)


def complete(actor: Actor, purge_id: int) -> PurgeStatus:
    """Begin or go on with a purge until it is done or stopped; how it ended."""
    with unit_of_work(actor):
        going = operations.begin_purge(actor=actor, purge=operations.lock_purge(purge_id))
    place: int | None = 0
    while going and place is not None:
        place, going = _step(actor, purge_id, place)
    with unit_of_work(actor):
        purge = operations.lock_purge(purge_id)
        operations.finish_purge(actor=actor, purge=purge)
        status = purge.status
    if rewrite():
        with unit_of_work(actor):
            operations.note_rewritten(actor=actor, purge=operations.lock_purge(purge_id))
    return status


def _step(actor: Actor, purge_id: int, place: int) -> tuple[int | None, bool]:
    """One batch in a transaction of its own: where to go on, and whether to."""
    try:
        with unit_of_work(actor):
            purge = operations.lock_purge(purge_id)
            return operations.advance_purge(actor=actor, purge=purge, place=place), True
    except CountedChanged as change:
        log.error("purge stopped", purge_id=purge_id, table=str(change))
    with unit_of_work(actor):
        purge = operations.lock_purge(purge_id)
        operations.stop_purge(actor=actor, purge=purge, problem=Problem.COUNTED)
    return None, False


def resume() -> int:
    """Give out again what a process that died left behind."""
    query = sa.select(RetentionPurge.id).where(RetentionPurge.status.in_(OPEN))
    waiting = db.session.scalars(query.order_by(RetentionPurge.id)).all()
    db.session.rollback()
    for purge_id in waiting:
        jobs.enqueue(JOB, purge_id=purge_id)
    return len(waiting)


HANDLERS = {JOB: run}
