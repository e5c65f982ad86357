"""What the register says to those who verify: keys, what no longer holds, how a serial stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.accreditation.models import Accreditation, AccreditationStatus, Transition
from tracker.credentials.models import Certificate, CertificateStatus, KeyPurpose, SigningKey
from tracker.credentials.rules import (
    DELTA_OVERLAP,
    ENDED_ACCREDITATIONS,
    ENDED_CERTIFICATES,
    LIVE,
    Ended,
    Reason,
    Verdict,
    ended,
    time_reason,
    verdict_for,
)
from tracker.credentials.signed_lists import KeyList, PublicKey, RevocationList
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_

Carried = aliased(Certificate)
_STANDING = (
    sa.select(Certificate, Accreditation.status, SigningKey.lost_at)
    .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
    .join(SigningKey, SigningKey.id == Certificate.signing_key_id)
)


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


def live_signed_by(signing_key_id: int) -> Sequence[Certificate]:
    """The certificates in people's hands that this key signed."""
    query = sa.select(Certificate).where(
        Certificate.signing_key_id == signing_key_id, Certificate.status.in_(LIVE)
    )
    return db.session.scalars(query.order_by(Certificate.id)).all()


def live_by_key() -> dict[int, int]:
    """How many certificates in people's hands each key signed."""
    query = (
        sa.select(Certificate.signing_key_id, sa.func.count())
        .where(Certificate.status.in_(LIVE))
        .group_by(Certificate.signing_key_id)
    )
    return dict(db.session.execute(query).all())


def to_issue_again() -> Sequence[tuple[Election, int]]:
    """The elections in which accredited people have no certificate because the key that signed
    theirs was lost, and how many people they are."""
    carries = sa.exists().where(
        Carried.accreditation_id == Certificate.accreditation_id, Carried.status.in_(LIVE)
    )
    people = (
        sa.select(
            Certificate.election_id,
            sa.func.count(sa.distinct(Certificate.accreditation_id)).label("count"),
        )
        .join(SigningKey, SigningKey.id == Certificate.signing_key_id)
        .join(Accreditation, Accreditation.id == Certificate.accreditation_id)
        .where(
            SigningKey.lost_at.is_not(None),
            Certificate.status == CertificateStatus.VOID,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~carries,
        )
        .group_by(Certificate.election_id)
        .subquery()
    )
    query = sa.select(Election, people.c.count).join(people, people.c.election_id == Election.id)
    return [(row, count) for row, count in db.session.execute(query.order_by(Election.id))]


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
    query = _STANDING.where(Certificate.election_id == election_id, Certificate.serial == serial)
    found = db.session.execute(query).first()
    return None if found is None else _standing(found)


def _standing(row: Any) -> Standing:
    certificate, status, lost_at = row
    return Standing(certificate, ended(certificate.status, status), lost_at is not None)


@dataclass(frozen=True)
class RegisterAnswer:
    """What the register says of a serial: why it does not hold (none: it holds)."""

    reason: Reason | None
    certificate: Certificate | None = None

    @property
    def verdict(self) -> Verdict:
        """Valid or not; the register itself can always tell."""
        return verdict_for(self.reason)


def register_answer(election_id: int, serial: int, now: datetime) -> RegisterAnswer:
    """How a certificate stands in the register at `now`."""
    found = standing_of(election_id, serial)
    return RegisterAnswer(Reason.UNKNOWN_NUMBER) if found is None else _answer(found, now)


def register_answers(accreditation_id: int, now: datetime) -> list[RegisterAnswer]:
    """The same of all certificates of an accreditation, the newest first."""
    query = _STANDING.where(Certificate.accreditation_id == accreditation_id)
    rows = db.session.execute(query.order_by(Certificate.serial.desc()))
    return [_answer(_standing(row), now) for row in rows]


def _answer(found: Standing, now: datetime) -> RegisterAnswer:
    row = found.certificate
    reason: Reason | None = Reason.KEY_LOST if found.key_lost else None
    reason = reason or time_reason(row.valid_from, row.valid_until, now)
    if reason is None and found.ended is not None:
        reason = Reason(found.ended.value)
    return RegisterAnswer(reason, row)
