"""What the job process does with certificates: the batches that somebody asked for."""

import sqlalchemy as sa
import structlog

from tracker.accounts.queries import actor_of
from tracker.credentials.models import BatchStatus, CertificateBatch
from tracker.credentials.operations.batches import begin_batch, fail_batch, run_batch
from tracker.credentials.rules import UNFINISHED
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.jobs import jobs
from tracker.kernel.outage import puts_off

log = structlog.get_logger()
BROKEN = N_("Something unexpected stopped the work; nothing was stored. Try again.")


def run(batch_id: int) -> None:
    """Run one batch as the person who asked for it; whatever stops it is said on it."""
    try:
        found = db.session.get_one(CertificateBatch, batch_id)
        actor = actor_of(found.requested_by_id) if found.requested_by_id else SYSTEM
        db.session.rollback()  # what is written must not begin as a read (SQLite would refuse it)
        with unit_of_work(SYSTEM):  # seen at once; whoever finds it so after a crash begins anew
            begin_batch(_locked(batch_id))
        with unit_of_work(actor):
            batch = _locked(batch_id)
            if batch.status is not BatchStatus.RUNNING:
                return  # given out twice
            election = db.session.get_one(Election, batch.election_id)
            run_batch(
                actor=actor,
                election=election,
                batch=batch,
                progress=lambda done: jobs.report(f"certificates-{batch_id}", done, batch.count),
            )
    except Refused as refusal:
        _fail(batch_id, refusal)
    except Exception as error:
        if not puts_off(error, batch_id=batch_id):
            log.exception("batch of certificates failed", batch_id=batch_id)
            _fail(batch_id, Refused(BROKEN))


def _locked(batch_id: int) -> CertificateBatch:
    return db.session.get_one(CertificateBatch, batch_id, with_for_update={"key_share": True})


def _fail(batch_id: int, refusal: Refused) -> None:
    with unit_of_work(SYSTEM):
        fail_batch(batch=db.session.get_one(CertificateBatch, batch_id), refusal=refusal)


def resume() -> int:
    """Give out again what a process that died left behind: it had stored nothing."""
    query = sa.select(CertificateBatch.id).where(CertificateBatch.status.in_(UNFINISHED))
    waiting = db.session.scalars(query.order_by(CertificateBatch.id)).all()
    db.session.rollback()
    for batch_id in waiting:
        jobs.enqueue_once("certificate_batch", batch_id=batch_id)
    return len(waiting)


HANDLERS = {"certificate_batch": run}
