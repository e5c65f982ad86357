"""Certificates with their holders: lists, candidates, what is printed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Function,
)
from tracker.credentials.models import (
    Certificate,
    CertificateKind,
    CertificateStatus,
    CertificateStep,
)
from tracker.credentials.rules import (
    LIVE,
)
from tracker.delegations.models import Delegation
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, Tally, keyset, streamed, tally
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


def count_listed(actor: Actor, election_id: int, wanted: Filter) -> Tally:
    """How many certificates that list has, counted without looking at holders and senders."""
    return tally(sa.select(Certificate.id).where(*_conditions(actor, election_id, wanted)))


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


def printed_rows(ids: Sequence[int], language: str = "en") -> list[Printed]:
    """Certificates as they are printed: by sender in the language's alphabet, then by name."""
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
            sender = sort_key(getattr(organization, f"name_{language}"), language)
            row = Printed(certificate, observer, organization)
            found.append((sender, name, certificate.id, row))
    return [row for *_order, row in sorted(found, key=lambda each: each[:3])]


def last_serial(election_id: int) -> int:
    """The highest serial that was given out; 0 before the first."""
    query = sa.select(sa.func.max(Certificate.serial)).where(Certificate.election_id == election_id)
    return db.session.scalar(query) or 0
