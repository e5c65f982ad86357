"""Arrivals and departures: their life by the table, changes pointed out by the clock, zones."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, NotFound, Refused, Several, Stale
from tracker.kernel.i18n import force_locale
from tracker.kernel.permissions import Role
from tracker.logistics.board import board_of, change_text, shown_movement
from tracker.logistics.forms.movements import MovementForm
from tracker.logistics.models.attention import Kind
from tracker.logistics.models.movements import (
    Direction,
    Means,
    MovementPassenger,
    MovementStatus,
    MovementStep,
)
from tracker.logistics.operations.movements import (
    MovementDetails,
    advance_movement,
    change_movement,
    plan_movement,
)
from tracker.logistics.operations.points import PointDetails, change_point
from tracker.logistics.queries.movements import (
    Filter,
    filtered,
    movement_for,
    movements_on,
    movements_page,
    passengers_of,
    steps_of,
)
from tracker.logistics.rules.attention import matters
from tracker.logistics.rules.movements import (
    SHOWN_FOR,
    STANDING,
    STEPS,
    clock_fault,
    is_just_changed,
    may_step,
)
from tracker.people import Wanted, observers_page

COORDINATOR = Actor(1, "Coordinator", frozenset({Role.COORDINATOR}))
ALMATY = ZoneInfo("Asia/Almaty")
NOON = datetime(2022, 11, 18, 12, 25, tzinfo=ALMATY)
S = MovementStatus


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


@pytest.fixture
def point(session):
    return records.point()


def wanted(point, **more):
    values = {
        "direction": Direction.ARRIVAL,
        "means": Means.FLIGHT,
        "number": "ZZ 123",
        "place": "Baku",
        "point_id": point.id,
        "moves_at": NOON,
        "people": 4,
    }
    return MovementDetails(**values | more)


def planned(election, delegation, point, actor=COORDINATOR, **more):
    details = wanted(point, **more)
    return plan_movement(actor=actor, election=election, delegation=delegation, details=details)


def changed(election, movement, details, **more):
    around = {"actor": COORDINATOR, "election": election, "movement": movement}
    return change_movement(**around, details=details, seen_version=movement.version, **more)


def step(movement, name, **more):
    return advance_movement(actor=COORDINATOR, movement=movement, name=name, **more)


def test_the_life_of_an_arrival_is_dated_row_by_row(election, delegation, point):
    movement = planned(election, delegation, point)
    step(movement, "confirm")
    with pytest.raises(Refused, match="not come yet"):
        step(movement, "finish")
    with clock.at(NOON + timedelta(minutes=1)):
        step(movement, "finish")
    found = [(row.from_status, row.to_status) for row in steps_of(movement.id)]
    assert found == [(None, S.PLANNED), (S.PLANNED, S.CONFIRMED), (S.CONFIRMED, S.DONE)]
    for name in STEPS:
        with pytest.raises(Refused, match="changed meanwhile"):
            step(movement, name, reason="no")


def test_a_movement_is_cancelled_for_a_reason_and_stays_on_record(election, delegation, point):
    movement = planned(election, delegation, point)
    with pytest.raises(Refused, match="Give the reason"):
        step(movement, "cancel", reason=" ")
    step(movement, "cancel", reason="They do not come")
    assert steps_of(movement.id)[-1].reason == "They do not come"
    assert movements_on(election, NOON.date()) == []
    with pytest.raises(Refused, match="has not taken place yet"):
        changed(election, movement, wanted(point))


@given(st.sampled_from(MovementStatus), st.lists(st.sampled_from(sorted(STEPS)), max_size=6))
def test_the_table_leads_only_onwards(status, names):
    for name in names:
        if may_step(status, name):
            status = STEPS[name].target
    assert (status in STANDING) == may_step(status, "cancel")


def test_a_change_after_confirmation_is_pointed_out_for_a_day(app, election, delegation, point):
    movement = planned(election, delegation, point)
    changed(election, movement, wanted(point, number="ZZ 120"))
    assert movement.changed_at is None  # nobody has relied on it yet
    assert len(steps_of(movement.id)) == 2
    step(movement, "confirm")
    changed(election, movement, wanted(point, number="ZZ 120", met_by="A. Greeter"))
    assert movement.changed_at is None
    later = wanted(point, moves_at=NOON + timedelta(minutes=50))
    changed(election, movement, later, reason="Fog")
    with app.test_request_context(), force_locale("en"):
        for moment, text in (
            (NOW, "Changed at 12:00, was 12:25, ZZ 120"),
            (NOW + timedelta(hours=23), "Changed at 10 Nov, 12:00, was 12:25, ZZ 120"),
            (NOW + SHOWN_FOR, ""),
        ):
            with clock.at(moment):
                assert change_text(shown_movement(movement, election)) == text
    last = steps_of(movement.id)[-1]
    assert (last.from_status, last.to_status, last.reason) == (S.CONFIRMED, S.CONFIRMED, "Fog")
    assert (last.moves_at, last.number) == (NOON + timedelta(minutes=50), "ZZ 123")


def test_the_clock_says_what_is_new():
    assert not is_just_changed(None, NOW)
    assert is_just_changed(NOW, NOW)
    assert is_just_changed(NOW, NOW + SHOWN_FOR - timedelta(microseconds=1))
    assert not is_just_changed(NOW, NOW + SHOWN_FOR)
    assert not is_just_changed(NOW, NOW - timedelta(microseconds=1))  # seen as of before


@pytest.mark.parametrize(
    ("zone", "typed", "words"),
    [
        ("Europe/Berlin", datetime(2022, 3, 27, 2, 30), "skip this time"),
        ("Europe/Berlin", datetime(2022, 10, 30, 2, 30), "twice"),
        ("Europe/Berlin", datetime(2022, 10, 30, 3, 0), None),
        ("Asia/Almaty", datetime(2022, 11, 18, 2, 30), None),
        ("Asia/Almaty", datetime(2024, 2, 29, 23, 30), "twice"),  # UTC+6 became UTC+5
    ],
)
def test_times_that_are_none_or_two_are_refused_each_in_its_words(app, point, zone, typed, words):
    fault = clock_fault(typed, zone)
    assert (words in fault) if words else fault is None
    data = {"direction": "arrival", "means": "flight", "delegation_id": 1, "point_id": point.id}
    data |= {"day": typed.date().isoformat(), "moves": f"{typed:%H:%M}", "people": 2}
    with app.test_request_context(), force_locale("en"):
        form = MovementForm(formdata=MultiDict(data))
        form.offer(
            delegations=[(1, "One")], points=[(point.id, "A")], passengers=[], time_zone=zone
        )
        assert form.validate() is (words is None)
        if words:
            assert words in form.moves.errors[0]
        else:
            assert form.details().moves_at.tzinfo == ZoneInfo(zone)


def test_a_day_is_a_day_of_the_election_and_not_of_utc(app, election, delegation, point):
    early = datetime(2022, 11, 18, 0, 10, tzinfo=ALMATY)  # still the 17th in UTC
    late = datetime(2022, 11, 18, 23, 50, tzinfo=ALMATY)
    next_day = datetime(2022, 11, 19, 0, 0, tzinfo=ALMATY)
    for moment in (late, next_day, early):
        planned(election, delegation, point, moves_at=moment)
    planned(election, delegation, point, moves_at=late, direction=Direction.DEPARTURE, people=7)
    rows = movements_on(election, date(2022, 11, 18), 2)
    with app.test_request_context():
        board = board_of(date(2022, 11, 18), [shown_movement(row, election) for row in rows])
    assert [(hour.hour, len(hour.arrivals), len(hour.departures)) for hour in board.hours] == [
        (0, 1, 0),
        (23, 1, 1),
    ]
    assert (board.arriving, board.departing) == (8, 7)
    query = filtered(COORDINATOR, election, Filter(day=date(2022, 11, 19)))
    assert [row[1] for row in movements_page(query, None).rows] == [next_day]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"point_id": 999}, "point_id"),
        ({"people": None}, "people"),
        ({"people": 0}, "people"),
        ({"number": None}, "number"),
        ({"means": Means.TRAIN, "number": None}, "number"),
        ({"direction": Direction.DEPARTURE, "hotel": "Inn"}, "hotel"),
        ({"moves_at": NOON.replace(year=22)}, "day"),
        ({"passenger_ids": (999,)}, "passengers"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(election, delegation, point, more, field):
    with pytest.raises(Several) as refusal:
        planned(election, delegation, point, **more)
    assert [each.field for each in refusal.value.refusals] == [field]


def test_people_are_named_from_their_own_delegation(election, delegation, point):
    members = [records.accreditation(delegation) for _number in range(2)]
    stranger = records.accreditation(records.delegation(election))
    ids = tuple(row.id for row in members)
    movement = planned(election, delegation, point, people=None, passenger_ids=ids)
    assert movement.people == 2
    assert {key for key, _name in passengers_of(movement.id)} == set(ids)
    with pytest.raises(Several) as refusal:
        changed(election, movement, wanted(point, people=1, passenger_ids=ids))
    assert refusal.value.field == "people"
    with pytest.raises(Several):
        changed(election, movement, wanted(point, passenger_ids=(*ids, stranger.id)))
    members[0].is_live, members[0].status = False, AccreditationStatus.WITHDRAWN
    version = movement.version
    changed(election, movement, wanted(point, people=3, passenger_ids=ids[:1]))
    assert movement.version > version
    assert db.session.scalar(sa.select(sa.func.count(MovementPassenger.movement_id))) == 1
    assert movement.people == 3


def test_by_road_needs_no_number(election, delegation, point):
    assert planned(election, delegation, point, means=Means.ROAD, number=None).number is None


def test_a_stale_save_is_refused_and_says_what_differs(election, delegation, point):
    movement = planned(election, delegation, point)
    seen = movement.version
    changed(election, movement, wanted(point, met_by="A. Greeter"))
    with pytest.raises(Stale) as refusal:
        change_movement(
            actor=COORDINATOR,
            election=election,
            movement=movement,
            details=wanted(point, met_by="B. Greeter"),
            seen_version=seen,
        )
    (difference,) = refusal.value.differences
    assert (difference.theirs, difference.yours) == ("A. Greeter", "B. Greeter")


def test_who_may(election, delegation, point):
    for role in (Role.OFFICIAL, Role.FOCAL_POINT, Role.COMMISSION):
        with pytest.raises(Forbidden):
            planned(election, delegation, point, actor=Actor(1, "x", frozenset({role})))
    movement = planned(election, delegation, point, Actor(1, "x", frozenset({Role.REGISTRAR})))
    roles = frozenset({Role.FOCAL_POINT})
    own = Actor(1, "x", roles, delegation_ids=frozenset({delegation.id}))
    other = Actor(1, "x", roles, delegation_ids=frozenset({delegation.id + 1}))
    assert movement_for(own, election.id, movement.id) is movement
    with pytest.raises(NotFound):
        movement_for(other, election.id, movement.id)
    assert movements_page(filtered(other, election, Filter()), None).rows == []


def test_a_point_changed_meanwhile_is_not_overwritten(point):
    names = {"name_en": "A", "name_ru": "Б", "name_kk": "В"}
    details = PointDetails(kind=point.kind, **names)
    seen = point.version
    change_point(actor=COORDINATOR, point=point, details=details, seen_version=seen)
    with pytest.raises(Stale):
        change_point(actor=COORDINATOR, point=point, details=details, seen_version=seen)


def count_and_list(election):
    count = attention(election, clock.now())[Kind.NO_ARRIVAL]
    wanted = Wanted(lacking="arrival")
    assert observers_page(COORDINATOR, election, wanted, "en", None)[1].number == count
    return count


def test_accredited_observers_without_an_arrival_are_counted_and_listed(
    app, election, delegation, point
):
    accredited = AccreditationStatus.ACCREDITED
    members = [records.accreditation(delegation, status=accredited) for _number in range(3)]
    records.accreditation(delegation)  # only registered
    records.accreditation(delegation, status=accredited, function=Function.DRIVER)
    with app.test_request_context():
        assert count_and_list(election) == 3
        named = (members[0].id,)
        first = planned(election, delegation, point, people=None, passenger_ids=named)
        assert count_and_list(election) == 2
        second = planned(election, delegation, point, people=1)
        assert count_and_list(election) == 2  # one place, and nobody can say for whom
        third = planned(election, delegation, point, people=1)
        assert count_and_list(election) == 0
        step(third, "cancel", reason="no")
        assert count_and_list(election) == 2
        leaving = wanted(point, people=5, direction=Direction.DEPARTURE)
        changed(election, second, leaving)
        step(first, "cancel", reason="no")
        assert count_and_list(election) == 3


def test_missing_arrivals_are_asked_about_from_seven_days_before(election):
    opens = datetime.combine(election.election_on, time(7), ALMATY)
    around = {"closes_at": election.closes_at, "polls_open_at": opens, "ends_at": election.ends_at}
    for moment, expected in (
        (opens - timedelta(days=7, seconds=1), 0),
        (opens - timedelta(days=7), 1),
        (election.ends_at, 0),
    ):
        assert len(matters({Kind.NO_ARRIVAL: 2}, now=moment, **around)) == expected


def test_history_is_only_added_to(election, delegation, point):
    movement = planned(election, delegation, point)
    before = [(row.id, row.moves_at) for row in steps_of(movement.id)]
    changed(election, movement, wanted(point, moves_at=NOON + timedelta(hours=1)))
    assert [(row.id, row.moves_at) for row in steps_of(movement.id)][:1] == before
    assert db.session.scalar(sa.select(sa.func.count(MovementStep.id))) == 2
