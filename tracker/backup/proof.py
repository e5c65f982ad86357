"""What must hold of an installation that was brought back, before anybody takes it for whole."""

import hashlib
from typing import Any

import sqlalchemy as sa

from tracker.audit import queries as audit_queries
from tracker.backup import files, snapshot
from tracker.backup.container import BackupRefused
from tracker.backup.manifest import Head, Manifest
from tracker.elections.queries import elections
from tracker.kernel.database import db
from tracker.kernel.encryption import EncryptedString
from tracker.kernel.storage import storage
from tracker.totals.queries import figures, unproven


def rows_agree(connection: sa.Connection, head: Head, manifest: Manifest) -> None:
    """The rows are those that were counted when the backup was made, at its own revision."""
    found = snapshot.facts(connection)
    if found.revision != head.revision:
        raise BackupRefused(f"The schema is at {found.revision}, the backup at {head.revision}.")
    differing = sorted(
        name
        for name in found.tables.keys() | manifest.tables
        if found.tables.get(name) != manifest.tables.get(name)
    )
    if differing:
        raise BackupRefused(f"The rows are not those that were saved: {', '.join(differing)}.")
    head_of_record = found.audit_position, found.audit_digest
    if head_of_record != (manifest.audit_position, manifest.audit_digest):
        raise BackupRefused("The audit record does not end where that of the backup does.")


def sqlite_is_sound(connection: sa.Connection) -> None:
    """SQLite's own check of its pages, and that every row finds the one that it refers to."""
    if connection.scalar(sa.text("PRAGMA integrity_check")) != "ok":
        raise BackupRefused("The restored database is damaged.")
    if connection.execute(sa.text("PRAGMA foreign_key_check")).first():
        raise BackupRefused("In the restored database rows refer to rows that are not there.")


def installation_holds(head: Head, manifest: Manifest) -> int:
    """The record, the files, the keys and the figures hold; how many entries the record has.

    Within the application's context, at the newest revision.
    """
    keys_open(head)
    count = record_holds()
    connection = db.session.connection()
    lost = set(files.missing(files.named_keys(connection))) - set(manifest.missing)
    if lost:
        raise BackupRefused(f"{len(lost)} files that rows name are not in the backup.")
    for name in storage.names():
        if hashlib.sha256(_clear(name)).hexdigest() != name:
            raise BackupRefused(f"The file {name} does not hold what its key says.")
    figures_hold()
    return count


def record_holds() -> int:
    """The whole chain of the audit record holds; how many entries it has."""
    count, broken = audit_queries.verify()
    if broken:
        raise BackupRefused(
            f"The audit record does not hold in {len(broken)} places, first at entry "
            f"{broken[0].position}: {broken[0].reason}."
        )
    return count


def figures_hold() -> dict[str, dict[str, Any]]:
    """Every figure of every election equals a recount of its history; the figures."""
    found = {}
    for election in elections():
        moments = {"as_of": None, "known_at": None}
        counted = figures(election, **moments)
        if differing := unproven(election, counted, **moments):
            raise BackupRefused(
                f"Figures of {election.slug} differ from a recount: {', '.join(differing)}."
            )
        found[election.slug] = counted.as_dict()
    return found


def keys_open(head: Head) -> None:
    """This installation has the keys that the data were encrypted with."""
    try:
        EncryptedString().process_result_value(head.key_check, db.engine.dialect)
    except Exception as error:  # whatever the keys say: without them nothing can be used
        raise BackupRefused(
            "The data are encrypted with another TRACKER_SECRET_KEY than this installation's; "
            "keys are not part of a backup."
        ) from error


def _clear(key: str) -> bytes:
    try:
        return storage.get(key)
    except Exception as error:
        raise BackupRefused(f"The file {key} cannot be decrypted.") from error
