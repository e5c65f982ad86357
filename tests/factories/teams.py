"""Teams of observers as a coordinator plans, fills and changes them."""

from datetime import date

from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel.actor import Actor
from tracker.kernel.permissions import Role
from tracker.logistics.operations.deployment import (
    TeamDetails,
    advance_team,
    change_team,
    place_members,
    plan_team,
)

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
FIRST, ELECTION_DAY = date(2022, 11, 18), date(2022, 11, 20)
REGIONS = ("KZ-10", "KZ-11", "KZ-71", "KZ-75")


def accredited(delegation, count=1, **values):
    return [
        records.accreditation(delegation, status=AccreditationStatus.ACCREDITED, **values)
        for _number in range(count)
    ]


def wanted(**more):
    values = {"name": "1", "region": "KZ-75", "starts_on": FIRST, "ends_on": date(2022, 11, 21)}
    return TeamDetails(**values | more)


def planned(election, delegation, *people, actor=COORDINATOR, **more):
    around = {"actor": actor, "election": election}
    team = plan_team(**around, delegation=delegation, details=wanted(**more))
    return placed(election, team, *people) if people else team


def placed(election, team, *people, **more):
    ids = [row.id for row in people]
    around = {"actor": COORDINATOR, "election": election, "team": team}
    return place_members(**around, accreditation_ids=ids, **{"seen_version": team.version} | more)


def changed(election, team, details, **more):
    around = {"actor": COORDINATOR, "election": election, "team": team}
    return change_team(**around, details=details, **{"seen_version": team.version} | more)


def step(team, name, **more):
    return advance_team(actor=COORDINATOR, team=team, name=name, **more)
