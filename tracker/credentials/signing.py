"""The private halves of signing keys: made here, kept encrypted, clear only in memory.

PKCS #8 (RFC 5958) encrypted by `cryptography` with a passphrase that is not in the database
(`TRACKER_SIGNING_PASSPHRASE` or a file): a stolen database signs nothing.
"""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_


class Vault:
    """Opens private keys with this installation's passphrase; configured once at start."""

    def __init__(self) -> None:
        self._passphrase: str | None = None

    def configure(self, passphrase: str | None) -> None:
        """Use `passphrase`; without one no key can be made or used."""
        self._passphrase = passphrase

    @property
    def is_configured(self) -> bool:
        """Whether this installation has a passphrase."""
        return self._passphrase is not None

    @property
    def _secret(self) -> bytes:
        if self._passphrase is None:
            raise Refused(
                N_(
                    "Certificates cannot be signed: TRACKER_SIGNING_PASSPHRASE is not set for "
                    "this installation."
                )
            )
        return self._passphrase.encode()

    def make(self) -> tuple[str, bytes]:
        """A new key: the encrypted PEM and the raw public half (32 bytes)."""
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._secret)
        )
        return pem.decode("ascii"), key.public_key().public_bytes_raw()

    def open(self, pem: str) -> Ed25519PrivateKey:
        """The private key; raises `Refused` where the passphrase is not the one it was made with.

        Opened once a process: deriving the key from the passphrase is slow on purpose.
        """
        return _opened(pem, self._secret)


@lru_cache(maxsize=16)
def _opened(pem: str, secret: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode("ascii"), secret)
    except ValueError as error:
        raise Refused(
            N_("Certificates cannot be signed: the signing passphrase is not the right one.")
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("a signing key is an Ed25519 key")
    return key


vault = Vault()
