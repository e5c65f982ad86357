"""`tracker bulletin`: what was published, and the proof that it can be counted again."""

import json

import click

from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM
from tracker.publications import queries


@click.group("bulletin")
def bulletins() -> None:
    """Published bulletins."""


@bulletins.command()
@click.argument("election")
def verify(election: str) -> None:
    """Count every published bulletin of ELECTION again from the history; exit 1 if one differs."""
    row = election_for(SYSTEM, election)
    different = []
    found = queries.all_published(row.id)
    for bulletin in reversed(found):
        proof = queries.proof_of(row, bulletin)
        frozen = json.loads(bulletin.figures)
        is_same = proof.is_same_list and proof.figures.observers == frozen["observers"]
        click.echo(
            f"No. {bulletin.number}: {frozen['observers']} observers, "
            f"{'the same' if is_same else 'DIFFERENT'}"
        )
        if not is_same:
            different.append(str(bulletin.number))
    if different:
        raise click.ClickException(f"The history gives another list for: {', '.join(different)}.")
    click.echo(f"{len(found)} bulletins, each as published.")


@bulletins.command()
@click.argument("election")
@click.argument("number", type=int)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text")
@click.option("--language", type=click.Choice(["en", "ru", "kk"]), default="en")
def show(election: str, number: int, form: str, language: str) -> None:
    """Bulletin NUMBER of ELECTION as it was published."""
    row = election_for(SYSTEM, election)
    found = queries.published_bulletin(row.id, number)
    if form == "json":
        click.echo(json.dumps(json.loads(found.figures), ensure_ascii=False, indent=2))
    else:
        click.echo(getattr(found, f"text_{language}"))
