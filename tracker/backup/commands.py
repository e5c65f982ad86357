"""`tracker backup` and `tracker restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracker.app import create_app
from tracker.backup import making, moving, restoring
from tracker.backup.container import BackupRefused
from tracker.backup.manifest import Manifest
from tracker.backup.restoring import Restored
from tracker.config import Settings

FILE = click.Path(dir_okay=False, path_type=Path)
KEPT = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except BackupRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.command()
@click.argument("file", type=FILE)
@click.option("--verify", "is_trial", is_flag=True, help="Restore FILE on trial, and prove it.")
def backup(file: Path, is_trial: bool) -> None:
    """Write a backup of everything but the keys to FILE, while the system serves."""
    settings = Settings.load()
    with _plainly():
        if is_trial:
            if not file.exists():
                raise BackupRefused(f"{file} does not exist.")
            _say(restoring.verify(settings, file), "The backup can be restored")
            return
        with create_app(settings).app_context():
            manifest = making.make(settings, file)
        size = file.stat().st_size
        click.echo(f"{file}: {size / 1024**2:.1f} MB, read back: {_contents(manifest)}.")
        if manifest.missing:
            click.echo(f"{len(manifest.missing)} files that rows name do not exist.", err=True)
        click.echo("Keep apart from it: the passphrase, and the keys, which it does not contain.")


@click.command()
@click.argument("file", type=KEPT)
def restore(file: Path) -> None:
    """Bring the backup in FILE back into an empty installation, and prove that it is whole."""
    with _plainly():
        _say(restoring.restore(Settings.load(), file), "Restored")


@click.command()
@click.option("--to", "url", required=True, metavar="URL", help="postgresql+psycopg://…")
def move(url: str) -> None:
    """Move this installation from SQLite to PostgreSQL, and prove that it is whole there.

    Stop the service first. Cut off at any point, the same command goes on where it stopped.
    """
    settings = Settings.load()
    with _plainly():
        found = moving.move(settings, url, report=click.echo)
    click.echo(
        f"Moved: {found.rows} rows in {found.tables} tables, {found.rows_before} of them before. "
        "Every table is the same on both sides."
    )
    click.echo(f"The audit record holds: {found.entries} entries.")
    click.echo(
        f"Every figure of {found.elections} elections is the same and agrees with a recount."
    )
    click.echo(
        "Serve it with TRACKER_DATABASE_URL set to the target and TRACKER_SECRET_KEY and "
        "TRACKER_SIGNING_PASSPHRASE to this installation's own; do not serve the former any more."
    )
    if settings.files_url is None:
        click.echo(f"Stored files stay where they are: {settings.instance / 'files'}.")


def _contents(manifest: Manifest) -> str:
    return (
        f"{sum(manifest.tables.values())} rows in {len(manifest.tables)} tables, "
        f"{manifest.files} files"
    )


def _say(found: Restored, what: str) -> None:
    head, manifest = found.head, found.manifest
    click.echo(f"{what}: made at {head.made_at}, schema {head.revision}, {_contents(manifest)}.")
    click.echo(f"The audit record holds: {found.entries} entries.")
    click.echo("Every file holds what its key says; every figure agrees with a recount.")
    if manifest.missing:
        click.echo(f"{len(manifest.missing)} files were missing when it was made.", err=True)
