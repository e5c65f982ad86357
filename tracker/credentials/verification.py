"""The answer to "is this certificate valid?", from its text and the signed lists alone.

Nothing here knows a database: the same answer comes out at headquarters and at a polling station
without a network. The page in the browser follows the same order (docs/credential.md), and test
vectors hold both together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.credentials import cose
from tracker.credentials.credential import Credential, credential_of
from tracker.credentials.models import KeyPurpose
from tracker.credentials.rules import (
    LIST_MAX_AGE,
    Reason,
    Verdict,
    age_reason,
    time_reason,
    verdict_for,
)
from tracker.credentials.signed_lists import KeyList, RevocationList


@dataclass(frozen=True)
class Answer:
    """What is said of one text: the reason (none: valid), what it claims where the signature
    holds, and the moment of the revocation list that was asked."""

    reason: Reason | None
    credential: Credential | None = None
    list_at: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Valid, not valid, or cannot tell."""
        return verdict_for(self.reason)


def verify(
    text: str,
    *,
    keys: KeyList | None,
    lists: Mapping[str, RevocationList],
    now: datetime,
    election: str | None = None,
) -> Answer:
    """The answer for what a QR code said.

    `lists`: by election; `election`: the one that the verifier stands in, where that is known.
    The order of the checks is part of the specification. Never raises, whatever the text is.
    """
    try:
        message = cose.read(cose.from_text(text))
        credential = credential_of(message.payload)
    except cose.Unreadable:
        return Answer(Reason.NOT_A_CERTIFICATE)
    if reason := _signature_reason(message, keys, now):
        return Answer(reason)
    revocations = lists.get(credential.election)
    if revocations and (revocations.since or revocations.election != credential.election):
        revocations = None  # a delta alone says nothing of the rest
    return Answer(
        _reason(credential, message, keys, revocations, now, election),
        credential,
        revocations.issued_at if revocations else None,
    )


def _signature_reason(message: cose.Message, keys: KeyList | None, now: datetime) -> Reason | None:
    """Why the signature proves nothing; None where a key of the Ministry made it."""
    if keys is None:
        return Reason.NO_KEYS
    signer = keys.keys.get(message.key_id)
    if signer is None or signer.purpose is not KeyPurpose.CERTIFICATES:
        # A key that is newer than the list may be genuine.
        is_old = now - keys.issued_at > LIST_MAX_AGE
        return Reason.KEYS_TOO_OLD if signer is None and is_old else Reason.UNKNOWN_KEY
    return None if message.is_signed_by(signer.key) else Reason.ALTERED


def _reason(
    credential: Credential,
    message: cose.Message,
    keys: KeyList | None,
    revocations: RevocationList | None,
    now: datetime,
    election: str | None,
) -> Reason | None:
    if keys and keys.keys[message.key_id].lost_at is not None:
        return Reason.KEY_LOST
    if election is not None and credential.election != election:
        return Reason.OTHER_ELECTION
    if reason := time_reason(credential.valid_from, credential.valid_until, now):
        return reason
    if revocations and (ended := revocations.serials.get(credential.serial)):
        return Reason(ended.value)
    return age_reason(revocations.issued_at if revocations else None, now)
