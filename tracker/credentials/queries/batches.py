"""Batches of certificates."""

import sqlalchemy as sa

from tracker.credentials.models import (
    CertificateBatch,
)
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset


def batch_for(election_id: int, batch_id: int) -> CertificateBatch:
    """The batch; raises `NotFound`."""
    found = db.session.get(CertificateBatch, batch_id)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such batch."))
    return found


def batches_page(election_id: int, cursor: str | None) -> Page:
    """The batches of an election, the newest first."""
    query = sa.select(CertificateBatch.id, CertificateBatch).where(
        CertificateBatch.election_id == election_id
    )
    return keyset(query, keys=[CertificateBatch.id], cursor=cursor, descending=True)
