"""Certificates and keys as read by pages, papers and verifiers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus, Transition
from tracker.credentials.models import (
    Certificate,
    CertificateStatus,
    CertificateStep,
    KeyPurpose,
    SigningKey,
)
from tracker.credentials.rules import (
    DELTA_OVERLAP,
    ENDED_ACCREDITATIONS,
    ENDED_CERTIFICATES,
    LIVE,
    Ended,
    ended,
)
from tracker.credentials.signed_lists import KeyList, PublicKey, RevocationList
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.observers.models import Observer
from tracker.organizations.models import Organization


def signing_keys() -> Sequence[SigningKey]:
    """All keys, the newest first."""
    order = (SigningKey.signs_from.desc(), SigningKey.id.desc())
    return db.session.scalars(sa.select(SigningKey).order_by(*order)).all()


def key_in_use(purpose: KeyPurpose, now: datetime) -> SigningKey | None:
    """The key that signs at `now`; None before the first was made."""
    query = (
        sa.select(SigningKey)
        .where(
            SigningKey.purpose == purpose,
            SigningKey.signs_from <= now,
            SigningKey.lost_at.is_(None),
        )
        .order_by(SigningKey.signs_from.desc(), SigningKey.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def key_for(key_id: int) -> SigningKey:
    """The key; raises `NotFound`."""
    found = db.session.get(SigningKey, key_id)
    if found is None:
        raise NotFound(N_("There is no such key."))
    return found


def key_list(now: datetime) -> KeyList:
    """All public keys, for verifiers."""
    newest = sa.select(Election.host_country).order_by(Election.id.desc()).limit(1)
    keys = [
        PublicKey(bytes.fromhex(row.public_key), row.purpose, row.signs_from, row.lost_at)
        for row in signing_keys()
    ]
    return KeyList(db.session.scalar(newest) or "", now, {each.key_id: each for each in keys})


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


def certificates_of(accreditation_id: int) -> Sequence[Certificate]:
    """All certificates of an accreditation, the newest first."""
    query = sa.select(Certificate).where(Certificate.accreditation_id == accreditation_id)
    return db.session.scalars(query.order_by(Certificate.serial.desc())).all()


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


def without_certificate(
    election_id: int, *, delegation_id: int | None = None, submission_id: int | None = None
) -> Sequence[int]:
    """Accredited people who have no certificate to carry, by name; their accreditations' ids."""
    has_one = sa.exists().where(
        Certificate.accreditation_id == Accreditation.id, Certificate.status.in_(LIVE)
    )
    query = sa.select(Accreditation.id).where(
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        ~has_one,
    )
    if delegation_id is not None:
        query = query.where(Accreditation.delegation_id == delegation_id)
    if submission_id is not None:
        query = query.where(Accreditation.id.in_(_accredited_by(submission_id)))
    return db.session.scalars(query.order_by(Accreditation.sort_name, Accreditation.id)).all()


def _accredited_by(submission_id: int) -> sa.Select[int]:
    return sa.select(Transition.accreditation_id).where(
        Transition.submission_id == submission_id,
        Transition.to_status == AccreditationStatus.ACCREDITED,
    )


def last_serial(election_id: int) -> int:
    """The highest serial that was given out; 0 before the first."""
    query = sa.select(sa.func.max(Certificate.serial)).where(Certificate.election_id == election_id)
    return db.session.scalar(query) or 0


def live_signed_by(signing_key_id: int) -> Sequence[Certificate]:
    """The certificates in people's hands that this key signed."""
    query = sa.select(Certificate).where(
        Certificate.signing_key_id == signing_key_id, Certificate.status.in_(LIVE)
    )
    return db.session.scalars(query.order_by(Certificate.id)).all()


def _ended_serials(election_id: int, *conditions: Any) -> dict[int, Ended]:
    query = (
        sa.select(Certificate.serial, Certificate.status, Accreditation.status)
        .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
        .where(Certificate.election_id == election_id, *conditions)
    )
    return {
        serial: reason
        for serial, certificate, accreditation in db.session.execute(query)
        if (reason := ended(certificate, accreditation)) is not None
    }


def revocation_list(
    election: Election, now: datetime, since: datetime | None = None
) -> RevocationList:
    """What no longer holds in an election at `now`; with `since`, only what ended after it."""
    dead = Certificate.status.in_(ENDED_CERTIFICATES)
    fallen = sa.select(Accreditation.id).where(
        Accreditation.election_id == election.id, Accreditation.status.in_(ENDED_ACCREDITATIONS)
    )
    serials = _ended_serials(election.id, dead) | _ended_serials(
        election.id, Certificate.accreditation_id.in_(fallen)
    )
    count = len(serials)
    if since is not None:
        start = since - DELTA_OVERLAP
        changed = sa.select(Transition.accreditation_id).where(
            Transition.election_id == election.id, Transition.recorded_at > start
        )
        serials = _ended_serials(election.id, dead, Certificate.status_at > start) | _ended_serials(
            election.id, Certificate.accreditation_id.in_(changed)
        )
    return RevocationList(election.host_country, now, election.slug, serials, count, since)


@dataclass(frozen=True)
class Standing:
    """One certificate as it stands now in the register."""

    certificate: Certificate
    ended: Ended | None
    key_lost: bool


def standing_of(election_id: int, serial: int) -> Standing | None:
    """How the certificate of this serial stands; None for no such serial."""
    query = (
        sa.select(Certificate, Accreditation.status, SigningKey.lost_at)
        .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
        .join(SigningKey, SigningKey.id == Certificate.signing_key_id)
        .where(Certificate.election_id == election_id, Certificate.serial == serial)
    )
    found = db.session.execute(query).first()
    if found is None:
        return None
    certificate, status, lost_at = found
    return Standing(certificate, ended(certificate.status, status), lost_at is not None)


def counts_by_status(election_id: int) -> dict[CertificateStatus, int]:
    """How many certificates of each status an election has."""
    query = (
        sa.select(Certificate.status, sa.func.count())
        .where(Certificate.election_id == election_id)
        .group_by(Certificate.status)
    )
    return dict(db.session.execute(query).all())
