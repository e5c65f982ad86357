"""Bringing a backup back, whole or not at all, into an installation that is empty.

What is restored stands in a place of its own until everything has been proven; on PostgreSQL in one
transaction. The database comes last: without it nothing looks like an installation.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app

from tracker.app import create_app
from tracker.backup import container, files, proof, snapshot
from tracker.backup.container import DAMAGED, BackupRefused, Part
from tracker.backup.making import passphrase_of
from tracker.backup.manifest import BESIDE, DATABASE, HEAD, Head, Manifest, Reading
from tracker.config import Settings
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, sample_tables, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.places import FOLDER, Folder, Place, place_of
from tracker.kernel.storage import storage

FILE_NAME = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
KEPT_BESIDE = {f"{BESIDE}{name}" for name in files.BESIDE}
TABLE_NAME = re.compile(r"tables/([a-z_]+)/\d{6}")


@dataclass(frozen=True)
class Restored:
    """What a backup was found to contain."""

    head: Head
    manifest: Manifest
    entries: int  # of the audit record


class _TakenBack(Exception):
    """Ends a transaction that was only a trial."""


def verify(settings: Settings, path: Path) -> Restored:
    """Restore into a place of its own, prove everything there, and remove it again.

    A backup of PostgreSQL goes into this installation's own database, which has to be empty, and
    out of it again.
    """
    with _refusing(), files.workplace(settings) as place:
        if files.sqlite_path(settings):
            return _into_sqlite(settings, path, place)
        try:
            with _into_postgres(settings, path, place) as found:
                raise _TakenBack
        except _TakenBack:
            return found


def restore(settings: Settings, path: Path) -> Restored:
    """Bring the backup at `path` back into the installation of `settings`, which is empty."""
    database = files.sqlite_path(settings)
    with _refusing(), files.workplace(settings) as place:
        target = place_of(settings.instance, settings.files_url)
        if next(target.names(), None):
            where = settings.files_url or settings.instance / "files"
            raise BackupRefused(f"{where} holds files already: a backup is restored into nothing.")
        if database:
            _refuse_tables(f"sqlite:///{database}" if database.exists() else "sqlite://")
            found = _into_sqlite(settings, path, place)
            _move_files(settings, place)
            _move(place / DATABASE, database)
            return found
        with _into_postgres(settings, path, place) as found:
            _move_files(settings, place)
        return found


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupRefused(f"Nothing was restored: {error.strerror or error}.") from error


def _refuse_tables(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if sa.inspect(connection).get_table_names():
            raise BackupRefused("The database is not empty: a backup is restored into nothing.")


def _taken(
    path: Path,
    settings: Settings,
    place: Path,
    begin: Callable[[Head], None],
    put_rows: Callable[[Part], bool],
) -> tuple[Head, Manifest]:
    """Bring every part back: files to `place`, the database as `put_rows` does; `begin` is told
    what it is before. Refuses where the backup is not whole."""
    check = Reading()
    with container.reading(path, passphrase_of(settings)) as parts:
        for part in parts:
            if check.take(part):
                if part.name == HEAD and check.head:
                    begin(check.head)
                continue
            if FILE_NAME.fullmatch(part.name) or part.name in KEPT_BESIDE:
                _write(part, place / part.name)
            elif not put_rows(part):
                raise BackupRefused(f"{DAMAGED}: {part.name!r} is not known.")
            check.passed(part)
    return check.finished()


def _write(part: Part, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(part.stream, file, 1024**2)


def _expect(head: Head, engine: str) -> None:
    if head.engine != engine:
        raise BackupRefused(f"This is a backup of {head.engine}; this installation uses {engine}.")


def _into_sqlite(settings: Settings, path: Path, place: Path) -> Restored:
    """Restore into `place` and prove it there."""

    def put(part: Part) -> bool:
        if part.name == DATABASE:
            _write(part, place / DATABASE)
        return part.name == DATABASE

    head, manifest = _taken(path, settings, place, lambda head: _expect(head, "sqlite"), put)
    url = f"sqlite:///{place / DATABASE}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        proof.sqlite_is_sound(connection)
        proof.rows_agree(connection, head, manifest)
    app = create_app(replace(settings, instance=place, database_url=url, files_url=None))
    with app.app_context():
        try:
            migrate_to(head, "head")
            entries = proof.installation_holds(head, manifest)
        finally:
            db.session.remove()
            db.engine.dispose()
            storage.configure(place_of(settings.instance, settings.files_url))
    snapshot.close_sqlite(place / DATABASE)
    return Restored(head, manifest, entries)


@contextmanager
def _into_postgres(settings: Settings, path: Path, place: Path) -> Iterator[Restored]:
    """Restore into the empty database; committed when the block ends well."""
    app = create_app(settings)
    storage.configure(place_of(place, None))
    try:
        with app.app_context(), unit_of_work(SYSTEM):
            connection = db.session.connection()
            if sa.inspect(connection).get_table_names():
                raise BackupRefused("The database is not empty: a backup is restored into nothing.")

            def begin(head: Head) -> None:
                _expect(head, connection.dialect.name)
                migrate_to(head, head.revision, connection)
                for table in reversed(snapshot.tables_of(connection)):  # what migrations wrote
                    connection.execute(sa.delete(sa.table(table)))

            def put(part: Part) -> bool:
                found = TABLE_NAME.fullmatch(part.name)
                if found:
                    snapshot.put_rows(connection, found[1], part.stream.read())
                return bool(found)

            head, manifest = _taken(path, settings, place, begin, put)
            snapshot.put_sequences(connection, manifest.sequences)
            proof.rows_agree(connection, head, manifest)
            migrate_to(head, "head", connection)
            keyring.keys.read_from(connection)
            entries = proof.installation_holds(head, manifest)
            sample_tables(connection)
            yield Restored(head, manifest, entries)
    finally:
        with app.app_context():
            db.engine.dispose()
        storage.configure(place_of(settings.instance, settings.files_url))


def migrate_to(head: Head, revision: str, connection: sa.Connection | None = None) -> None:
    """Bring the database to `revision`: the application's, or within `connection`'s transaction."""
    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = connection
    try:
        ScriptDirectory.from_config(config).get_revision(head.revision)
    except CommandError as error:
        raise BackupRefused(
            f"The backup's schema, {head.revision}, is not known here: it is of a newer version."
        ) from error
    command.upgrade(config, revision)


def _move_files(settings: Settings, place: Path) -> None:
    """The proven files become the installation's."""
    if settings.files_url:
        _upload(Folder(place / FOLDER), place_of(settings.instance, settings.files_url))
    elif (place / FOLDER).exists():
        source, root = place / FOLDER, settings.instance / FOLDER
        for path in (*source.rglob("*"), source):
            files.settle(path)
        if root.exists():
            shutil.rmtree(root)  # no file in it: only folders and what was half-written
        source.rename(root)
    for name in files.BESIDE:
        if (place / BESIDE / name).exists():
            _move(place / BESIDE / name, settings.instance / name)
    files.settle(settings.instance)


def _upload(source: Place, target: Place) -> None:
    """Bring all files into the store; takes them out again where one cannot be brought."""
    try:
        for name in source.names():
            target.write(name, source.read(name))
        target.settle()
    except BaseException:
        with suppress(OSError):
            for name in source.names():
                target.delete(name)
        raise


def _move(source: Path, target: Path) -> None:
    """Have `target` at once and for good, also on another disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.partial"
    shutil.move(source, partial)
    files.settle(partial)
    partial.replace(target)
    files.settle(target.parent)
