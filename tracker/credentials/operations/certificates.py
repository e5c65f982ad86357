"""Issuing certificates, one or thousands at a time, and what becomes of each afterwards."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.accreditation.models import AccreditationStatus
from tracker.audit.capture import insert_many
from tracker.credentials import cose, queries
from tracker.credentials.credential import (
    MOST_REGIONS,
    PORTRAIT_HASH_LENGTH,
    Credential,
    fitted,
    payload_of,
)
from tracker.credentials.models import (
    Certificate,
    CertificateStatus,
    CertificateStep,
    SigningKey,
)
from tracker.credentials.operations.keys import hold_elections, key_to_sign
from tracker.credentials.operations.life import check_step, step_all, step_values
from tracker.credentials.portraits import printed_portrait
from tracker.credentials.rules import CODE_LENGTH, CODE_LETTERS, Step, kind_for
from tracker.credentials.signing import vault
from tracker.elections.models import Election
from tracker.elections.regions import regions_of
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, reserve_ids
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability

CHUNK = 500  # certificates at a time


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How long and where certificates hold; what is left out follows from the accreditation:
    from its moment of effect, until the election's end, in the region it names."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    regions: tuple[str, ...] | None = None


@dataclass
class Issued:
    """The ids of the certificates made, and for whom none was made: name and why."""

    ids: list[int] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)


def check_terms(election: Election, terms: Terms) -> None:
    """Raise `Refused` where no certificate of this election can hold so."""
    until = terms.valid_until or election.ends_at
    if until > election.ends_at:
        raise Refused(
            N_("A certificate is valid until %(moment)s at the latest, when accreditations end."),
            field="valid_until",
            moment=clock.local(election.ends_at, election.time_zone),
        )
    if terms.valid_from is not None and terms.valid_from >= until:
        raise Refused(N_("It must begin to be valid before it ends."), field="valid_from")
    if terms.regions is not None:
        if len(terms.regions) > MOST_REGIONS:
            raise Refused(
                N_("At most %(count)s regions; choose none for the whole country."),
                field="regions",
                count=MOST_REGIONS,
            )
        known = {region.code for region in regions_of(election.host_country)}
        if unknown := sorted(set(terms.regions) - known):
            raise Refused(N_("%(region)s is not a region."), field="regions", region=unknown[0])


def _obstacle(candidate: queries.Candidate, valid_until: datetime) -> Refused | None:
    """Why no certificate can be issued to this person; None where it can."""
    accreditation = candidate.accreditation
    if accreditation.status is not AccreditationStatus.ACCREDITED:
        return Refused(N_("Not accredited."))
    if candidate.live_id is not None:
        return Refused(N_("There is a certificate already: reissue it instead."))
    if accreditation.function is None:
        return Refused(N_("The function is missing."))
    if candidate.observer.portrait is None:
        return Refused(N_("The portrait is missing."))
    if accreditation.status_at >= valid_until:
        return Refused(N_("The accreditation begins only after the certificate would end."))
    return None


def issue_certificates(
    *,
    actor: Actor,
    election: Election,
    accreditation_ids: Sequence[int],
    terms: Terms | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Issued:
    """Issue a certificate to each of these people in this order; whoever cannot have one is named.

    Raises `Refused` for all where the terms are wrong or nothing can be signed.
    """
    actor.require(Capability.ISSUE_CERTIFICATES)
    terms = terms or Terms()
    check_terms(election, terms)
    hold_elections()
    key = key_to_sign(actor)
    issued = Issued()
    serial = queries.last_serial(election.id)
    for start in range(0, len(accreditation_ids), CHUNK):
        ids = list(dict.fromkeys(accreditation_ids[start : start + CHUNK]))
        found = queries.candidates(election.id, ids)
        chosen = []
        for candidate in (found[each] for each in ids if each in found):
            obstacle = _obstacle(candidate, terms.valid_until or election.ends_at)
            if obstacle is None:
                chosen.append(candidate)
            else:
                issued.refused.append((_name(candidate), obstacle))
        rows = _rows(actor, election, key, chosen, terms, serial)
        serial += len(rows)
        insert_many(Certificate, rows)
        steps = [step_values(actor, row["id"], None, CertificateStatus.ISSUED) for row in rows]
        insert_many(CertificateStep, steps)
        issued.ids += [row["id"] for row in rows]
        progress(min(start + CHUNK, len(accreditation_ids)))
    return issued


def _name(candidate: queries.Candidate) -> str:
    return f"{candidate.observer.surname} {candidate.observer.given_names}".strip()


def _rows(
    actor: Actor,
    election: Election,
    key: SigningKey,
    chosen: Sequence[queries.Candidate],
    terms: Terms,
    serial: int,
) -> list[dict[str, Any]]:
    """The rows of new certificates, signed; serials go on from `serial`."""
    private, key_id = vault.open(key.private_key), bytes.fromhex(key.key_id)
    now = clock.now().replace(microsecond=0)
    rows = []
    for key_of_row, candidate in zip(reserve_ids(Certificate, len(chosen)), chosen, strict=True):
        serial += 1
        portrait = printed_portrait(candidate.observer.portrait or "")
        credential = _credential(election, candidate, terms, serial, portrait, now)
        message = cose.sign(payload_of(fitted(credential)), key=private, key_id=key_id)
        rows.append(
            {
                "id": key_of_row,
                "election_id": election.id,
                "delegation_id": candidate.accreditation.delegation_id,
                "accreditation_id": candidate.accreditation.id,
                "serial": serial,
                "code": "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)),
                "kind": kind_for(credential.function),
                "function": credential.function,
                "regions": " ".join(credential.regions),
                "valid_from": credential.valid_from,
                "valid_until": credential.valid_until,
                "status": CertificateStatus.ISSUED,
                "status_at": clock.now(),
                "signing_key_id": key.id,
                "credential": cose.as_text(message),
                "portrait": portrait,
                "replaces_id": candidate.last_id,
                "issued_at": now,
                "issued_by": actor.name,
                "version": 1,
            }
        )
    return rows


def _credential(
    election: Election,
    candidate: queries.Candidate,
    terms: Terms,
    serial: int,
    portrait: str,
    now: datetime,
) -> Credential:
    accreditation, observer = candidate.accreditation, candidate.observer
    if accreditation.function is None:
        raise ValueError("a certificate names a function")
    own_region = (accreditation.region,) if accreditation.region else ()
    start = terms.valid_from or accreditation.status_at
    organization = candidate.organization
    return Credential(
        issuer=election.host_country,
        serial=serial,
        election=election.slug,
        function=accreditation.function,
        surname=observer.surname,
        given_names=observer.given_names,
        native_name=observer.native_name or "",
        citizenship=observer.citizenship or "",
        organization=organization.acronym or organization.name_en,
        regions=own_region if terms.regions is None else terms.regions,
        portrait=bytes.fromhex(portrait)[:PORTRAIT_HASH_LENGTH],
        valid_from=start.replace(microsecond=0),
        valid_until=(terms.valid_until or election.ends_at).replace(microsecond=0),
        issued_at=now,
    )


def record_printed(*, actor: Actor, certificates: Sequence[Certificate], reason: str = "") -> None:
    """They were printed; raises `Refused` where one was printed before and nobody says why."""
    actor.require(Capability.ISSUE_CERTIFICATES)
    step_all(actor, certificates, Step.PRINT, reason=reason)


def hand_over_certificates(
    *, actor: Actor, certificates: Sequence[Certificate], received_by: str
) -> None:
    """They were handed over to a person who signed for them; raises `Refused`, also for none."""
    actor.require(Capability.ISSUE_CERTIFICATES)
    if not certificates:
        raise Refused(N_("Nobody is chosen."))
    step_all(actor, certificates, Step.HAND_OVER, received_by=received_by)


def return_certificate(*, actor: Actor, certificate: Certificate, reason: str = "") -> None:
    """It was given back; it no longer holds."""
    actor.require(Capability.ISSUE_CERTIFICATES)
    step_all(actor, [certificate], Step.RETURN, reason=reason)


def lose_certificate(*, actor: Actor, certificate: Certificate, reason: str) -> None:
    """It was lost or stolen; it no longer holds."""
    actor.require(Capability.ISSUE_CERTIFICATES)
    step_all(actor, [certificate], Step.LOSE, reason=reason)


def void_certificate(*, actor: Actor, certificate: Certificate, reason: str) -> None:
    """It was issued by mistake, or damaged; it no longer holds."""
    actor.require(Capability.ISSUE_CERTIFICATES)
    step_all(actor, [certificate], Step.VOID, reason=reason)


def reissue_certificate(
    *,
    actor: Actor,
    election: Election,
    certificate: Certificate,
    reason: str,
    terms: Terms | None = None,
) -> int:
    """Issue another in place of one, which is void at once; returns the id of the new one.

    Raises `Refused`, and leaves the old one as it was, where no other can be issued.
    """
    actor.require(Capability.ISSUE_CERTIFICATES)
    check_step(certificate, Step.REPLACE, reason=reason)
    with db.session.begin_nested():
        step_all(actor, [certificate], Step.REPLACE, reason=reason)
        issued = issue_certificates(
            actor=actor,
            election=election,
            accreditation_ids=[certificate.accreditation_id],
            terms=terms,
        )
        if issued.refused:
            raise issued.refused[0][1]
    return issued.ids[0]
