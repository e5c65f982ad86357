"""The signed lists as they leave the house: for pages, other verifiers and files."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracker.credentials import register
from tracker.credentials.models import KeyPurpose
from tracker.credentials.signed_lists import seal_keys, seal_revocations
from tracker.credentials.signing import vault
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_

MEDIA_TYPE = "application/cwt"  # RFC 8392, section 10


def _signer() -> tuple[Ed25519PrivateKey, bytes]:
    """The key for lists that is in use; raises `NotFound` before there is one."""
    row = register.key_in_use(KeyPurpose.LISTS, clock.now())
    if row is None:
        raise NotFound(N_("Nothing was signed yet: no certificate was issued."))
    return vault.open(row.private_key), bytes.fromhex(row.key_id)


def signed_keys() -> bytes:
    """All public keys, dated now and signed; raises `NotFound`, `Refused` without a passphrase."""
    key, key_id = _signer()
    return seal_keys(register.key_list(clock.now()), key=key, key_id=key_id)


def signed_revocations(election: Election, since: datetime | None = None) -> bytes:
    """What no longer holds in an election, dated now and signed; with `since` a delta.

    A delta begins at a full hour, so that verifiers whose lists are of different minutes ask for
    the same one; it names some serials twice, which does no harm.
    """
    key, key_id = _signer()
    if since is not None:
        since = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = register.revocation_list(election, clock.now(), since)
    return seal_revocations(found, key=key, key_id=key_id)
