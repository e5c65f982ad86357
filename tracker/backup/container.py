"""The form of a backup: one file that `tar`, the `age` tool and a few lines open by hand.

    key.json      the key of this one backup, encrypted with the passphrase (scrypt, Fernet)
    content.age   a tar of the parts, encrypted to that key (age: X25519, ChaCha20-Poly1305)

A key of its own for each backup, because age takes a passphrase only for what fits into memory, and
chooses how hard the passphrase is to guess by how busy the machine happens to be. Both ways stream:
a pipe stands between tar and age, and no part is held whole.
"""

import base64
import hashlib
import io
import json
import os
import secrets
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import pyrage
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

LONGEST_KEY = 4096  # bytes
BLOCK = tarfile.BLOCKSIZE
KEY, CONTENT = "key.json", "content.age"
# OWASP's recommendation for scrypt (RFC 7914): 128 MiB and a fraction of a second for each guess.
SCRYPT = {"n": 2**17, "r": 8, "p": 1}
DAMAGED = "This file is damaged or no backup of this system"


class BackupRefused(Exception):
    """A backup cannot be made, read or restored; the text says why in one line."""


@dataclass
class Part:
    """One part while it is read or once it was written."""

    name: str
    size: int
    stream: "Hashing"

    @property
    def sha256(self) -> str:
        """Of what has been read so far, in hexadecimal."""
        return self.stream.digest.hexdigest()


class Hashing(io.RawIOBase):
    """A stream that knows the SHA-256 of what was read from it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        """It is only read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        found = self._inner.read(size)
        self.digest.update(found)
        return found


class _Pump(threading.Thread):
    """Encrypts or decrypts on the other side of a pipe; remembers what went wrong there."""

    def __init__(self, work: Callable[[], None], end: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._work, self._end = work, end
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        """Work, then close this side's end of the pipe, so that the other never waits."""
        try:
            self._work()
        except Exception as error:
            self.error = error
        finally:
            with suppress(OSError):  # the other side may have closed its end
                self._end.close()


class _Keeping:
    """A writer that keeps the system's own error: age would tell only its text."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        """Write; remember why that was not possible."""
        try:
            return self._inner.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Hand on."""
        self._inner.flush()


class Writer:
    """Takes the parts of a backup, one after the other."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def add(self, name: str, size: int, content: IO[bytes]) -> Part:
        """Add `size` bytes of `content`."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        part = Part(name, size, Hashing(content))
        self._archive.addfile(info, cast(Any, part.stream))
        return part

    def add_bytes(self, name: str, content: bytes) -> Part:
        """Add a part that is small."""
        return self.add(name, len(content), io.BytesIO(content))


def _cipher(passphrase: str, salt: bytes) -> Fernet:
    key = Scrypt(salt=salt, length=32, **SCRYPT).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def _wrapped(identity: str, passphrase: str) -> bytes:
    salt = secrets.token_bytes(16)
    token = _cipher(passphrase, salt).encrypt(identity.encode()).decode()
    return json.dumps({"kdf": "scrypt", **SCRYPT, "salt": salt.hex(), "key": token}).encode()


def _unwrapped(content: bytes, passphrase: str) -> str:
    try:
        values = json.loads(content)
        salt, token = bytes.fromhex(values["salt"]), values["key"].encode()
        is_ours = {name: values[name] for name in SCRYPT} == SCRYPT  # not any amount of memory
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused(f"{DAMAGED}.") from error
    if not is_ours:
        raise BackupRefused(f"{DAMAGED}: its key is encrypted in another way.")
    try:
        return _cipher(passphrase, salt).decrypt(token).decode()
    except InvalidToken as error:
        raise BackupRefused(
            "The passphrase does not open this backup: set TRACKER_BACKUP_PASSPHRASE to the one "
            "that it was made with."
        ) from error


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    reading_end, writing_end = os.pipe()
    return open(reading_end, "rb"), open(writing_end, "wb")


@contextmanager
def writing(file: BinaryIO, passphrase: str) -> Iterator[Writer]:
    """A writer into `file`, which is open for writing and empty; whole when the block ends well."""
    identity = pyrage.x25519.Identity.generate()
    wrapped = _wrapped(str(identity), passphrase)
    file.write(_header(KEY, len(wrapped)) + wrapped + bytes(-len(wrapped) % BLOCK))
    place = file.tell()
    file.write(_header(CONTENT, 0))
    outlet = _Keeping(file)
    source, sink = _pipe()
    pump = _Pump(lambda: pyrage.encrypt_io(source, outlet, [identity.to_public()]), source)
    try:
        with sink, tarfile.open(fileobj=sink, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            yield Writer(archive)
    except BrokenPipeError:
        pass  # the other side has stopped, and says why below
    finally:
        pump.join()
    if pump.error:
        raise outlet.error or pump.error
    size = file.tell() - place - BLOCK
    file.write(bytes(-size % BLOCK) + bytes(2 * BLOCK))
    file.seek(place)
    file.write(_header(CONTENT, size))


def _opened(archive: tarfile.TarFile, length: int, passphrase: str) -> tuple[Any, IO[bytes]]:
    """The key of a backup and its encrypted content."""
    try:
        key, content = archive.getmember(KEY), archive.getmember(CONTENT)
    except (KeyError, tarfile.TarError) as error:
        raise BackupRefused(f"{DAMAGED}.") from error
    if not content.size or content.offset_data + content.size > length:
        raise BackupRefused(f"{DAMAGED}: it is not whole.")
    inner, outer = archive.extractfile(key), archive.extractfile(content)
    assert inner is not None  # noqa: S101 - both are plain files
    assert outer is not None  # noqa: S101
    return pyrage.x25519.Identity.from_str(_unwrapped(inner.read(LONGEST_KEY), passphrase)), outer


@contextmanager
def reading(path: Path, passphrase: str) -> Iterator[Iterator[Part]]:
    """The parts of the backup at `path`, in order, each to be read before the next is asked for.

    What is read is authentic piece by piece, but the file is whole only once the block has ended
    without `BackupRefused`.
    """
    try:
        archive = tarfile.open(path, mode="r:")  # noqa: SIM115 - closed below
    except tarfile.TarError as error:
        raise BackupRefused(f"{DAMAGED}.") from error
    with archive:
        identity, content = _opened(archive, path.stat().st_size, passphrase)
        source, sink = _pipe()
        pump = _Pump(lambda: pyrage.decrypt_io(content, sink, [identity]), sink)
        try:
            with source:
                yield _parts(source)
                while source.read(BLOCK * 128):
                    pass  # to the end, where age proves that nothing was cut off
        except tarfile.TarError as error:
            raise BackupRefused(f"{DAMAGED}.") from error
        finally:
            pump.join()
        if pump.error:
            raise BackupRefused(f"{DAMAGED}: {pump.error}.") from pump.error


def _parts(source: BinaryIO) -> Iterator[Part]:
    with tarfile.open(fileobj=source, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                raise BackupRefused(f"{DAMAGED}: {member.name!r} is no file.")
            yield Part(member.name, member.size, Hashing(content))
