"""Files of the installation (portraits, scans), kept encrypted under the instance folder.

A key is the SHA-256 of the clear content: the same file is stored once, and a key in the
database cannot point at content that was swapped unnoticed.
"""

import hashlib
import uuid
from pathlib import Path

from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_


class Storage:
    """Content-addressed encrypted files below one folder."""

    def __init__(self) -> None:
        self._root: Path | None = None

    def configure(self, root: Path) -> None:
        """Keep files below `root`."""
        self._root = root

    def _path(self, key: str) -> Path:
        if self._root is None:
            raise RuntimeError("the storage has no folder: create_app() configures it")
        return self._root / key[:2] / key

    def put(self, content: bytes) -> str:
        """Store `content`; return its key."""
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Of its own: two processes may store the same content at the same moment.
            partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
            partial.write_bytes(keyring.fernet.encrypt(content))
            partial.replace(path)
        return key

    def put_upload(self, content: bytes, *, largest: int, field: str) -> str:
        """Store what a person sent; raises `Refused` where it is empty or over `largest` bytes."""
        if not content:
            raise Refused(N_("The file is empty."), field=field)
        if len(content) > largest:
            raise Refused(
                N_("The file is larger than %(limit)s megabytes."),
                field=field,
                limit=largest // 1024**2,
            )
        return self.put(content)

    def get(self, key: str) -> bytes:
        """The clear content of `key`; raises FileNotFoundError where there is none."""
        return keyring.fernet.decrypt(self._path(key).read_bytes())


storage = Storage()
