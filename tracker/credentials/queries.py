"""Certificates and keys as read by pages, papers and verifiers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Dimension,
    Function,
    Submission,
    Transition,
)
from tracker.credentials.models import (
    Certificate,
    CertificateBatch,
    CertificateCheck,
    CertificateKind,
    CertificateStatus,
    CertificateStep,
)
from tracker.credentials.rules import (
    ENDED_ACCREDITATIONS,
    LIVE,
    Reason,
    Verdict,
)
from tracker.delegations.models import Delegation
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset, streamed, streamed_records
from tracker.kernel.text import sort_key
from tracker.kernel.words import having, terms, words_of
from tracker.observers.models import Observer
from tracker.organizations.models import Organization


def certificate_for(actor: Actor, election_id: int, certificate_id: int) -> Certificate:
    """The certificate; raises `NotFound`, also out of scope."""
    query = sa.select(Certificate).where(
        Certificate.id == certificate_id, Certificate.election_id == election_id
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such certificate."))
    return found


def certificates_with(election_id: int, ids: Iterable[int]) -> list[Certificate]:
    """The certificates with these ids, by serial."""
    found: list[Certificate] = []
    for chunk in in_chunks(set(ids)):
        query = sa.select(Certificate).where(
            Certificate.election_id == election_id, Certificate.id.in_(chunk)
        )
        found.extend(db.session.scalars(query))
    return sorted(found, key=lambda row: row.serial)


OVER = (*ENDED_ACCREDITATIONS, AccreditationStatus.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """How a list of certificates is narrowed."""

    status: CertificateStatus | None = None
    delegation_id: int | None = None
    function: Function | None = None
    kind: CertificateKind | None = None
    text: str = ""  # a serial, or beginnings of the holder's names in any alphabet


def listed(actor: Actor, election_id: int, wanted: Filter) -> sa.Select[*tuple[Any, ...]]:
    """The certificates that the actor sees and asks for, with holder and sender."""
    query = (
        sa.select(
            Certificate.serial,
            Certificate,
            Observer.surname,
            Observer.given_names,
            Organization,
            Accreditation.status.label("accreditation_status"),
        )
        .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Certificate.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
    )
    return query.where(*_conditions(actor, election_id, wanted))


def count_listed(actor: Actor, election_id: int, wanted: Filter) -> int:
    """How many certificates that list has, counted without looking at holders and senders."""
    query = sa.select(sa.func.count(Certificate.id))
    return db.session.scalar(query.where(*_conditions(actor, election_id, wanted))) or 0


def _conditions(actor: Actor, election_id: int, wanted: Filter) -> list[Any]:
    found: list[Any] = [Certificate.election_id == election_id]
    if actor.delegation_ids is not None:
        found.append(Certificate.delegation_id.in_(actor.delegation_ids))
    for column, value in (
        (Certificate.status, wanted.status),
        (Certificate.delegation_id, wanted.delegation_id),
        (Certificate.function, wanted.function),
        (Certificate.kind, wanted.kind),
    ):
        if value is not None:
            found.append(column == value)
    serial = wanted.text.split("-")[0].strip()
    if serial.isdecimal() and len(serial) < 10:
        return [*found, Certificate.serial == int(serial)]
    for term in terms(Observer, words_of(wanted.text), 1):
        named = sa.select(Accreditation.id).where(
            Accreditation.observer_id.in_(having(Observer, term))
        )
        found.append(Certificate.accreditation_id.in_(named))
    return found


def certificates_page(query: sa.Select[*tuple[Any, ...]], cursor: str | None) -> Page:
    """One page, the newest first."""
    return keyset(query, keys=[Certificate.serial], cursor=cursor, descending=True)


def all_rows(query: sa.Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Every row, the newest first, for a file."""
    return streamed(query.order_by(Certificate.serial.desc()))


def certificates_of(accreditation_id: int) -> Sequence[Certificate]:
    """All certificates of an accreditation, the newest first."""
    query = sa.select(Certificate).where(Certificate.accreditation_id == accreditation_id)
    return db.session.scalars(query.order_by(Certificate.serial.desc())).all()


def not_accredited(accreditation_ids: Iterable[int]) -> set[int]:
    """Which of these accreditations do not stand."""
    found: set[int] = set()
    for ids in in_chunks(set(accreditation_ids)):
        query = sa.select(Accreditation.id).where(
            Accreditation.id.in_(ids), Accreditation.status != AccreditationStatus.ACCREDITED
        )
        found.update(db.session.scalars(query))
    return found


def portrait_of(reference: str) -> str | None:
    """The storage key of the printed portrait whose hash begins so (32 hexadecimal digits), of a
    certificate that is carried; None for none."""
    query = sa.select(Certificate.portrait).where(
        Certificate.portrait >= reference,
        Certificate.portrait < reference + "g",
        Certificate.status.in_(LIVE),
    )
    return db.session.scalar(query.limit(1))


def steps_of(certificate_id: int) -> Sequence[CertificateStep]:
    """The life of a certificate, oldest first."""
    query = sa.select(CertificateStep).where(CertificateStep.certificate_id == certificate_id)
    return db.session.scalars(query.order_by(CertificateStep.id)).all()


@dataclass(frozen=True)
class Candidate:
    """An accreditation to issue a certificate to, with all that the certificate says."""

    accreditation: Accreditation
    observer: Observer
    organization: Organization
    live_id: int | None  # its certificate that may be carried
    last_id: int | None  # its newest certificate


def candidates(election_id: int, accreditation_ids: Iterable[int]) -> dict[int, Candidate]:
    """What certificates of these accreditations would say, in few statements."""
    found: dict[int, Candidate] = {}
    for ids in in_chunks(set(accreditation_ids)):
        query = (
            sa.select(Accreditation, Observer, Organization)
            .join(Observer, Observer.id == Accreditation.observer_id)
            .join(Delegation, Delegation.id == Accreditation.delegation_id)
            .join(Organization, Organization.id == Delegation.organization_id)
            .where(Accreditation.election_id == election_id, Accreditation.id.in_(ids))
        )
        last = dict(
            db.session.execute(
                sa.select(Certificate.accreditation_id, sa.func.max(Certificate.id))
                .where(Certificate.accreditation_id.in_(ids))
                .group_by(Certificate.accreditation_id)
            ).all()
        )
        live = dict(
            db.session.execute(
                sa.select(Certificate.accreditation_id, Certificate.id).where(
                    Certificate.accreditation_id.in_(ids), Certificate.status.in_(LIVE)
                )
            ).all()
        )
        for accreditation, observer, organization in db.session.execute(query):
            key = accreditation.id
            found[key] = Candidate(
                accreditation, observer, organization, live.get(key), last.get(key)
            )
    return found


@dataclass(frozen=True)
class Printed:
    """A certificate with what its paper shows of holder and sender."""

    certificate: Certificate
    observer: Observer
    organization: Organization


def printed_rows(ids: Sequence[int]) -> list[Printed]:
    """Certificates as they are printed: by sender, then by name."""
    found: list[tuple[str, str, int, Printed]] = []
    for chunk in in_chunks(set(ids)):
        query = (
            sa.select(Certificate, Observer, Organization, Accreditation.sort_name)
            .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
            .join(Observer, Observer.id == Accreditation.observer_id)
            .join(Delegation, Delegation.id == Certificate.delegation_id)
            .join(Organization, Organization.id == Delegation.organization_id)
            .where(Certificate.id.in_(chunk))
            .options(lazyload(Observer.document))
        )
        for certificate, observer, organization, name in db.session.execute(query):
            sender = sort_key(organization.name_en, "en")
            row = Printed(certificate, observer, organization)
            found.append((sender, name, certificate.id, row))
    return [row for *_order, row in sorted(found, key=lambda each: each[:3])]


def lacks_certificate(election_id: int) -> sa.Select[int]:
    """Accreditations that stand and have no certificate to carry, as a query of their ids."""
    return sa.select(Accreditation.id).where(
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        ~_has_one(),
    )


def without_certificate(
    election_id: int, *, delegation_id: int | None = None, submission_id: int | None = None
) -> Sequence[int]:
    """Accredited people who have no certificate to carry, by name; their accreditations' ids."""
    query = lacks_certificate(election_id)
    if delegation_id is not None:
        query = query.where(Accreditation.delegation_id == delegation_id)
    if submission_id is not None:
        query = query.where(Accreditation.id.in_(_accredited_by(submission_id)))
    return db.session.scalars(query.order_by(Accreditation.sort_name, Accreditation.id)).all()


def count_without(election_id: int) -> int:
    """How many accredited people have no certificate to carry."""
    return db.session.scalar(sa.select(without_count(election_id))) or 0


def without_count(election_id: int) -> Any:
    """How many accredited people have no certificate to carry, as a part of another statement:
    those who stand, less those who carry one, without looking at each."""
    stands = AccreditationCount
    accredited = sa.select(sa.func.coalesce(sa.func.sum(stands.count), 0)).where(
        stands.election_id == election_id,
        stands.dimension == Dimension.FUNCTION,
        stands.status == AccreditationStatus.ACCREDITED,
    )
    carried = sa.select(sa.func.count(Certificate.id)).where(
        Certificate.election_id == election_id, Certificate.status.in_(LIVE)
    )
    # Carried still, though the accreditation has ended; a status at a time, so that the index by
    # status leads to these few and not through the whole election.
    over = [
        sa.select(Accreditation.id).where(
            Accreditation.election_id == election_id, Accreditation.status == status
        )
        for status in OVER
    ]
    fallen = carried.where(Certificate.accreditation_id.in_(sa.union_all(*over)))
    everybody = sa.cast(accredited.scalar_subquery(), sa.Integer)
    return everybody - carried.scalar_subquery() + fallen.scalar_subquery()


def waiting_by_delegation(election_id: int) -> dict[int, int]:
    """How many accredited people of each delegation have no certificate to carry."""
    accredited = (
        sa.select(Accreditation.delegation_id, sa.func.count())
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~_has_one(),
        )
        .group_by(Accreditation.delegation_id)
        .order_by(Accreditation.delegation_id)
    )
    return dict(db.session.execute(accredited).all())


def deciding_submissions(election_id: int) -> Sequence[tuple[int, int]]:
    """Submissions of which somebody accredited has no certificate: id and number."""
    waiting = (
        sa.select(Transition.submission_id)
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .where(
            Transition.election_id == election_id,
            Transition.to_status == AccreditationStatus.ACCREDITED,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~_has_one(),
        )
    )
    query = sa.select(Submission.id, Submission.number).where(Submission.id.in_(waiting))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Submission.number))]


def _has_one() -> sa.Exists:
    return sa.exists().where(
        Certificate.accreditation_id == Accreditation.id, Certificate.status.in_(LIVE)
    )


def _accredited_by(submission_id: int) -> sa.Select[int]:
    return sa.select(Transition.accreditation_id).where(
        Transition.submission_id == submission_id,
        Transition.to_status == AccreditationStatus.ACCREDITED,
    )


def last_serial(election_id: int) -> int:
    """The highest serial that was given out; 0 before the first."""
    query = sa.select(sa.func.max(Certificate.serial)).where(Certificate.election_id == election_id)
    return db.session.scalar(query) or 0


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


@dataclass(frozen=True, kw_only=True)
class CheckFilter:
    """Which checks are asked for; `text` is a number of a certificate or part of a station."""

    verdict: Verdict | None = None
    reason: Reason | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _checks(election_id: int, wanted: CheckFilter) -> sa.Select[CertificateCheck, datetime, int]:
    row = CertificateCheck
    query = sa.select(row, row.checked_at, row.id).where(row.election_id == election_id)
    if wanted.verdict:
        query = query.where(row.verdict == wanted.verdict.value)
    if wanted.reason:
        query = query.where(row.reason == wanted.reason.value)
    if wanted.text:
        at_station = row.station.icontains(wanted.text, autoescape=True)
        is_number = wanted.text.isascii() and wanted.text.isdecimal() and len(wanted.text) < 10
        query = query.where(
            sa.or_(row.serial == int(wanted.text), at_station) if is_number else at_station
        )
    if wanted.since:
        query = query.where(row.checked_at >= wanted.since)
    if wanted.until:
        query = query.where(row.checked_at < wanted.until)
    return query


def checks_page(election_id: int, wanted: CheckFilter, cursor: str | None) -> Page:
    """One page of checks, the latest by the clock of the device first."""
    keys = (CertificateCheck.checked_at, CertificateCheck.id)
    return keyset(_checks(election_id, wanted), keys=keys, cursor=cursor, descending=True)


def all_checks(election_id: int, wanted: CheckFilter) -> Iterator[CertificateCheck]:
    """Every wanted check, the earliest first, in constant memory."""
    query = _checks(election_id, wanted).order_by(CertificateCheck.checked_at, CertificateCheck.id)
    return streamed_records(query)


def counts_of_checks(election_id: int) -> dict[str, int]:
    """How many checks came out how."""
    query = (
        sa.select(CertificateCheck.verdict, sa.func.count())
        .where(CertificateCheck.election_id == election_id)
        .group_by(CertificateCheck.verdict)
    )
    return {verdict: count for verdict, count in db.session.execute(query)}
