"""The delegation's word that it holds the certificates that were handed over to it."""

import sqlalchemy as sa

from tracker.credentials.models import Certificate, CertificateStatus
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability


def _unconfirmed(delegation_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(
        Certificate.delegation_id == delegation_id,
        Certificate.status == CertificateStatus.HANDED_OVER,
        Certificate.receipt_confirmed_at.is_(None),
    )


def unconfirmed_count(delegation_id: int) -> int:
    """How many certificates were handed over to a delegation that has not said so itself."""
    query = sa.select(sa.func.count(Certificate.id)).where(_unconfirmed(delegation_id))
    return db.session.scalar(query) or 0


def counts_of_delegation(delegation_id: int) -> dict[CertificateStatus, int]:
    """How many certificates of each status a delegation has."""
    query = sa.select(Certificate.status, sa.func.count()).where(
        Certificate.delegation_id == delegation_id
    )
    found = db.session.execute(query.group_by(Certificate.status))
    return {row[0]: row[1] for row in found}


def confirm_receipt(*, actor: Actor, delegation_id: int, number: int) -> int:
    """Confirm that the delegation holds every certificate that was handed over to it; how many.

    `number` is how many the person was shown: raises `Refused` where there are others by now.
    """
    actor.require(Capability.CONFIRM_RECEIPT)
    query = sa.select(Certificate).where(_unconfirmed(delegation_id)).order_by(Certificate.id)
    rows = db.session.scalars(query.with_for_update(key_share=True)).all()
    if not rows or len(rows) != number:
        raise Refused(N_("Other certificates were handed over meanwhile. Look at the page again."))
    for row in rows:
        row.receipt_confirmed_at, row.receipt_confirmed_by = clock.now(), actor.name
    db.session.flush()
    return len(rows)
