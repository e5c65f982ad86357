"""Entering a whole deployment plan from a list, or none of it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.operations.deployment import (
    Key,
    TeamDetails,
    change_team,
    key_of,
    place_members,
    plan_team,
)
from tracker.logistics.queries.teams import teams_of_delegation

Entry = tuple[Delegation, TeamDetails, int]  # whose team, and which accreditation is in it


def enter_teams(
    *, actor: Actor, election: Election, rows: Sequence[Entry], seen: int
) -> tuple[int, int]:
    """Enter every row: how many observers in how many teams, new ones or known.

    Refused where it is not as many rows as the person saw when they accepted.
    """
    if len(rows) != seen or not rows:
        raise Refused(N_("Something was entered or changed meanwhile. Look at the rows again."))
    # Everybody at once and in order of id, before anything is written: a coordinator who places
    # one of them meanwhile waits here and not half-way.
    people = {person for _delegation, _details, person in rows}
    query = sa.select(Accreditation.id).where(Accreditation.id.in_(people))
    db.session.execute(query.order_by(Accreditation.id).with_for_update(key_share=True))
    groups: dict[Key, list[Entry]] = {}
    for delegation, details, person in rows:
        groups.setdefault(key_of(delegation.id, details), []).append((delegation, details, person))
    for key, entries in groups.items():
        _enter(actor, election, key, entries)
    return len(rows), len(groups)


def _enter(actor: Actor, election: Election, key: Key, entries: Sequence[Entry]) -> None:
    delegation, details, _person = entries[0]
    for _delegation, others, _person in entries[1:]:
        details = _filled(details, others)
    known = teams_of_delegation(election.id, delegation.id)
    team = next((each for each in known if key_of(delegation.id, each) == key), None)
    around: dict[str, Any] = {"actor": actor, "election": election}
    if team is None:
        team = plan_team(**around, delegation=delegation, details=details)
    elif (whole := _filled(_details_of(team), details)) != _details_of(team):
        change_team(**around, team=team, details=whole, seen_version=team.version)
    people = {each.accreditation_id for each in team.members} | {row[2] for row in entries}
    place_members(**around, team=team, accreditation_ids=people, seen_version=team.version)


def _filled(details: TeamDetails, others: TeamDetails) -> TeamDetails:
    """`details` with what only the others say."""
    said = asdict(others)
    lacking = {name: said[name] for name, value in asdict(details).items() if not value}
    return replace(details, **lacking)


def _details_of(team: DeploymentTeam) -> TeamDetails:
    return TeamDetails(**{name: getattr(team, name) for name in TeamDetails.__dataclass_fields__})
