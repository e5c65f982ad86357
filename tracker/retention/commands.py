"""`tracker retention`: what is due, its purge, and the reports of purges."""

from collections.abc import Iterable
from datetime import datetime

import click

from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.retention import operations, queries
from tracker.retention.jobs import complete
from tracker.retention.models import PurgeStatus
from tracker.retention.report import plan_lines, report_lines
from tracker.retention.sweep import rewrite as rewrite_database

retention = click.Group("retention", help="How long personal data is kept, and its purge.")


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@retention.command()
@click.argument("election")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of this local day.")
def plan(election: str, on: datetime | None) -> None:
    """What a purge of ELECTION would take, category by category; changes nothing."""
    row = election_for(SYSTEM, election)
    _print(plan_lines(queries.plan_purge(row, on.date() if on else queries.today(row))))


@retention.command()
@click.argument("election")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(election: str, yes: bool) -> None:
    """Purge what is due of ELECTION, or go on with a purge that was broken off; exit 1 where the
    totals would not stay."""
    row = election_for(SYSTEM, election)
    found = queries.open_purge(row.id)
    number = found.id if found else None
    if number is None:
        _print(plan_lines(queries.plan_purge(row, queries.today(row))))
        db.session.rollback()
        if not yes and click.prompt(f"This cannot be undone. Type {election}") != election:
            raise click.ClickException("Nothing was purged.")
        with unit_of_work(SYSTEM):
            row = election_for(SYSTEM, election)
            number = operations.request_purge(actor=SYSTEM, election=row).id
    db.session.rollback()
    status = complete(SYSTEM, number)
    _print(report_lines(queries.purge_for(number)))
    if status is not PurgeStatus.DONE:
        raise click.ClickException(f"Purge no. {number} stopped.")


@retention.command()
@click.argument("number", type=int, required=False)
def report(number: int | None) -> None:
    """Purge NUMBER and its proof; without a number one line for each purge."""
    if number is not None:
        _print(report_lines(queries.purge_for(number)))
        return
    for row, _id in db.session.execute(queries.purges().order_by("id")):
        click.echo(f"{row.id}\t{row.election.slug}\t{row.as_of}\t{row.status.value}")


@retention.command()
def rewrite() -> None:
    """Write the database anew, so that free pages and its log hold nothing of what was purged."""
    if not rewrite_database():
        raise click.ClickException(
            "Others held the database for too long. Try again when few work on it."
        )
    with unit_of_work(SYSTEM):
        for row in queries.not_rewritten():
            operations.note_rewritten(actor=SYSTEM, purge=row)
    click.echo("The database was rewritten.")
