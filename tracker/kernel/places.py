"""Where stored files lie: in a folder of this machine, or in a bucket that all machines share.

Both keep what they are given under its key and know nothing of what is in it. What `settle` was
asked for is there for good once it returns: synced by the disk, or acknowledged by the store.
"""

import os
import re
import tempfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from fsspec.core import url_to_fs

NAME = re.compile("[0-9a-f]{64}")
AT_ONCE = 8
FOLDER = "files"  # of the instance
MOST_BEGUN = 4 * AT_ONCE  # uploads of one thread, each held in memory until it is done
LISTED_AT_ONCE = 1000  # the most that S3 tells at a time
# Seconds; together less than a proxy waits for a page.
STORE_CONNECTS, STORE_ANSWERS, STORE_ATTEMPTS = 3, 10, 2


class FileStoreUnavailable(OSError):
    """The store of files does not answer, or does not let us in: an outage, and no missing file."""


class Place(Protocol):
    """What a place of files can do. A key is 64 hexadecimal digits, `sealed` the bytes to keep."""

    def write(self, key: str, sealed: bytes) -> None:
        """Begin to keep a file; `settle` of the same thread ends it."""

    def settle(self) -> None:
        """Return once everything that this thread wrote is kept for good."""

    def replace(self, key: str, sealed: bytes) -> bool:
        """Put other bytes in the place of a file, for good; False where there is none any more."""

    def read(self, key: str, length: int | None = None) -> bytes:
        """A file, or its first bytes; raises FileNotFoundError where there is none."""

    def size(self, key: str) -> int:
        """How many bytes a file takes; 0 where there is none."""

    def names(self) -> Iterator[str]:
        """The keys of all files that are stored whole, in order."""

    def names_before(self, moment: float) -> Iterator[str]:
        """Those that were last written before `moment`, seconds since 1970 by the place's clock."""

    def delete(self, key: str) -> None:
        """Take a file away, where it is there."""

    def check(self) -> None:
        """Store something; raises `OSError` where that cannot be done."""


def place_of(instance: Path, url: str | None) -> Place:
    """The bucket at `url`; the folder of the installation without one."""
    return Bucket(url) if url else Folder(instance / FOLDER)


def _is_key(key: str) -> str:
    if not NAME.fullmatch(key):
        raise FileNotFoundError("not a storage key")
    return key


class Folder:
    """Files below one folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mine = threading.local()

    def path(self, key: str) -> Path:
        """Where a file lies; raises FileNotFoundError for what is no key."""
        return self.root / _is_key(key)[:2] / key

    @property
    def _unsettled(self) -> list[Path]:
        waiting: list[Path] = self._mine.__dict__.setdefault("paths", [])
        return waiting

    def write(self, key: str, sealed: bytes) -> None:
        """Have the file; the disk may not have it yet."""
        path = self.path(key)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Of its own: two processes may store the same content at the same moment.
            partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
            try:
                partial.write_bytes(sealed)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
        # Also what was there already: another process may not have settled it yet.
        self._unsettled.append(path)

    def settle(self) -> None:
        """Have the disk keep what this thread wrote."""
        waiting = self._unsettled
        if not waiting:
            return
        folders = {folder for path in waiting for folder in (path.parent, path.parent.parent)}
        # Several at once: the disk's journal then takes them together, ten times faster.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for group in (set(waiting), folders):
                list(pool.map(_fsync, group))
        waiting.clear()

    def replace(self, key: str, sealed: bytes) -> bool:
        """The new one is on the disk before the old one is given up."""
        path = self.path(key)
        partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
        with partial.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            partial.unlink()
            return False
        partial.replace(path)
        return True

    def read(self, key: str, length: int | None = None) -> bytes:
        """From the disk."""
        with self.path(key).open("rb") as file:
            return file.read(-1 if length is None else length)

    def size(self, key: str) -> int:
        """On the disk."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            return 0

    def names(self) -> Iterator[str]:
        """By folders, each of which holds the 256th part."""
        for folder in sorted(self.root.glob("??")):
            yield from sorted(name for name in os.listdir(folder) if NAME.fullmatch(name))

    def names_before(self, moment: float) -> Iterator[str]:
        """By the clock of the disk."""
        for name in self.names():
            with suppress(FileNotFoundError):
                if self.path(name).stat().st_mtime < moment:
                    yield name

    def delete(self, key: str) -> None:
        """At once."""
        with suppress(FileNotFoundError):
            self.path(key).unlink()

    def check(self) -> None:
        """Write a file that has no name and goes with its handle."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root) as file:
            file.write(b"ready")
            file.flush()


def _fsync(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # purged meanwhile
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Bucket:
    """Files in a store that speaks S3, below one prefix; the driver is loaded when one is made.

    An object is there whole or not at all, and for good once the store has acknowledged it. What a
    process reads is what any process wrote last (S3 is strongly consistent since 2020; so are
    MinIO, Ceph and Garage).
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        endpoint = parse_qs(parts.query).get("endpoint_url", [None])[0]
        self._fs, self._root = url_to_fs(
            f"s3://{parts.netloc}{parts.path.rstrip('/')}",
            skip_instance_cache=True,  # another installation of this process has its own address
            use_listings_cache=False,  # other machines write
            max_concurrency=1,  # a file is read by one request; with more its size is asked first
            endpoint_url=endpoint,
            config_kwargs={
                "connect_timeout": STORE_CONNECTS,
                "read_timeout": STORE_ANSWERS,
                "retries": {"total_max_attempts": STORE_ATTEMPTS, "mode": "standard"},
                "max_pool_connections": 2 * AT_ONCE,
                # Stores at an address of their own have no name for each bucket.
                "s3": {"addressing_style": "path" if endpoint else "auto"},
            },
        )
        self._fs.retries = STORE_ATTEMPTS
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="files")
        self._mine = threading.local()

    def _path(self, key: str) -> str:
        return f"{self._root}/{_is_key(key)[:2]}/{key}"

    @property
    def _begun(self) -> dict[str, Future[None]]:
        begun: dict[str, Future[None]] = self._mine.__dict__.setdefault("uploads", {})
        return begun

    def write(self, key: str, sealed: bytes) -> None:
        """Begin to upload. What is there already is written once more: the same content, and a
        purge of what nobody has named for long does not meet it."""
        begun = self._begun
        if key in begun:
            return
        while len(begun) >= MOST_BEGUN:
            self._end(next(iter(begun)))
        begun[key] = self._pool.submit(self._put, self._path(key), sealed)

    def _put(self, path: str, sealed: bytes) -> None:
        with _answering(may_miss=False):
            self._fs.pipe_file(path, sealed)

    def _end(self, key: str) -> None:
        if upload := self._begun.pop(key, None):
            upload.result()

    def settle(self) -> None:
        """Wait for the store; raises what the first upload that failed did, once all have ended."""
        begun = self._begun
        uploads = list(begun.values())
        begun.clear()
        failed = [upload.exception() for upload in uploads]
        for error in filter(None, failed):
            raise error

    def replace(self, key: str, sealed: bytes) -> bool:
        """Two requests: a file that is deleted between them comes back, and is found by the purge
        of what no row names."""
        self._end(key)
        with _answering():
            if not self._fs.exists(self._path(key)):
                return False
        self._put(self._path(key), sealed)
        return True

    def read(self, key: str, length: int | None = None) -> bytes:
        """One request; what this thread has just begun to write is waited for."""
        self._end(key)
        with _answering():
            found: bytes = self._fs.cat_file(
                self._path(key), **({} if length is None else {"start": 0, "end": length})
            )
            return found

    def size(self, key: str) -> int:
        """As the store tells."""
        self._end(key)
        try:
            with _answering():
                return int(self._fs.info(self._path(key))["size"])
        except FileNotFoundError:
            return 0

    def names(self) -> Iterator[str]:
        """As the store lists them."""
        return (name for name, _moment in self._listed())

    def names_before(self, moment: float) -> Iterator[str]:
        """By the clock of the store."""
        return (name for name, written in self._listed() if written < moment)

    def _listed(self) -> Iterator[tuple[str, float]]:
        """Names and moments in order, some by each request; the driver's own way to list
        holds all of them at once."""
        self.settle()
        bucket, _, prefix = self._root.partition("/")
        last, is_more = "", True
        while is_more:
            with _answering():
                found = self._fs.call_s3(
                    "list_objects_v2",
                    Bucket=bucket,
                    Prefix=f"{prefix}/" if prefix else "",
                    StartAfter=last,
                    MaxKeys=LISTED_AT_ONCE,
                )
            for entry in found.get("Contents", ()):
                last = entry["Key"]
                name = last.rpartition("/")[2]
                if NAME.fullmatch(name):
                    yield name, entry["LastModified"].timestamp()
            is_more = found["IsTruncated"]

    def delete(self, key: str) -> None:
        """As the store does it; where it keeps versions, its own rules take those away."""
        self._end(key)
        with _answering(), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(key))

    def check(self) -> None:
        """Write one small object, always the same."""
        self._put(f"{self._root}/ready", b"ready")


@contextmanager
def _answering(*, may_miss: bool = True) -> Iterator[None]:
    """Whatever the driver raises means that the store is out, but for a file that is not there."""
    try:
        yield
    except FileNotFoundError as error:
        if may_miss:
            raise
        raise FileStoreUnavailable("the bucket does not exist") from error
    except Exception as error:
        raise FileStoreUnavailable(
            f"the file store does not answer ({type(error).__name__})"
        ) from error
