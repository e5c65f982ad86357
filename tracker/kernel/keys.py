"""Data keys: what encrypts is itself encrypted, and is replaced while the system serves.

Envelope encryption (NIST SP 800-57 part 1, 5.3.6): random data keys are kept in the database,
each wrapped by AES-256-GCM under a key derived by HKDF (RFC 5869) from the installation's secret.
A ciphertext names its data key, so that reading tries nothing in vain; what names none was made
before there were data keys and is under key number 0, which was derived from the secret itself.

Every process keeps the keys that it has read. It reads them again when it meets a number that it
does not know, and before it encrypts where its copy is older than `REFRESH`: a new key needs no
restart, and after `SETTLED` nobody encrypts with the one before.
"""

import base64
import binascii
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, enum_type, reading_aside

REFRESH = 30.0  # seconds that a process encrypts without looking whether there is a newer key
SETTLED = timedelta(minutes=2)  # after a new key: well over REFRESH, for clocks that differ
FIRST = 0  # the number of what was derived from the secret itself
NONCE = 12  # bytes (NIST SP 800-38D)


class KeyMissing(RuntimeError):
    """A key that is needed is not there, or not for this installation's secret."""


class Purpose(StrEnum):
    """What a key is for: never for two things."""

    DATA = "data"  # columns and files
    DIGEST = "digest"  # keyed hashes of what is looked up, and what sign-in derives from them
    RECOVERY_CODES = "recovery_codes"


# How each was derived from the secret before there were data keys.
DERIVED = {
    Purpose.DATA: b"fields",
    Purpose.DIGEST: b"digest",
    Purpose.RECOVERY_CODES: b"recovery codes",
}


class DataKey(Model):
    """One key of one purpose; the newest of its purpose is in use. The row outlives the key."""

    __tablename__ = "data_keys"
    __table_args__ = (
        sa.CheckConstraint("number >= 0", name="number"),
        sa.CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
        sa.CheckConstraint("(wrapped IS NULL) = (wrapped_by IS NULL)", name="wrapped_by_a_secret"),
        sa.CheckConstraint("destroyed_at IS NULL OR retired_at IS NOT NULL", name="retired_first"),
    )

    # 1, 2, 3 … in the order of making, named by what is encrypted; 0: derived from the secret.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose))
    # The key itself, under one derived from the secret.
    wrapped: Mapped[str | None] = mapped_column(sa.Text, info={"audit": "redact"})
    wrapped_by: Mapped[str | None] = mapped_column(sa.String(16))  # names the secret, tells nothing
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None]  # since when nothing is under it any more
    # The key is gone for good; what was under it cannot be read.
    destroyed_at: Mapped[datetime | None]


def derived(secret: str, purpose: bytes) -> bytes:
    """32 bytes of their own for each purpose (RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(
        secret.encode()
    )


def new_key() -> bytes:
    """A random key."""
    return os.urandom(32)


def name_of(secret: str) -> str:
    """By what a wrapped key tells which secret opens it."""
    return derived(secret, b"name of the key encryption key")[:8].hex()


def wrap(secret: str, number: int, purpose: Purpose, key: bytes) -> dict[str, str]:
    """The columns of a key wrapped by `secret`; bound to its number and purpose, so that no row
    can stand in for another."""
    nonce = os.urandom(NONCE)
    sealer = AESGCM(derived(secret, b"key encryption key"))
    sealed = nonce + sealer.encrypt(nonce, key, f"{number} {purpose.value}".encode())
    return {"wrapped": base64.b64encode(sealed).decode(), "wrapped_by": name_of(secret)}


def unwrap(secrets: Sequence[str], number: int, purpose: Purpose, wrapped: str, by: str) -> bytes:
    """The key itself; raises `KeyMissing` where none of `secrets` opens it."""
    secret = next((each for each in secrets if name_of(each) == by), None)
    if secret is None:
        raise KeyMissing(
            f"Data key {number} was wrapped by another secret: set TRACKER_SECRET_KEY to the one "
            "that was in use, or TRACKER_SECRET_KEY_PREVIOUS beside the new one."
        )
    try:
        sealed = base64.b64decode(wrapped, validate=True)
        opener = AESGCM(derived(secret, b"key encryption key"))
        return opener.decrypt(sealed[:NONCE], sealed[NONCE:], f"{number} {purpose.value}".encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise KeyMissing(f"Data key {number} is damaged in the database.") from error


@dataclass(frozen=True)
class Ring:
    """The keys as they stood at one moment."""

    ciphers: Mapping[str, Fernet]  # by number
    number: int  # of the one that encrypts
    newest: Fernet  # which is this one
    prefix: bytes  # of what it encrypts
    others: Mapping[Purpose, bytes]
    until: float  # encrypts without another look until this moment (`time.monotonic`)


def ring_before(secret: str) -> Ring:
    """As it was before there were data keys: all is derived, and ciphertexts name no key."""
    others = {each: derived(secret, info) for each, info in DERIVED.items()}
    first = Fernet(base64.urlsafe_b64encode(others[Purpose.DATA]))
    return Ring({str(FIRST): first}, FIRST, first, b"", others, until=0)


def ring_of(rows: Iterable[Any], secrets: Sequence[str]) -> Ring:
    """The ring that these rows make; raises `KeyMissing` where they are none."""
    known: dict[Purpose, dict[int, bytes]] = {purpose: {} for purpose in Purpose}
    for row in rows:
        known[row.purpose][row.number] = unwrap(
            secrets, row.number, row.purpose, row.wrapped, row.wrapped_by
        )
    if not all(known.values()):
        raise KeyMissing("There are no data keys in the database: `tracker migrate` makes them.")
    newest = max(known[Purpose.DATA])
    ciphers = {
        str(number): Fernet(base64.urlsafe_b64encode(key))
        for number, key in known[Purpose.DATA].items()
    }
    return Ring(
        ciphers=ciphers,
        number=newest,
        newest=ciphers[str(newest)],
        prefix=f"{newest}.".encode() if newest else b"",
        others={purpose: keys[max(keys)] for purpose, keys in known.items()},
        until=time.monotonic() + REFRESH,
    )


def first_keys(connection: sa.Connection, secrets: Sequence[str], *, is_used: bool) -> None:
    """Make the keys of a database that has none, within the caller's transaction.

    Hashes and recovery codes begin with the keys that were derived from the oldest of `secrets`
    before there were others, so that what exists stays valid, and the first revision that knows
    no data keys can be gone back to until the secret changes. A random key encrypts; where the
    installation was used before (`is_used`), the derived one stays for what it has encrypted.
    """
    oldest, now = secrets[-1], clock.now()
    made = [
        (number, purpose, derived(oldest, DERIVED[purpose]))
        for number, purpose in (
            (FIRST, Purpose.DATA),
            (2, Purpose.DIGEST),
            (3, Purpose.RECOVERY_CODES),
        )
        if is_used or number
    ]
    made.append((1, Purpose.DATA, new_key()))
    rows = [
        {"number": number, "purpose": purpose, "created_at": now}
        | wrap(secrets[0], number, purpose, key)
        for number, purpose, key in made
    ]
    connection.execute(sa.insert(DataKey.__table__), rows)  # type: ignore[arg-type]


def rows_in(connection: sa.Connection) -> Sequence[Any]:
    """The keys that were not destroyed."""
    table = DataKey.__table__
    columns = (table.c.number, table.c.purpose, table.c.wrapped, table.c.wrapped_by)
    return connection.execute(sa.select(*columns).where(table.c.wrapped.is_not(None))).all()


class Keys:
    """The keys of one application, newest secret first."""

    def __init__(self, secrets: Sequence[str], engine: sa.Engine) -> None:
        self.secrets = tuple(secrets)
        self._engine = engine
        self._ring: Ring | None = None

    def ring(self) -> Ring:
        """The keys as last read."""
        return self._ring or self.read()

    def fresh(self) -> Ring:
        """The keys to encrypt with: read again where the newest may be another by now."""
        ring = self._ring
        if ring is None or time.monotonic() >= ring.until:
            return self.read()
        return ring

    def cipher(self, number: str) -> Fernet:
        """The data key of this number; raises `KeyMissing` where it is no more."""
        ring = self._ring
        cipher = ring.ciphers.get(number) if ring else None
        if cipher is None:
            cipher = self.read().ciphers.get(number)
        if cipher is None:
            raise KeyMissing(f"Data key {number[:10]} was destroyed, or never was here.")
        return cipher

    def read(self) -> Ring:
        """Read the keys from the database, on a connection beside the transaction under way."""
        ring = self._read()
        # What holds before the first migration is not kept: another process may migrate.
        self._ring = ring if ring.until else None
        return ring

    def read_from(self, connection: sa.Connection) -> None:
        """Read them where a transaction has just brought them, which nobody else sees yet."""
        self._ring = ring_of(rows_in(connection), self.secrets)

    def _read(self) -> Ring:
        with reading_aside(self._engine) as connection:
            try:
                rows = rows_in(connection)
            except (sa.exc.OperationalError, sa.exc.ProgrammingError):
                connection.rollback()
                if sa.inspect(connection).has_table(DataKey.__tablename__):
                    raise
                return ring_before(self.secrets[-1])
        return ring_of(rows, self.secrets)

    def forget(self) -> None:
        """Read the keys anew at their next use."""
        self._ring = None
