"""Jobs of which nothing else in the database tells: given out with the change that asks for them.

The row stands until the job is done, so that neither a lost queue nor a killed process loses it. A
job may be begun again after it was interrupted: its handler must do no harm twice.
"""

from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import Model, after_commit, db, unit_of_work
from tracker.kernel.jobs import Handler, jobs

JOB = "kept_job"
log = structlog.get_logger()


class KeptJob(Model):
    """A job that was asked for and is not done."""

    __tablename__ = "kept_jobs"
    __table_args__ = ({"info": {"audit": "skip"}},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))  # the name of its handler
    arguments: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # what the handler is given, by name
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


def keep_job(name: str, **arguments: Any) -> None:
    """Have the job process do `name` once the change under way is committed."""
    row = KeptJob(name=name, arguments=arguments)
    db.session.add(row)
    db.session.flush()
    after_commit(partial(jobs.enqueue, JOB, job_id=row.id))


def run(job_id: int) -> None:
    """Do one; what fails is logged and not tried again."""
    row = db.session.get(KeptJob, job_id)
    if row is None:
        return  # given out twice
    name, arguments = row.name, row.arguments
    db.session.rollback()
    try:
        jobs.handlers[name](**arguments)
    except Exception:
        log.exception("kept job failed", job=name, job_id=job_id)
        db.session.rollback()
    with unit_of_work(SYSTEM):
        db.session.execute(sa.delete(KeptJob).where(KeptJob.id == job_id))


def resume() -> None:
    """Give out again what the queue does not hold."""
    waiting = db.session.scalars(sa.select(KeptJob.id).order_by(KeptJob.id)).all()
    db.session.rollback()
    for job_id in waiting:
        jobs.enqueue_once(JOB, job_id=job_id)


HANDLERS: dict[str, Handler] = {JOB: run}
