"""Deployment: nobody is in two teams on one day, what ended counts no more, figures agree."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.teams import (
    ELECTION_DAY,
    FIRST,
    REGIONS,
    accredited,
    changed,
    placed,
    planned,
    step,
    wanted,
)
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused, Several, Stale
from tracker.kernel.i18n import force_locale
from tracker.kernel.permissions import Role
from tracker.logistics.models.deployment import DeploymentMember, TeamStatus
from tracker.logistics.queries.deployment import (
    deployed_by_region,
    ended_on,
    not_deployed,
    not_deployed_by_delegation,
    placings_on,
    unplaced,
    unplaced_page,
)
from tracker.logistics.queries.teams import (
    Filter,
    filtered,
    members_of,
    steps_of,
    team_for,
    teams_of_observer,
    teams_page,
    who_may_go,
)
from tracker.logistics.rules.deployment import COUNTED, PLACEABLE, Span, coverage
from tracker.logistics.teams import days_text

A, S = AccreditationStatus, TeamStatus


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


@pytest.mark.parametrize(
    ("first", "last", "whole", "short"),
    [
        (date(2022, 11, 20), date(2022, 11, 20), "20 Nov 2022", "20 Nov"),
        (date(2022, 11, 18), date(2022, 11, 21), "18–21 Nov 2022", "18–21 Nov"),
        (date(2022, 10, 25), date(2022, 11, 21), "25 Oct – 21 Nov 2022", "25 Oct – 21 Nov"),
        (date(2022, 12, 30), date(2023, 1, 2), "30 Dec 2022 – 2 Jan 2023", None),
    ],
)
def test_days_are_said_as_short_as_they_can_be(app, first, last, whole, short):
    with app.test_request_context(), force_locale("en"):
        assert days_text(Span(first, last)) == whole
        assert days_text(Span(first, last), has_year=False) == (short or whole)


# Operations


def test_a_team_is_planned_filled_confirmed_and_dated_row_by_row(election, delegation):
    people = accredited(delegation, 2)
    team = planned(election, delegation, *people)
    version = team.version
    step(team, "confirm")
    changed(election, team, wanted(region="KZ-19"), reason="Asked by the mission")
    placed(election, team, people[0])
    assert team.version > version
    found = [(row.to_status, row.region, row.people) for row in steps_of(team.id)]
    assert found == [
        (S.PLANNED, "KZ-75", 0),
        (S.PLANNED, "KZ-75", 2),
        (S.CONFIRMED, "KZ-75", 2),
        (S.CONFIRMED, "KZ-19", 2),
        (S.CONFIRMED, "KZ-19", 1),
    ]
    assert steps_of(team.id)[3].reason == "Asked by the mission"
    with pytest.raises(Refused, match="changed meanwhile"):
        step(team, "confirm")


def test_a_cancelled_team_lets_its_people_go(election, delegation):
    (person,) = accredited(delegation)
    team = planned(election, delegation, person)
    with pytest.raises(Refused, match="Give the reason"):
        step(team, "cancel", reason=" ")
    step(team, "cancel", reason="The road is closed")
    assert deployed_by_region(election.id, ELECTION_DAY) == {}
    planned(election, delegation, person)
    for refused in (
        lambda: changed(election, team, wanted()),
        lambda: placed(election, team),
        lambda: step(team, "confirm"),
    ):
        with pytest.raises(Refused):
            refused()
    assert len(members_of([team.id])[team.id]) == 1  # who was to go stays on record


def test_nobody_is_in_two_teams_on_one_day(election, delegation):
    (person,) = accredited(delegation, person=records.observer(surname="KAYA"))
    planned(election, delegation, person)
    other = planned(election, delegation, name="2", region="KZ-71")
    with pytest.raises(Several, match=r"ANNA KAYA is in team 1 .*: Almaty") as refusal:
        placed(election, other, person)
    assert refusal.value.field == "members"
    assert refusal.value.params["first"] == FIRST
    changed(election, other, wanted(name="2", starts_on=FIRST - timedelta(days=4), ends_on=FIRST))
    with pytest.raises(Several):  # the last day of one is the first of the other
        placed(election, other, person)
    before = FIRST - timedelta(days=1)
    changed(election, other, wanted(name="2", starts_on=before, ends_on=before))
    placed(election, other, person)
    assert [team.name for team in teams_of_observer(person.id)] == ["2", "1"]
    with pytest.raises(Several) as refusal:  # nor does a team carry them into another's days
        changed(election, other, wanted(name="2"))
    assert refusal.value.field == "starts_on"


def test_only_who_may_observe_here_is_placed(election, delegation):
    (stranger,) = accredited(records.delegation(election))
    team = planned(election, delegation)
    for row in (stranger, *(records.accreditation(delegation, status=s) for s in A)):
        if row.delegation_id == delegation.id and row.status in PLACEABLE:
            continue
        with pytest.raises(Refused, match="registered or accredited"):
            placed(election, team, row)
    assert {row.status for row in who_may_go(team)} == PLACEABLE


def test_who_was_withdrawn_afterwards_is_shown_and_counts_no_more(election, delegation):
    people = accredited(delegation, 2)
    team = planned(election, delegation, *people)
    people[0].status, people[0].is_live = A.WITHDRAWN, False
    db.session.flush()
    assert deployed_by_region(election.id, ELECTION_DAY) == {"KZ-75": 1}
    assert [row.id for row in ended_on(election.id, ELECTION_DAY)] == [team.id]
    shown = members_of([team.id])[team.id]
    assert [each.stands for each in shown if each.accreditation_id == people[0].id] == [False]
    changed(election, team, wanted(place="Medeu district"))
    placed(election, team, *people, *accredited(delegation))  # nobody has to be taken out first
    placed(election, team, people[1])
    with pytest.raises(Refused):
        placed(election, team, *people)
    people[1].status, people[1].is_live = A.EXPIRED, False
    db.session.flush()
    assert deployed_by_region(election.id, ELECTION_DAY) == {"KZ-75": 1}  # they were there


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"region": "TR-34"}, "region"),
        ({"ends_on": FIRST - timedelta(days=1)}, "ends_on"),
        ({"starts_on": date(2021, 11, 18)}, "starts_on"),
        ({"ends_on": date(2032, 11, 18)}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(election, delegation, more, field):
    with pytest.raises(Several) as refusal:
        planned(election, delegation, **more)
    assert [each.field for each in refusal.value.refusals] == [field]


def test_a_name_is_one_team_a_day(election, delegation):
    planned(election, delegation, name="Team A")
    with pytest.raises(Several, match="has such a team then") as refusal:
        planned(election, delegation, name=" team a")
    assert refusal.value.field == "name"
    planned(election, records.delegation(election), name="Team A")
    planned(election, delegation, name="Team A", region="KZ-71", starts_on=date(2022, 11, 22),
            ends_on=date(2022, 11, 23))  # fmt: skip


def test_a_stale_save_is_refused_and_says_what_differs(election, delegation):
    team = planned(election, delegation)
    seen = team.version
    changed(election, team, wanted(place="Medeu district"))
    with pytest.raises(Stale) as refusal:
        changed(election, team, wanted(place="Auezov district"), seen_version=seen)
    (difference,) = refusal.value.differences
    assert (difference.theirs, difference.yours) == ("Medeu district", "Auezov district")
    with pytest.raises(Stale):
        placed(election, team, *accredited(delegation), seen_version=seen)


def test_who_may(election, delegation):
    for role in (Role.OFFICIAL, Role.FOCAL_POINT, Role.COMMISSION):
        with pytest.raises(Forbidden):
            planned(election, delegation, actor=Actor(1, "x", frozenset({role})))
    team = planned(election, delegation, actor=Actor(1, "x", frozenset({Role.REGISTRAR})))
    roles = frozenset({Role.FOCAL_POINT})
    own = Actor(1, "x", roles, delegation_ids=frozenset({delegation.id}))
    other = Actor(1, "x", roles, delegation_ids=frozenset({delegation.id + 1}))
    assert team_for(own, election.id, team.id) is team
    with pytest.raises(NotFound):
        team_for(other, election.id, team.id)
    assert teams_page(filtered(other, election, Filter()), None).rows == []


def test_telephone_numbers_are_ciphertext_and_not_in_the_record(election, delegation):
    phone = "+7 700 123 45 67"
    team = planned(election, delegation, liaison_phone=phone, driver=phone, interpreter=phone)
    columns = "liaison_phone, driver, interpreter"
    stored = db.session.execute(sa.text(f"SELECT {columns} FROM deployment_teams")).one()
    assert not any(phone in text for text in stored)
    db.session.expire(team)
    assert team.liaison_phone == team.driver == team.interpreter == phone
    assert not any(phone in str(entry.after) for entry in db.session.scalars(sa.select(AuditEntry)))


def test_history_and_places_are_on_the_record(election, delegation):
    planned(election, delegation, *accredited(delegation))
    tables = set(db.session.scalars(sa.select(AuditEntry.record_table)))
    assert {"deployment_teams", "deployment_members", "deployment_steps"} <= tables


# Figures


def test_the_figures_of_a_day_agree(election, delegation):
    other = records.delegation(election)
    people, others = accredited(delegation, 4), accredited(other, 2)
    driver = accredited(delegation, function=Function.DRIVER)
    planned(election, delegation, *people[:2], *driver)
    planned(election, delegation, people[2], name="2", region="KZ-71", ends_on=FIRST)
    planned(election, other, others[0], region="KZ-71")
    planned(election, other, name="2")
    for day, expected, without in (
        (FIRST, {"KZ-71": 2, "KZ-75": 2}, {delegation.id: 1, other.id: 1}),
        (ELECTION_DAY, {"KZ-71": 1, "KZ-75": 2}, {delegation.id: 2, other.id: 1}),
        (date(2022, 11, 1), {}, {delegation.id: 4, other.id: 2}),
    ):
        assert deployed_by_region(election.id, day) == expected
        found = coverage(REGIONS, placings_on(election.id, day))
        assert {key: row.observers for key, row in found.items() if row.observers} == expected
        assert not_deployed_by_delegation(election.id, day) == without
        assert unplaced_page(unplaced(election.id, day, None), None)[1] == sum(without.values())
        assert sum(expected.values()) + sum(without.values()) == 6
    assert coverage(REGIONS, placings_on(election.id, FIRST))["KZ-75"].teams == 2  # one is empty
    nowhere = db.session.scalars(not_deployed(election.id)).all()
    assert set(nowhere) == {people[3].id, others[1].id}


def test_who_may_go_leaves_out_who_has_a_place_on_these_days(election, delegation):
    people = accredited(delegation, 3)
    planned(election, delegation, people[0])
    team = planned(election, delegation, people[1], name="2")
    found = {each.accreditation_id for each in who_may_go(team)}
    assert found == {people[1].id, people[2].id}
    assert A.EXPIRED in COUNTED - PLACEABLE


def test_places_repeat_the_days_and_standing_of_their_team(election, delegation):
    team = planned(election, delegation, *accredited(delegation, 2))
    changed(election, team, wanted(ends_on=ELECTION_DAY))
    step(team, "cancel", reason="no")
    for row in db.session.scalars(sa.select(DeploymentMember)):
        assert (row.starts_on, row.ends_on, row.is_standing) == (FIRST, ELECTION_DAY, False)
