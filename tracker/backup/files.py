"""Which columns name stored files, and the files themselves."""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tracker.backup.container import BackupRefused
from tracker.config import Settings
from tracker.kernel.storage import storage

# A new column belongs here; tests/backup compares with the whole schema.
COLUMNS = (
    ("assistance_attachments", "content"),
    ("certificate_batches", "file"),
    ("certificate_designs", "emblem"),
    ("certificates", "portrait"),
    ("delegations", "note_verbale_scan"),
    ("digests", "paper_en"),
    ("digests", "paper_kk"),
    ("digests", "paper_ru"),
    ("meeting_documents", "content"),
    ("observer_lists", "content"),
    ("observer_lists", "portraits"),
    ("observers", "portrait"),
    ("outbox_messages", "attachment"),
    ("press_notes", "photo"),
)
# Published notes are kept as text, in which the picture is named.
JSON_COLUMNS = (("press_note_versions", "content", "photo"),)
# What a demonstration needs to go on where it was; no secrets.
BESIDE = ("demonstration_clock.json",)
WORK = "backup-"


def named_keys(connection: sa.Connection) -> Iterator[str]:
    """The key of every file that a row names; some more than once.

    A schema that is older than the program lacks some of the columns: it names nothing there.
    """
    inspector = sa.inspect(connection)
    tables = set(inspector.get_table_names())

    def values(table: str, name: str) -> sa.ScalarResult[str]:
        known = inspector.get_columns(table) if table in tables else []
        if name not in {column["name"] for column in known}:
            return connection.scalars(sa.select(sa.literal("")).where(sa.false()))
        column: sa.ColumnClause[str] = sa.column(name)
        query = sa.select(column).select_from(sa.table(table)).where(column.is_not(None))
        return connection.scalars(query.execution_options(yield_per=1000))

    for table, column in COLUMNS:
        yield from values(table, column)
    for table, column, inside in JSON_COLUMNS:
        for text in values(table, column):
            if key := json.loads(text).get(inside):
                yield key


def missing(keys: Iterable[str]) -> list[str]:
    """Which of `keys` have no stored file."""
    return sorted(set(keys).difference(storage.names()))


def sqlite_path(settings: Settings) -> Path | None:
    """The database file; None for another kind of database."""
    url = sa.make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def workplace(settings: Settings) -> Iterator[Path]:
    """A folder for one backup or restoring at a time; what a killed one left is removed first."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    with (settings.instance / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system frees it with the process
        except BlockingIOError as error:
            raise BackupRefused("Another backup or restoring is under way.") from error
        for left in settings.instance.glob(f"{WORK}*/"):
            shutil.rmtree(left)
        place = settings.instance / f"{WORK}{uuid.uuid4().hex}"
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def settle(path: Path) -> None:
    """Have the disk keep a file or the names in a folder, whatever happens next."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
