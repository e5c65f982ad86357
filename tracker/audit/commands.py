"""`tracker audit`: verify the record, anchor it."""

from pathlib import Path

import click
from flask import current_app

from tracker.audit import queries
from tracker.audit.anchors import Lines
from tracker.audit.jobs import anchor_record

audit = click.Group("audit", help="The audit record.")


@audit.command("verify")
@click.option(
    "--anchors",
    "copy",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the anchors that was kept elsewhere, instead of the installation's own.",
)
def verify(copy: Path | None) -> None:
    """Recompute the hash chain and compare it with the anchors; exit 1 where it does not hold."""
    own = current_app.config["SETTINGS"].anchors_file
    try:
        lines = Lines.of(copy, is_copy=True) if copy else Lines.of(own)
    except OSError as error:
        raise click.ClickException(f"The anchors cannot be read: {error}") from error
    count, broken = queries.verify(lines)
    for place in broken:
        click.echo(f"{place.where}: {place.reason}", err=True)
    if broken:
        raise click.ClickException(f"The audit record does not hold in {len(broken)} places.")
    click.echo(f"The audit record holds: {count} entries.")
    if last := lines.last:
        click.echo(
            f"{len(lines.known)} anchors, the last of {last.at:%Y-%m-%d %H:%M} UTC for entry "
            f"{last.position}; what came after it is vouched for by no anchor yet."
        )


@audit.command("anchor")
@click.option("--anew", "is_anew", is_flag=True, help="Begin a file where the former is away.")
def anchor(is_anew: bool) -> None:
    """Add a line to the anchors: how far the record reaches, and by which digest."""
    settings = current_app.config["SETTINGS"]
    made = anchor_record(file=settings.anchors_file, recipient=settings.anchors_to, is_anew=is_anew)
    click.echo(str(made))
