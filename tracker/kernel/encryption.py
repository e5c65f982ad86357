"""Field encryption: personal data is ciphertext in the database and on the disk.

Fernet (AES-128-CBC with HMAC-SHA-256, the specification of the `cryptography` project) with
several keys for rotation; a keyed digest (HMAC-SHA-256) lets an encrypted value be found by
equality without storing it in clear. Keys are derived from the installation's secret by HKDF
(RFC 5869), one for each purpose.
"""

import base64

import sqlalchemy as sa
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(
        secret.encode()
    )


class Keyring:
    """The keys of this installation; configured once by the application at start."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None
        self._digest_key = b""
        self._newest = ""

    def configure(self, secrets: list[str]) -> None:
        """Use `secrets`, newest first: the first encrypts, all decrypt."""
        keys = [base64.urlsafe_b64encode(_derived(secret, b"fields")) for secret in secrets]
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._digest_key = _derived(secrets[-1], b"digest")
        self._newest = secrets[0]

    @property
    def fernet(self) -> MultiFernet:
        """The cipher; an error if the application has not been configured."""
        if self._fernet is None:
            raise RuntimeError("the keyring has no key: create_app() configures it")
        return self._fernet

    def derived_key(self, purpose: str) -> bytes:
        """A Fernet key of its own for `purpose`, for libraries that encrypt by themselves."""
        return base64.urlsafe_b64encode(_derived(self._newest, purpose.encode()))

    def digest(self, value: str) -> str:
        """A keyed digest of `value` in hexadecimal, to look an encrypted value up."""
        if not self._digest_key:
            raise RuntimeError("the keyring has no key: create_app() configures it")
        signer = hmac.HMAC(self._digest_key, hashes.SHA256())
        signer.update(value.encode())
        return signer.finalize().hex()


keyring = Keyring()


class EncryptedString(TypeDecorator[str]):
    """Text that is stored as ciphertext and is clear only in memory."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.fernet.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.fernet.decrypt(value).decode()
