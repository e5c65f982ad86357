"""What changes about the daily digest: its hour, who receives it, and issuing it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from hmac import compare_digest

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.keys import KeyMissing
from tracker.kernel.mail import Attachment, Message, ascii_address
from tracker.kernel.outbox import queue_message
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.logistics.models.digest import Digest, DigestRecipient
from tracker.logistics.queries.digest import recipients_of

MOST_RECIPIENTS = 100
NOBODY = N_("There is no such recipient.")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Who receives the digest, in which language."""

    name: str
    email: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The digest in one language: a letter with its paper."""

    subject: str
    text: str
    paper: bytes


def set_digest_hour(*, actor: Actor, election: Election, at: time | None) -> None:
    """Say at which local time the digest is issued each day; None for never."""
    actor.require(Capability.MANAGE_DIGEST)
    election.digest_at = at
    db.session.flush()


def add_digest_recipient(
    *, actor: Actor, election: Election, recipient: Recipient
) -> DigestRecipient:
    """Send the digest to one address more."""
    actor.require(Capability.MANAGE_DIGEST)
    try:
        address = ascii_address(recipient.email)
    except ValueError:
        message = N_("%(email)s is not an e-mail address.")
        raise Refused(message, field="email", email=recipient.email) from None
    if len(recipients_of(election.id)) >= MOST_RECIPIENTS:
        raise Refused(N_("At most %(most)s people receive the digest."), most=MOST_RECIPIENTS)
    row = DigestRecipient(
        election_id=election.id,
        name=recipient.name,
        email=recipient.email.strip(),
        email_digest=keyring.digest(f"email:{address.casefold()}"),
        language=recipient.language,
        created_by=actor.name,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        message = N_("The digest is sent to this address already.")
        raise Refused(message, field="email") from error
    return row


def remove_digest_recipient(*, actor: Actor, election: Election, recipient_id: int) -> str:
    """Send the digest to one address less; what `restore_digest_recipient` takes, encrypted."""
    actor.require(Capability.MANAGE_DIGEST)
    query = sa.select(DigestRecipient).where(
        DigestRecipient.id == recipient_id, DigestRecipient.election_id == election.id
    )
    row = db.session.scalar(query)
    if row is None:
        raise NotFound(NOBODY)
    db.session.delete(row)
    db.session.flush()
    gone = Recipient(name=row.name, email=row.email, language=row.language)
    sealed = keyring.encrypt(json.dumps(asdict(gone)).encode()).decode()
    return f"{_seal_of(election, sealed)}.{sealed}"


def _seal_of(election: Election, sealed: str) -> str:
    return keyring.digest(f"digest-recipient:{election.id}:{sealed}")


def restore_digest_recipient(*, actor: Actor, election: Election, gone: str) -> DigestRecipient:
    """Send the digest again to an address that was removed."""
    actor.require(Capability.MANAGE_DIGEST)
    seal, _dot, sealed = gone.partition(".")
    # Only what was encrypted here for this election is opened, not a value from elsewhere.
    if not compare_digest(seal.encode(), _seal_of(election, sealed).encode()):
        raise Refused(NOBODY)
    try:
        recipient = Recipient(**json.loads(keyring.decrypt(sealed)))
    except KeyMissing as error:  # destroyed meanwhile
        raise Refused(NOBODY) from error
    return add_digest_recipient(actor=actor, election=election, recipient=recipient)


def issue_digest(
    *, actor: Actor, election: Election, as_of: datetime, letters: Mapping[str, Letter]
) -> Digest | None:
    """Keep the day's digest and send it; None where another process has issued it already."""
    actor.require(Capability.MANAGE_DIGEST)
    people = recipients_of(election.id)
    row = Digest(
        election_id=election.id,
        on=clock.local(as_of, election.time_zone).date(),
        as_of=as_of,
        recipients=len(people),
        **{f"paper_{code}": storage.put(letter.paper) for code, letter in letters.items()},
    )
    taken = sa.select(Digest.id).where(Digest.election_id == election.id, Digest.on == row.on)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        if db.session.scalar(taken) is None:
            raise
        return None
    for person in people:
        letter = letters[person.language]
        name = f"digest-{election.slug}-{row.on}-{person.language}.pdf"
        queue_message(
            Message(
                to=(person.name, person.email),
                subject=letter.subject,
                text=letter.text,
                attachment=Attachment(name, letter.paper),
            ),
            key=f"digest-{row.id}-recipient-{person.id}",
        )
    return row
