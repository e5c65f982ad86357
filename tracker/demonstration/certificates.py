"""Certificates of the demonstration: issued after the close, printed, handed over to most heads.

Four delegations still wait for theirs, two observers lost one, and one never got any, so that each
page has something to do.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.queries import actor_of
from tracker.credentials import queries
from tracker.credentials.models import Certificate, CertificateStatus
from tracker.credentials.operations import (
    hand_over_certificates,
    issue_certificates,
    lose_certificate,
    record_printed,
    reissue_certificate,
)
from tracker.delegations.queries import heads_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db

NOT_ISSUED, NOT_PRINTED, NOT_HANDED_OVER = 5, 20, 4  # people, people, delegations
RECEIVER = "Protocol of the delegation"  # where its head is not known by name


def build_certificates(election: Election, moment: Callable[[str], datetime]) -> None:
    """Issue, print and hand over, each at its moment."""
    registrar = _registrar()
    with clock.at(moment("2022-11-15T10:00")):
        waiting = queries.without_certificate(election.id)
        issued = issue_certificates(
            actor=registrar, election=election, accreditation_ids=waiting[:-NOT_ISSUED]
        )
    rows = queries.certificates_with(election.id, issued.ids)
    with clock.at(moment("2022-11-15T14:30")):
        record_printed(actor=registrar, certificates=rows[:-NOT_PRINTED])
    with clock.at(moment("2022-11-16T11:00")):
        _hand_over(registrar, rows)
    handed = [row for row in rows if row.status is CertificateStatus.HANDED_OVER]
    with clock.at(moment("2022-11-17T18:20")):
        reissue_certificate(
            actor=registrar, election=election, certificate=handed[10], reason="Water damage"
        )
    with clock.at(moment("2022-11-18T08:45")):
        lose_certificate(actor=registrar, certificate=handed[20], reason="Left in a taxi")


def _registrar() -> Actor:
    query = sa.select(User.id).where(User.email == "registrar@example.org")
    return actor_of(db.session.scalars(query).one())


def _hand_over(registrar: Actor, rows: list[Certificate]) -> None:
    """To the heads of delegations, one signature a delegation."""
    delegations = sorted({row.delegation_id for row in rows})[:-NOT_HANDED_OVER]
    heads = heads_of(delegations, clock.now().date())
    for delegation_id in delegations:
        theirs = [
            row
            for row in rows
            if row.delegation_id == delegation_id and row.status is CertificateStatus.PRINTED
        ]
        if not theirs:
            continue
        head = heads.get(delegation_id)
        hand_over_certificates(
            actor=registrar, certificates=theirs, received_by=head.name if head else RECEIVER
        )
