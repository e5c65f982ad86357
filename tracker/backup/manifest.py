"""What a backup says of itself: first what it is, last what it must contain."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from tracker.backup.container import DAMAGED, BackupRefused, Part

FORMAT = 1
HEAD, MANIFEST = "head.json", "manifest.json"
DATABASE = "database.sqlite"  # or tables, in their order, in numbered pieces
TABLES, FILES, BESIDE = "tables/", "files/", "beside/"


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first part: what has to be known before anything can be brought back."""

    format: int
    made_at: str  # UTC, ISO 8601
    version: str  # of the program
    engine: str  # "sqlite" or "postgresql"
    revision: str  # of the schema
    key_check: str  # ciphertext by the installation's own keys, which are not in the backup


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The last part: counts and digests of everything before it."""

    tables: dict[str, int]  # rows by table, of which alembic_version is none
    audit_position: int  # of the newest entry of the audit record; 0: there is none
    audit_digest: str
    sequences: dict[str, int] = field(default_factory=dict)  # PostgreSQL: the last number given
    parts: dict[str, tuple[int, str]] = field(default_factory=dict)  # size, SHA-256; without files
    files: int = 0
    files_size: int = 0  # bytes, as stored
    files_sha256: str = ""  # over their names and digests, in order
    missing: list[str] = field(default_factory=list)  # keys that rows name and no file has


def as_bytes(what: Head | Manifest) -> bytes:
    """As it is stored."""
    return json.dumps(asdict(what), indent=1, ensure_ascii=False).encode()


def head_from(content: bytes) -> Head:
    """As it was stored; refuses another format."""
    values = _values(content)
    if values.get("format") != FORMAT:
        raise BackupRefused(
            f"This backup is of format {values.get('format')}, which this version does not read."
        )
    return Head(**values)


def manifest_from(content: bytes) -> Manifest:
    """As it was stored."""
    values = _values(content)
    values["parts"] = {name: (size, digest) for name, (size, digest) in values["parts"].items()}
    return Manifest(**values)


def _values(content: bytes) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise BackupRefused(f"{DAMAGED}.") from error
    return values


class Tally:
    """Counts the parts of a backup while they pass, when it is written and when it is read."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[int, str]] = {}
        self._files, self._size, self._digest = 0, 0, hashlib.sha256()

    def take(self, part: Part) -> None:
        """Count a part whose content has passed."""
        if part.name.startswith(FILES):
            self._files += 1
            self._size += part.size
            self._digest.update(f"{part.name} {part.sha256}\n".encode())
        else:
            self.parts[part.name] = part.size, part.sha256

    @property
    def of_files(self) -> dict[str, Any]:
        """What the manifest says of the stored files."""
        return {
            "files": self._files,
            "files_size": self._size,
            "files_sha256": self._digest.hexdigest(),
        }


class Reading:
    """Follows the parts of a backup as they are read, and says at the end whether it is whole."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self._manifest: Manifest | None = None
        self._tally = Tally()

    def take(self, part: Part) -> bool:
        """Whether the part is of the backup's own description, which is read here."""
        if part.name == MANIFEST:
            self._manifest = manifest_from(part.stream.read())
            return True
        if part.name == HEAD:
            self.head = head_from(part.stream.read())
            self._tally.take(part)
            return True
        if self.head is None or self._manifest is not None:
            raise BackupRefused(f"{DAMAGED}: {part.name!r} is out of place.")
        return False

    def passed(self, part: Part) -> None:
        """Count a part that was read."""
        self._tally.take(part)

    def finished(self) -> tuple[Head, Manifest]:
        """The description, once every part agrees with it; refuses otherwise."""
        head, manifest = self.head, self._manifest
        if head is None or manifest is None:
            raise BackupRefused(f"{DAMAGED}: it is not whole.")
        files = {name: getattr(manifest, name) for name in self._tally.of_files}
        if self._tally.parts != manifest.parts or self._tally.of_files != files:
            raise BackupRefused(f"{DAMAGED}: its parts are not those that its manifest lists.")
        return head, manifest
