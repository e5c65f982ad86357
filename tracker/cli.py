"""The `tracker` command: reads arguments, calls operations, prints.

Exit codes: 0 done, 1 refused (with one clear line on standard error), 2 wrong usage.
"""

import json
import sys
from datetime import date, datetime
from functools import wraps
from typing import IO, Any

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from tracker import server
from tracker.accounts.commands import users
from tracker.accreditation.commands import counts
from tracker.app import create_app
from tracker.audit.commands import audit
from tracker.backup.commands import backup, move, restore
from tracker.config import Settings, SettingsError
from tracker.credentials.commands import credential
from tracker.demonstration import installation
from tracker.demonstration.commands import bench
from tracker.elections.commands import elections as election_commands
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.headquarters.digest import digest_of
from tracker.headquarters.digest_paper import print_digest, text_of
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import UnfinishedMove
from tracker.kernel.errors import Refused
from tracker.kernel.keys import KeyMissing
from tracker.lists.commands import duplicates, lists
from tracker.observers.mrz import parse as parse_mrz
from tracker.ops.commands import mail
from tracker.ops.key_commands import keys
from tracker.publications.commands import bulletins
from tracker.retention.commands import retention
from tracker.totals.figures import Figures, parse_local
from tracker.totals.queries import figures, unproven
from tracker.totals.sentences import figures_sentence, press_sentence


class Commands(click.Group):
    """Turns a refusal into one line and exit code 1, whatever command it comes from."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (Refused, SettingsError, KeyMissing, UnfinishedMove) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except SQLAlchemyError as error:
            reason = str(error).splitlines()[0]
            raise click.ClickException(
                f"The database does not answer as expected: {reason}"
            ) from error


@click.group(cls=Commands)
@click.version_option(package_name="election-observer-mission-tracker")
def main() -> None:
    """Election Observer Mission Tracker."""


def in_app(app: Flask | None = None) -> Flask:
    """The application, its context pushed for the rest of this command."""
    app = app or create_app()
    click.get_current_context().with_resource(app.app_context())
    return app


@main.command()
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--jobs/--no-jobs", default=True, help="Run the job process as well.")
def serve(workers: int, jobs: bool) -> None:
    """Serve on 127.0.0.1:8000 (TRACKER_HOST, PORT) until stopped."""
    settings = Settings.load()
    server.refuse_used_port(settings)
    with create_app(settings).app_context():
        installation.resume_clock()
        server.know_secrets()
    click.echo(f"Serving on http://{settings.host}:{settings.port} (Ctrl-C ends it)")
    server.serve(settings, workers=workers, with_jobs=jobs)


@main.command()
def work() -> None:
    """Run background jobs until stopped."""
    server.work(Settings.load())


@main.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    in_app()
    upgrade()


@main.command()
@click.option("--clock", "text", metavar="LOCAL-ISO", help="Only set its clock forward to this.")
def demo(text: str | None) -> None:
    """Load the demonstration election and one account a role; a second time changes nothing."""
    in_app()
    if text:
        installation.move_clock(parse_local(text, str(installation.ZONE)))
        return
    upgrade()
    installation.load(report=click.echo)


def in_installation(call: Any) -> Any:
    """The command's work within the application's context."""

    @wraps(call)
    def entered(**options: Any) -> Any:
        in_app()
        return call(**options)

    return entered


def enter_app() -> None:
    """What the commands of a part need before they run: the application's context."""
    in_app()


for group in (
    *(
        audit,
        users,
        election_commands,
        lists,
        duplicates,
        counts,
        bulletins,
        keys,
        retention,
        mail,
        bench,
    ),
):
    group.callback = enter_app
    main.add_command(group)
for name in ("keys", "list"):  # the rest of the group checks files, without an installation
    credential.commands[name].callback = in_installation(credential.commands[name].callback)
main.add_command(credential)
main.add_command(backup)
main.add_command(restore)
main.add_command(move)


def _moment(election: Election, text: str | None) -> datetime | None:
    return parse_local(text, election.time_zone) if text else None


def _sentence(found: Figures, language: str, *, is_press: bool) -> str:
    if not is_press:
        return figures_sentence(language, found)
    return press_sentence(
        language,
        observers=found.observers,
        organizations=found.organizations,
        states=found.states,
    )


@main.command()
@click.argument("election")
@click.option("--as-of", metavar="LOCAL-ISO", help="As of this moment of effect, local time.")
@click.option("--known-at", metavar="LOCAL-ISO", help="As known at this moment, local time.")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text")
@click.option("--sentence", "language", type=click.Choice(["en", "ru", "kk"]))
@click.option("--press", is_flag=True, help="The press form of the sentence.")
@click.option("--recount", "is_recount", is_flag=True, help="Prove it from the history.")
def totals(
    election: str,
    as_of: str | None,
    known_at: str | None,
    form: str,
    language: str | None,
    press: bool,
    is_recount: bool,
) -> None:
    """Every figure of ELECTION, as of any moment, as known at any moment."""
    in_app()
    row = election_for(SYSTEM, election)
    moments = {"as_of": _moment(row, as_of), "known_at": _moment(row, known_at)}
    found = figures(row, **moments)
    if is_recount and (differing := unproven(row, found, **moments)):
        raise click.ClickException(
            f"The stored figures differ from a recount of the history: {', '.join(differing)}."
        )
    if language or press:
        click.echo(_sentence(found, language or "en", is_press=press))
    elif form == "json":
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        for name, value in found.as_dict().items():
            click.echo(f"{name}: {value}")
    if is_recount:
        click.echo("A recount of the whole history gives the same figures.", err=True)


@main.command()
@click.argument("election")
@click.option("--as-of", metavar="LOCAL-ISO", help="As of this moment, local time.")
@click.option("--language", type=click.Choice(["en", "ru", "kk"]), default="en")
@click.option("--output", type=click.File("wb"), help="Write the PDF.")
def digest(election: str, as_of: str | None, language: str, output: IO[bytes] | None) -> None:
    """The situation of a day in ELECTION as text, or as the PDF that is mailed."""
    in_app()
    row = election_for(SYSTEM, election)
    found = digest_of(row, language, _moment(row, as_of))
    if output:
        output.write(print_digest(found))
    else:
        click.echo(text_of(found), nl=False)


@main.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Resolve centuries by this day.")
@click.option("--election", help="Resolve centuries by this election's day.")
def mrz(on: datetime | None, election: str | None) -> None:
    """Read one document's MRZ lines from standard input; exit 1 where it is not valid."""
    day = on.date() if on else date.today()
    if election:
        in_app()
        day = election_for(SYSTEM, election).election_on
    found = parse_mrz(sys.stdin.read(), on=day)
    click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    if not found.valid:
        sys.exit(1)


if __name__ == "__main__":
    main()
