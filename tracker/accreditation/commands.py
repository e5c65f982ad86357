"""`tracker counts`: the numbers that are kept while accreditations change, made anew."""

import click

from tracker.accreditation.counts import remake
from tracker.audit.capture import hold_chain
from tracker.elections.queries import elections
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.observers import identities

counts = click.Group("counts", help="Numbers kept while accreditations change.")


@counts.command("remake")
def remake_counts() -> None:
    """Count every election anew, where `tracker totals --recount` finds a difference."""
    with unit_of_work(SYSTEM):
        connection = db.session.connection()
        hold_chain(connection)
        identities.remake(connection)
        for election in elections():
            remake(connection, election.id)
            click.echo(f"{election.slug}: counted anew")
