"""Files of the installation (portraits, scans), kept encrypted in a folder or a bucket.

A key is the SHA-256 of the clear content: the same file is stored once, and a key in the
database cannot point at content that was swapped unnoticed.

What is stored is kept for good before the row that names it is committed: whoever was told
"done" finds the file again after a loss of power.
"""

import hashlib
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.types import TypeDecorator

from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.places import Place


class StorageKey(TypeDecorator[str]):
    """The type of every column that names a stored file; empty or NULL names none.

    By it all references to a file are found, before one is taken away.
    """

    impl = sa.String(64)
    cache_ok = True


class Storage:
    """Content-addressed encrypted files in one place."""

    def __init__(self) -> None:
        self._place: Place | None = None

    def configure(self, place: Place) -> None:
        """Keep files in `place`."""
        self._place = place
        if not event.contains(db.session, "before_commit", self._before_commit):
            event.listen(db.session, "before_commit", self._before_commit)

    def _before_commit(self, _session: Any) -> None:
        self.settle()

    @property
    def place(self) -> Place:
        """Where files are; an error if the application has not been configured."""
        if self._place is None:
            raise RuntimeError("the storage has no place: create_app() configures it")
        return self._place

    def settle(self) -> None:
        """Have what this thread stored kept for good; every commit does so first."""
        self.place.settle()

    def put(self, content: bytes) -> str:
        """Store `content`; return its key."""
        key = hashlib.sha256(content).hexdigest()
        self.place.write(key, keyring.encrypt(content))
        return key

    def get(self, key: str) -> bytes:
        """The clear content of `key`; raises FileNotFoundError where there is none."""
        return keyring.decrypt(self.place.read(key))

    def names(self) -> Iterator[str]:
        """The keys of all files that are stored whole, in order."""
        return self.place.names()

    def beginning(self, key: str, length: int) -> bytes:
        """The first bytes of a file as it is stored."""
        return self.place.read(key, length)

    def sealed(self, key: str) -> bytes:
        """A file as it is stored."""
        return self.place.read(key)

    def replace(self, key: str, sealed: bytes) -> bool:
        """Put another ciphertext of the same content in the place of a file.

        False where the file has been deleted meanwhile: it must not come back.
        """
        return self.place.replace(key, sealed)

    def size(self, key: str) -> int:
        """How many bytes `key` takes where it is stored; 0 where there is no such file."""
        return self.place.size(key)

    def keys(self, *, older_than: timedelta) -> Iterator[str]:
        """The keys of all files that were stored so long ago."""
        return self.place.names_before(time.time() - older_than.total_seconds())

    def delete(self, key: str) -> None:
        """Take the file away, where it is there; the caller knows that no row names it."""
        self.place.delete(key)


storage = Storage()
