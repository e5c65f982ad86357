"""`tracker election`: list, show and create elections from the command line."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from tracker.elections import queries, rules
from tracker.elections.models import ElectionKind
from tracker.elections.operations import ElectionDetails, create_election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work

elections = click.Group("election", help="Elections.")
DAY = click.DateTime(["%Y-%m-%d"])
LOCAL = click.DateTime(["%Y-%m-%dT%H:%M"])


@elections.command("list")
def list_elections() -> None:
    """One line an election: slug, election day, phase, English name."""
    for row in queries.elections():
        phase = rules.phase_at(queries.calendar_of(row), clock.now())
        click.echo(f"{row.slug}\t{row.election_on}\t{phase.value}\t{row.name_en}")


@elections.command("show")
@click.argument("slug")
def show(slug: str) -> None:
    """The calendar of the election SLUG in its own time."""
    row = queries.election_for(SYSTEM, slug)
    click.echo(f"{row.name_en} ({row.slug}), {row.election_on}, {row.time_zone}")
    for label, moment in (
        ("accreditation opens", row.opens_at),
        ("accreditation closes", row.closes_at),
        ("accreditations expire", row.ends_at),
    ):
        click.echo(f"{label}: {clock.local(moment, row.time_zone):%Y-%m-%d %H:%M %z}")
    click.echo(f"phase: {rules.phase_at(queries.calendar_of(row), clock.now()).value}")


@elections.command("create")
@click.argument("slug")
@click.option("--kind", type=click.Choice([kind.value for kind in ElectionKind]), required=True)
@click.option("--on", "day", type=DAY, required=True, help="Election day.")
@click.option("--name-en", required=True)
@click.option("--name-ru", required=True)
@click.option("--name-kk", required=True)
@click.option("--country", default="KZ", show_default=True, help="ISO 3166-1 alpha-2.")
@click.option("--time-zone", default="Asia/Almaty", show_default=True)
@click.option("--opens", type=LOCAL, help="Local time; default sixty days before.")
@click.option("--closes", type=LOCAL, help="Local time; default 18:00 on election day minus six.")
def create(
    slug: str,
    kind: str,
    day: datetime,
    name_en: str,
    name_ru: str,
    name_kk: str,
    country: str,
    time_zone: str,
    opens: datetime | None,
    closes: datetime | None,
) -> None:
    """Create the election SLUG."""
    on: date = day.date()
    zone = ZoneInfo(time_zone)
    with unit_of_work(SYSTEM):
        create_election(
            actor=SYSTEM,
            details=ElectionDetails(
                slug=slug,
                kind=ElectionKind(kind),
                name_en=name_en,
                name_ru=name_ru,
                name_kk=name_kk,
                host_country=country.upper(),
                time_zone=time_zone,
                election_on=on,
                opens_at=opens.replace(tzinfo=zone) if opens else None,
                closes_at=closes.replace(tzinfo=zone) if closes else None,
            ),
        )
    click.echo(f"Created {slug}.")
