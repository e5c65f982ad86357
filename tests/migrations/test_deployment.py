"""Deployment on both databases: nobody in two teams on one day, whoever asks at one second."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.logistics.models.deployment import DeploymentMember, DeploymentTeam
from tracker.logistics.operations.deployment import (
    TeamDetails,
    advance_team,
    change_team,
    place_members,
    plan_team,
)
from tracker.logistics.operations.team_intake import enter_teams
from tracker.logistics.queries.deployment import (
    deployed_by_region,
    not_deployed_by_delegation,
    placings_on,
    unplaced,
    unplaced_page,
)
from tracker.logistics.queries.teams import (
    Filter,
    filtered,
    standing_teams,
    teams_page,
    who_may_go,
)

FIRST, LAST = date(2022, 11, 18), date(2022, 11, 21)


def details(**more):
    values = {"name": "1", "region": "KZ-75", "starts_on": FIRST, "ends_on": LAST}
    return TeamDetails(**values | more)


@pytest.fixture
def deployed(app):
    """Two teams of one delegation on the same days; one of three observers is in the first."""
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election)
        status = AccreditationStatus.ACCREDITED
        people = [records.accreditation(delegation, status=status) for _number in range(3)]
        around = {"actor": SYSTEM, "election": election}
        for name, region in (("1", "KZ-75"), ("2", "KZ-71")):
            wanted = details(name=name, region=region)
            plan_team(**around, delegation=delegation, details=wanted)
        team = db.session.get_one(DeploymentTeam, 1)
        place_members(
            **around, team=team, accreditation_ids=[people[0].id], seen_version=team.version
        )
        db.session.commit()
        yield election
        db.session.rollback()


def placed(election, team_id, *ids):
    team = db.session.get_one(DeploymentTeam, team_id)
    around = {"actor": SYSTEM, "election": election, "team": team}
    return place_members(**around, accreditation_ids=ids, seen_version=team.version)


def test_figures_and_lists_of_a_day(deployed):
    assert deployed_by_region(deployed.id, FIRST) == {"KZ-75": 1}
    rows = placings_on(deployed.id, LAST)
    assert [(row.region, row.observers) for row in rows] == [("KZ-71", 0), ("KZ-75", 1)]
    assert list(not_deployed_by_delegation(deployed.id, FIRST).values()) == [2]
    assert unplaced_page(unplaced(deployed.id, FIRST, None), None)[1] == 2
    query = filtered(SYSTEM, deployed, Filter(day=LAST))
    assert [row[0].name for row in teams_page(query, None).rows] == ["2", "1"]
    assert len(who_may_go(standing_teams(deployed.id)[0])) == 2


def test_the_database_itself_refuses_two_places_on_one_day(deployed):
    values = {"team_id": 2, "accreditation_id": 1, "ends_on": LAST + timedelta(days=4)}
    for starts_on, is_standing, is_refused in (
        (LAST + timedelta(days=1), True, False),
        (LAST, False, False),
        (LAST, True, True),
    ):
        row = DeploymentMember(**values, starts_on=starts_on, is_standing=is_standing)
        db.session.add(row)
        if is_refused and db.engine.dialect.name == "postgresql":
            with pytest.raises(IntegrityError, match="ex_deployment_members_overlap"):
                db.session.flush()
        else:
            db.session.flush()
        db.session.rollback()
        expect_writes(True)


def test_the_database_refuses_days_in_the_wrong_order(deployed):
    standing_teams(deployed.id)[0].ends_on = FIRST - timedelta(days=1)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_team_moves_with_its_people_and_lets_them_go(deployed):
    team, later = db.session.get_one(DeploymentTeam, 1), LAST + timedelta(days=1)
    around = {"actor": SYSTEM, "election": deployed}
    moved = details(starts_on=later, ends_on=later)
    change_team(**around, team=team, details=moved, seen_version=team.version)
    placed(deployed, 2, 1, 2)  # who is in the first on later days is free on these
    with pytest.raises(Refused, match="is in team 2"):
        change_team(**around, team=team, details=details(), seen_version=team.version)
    db.session.rollback()
    expect_writes(True)
    team = db.session.get_one(DeploymentTeam, 1)
    advance_team(actor=SYSTEM, team=team, name="cancel", reason="Fog")
    placed(deployed, 2, 1)
    db.session.commit()
    assert deployed_by_region(deployed.id, FIRST) == {"KZ-71": 1}


def test_a_whole_plan_is_entered_or_none_of_it(deployed):
    delegation = db.session.get_one(DeploymentTeam, 1).delegation
    later = LAST + timedelta(days=1)
    rows = [(delegation, details(name="3", starts_on=later, ends_on=later), key) for key in (1, 2)]
    around = {"actor": SYSTEM, "election": deployed}
    with pytest.raises(Refused, match="is in team 1"), db.session.begin_nested():
        enter_teams(**around, rows=[*rows, (delegation, details(name="4"), 1)], seen=3)
    assert len(standing_teams(deployed.id)) == 2
    assert enter_teams(**around, rows=rows, seen=2) == (2, 1)
    db.session.commit()
    assert deployed_by_region(deployed.id, later) == {"KZ-75": 2}


def test_two_coordinators_at_the_same_second_place_an_observer_once(app, deployed):
    """One of them is told who is where; nothing else is left behind."""
    election_id = deployed.id
    person = db.session.get_one(Accreditation, 3).id
    db.session.remove()
    outcomes, barrier = [], threading.Barrier(2)

    def place(team_id):
        with app.app_context(), clock.at(NOW):
            expect_writes(True)
            barrier.wait()
            try:
                team = db.session.get_one(DeploymentTeam, team_id)
                known = [row.accreditation_id for row in team.members]
                placed(db.session.get_one(Election, election_id), team_id, *known, person)
                db.session.commit()
                outcomes.append("placed")
            except Refused as refusal:
                db.session.rollback()
                outcomes.append(str(refusal))

    threads = [threading.Thread(target=place, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused, won = sorted(outcomes)
    assert won == "placed"
    assert "is in team" in refused
    seats = sa.select(sa.func.count()).where(DeploymentMember.accreditation_id == person)
    assert db.session.scalar(seats) == 1
