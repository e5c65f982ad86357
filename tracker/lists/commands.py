"""`tracker list` and `tracker duplicates`: the same checks as the pages, from the shell."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tracker.accreditation.models import Function
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegations_of
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import search_key
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.checking import Check, Sent, check_sent
from tracker.lists.labels import PROBLEMS
from tracker.lists.models import RowStatus
from tracker.lists.operations import Received, leave_out, receive_list
from tracker.observers.intake.reading import Choices
from tracker.observers.intake.rows import Problem
from tracker.observers.matching import compare, person_from
from tracker.observers.operations import index_persons
from tracker.organizations.states import find_state


@click.group("list")
def lists() -> None:
    """Lists of observers as delegations send them."""


@click.group()
def duplicates() -> None:
    """Records that may be one person."""


def delegation_named(election: Election, name: str) -> Delegation:
    """The delegation of an organization by acronym or name, or of a state by code or name."""
    state, key = find_state(name), search_key(name)
    for row in delegations_of(SYSTEM, election.id):
        sender = row.organization
        names = {search_key(text) for text in sender.all_names}
        if (state and sender.country == state) or key in names:
            return row
    raise Refused(N_("No delegation of %(name)s to this election."), name=name)


def _values(item: Any) -> dict[str, str]:
    return {name: value for name, value in item.row.values.items() if value and name != "portrait"}


def _message(problem: Problem) -> str:
    params = {
        name: value["en"] if isinstance(value, dict) else value
        for name, value in problem.params.items()
    }
    return PROBLEMS[problem.code] % params


def report(check: Check) -> dict[str, Any]:
    """A check as JSON; messages in English."""
    summary = {status.value: 0 for status in RowStatus}
    for item in check.rows:
        summary[item.status.value] += 1
    return {
        "sheet": check.reading.grid.sheet or None,
        "header_row": check.reading.table.header_row,
        "columns": [
            {
                "column": column.letter,
                "header": column.header,
                "field": column.field,
                "recognized_by": column.by or None,
            }
            for column in check.reading.columns
        ],
        "rows": [
            {
                "row": item.row.number,
                "status": item.status.value,
                "values": _values(item),
                "problems": [
                    {
                        "field": problem.field,
                        "code": problem.code,
                        "message": _message(problem),
                        "cell": problem.cell or None,
                    }
                    for problem in item.row.problems
                ],
                "changes": {name: [old, new] for name, old, new in item.differences},
                "notices": item.row.notices,
            }
            for item in check.rows
        ],
        "left_aside": list(check.reading.table.left_out),
        "dropped": check.dropped,
        "summary": summary | {"rows": len(check.rows)},
    }


def _text(found: dict[str, Any]) -> None:
    for column in found["columns"]:
        click.echo(f"{column['column']}: {column['header']!r} → {column['field'] or '?'}")
    for row in found["rows"]:
        for problem in row["problems"]:
            where = problem["cell"] or f"row {row['row']}"
            click.echo(f"{where} {problem['field']}: {problem['message']}")
    click.echo(", ".join(f"{name}: {count}" for name, count in found["summary"].items()))


@lists.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--election", "slug", required=True)
@click.option("--delegation", required=True, metavar="ACRONYM-OR-STATE")
@click.option("--sheet")
@click.option("--day-first/--month-first", default=None, help="How 03/04/1970 is meant.")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text")
def check(
    file: Path, slug: str, delegation: str, sheet: str | None, day_first: bool | None, form: str
) -> None:
    """Check FILE and store nothing; exit 1 where a row has a problem."""
    election = election_for(SYSTEM, slug)
    sent = Sent(content=file.read_bytes(), choices=Choices(sheet=sheet, day_first=day_first))
    found = report(check_sent(sent, election, delegation_named(election, delegation)))
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _text(found)
    if found["summary"]["problem"]:
        sys.exit(1)


@lists.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--election", "slug", required=True)
@click.option("--delegation", "name", required=True, metavar="ACRONYM-OR-STATE")
@click.option("--sheet")
@click.option("--portraits", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--function", type=click.Choice(list(Function)), help="Of those who state none.")
@click.option("--pledge", type=click.DateTime(["%Y-%m-%d"]), help="Everyone signed on this day.")
@click.option("--skip-problems", is_flag=True, help="Leave out the rows that have a problem.")
def accept(
    file: Path,
    slug: str,
    name: str,
    sheet: str | None,
    portraits: Path | None,
    function: str | None,
    pledge: datetime | None,
    skip_problems: bool,
) -> None:
    """Check FILE and enter it whole, or not at all."""
    election = election_for(SYSTEM, slug)
    delegation = delegation_named(election, name)
    received = Received(
        filename=file.name,
        content=file.read_bytes(),
        portraits=portraits.read_bytes() if portraits else None,
        function=Function(function) if function else None,
        pledge_signed_on=pledge.date() if pledge else None,
        sheet=sheet,
    )
    around: dict[str, Any] = {"actor": SYSTEM, "election": election, "delegation": delegation}
    with unit_of_work(SYSTEM):
        found = receive_list(**around, received=received, at_once=True)
        if skip_problems and found.facts["counts"]["problem"]:
            leave_out(**around, found=found, number=None, is_left_out=True)
        begin_acceptance(actor=SYSTEM, found=found)
        outcome = accept_list(**around, list_id=found.id)
    click.echo(json.dumps(vars(outcome) if outcome else {}, ensure_ascii=False, indent=2))


@duplicates.command("compare")
def compare_command() -> None:
    """Compare the two persons that stand as a JSON list on standard input."""
    try:
        said = json.loads(sys.stdin.read())
        one, other = said if isinstance(said, list) else (said["one"], said["other"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(N_("Give two persons as a JSON list.")) from error
    found = compare(person_from(one), person_from(other))
    reasons = [reason.code for reason in found.reasons]
    shown = {"score": found.score, "verdict": found.verdict.value, "reasons": reasons}
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@duplicates.command("index")
def index() -> None:
    """Make anew the keys by which likenesses are found, after an upgrade."""
    with unit_of_work(SYSTEM):
        count = index_persons()
    click.echo(f"{count} persons")
