"""`tracker bench`: an invented national election to measure on."""

import time

import click

from tracker.demonstration.installation import refuse_real_accounts
from tracker.demonstration.national import SLUG, build_national
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work

bench = click.Group("bench", help="An invented national election to measure on.")


@bench.command("seed")
@click.option("--observers", "number", type=click.IntRange(1, 5_000_000), default=1_000_000)
@click.option("--election", "slug", default=SLUG, show_default=True, help="Its short name.")
def seed(number: int, slug: str) -> None:
    """Enter a national election with so many observers, where only a demonstration stands."""
    start = time.monotonic()
    with unit_of_work(SYSTEM):
        refuse_real_accounts()
        build_national(slug=slug, number=number)
    click.echo(f"{slug}: {number} observers in {time.monotonic() - start:.0f} s")
