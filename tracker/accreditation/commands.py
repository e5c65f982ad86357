"""`tracker counts`: what is kept beside rows while they change, made anew."""

import click

from tracker.accreditation.counts import remake
from tracker.elections.queries import elections
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, hold_chain, unit_of_work
from tracker.kernel.words import remake_all
from tracker.observers import identities

counts = click.Group("counts", help="Numbers and words that are kept while records change.")


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


@counts.command("words")
def remake_words() -> None:
    """Make the index of all words anew, by which people, meetings and requests are searched."""
    with unit_of_work(SYSTEM):
        for name, number in remake_all(db.session.connection()):
            click.echo(f"{name}: {number} records")
