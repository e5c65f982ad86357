"""Batches: many certificates issued or printed at once, whole or not at all, by the job process."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tracker.credentials import queries
from tracker.credentials.models import (
    BatchStatus,
    BatchTask,
    CertificateBatch,
    CertificateStatus,
    PaperKind,
)
from tracker.credentials.operations.certificates import (
    Issued,
    Terms,
    check_terms,
    issue_certificates,
    record_printed,
)
from tracker.credentials.papers import print_certificates
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage

Progress = Callable[[int], None]


def _request(
    actor: Actor, election: Election, ids: Sequence[int], language: str, **values: Any
) -> CertificateBatch:
    actor.require(Capability.ISSUE_CERTIFICATES)
    if not ids:
        raise Refused(N_("Nobody is chosen."))
    row = CertificateBatch(
        election_id=election.id,
        members=" ".join(map(str, ids)),
        count=len(ids),
        language=language,
        requested_by_id=actor.user_id,
        requested_by=actor.name,
        **values,
    )
    db.session.add(row)
    db.session.flush()
    return row


def request_issue(
    *,
    actor: Actor,
    election: Election,
    accreditation_ids: Sequence[int],
    terms: Terms,
    language: str,
) -> CertificateBatch:
    """Ask for certificates of these accreditations; raises `Refused` where the terms are wrong."""
    check_terms(election, terms)
    written = {
        "valid_from": terms.valid_from.isoformat() if terms.valid_from else None,
        "valid_until": terms.valid_until.isoformat() if terms.valid_until else None,
        "regions": terms.regions,
    }
    return _request(
        actor,
        election,
        accreditation_ids,
        language,
        task=BatchTask.ISSUE,
        terms=json.dumps(written),
    )


def request_print(
    *,
    actor: Actor,
    election: Election,
    certificate_ids: Sequence[int],
    paper: PaperKind,
    reason: str = "",
    language: str,
) -> CertificateBatch:
    """Ask for one PDF of these certificates.

    Raises `Refused` where one of them was printed before and nobody says why it is again.
    """
    rows = queries.certificates_with(election.id, certificate_ids)
    again = sum(row.status is CertificateStatus.PRINTED for row in rows)
    if again and not reason.strip():
        raise Refused(
            N_("%(count)s of them were printed before: say why they are printed again."),
            field="reason",
            count=again,
        )
    return _request(
        actor,
        election,
        [row.id for row in rows],
        language,
        task=BatchTask.PRINT,
        paper=paper,
        terms=json.dumps({"reason": reason.strip()}),
    )


def members_of(batch: CertificateBatch) -> list[int]:
    """Whom the batch is about: accreditations to issue to, or certificates to print."""
    return [int(each) for each in batch.members.split()]


def refused_of(batch: CertificateBatch) -> list[tuple[str, str, dict[str, Any]]]:
    """For whom nothing could be done: name, and the message with its parameters."""
    return [(name, message, params) for name, message, params in json.loads(batch.problem or "[]")]


def begin_batch(batch: CertificateBatch) -> None:
    """Say that a batch is under way, unless it is at its end already."""
    if batch.status is BatchStatus.WAITING:
        batch.status = BatchStatus.RUNNING
        db.session.flush()


def run_batch(
    *, actor: Actor, election: Election, batch: CertificateBatch, progress: Progress
) -> CertificateBatch:
    """Do what the batch asks for, within one transaction; raises `Refused` for all of it."""
    if batch.task is BatchTask.ISSUE:
        issued = issue_certificates(
            actor=actor,
            election=election,
            accreditation_ids=members_of(batch),
            terms=_terms(json.loads(batch.terms)),
            progress=progress,
        )
        _note_issued(batch, issued)
    else:
        rows = queries.certificates_with(election.id, members_of(batch))
        reason = json.loads(batch.terms)["reason"]
        record_printed(actor=actor, certificates=rows, reason=reason)
        paper = batch.paper or PaperKind.BADGES
        batch.file = storage.put(print_certificates(election, rows, paper, progress=progress))
    batch.status, batch.finished_at = BatchStatus.DONE, clock.now()
    db.session.flush()
    return batch


def _terms(written: dict[str, Any]) -> Terms:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(written[name]) if written[name] else None

    regions = written["regions"]
    return Terms(
        valid_from=moment("valid_from"),
        valid_until=moment("valid_until"),
        regions=None if regions is None else tuple(regions),
    )


def _note_issued(batch: CertificateBatch, issued: Issued) -> None:
    """From now on the batch is about the certificates that it made."""
    batch.members, batch.count = " ".join(map(str, issued.ids)), len(issued.ids)
    batch.problem = json.dumps(
        [
            (name, why.message, {key: str(value) for key, value in why.params.items()})
            for name, why in issued.refused
        ],
        ensure_ascii=False,
    )


def fail_batch(*, batch: CertificateBatch, refusal: Refused) -> None:
    """Say on the batch why nothing was done."""
    batch.status, batch.finished_at = BatchStatus.FAILED, clock.now()
    params = {key: str(value) for key, value in refusal.params.items()}
    batch.problem = json.dumps([("", refusal.message, params)], ensure_ascii=False)
    db.session.flush()
