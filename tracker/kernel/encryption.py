"""Field encryption: personal data is ciphertext in the database and on the disk.

Fernet (AES-128-CBC with HMAC-SHA-256, the specification of the `cryptography` project) under data
keys that the database keeps wrapped (`kernel.keys`); a ciphertext begins with the number of its
key and a full stop. A keyed digest (HMAC-SHA-256) lets an encrypted value be found by equality
without storing it in clear.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, hmac
from flask import Flask, current_app, has_app_context
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from tracker.kernel.database import db
from tracker.kernel.keys import DataKey, Keys, Purpose, first_keys

EXTENSION = "data_keys"


class Keyring:
    """The keys of the application at work; `create_app` configures them."""

    def __init__(self) -> None:
        self._last: Keys | None = None
        self._only: Keys | None = None  # of a process with one application, which need not ask

    def configure(self, app: Flask, secrets: Sequence[str], engine: sa.Engine) -> None:
        """Use the data keys in the database of `engine`, wrapped by `secrets`, newest first.

        Nothing is read yet: the database need not be there when an application is built.
        """
        keys = app.extensions[EXTENSION] = Keys(secrets, engine)
        self._only = keys if self._last is None else None
        self._last = keys

    @property
    def keys(self) -> Keys:
        """The keys of this application; of the last one configured, outside of any."""
        if has_app_context():
            found: Keys = current_app.extensions[EXTENSION]
            return found
        if self._last is None:
            raise RuntimeError("the keyring has no key: create_app() configures it")
        return self._last

    def encrypt(self, content: bytes) -> bytes:
        """`content` under the newest data key, whose number it begins with."""
        ring = (self._only or self.keys).fresh()
        return ring.prefix + ring.newest.encrypt(content)

    def decrypt(self, token: bytes | str) -> bytes:
        """The clear content; raises `KeyMissing` where its key was destroyed."""
        if isinstance(token, bytes):
            token = token.decode("ascii")
        number, dot, sealed = token.partition(".")
        if not dot:
            number, sealed = "0", token
        return (self._only or self.keys).cipher(number).decrypt(sealed)

    def kept_key(self, purpose: Purpose) -> bytes:
        """The 32 bytes that `purpose` has; they stay the same when the secret changes."""
        return self.keys.ring().others[purpose]

    def derived_key(self) -> bytes:
        """A Fernet key for recovery codes, which a library encrypts by itself."""
        return base64.urlsafe_b64encode(self.kept_key(Purpose.RECOVERY_CODES))

    def digest(self, value: str) -> str:
        """A keyed digest of `value` in hexadecimal, to look an encrypted value up."""
        signer = hmac.HMAC(self.kept_key(Purpose.DIGEST), hashes.SHA256())
        signer.update(value.encode())
        return signer.finalize().hex()


keyring = Keyring()


class Encrypted:
    """Marks the types of columns that hold ciphertext."""


class EncryptedString(Encrypted, TypeDecorator[str]):
    """Text that is stored as ciphertext and is clear only in memory."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.decrypt(value).decode()


class EncryptedJson(Encrypted, TypeDecorator[Any]):
    """What JSON can say, stored as ciphertext."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return keyring.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(keyring.decrypt(value))


@sa.event.listens_for(DataKey.__table__, "after_create")
def _made(_table: sa.Table, connection: sa.Connection, **_options: object) -> None:
    """A database made from the models begins with keys, as one made by migrations does."""
    keys = keyring.keys
    first_keys(connection, keys.secrets, is_used=False)
    keys.forget()


def key_ages() -> list[tuple[str, int, datetime, bool]]:
    """Each key that is not destroyed: purpose, number, when it was made, whether it is in use."""
    query = sa.select(DataKey.purpose, DataKey.number, DataKey.created_at)
    rows = db.session.execute(query.where(DataKey.wrapped.is_not(None)).order_by(DataKey.number))
    found = [(row.purpose.value, row.number, row.created_at) for row in rows]
    newest = {purpose: number for purpose, number, _created in found}
    return [(*each, newest[each[0]] == each[1]) for each in found]
