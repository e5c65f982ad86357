"""What happens to deployment teams and who is in them, with a dated row for every step."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.elections.regions import region_names
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, move_version
from tracker.kernel.errors import Difference, NotFound, Refused, Several, Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.text import search_key
from tracker.logistics.models.deployment import (
    DeploymentMember,
    DeploymentStep,
    DeploymentTeam,
    TeamStatus,
)
from tracker.logistics.queries.teams import places_of, teams_of_delegation
from tracker.logistics.rules.deployment import PLACEABLE, STANDING, STEPS, may_step, overlap
from tracker.logistics.rules.movements import is_near
from tracker.observers.models import Observer

STALE = N_(
    "This record was changed meanwhile. What you entered is still below; check it and save again."
)

NAMESAKE = N_("The delegation has such a team then: %(region)s, %(first)s to %(last)s.")
TAKEN = N_("%(who)s is in team %(team)s from %(first)s to %(last)s: %(region)s.")


@dataclass(frozen=True, kw_only=True)
class TeamDetails:
    """What is typed of a team; both days are local and belong to it."""

    name: str
    region: str
    starts_on: date
    ends_on: date
    place: str | None = None
    liaison_officer: str | None = None
    liaison_phone: str | None = None
    vehicle: str | None = None
    plate: str | None = None
    driver: str | None = None
    interpreter: str | None = None
    note: str | None = None


Key = tuple[int, str, str, date, date]


def key_of(delegation_id: int, team: DeploymentTeam | TeamDetails) -> Key:
    """What makes two teams, or a team and what is typed of it, one and the same."""
    return delegation_id, search_key(team.name), team.region, team.starts_on, team.ends_on


def faults(election: Election, details: TeamDetails) -> list[Refused]:
    """Everything that stands against these details, whoever is to go."""
    found = []
    if details.region not in region_names(election.host_country):
        found.append(Refused(N_("Choose a region from the list."), field="region"))
    if details.ends_on < details.starts_on:
        found.append(Refused(N_("The last day cannot be before the first."), field="ends_on"))
    for field in ("starts_on", "ends_on"):
        if not is_near(getattr(details, field), election.election_on):
            message = N_("This is too far from election day: check the year.")
            found.append(Refused(message, field=field))
    return found


def _check(
    election: Election, delegation_id: int, details: TeamDetails, but: int | None = None
) -> None:
    """Raise everything that stands against it, a namesake on the same days too."""
    found = faults(election, details)
    if not found:
        found = [
            _refused(
                NAMESAKE,
                election,
                other,
                field="name",
            )
            for other in teams_of_delegation(election.id, delegation_id)
            if other.id != but
            and search_key(other.name) == search_key(details.name)
            and overlap(other, details)
        ]
    if found:
        raise Several(found)


def _refused(
    message: str, election: Election, other: DeploymentTeam, *, field: str, **params: str
) -> Refused:
    """A refusal that says where and when a team is."""
    where = region_names(election.host_country).get(other.region, other.region)
    days = {"first": other.starts_on, "last": other.ends_on}
    return Refused(message, field=field, region=where, **days, **params)


def _keep_step(
    actor: Actor, team: DeploymentTeam, source: TeamStatus | None, reason: str | None = None
) -> None:
    db.session.add(
        DeploymentStep(
            team_id=team.id,
            from_status=source,
            to_status=team.status,
            region=team.region,
            starts_on=team.starts_on,
            ends_on=team.ends_on,
            people=len(team.members),
            actor_name=actor.name,
            reason=reason,
        )
    )
    db.session.flush()


def plan_team(
    *, actor: Actor, election: Election, delegation: Delegation, details: TeamDetails
) -> DeploymentTeam:
    """Enter a team; its people are placed afterwards."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if not actor.sees_delegation(delegation.id) or delegation.election_id != election.id:
        raise NotFound(N_("There is no such delegation."))
    _check(election, delegation.id, details)
    team = DeploymentTeam(
        election_id=election.id,
        delegation_id=delegation.id,
        delegation=delegation,
        status=TeamStatus.PLANNED,
        created_by=actor.name,
        members=[],
        **asdict(details),
    )
    db.session.add(team)
    db.session.flush()
    _keep_step(actor, team, None)
    return team


def _demand(actor: Actor, team: DeploymentTeam) -> None:
    actor.require(Capability.MANAGE_LOGISTICS)
    if team.status not in STANDING:
        raise Refused(N_("This team is cancelled: nothing of it can be changed."))


def change_team(
    *,
    actor: Actor,
    election: Election,
    team: DeploymentTeam,
    details: TeamDetails,
    seen_version: int,
    reason: str | None = None,
) -> DeploymentTeam:
    """Change a team that stands; raises `Stale` where somebody else changed it meanwhile.

    On other days its people must be free; another region or other days go into the history.
    """
    _demand(actor, team)
    wanted = asdict(details)
    if team.version != seen_version:
        differences = [
            Difference(name, getattr(team, name) or "", value or "")
            for name, value in wanted.items()
            if (getattr(team, name) or "") != (value or "")
        ]
        raise Stale(STALE, differences=differences)
    _check(election, team.delegation_id, details, team.id)
    earlier = team.region, team.starts_on, team.ends_on
    for name, value in wanted.items():
        setattr(team, name, value)
    if earlier != (team.region, team.starts_on, team.ends_on):
        _seat(election, team, [each.accreditation_id for each in team.members], field="starts_on")
        _keep_step(actor, team, team.status, reason)
    db.session.flush()
    return team


def place_members(
    *,
    actor: Actor,
    election: Election,
    team: DeploymentTeam,
    accreditation_ids: Collection[int],
    seen_version: int,
) -> DeploymentTeam:
    """Let exactly these people be in a team; refused with who is where on its days already."""
    _demand(actor, team)
    if team.version != seen_version:
        raise Stale(STALE)
    known = {each.accreditation_id for each in team.members}
    if known != set(accreditation_ids):
        _seat(election, team, accreditation_ids, field="members")
        _keep_step(actor, team, team.status)
    return team


def _seat(election: Election, team: DeploymentTeam, ids: Collection[int], *, field: str) -> None:
    """Seat these people on the team's days, and nobody else."""
    known = {each.accreditation_id: each for each in team.members}
    people = _locked(team, ids)
    if any(key not in people for key in set(ids) - set(known)):
        raise Refused(
            N_("Choose registered or accredited observers of this delegation."), field=field
        )
    with db.session.no_autoflush:
        taken = places_of(ids, team, but=team.id)
    if taken:
        raise Several([_is_taken(election, people[key], other, field) for key, other in taken])
    team.members = [
        known.get(key) or DeploymentMember(accreditation_id=key) for key in sorted(set(ids))
    ]
    for each in team.members:
        each.starts_on, each.ends_on = team.starts_on, team.ends_on
    move_version(team, "name")  # the people are in another table
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise Refused(
            N_("Somebody has just placed one of these people elsewhere. Look at the list again."),
            field=field,
        ) from error


def _locked(team: DeploymentTeam, ids: Collection[int]) -> dict[int, str]:
    """Names of those who may be in the team, their rows locked in order of id.

    Two coordinators who place one person queue up here, so that the second is told where the
    first has placed them.
    """
    mine = {each.accreditation_id for each in team.members}
    query = (
        sa.select(Accreditation.id, Observer.given_names, Observer.surname)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.id.in_(ids),
            Accreditation.delegation_id == team.delegation_id,
            sa.or_(Accreditation.status.in_(PLACEABLE), Accreditation.id.in_(mine)),
        )
        .order_by(Accreditation.id)
        .with_for_update(of=Accreditation, key_share=True)
    )
    with db.session.no_autoflush:
        rows = db.session.execute(query)
        return {row.id: f"{row.given_names} {row.surname}".strip() for row in rows}


def _is_taken(election: Election, who: str, other: DeploymentTeam, field: str) -> Refused:
    return _refused(
        TAKEN,
        election,
        other,
        field=field,
        who=who,
        team=other.name,
    )


def advance_team(
    *, actor: Actor, team: DeploymentTeam, name: str, reason: str | None = None
) -> DeploymentTeam:
    """Take the step of this name: confirm, or cancel and let the people go."""
    actor.require(Capability.MANAGE_LOGISTICS)
    step = STEPS[name]
    if not may_step(team.status, name):
        raise Refused(N_("Its status was changed meanwhile. Look at its history."))
    text = (reason or "").strip() or None
    if step.needs_reason and text is None:
        raise Refused(N_("Give the reason."), field="reason")
    source, team.status = team.status, step.target
    for each in team.members:
        each.is_standing = team.status in STANDING
    db.session.flush()
    _keep_step(actor, team, source, text)
    return team
