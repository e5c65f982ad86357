"""The one way in which a certificate moves: a row of its life, and the status that follows."""

from collections.abc import Sequence
from typing import Any

from tracker.audit.capture import insert_many
from tracker.credentials import queries
from tracker.credentials.models import Certificate, CertificateStatus, CertificateStep
from tracker.credentials.rules import WAYS, Step, needs_reason
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_


def check_step(
    certificate: Certificate, step: Step, *, reason: str = "", received_by: str = ""
) -> None:
    """Raise `Refused` where the table has no such way, or where something has to be said."""
    if certificate.status not in WAYS[step].sources:
        raise Refused(
            N_("Certificate %(number)s cannot take this step any more: see where it stands."),
            number=certificate.number,
        )
    if needs_reason(step, certificate.status) and not reason.strip():
        if step is Step.PRINT:
            raise Refused(N_("It was printed before: say why it is printed again."), field="reason")
        raise Refused(N_("Say why."), field="reason")
    if WAYS[step].needs_receiver and not received_by.strip():
        raise Refused(N_("Say who received it and signed for it."), field="received_by")


def check_accredited(certificates: Sequence[Certificate]) -> None:
    """Raise `Refused` for the first whose holder is not accredited any more: a paper that no
    longer proves anything is not given out."""
    fallen = queries.not_accredited({row.accreditation_id for row in certificates})
    for certificate in certificates:
        if certificate.accreditation_id in fallen:
            raise Refused(
                N_("The holder of certificate %(number)s is not accredited any more."),
                number=certificate.number,
            )


def step_all(
    actor: Actor,
    certificates: Sequence[Certificate],
    step: Step,
    *,
    reason: str = "",
    received_by: str = "",
) -> None:
    """Take one step with each of them, or with none; raises `Refused`."""
    for certificate in certificates:
        check_step(certificate, step, reason=reason, received_by=received_by)
    if WAYS[step].needs_accreditation:
        check_accredited(certificates)
    target, now = WAYS[step].target, clock.now()
    rows: list[dict[str, Any]] = [
        step_values(actor, row.id, row.status, target)
        | {"reason": reason.strip() or None, "received_by": received_by.strip() or None}
        for row in certificates
    ]
    for certificate in certificates:
        certificate.status, certificate.status_at = target, now
    db.session.flush()
    insert_many(CertificateStep, rows)


def step_values(
    actor: Actor, certificate_id: int, source: CertificateStatus | None, target: CertificateStatus
) -> dict[str, Any]:
    """The columns of one row of a certificate's life."""
    return {
        "certificate_id": certificate_id,
        "from_status": source,
        "to_status": target,
        "recorded_at": clock.now(),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "reason": None,
        "received_by": None,
    }
