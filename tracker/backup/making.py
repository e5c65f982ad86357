"""Making a backup: the database as of one moment first, then the files, then the proof.

A file is stored before the row that names it is committed and is never changed, so every file that
the rows of the moment name is there when the files are copied afterwards.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import structlog

from tracker import __version__
from tracker.backup import container, files, snapshot
from tracker.backup.container import BackupRefused, Part, Writer
from tracker.backup.manifest import (
    BESIDE,
    DATABASE,
    FILES,
    FORMAT,
    HEAD,
    MANIFEST,
    TABLES,
    Head,
    Manifest,
    Reading,
    Tally,
    as_bytes,
)
from tracker.config import Settings
from tracker.kernel import last_backup
from tracker.kernel.database import db
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.last_backup import LastBackup
from tracker.kernel.storage import storage

CHECKED = "backup"  # the text behind `Head.key_check`
log = structlog.get_logger()


def make(settings: Settings, target: Path) -> Manifest:
    """Write a backup of the running installation to `target`, read it back, note the outcome.

    Within the application's context. Raises `BackupRefused`; `target` is then not there.
    """
    passphrase = passphrase_of(settings)
    target = target.absolute()
    if target.exists():
        raise BackupRefused(f"{target} exists already: a backup is never written over.")
    with _noted(settings, target), files.workplace(settings) as place:
        for left in target.parent.glob(f".{target.name}.*.partial"):
            left.unlink()
        partial = target.parent / f".{target.name}.{os.getpid()}.partial"
        try:
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                with container.writing(file, passphrase) as writer:
                    written = _write(settings, writer, place)
                file.flush()
                os.fsync(file.fileno())
            read_back(partial, passphrase)
            partial.rename(target)
            files.settle(target.parent)
        finally:
            partial.unlink(missing_ok=True)
    return written


def passphrase_of(settings: Settings) -> str:
    """What backups of this installation are encrypted with."""
    if settings.backup_passphrase is None:
        raise BackupRefused(
            "TRACKER_BACKUP_PASSPHRASE is not set: backups are encrypted with it. Keep it where "
            "neither the backups nor this machine are."
        )
    return settings.backup_passphrase


@contextmanager
def _noted(settings: Settings, target: Path) -> Iterator[None]:
    """Remember in the instance folder what becomes of this backup."""
    started, clock = datetime.now(UTC), time.monotonic()
    before = last_backup.read(settings.instance)
    note = LastBackup(
        started_at=started,
        seconds=0,
        outcome="failed",
        file=target.name,
        made_at=before.made_at if before else None,
        size=before.size if before else None,
    )
    reason = "It was interrupted."
    try:
        yield
    except BackupRefused as refusal:
        reason = str(refusal)
        raise
    except OSError as error:
        reason = f"The backup could not be written: {error.strerror or error}."
        raise BackupRefused(reason) from error
    except sa.exc.SQLAlchemyError as error:
        reason = f"The database did not answer as expected ({type(error).__name__})."
        raise
    else:
        reason = ""
        note = replace(note, outcome="made", made_at=started, size=target.stat().st_size)
    finally:
        note = replace(note, seconds=round(time.monotonic() - clock, 1), reason=reason)
        with suppress(OSError):  # a full disk must not hide what went wrong
            last_backup.write(settings.instance, note)
        log.info("backup", outcome=note.outcome, ms=round(note.seconds * 1000), reason=reason)


def _write(settings: Settings, writer: Writer, place: Path) -> Manifest:
    source = files.sqlite_path(settings)
    if source is None:
        with db.engine.connect() as opened:
            connection = opened.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return _write_from(settings, writer, connection, None)
    copy = place / DATABASE
    snapshot.copy_sqlite(source, copy)
    engine = sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        return _write_from(settings, writer, connection, copy)


def _write_from(
    settings: Settings, writer: Writer, connection: sa.Connection, copy: Path | None
) -> Manifest:
    found = snapshot.facts(connection)
    head = head_of(connection, found.revision)
    tally = Tally()
    tally.take(writer.add_bytes(HEAD, as_bytes(head)))
    for part in _database(writer, connection, copy):
        tally.take(part)
    sequences = {} if copy else snapshot.sequences_of(connection)
    for part in _beside(settings, writer):
        tally.take(part)
    for name in storage.names():
        with suppress(FileNotFoundError):  # purged this moment
            content = storage.sealed(name)
            tally.take(writer.add_bytes(f"{FILES}{name[:2]}/{name}", content))
    whole = Manifest(
        tables=found.tables,
        audit_position=found.audit_position,
        audit_digest=found.audit_digest,
        sequences=sequences,
        parts=tally.parts,
        missing=files.missing(files.named_keys(connection)),
        **tally.of_files,
    )
    writer.add_bytes(MANIFEST, as_bytes(whole))
    return whole


def head_of(connection: sa.Connection, revision: str) -> Head:
    """What has to be known of an installation before its data are brought anywhere."""
    return Head(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        engine=connection.dialect.name,
        revision=revision,
        key_check=EncryptedString().process_bind_param(CHECKED, connection.dialect) or "",
    )


def _database(writer: Writer, connection: sa.Connection, copy: Path | None) -> Iterator[Part]:
    if copy:
        with copy.open("rb") as content:
            yield writer.add(DATABASE, copy.stat().st_size, content)
        return
    for table in snapshot.tables_of(connection):
        for number, rows in enumerate(snapshot.rows_of(connection, table)):
            yield writer.add_bytes(f"{TABLES}{table}/{number:06}", rows)


def _beside(settings: Settings, writer: Writer) -> Iterator[Part]:
    for name in files.BESIDE:
        if (settings.instance / name).exists():
            yield writer.add_bytes(f"{BESIDE}{name}", (settings.instance / name).read_bytes())


def read_back(path: Path, passphrase: str) -> tuple[Head, Manifest]:
    """Read a whole backup and compare every part with what its manifest says."""
    check = Reading()
    with container.reading(path, passphrase) as parts:
        for part in parts:
            if not check.take(part):
                while part.stream.read(1024**2):
                    pass
                check.passed(part)
    return check.finished()
