"""The planner: an own check of every plan, reasons that are true, wishes, ways, confirmed times."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.plans import (
    FIRST,
    MINUTE,
    SECOND,
    ZONE,
    at,
    conflicts_in,
    everything,
    hours,
    is_fit,
    is_sound,
    official,
    place,
    problem,
    problems,
    request,
)
from tracker.meetings.conflicts import Busy, Resource
from tracker.meetings.planner import plan_greedily, propose, why_not
from tracker.meetings.planner_model import schedule_all
from tracker.meetings.planner_problem import REASONS, Problem
from tracker.meetings.planner_worth import value_of


def codes(asked, *placements):
    return sorted(each.code for each in conflicts_in(asked, placements))


def is_true(asked, placements, unplaced):
    """Whether the reason holds: nothing fits, and what it names is at fault each time."""
    wanted = next(each for each in asked.requests if each.key == unplaced.request)
    every = list(everything(asked, wanted))
    if any(is_sound(asked, [*placements, each]) for each in every):
        return False
    every = [each for each in every if is_fit(asked, wanted, each)]
    resources = {each.key: each for each in asked.resources}
    seats = [each.capacity for each in asked.resources if each.key.startswith("hall:")]
    match unplaced.code:
        case "official_has_no_hours":
            return all(resources[who].windows == () for who in unplaced.params["who"])
        case "longer_than_any_window":
            spans = [w for who in unplaced.params["who"] for w in resources[who].windows]
            return all(each.ends_at - each.starts_at < wanted.length for each in spans)
        case "no_hall_large_enough":
            return all(number < wanted.people for number in seats)
        case "no_interpreter_of_language":
            return not any(wanted.language in each.languages for each in asked.resources)
        case "no_common_time":
            return all("official" in blame(asked, placements, each) for each in every)
        case "day_full":
            return is_day_full(asked, placements, every, unplaced.params["who"])
    order = ["official_full", "delegation_busy", "no_hall_free", "no_interpreter_free"]
    number = order.index(unplaced.code)
    kinds = ["official", "delegation", "hall", "interpreter"]
    faults = [blame(asked, placements, each) for each in every]
    return all(fault & set(kinds[: number + 1]) for fault in faults) and any(
        not fault & set(kinds[:number]) for fault in faults
    )


def is_day_full(asked, placements, every, who):
    """Whether those named could come but for the number of their meetings, and all are needed."""
    assert who
    kind = who[0].split(":")[0]
    freed = replace(
        asked,
        resources=tuple(
            replace(each, most_a_day=None) if each.key in who else each for each in asked.resources
        ),
    )
    order = ["official", "delegation", "hall", "interpreter"]
    so_far = set(order[: order.index(kind) + 1])
    return all(blame(asked, placements, each) & so_far for each in every) and any(
        not blame(freed, placements, each) & so_far for each in every
    )


def blame(asked, placements, more):
    """The kinds of those who cannot take part in one more meeting."""
    return {
        each.params.get("who", "").split(":")[0]
        for each in conflicts_in(asked, [*placements, more])
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_plans_are_sound_and_reasons_true(asked):
    plan = schedule_all(asked, seconds=1, workers=1)
    assert is_sound(asked, plan.placements)
    assert not conflicts_in(asked, plan.placements)
    assert value_of(asked, plan_greedily(asked)) <= plan.objective <= plan.bound + 1
    placed = {each.request for each in plan.placements}
    assert placed | {each.request for each in plan.unplaced} == {
        each.key for each in asked.requests
    }
    for unplaced in plan.unplaced:
        assert REASONS[unplaced.code] % unplaced.params
        assert is_true(asked, plan.placements, unplaced), unplaced


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.data())
def test_the_check_agrees_with_an_own_one(asked, data):
    chosen = [
        data.draw(st.sampled_from(list(everything(asked, each))[36 * 2 : 60 * 2] or [None]))
        for each in asked.requests[:3]
    ]
    chosen = [each for each in chosen if each]
    assert is_sound(asked, chosen) is (not conflicts_in(asked, chosen))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_proposals_are_free_and_there_is_one_or_a_reason(asked):
    wanted, *_others = asked.requests
    others = [each for each in plan_greedily(asked) if each.request != wanted.key]
    found = propose(asked, others, wanted)
    for each in found:
        assert is_sound(asked, [*others, each.placement])
        assert all(reason.code in REASONS for reason in each.reasons)
    reason = why_not(asked, others, wanted)
    assert bool(found) is (reason is None)
    assert reason is None or is_true(asked, others, reason)


def test_greedy_and_proposals_do_not_load_the_solver():
    script = (
        "import sys; from tests.factories.weeks import week;"
        "from tracker.meetings import planner;"
        "asked = week(5); done = planner.plan_greedily(asked);"
        "planner.propose(asked, done, asked.requests[0]);"
        "sys.exit(any(name.startswith('ortools') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_wished_days_come_first_and_proposals_do_not_overlap():
    wanted = request(wished_days=(SECOND,))
    asked = problem([wanted], official())
    found = propose(asked, [], wanted, limit=4)
    assert [each.placement.starts_at.astimezone(ZoneInfo(ZONE)).day for each in found] == [
        18
    ] * 3 + [17]
    assert [each.placement.starts_at for each in found[:3]] == [
        at(9 + n, 0, SECOND) for n in range(3)
    ]
    assert [each.reasons[0].code for each in found] == ["wished_day"] * 3 + ["other_day"]


def test_the_first_named_official_is_preferred():
    wanted = request(any_of=("official:2", "official:1"), people=8, hall_needed=True)
    hall, large = Resource("hall:1", capacity=9), Resource("hall:2", capacity=90)
    asked = problem([wanted], official(1), official(2), large, hall)
    best, *_others = propose(asked, [], wanted)
    assert best.placement.officials == ("official:2",)
    assert best.placement.hall == "hall:1"
    reasons = {each.code: each.params for each in best.reasons}
    assert list(reasons) == ["first_choice_official", "hall_fits", "no_interpreter_needed"]
    assert reasons["hall_fits"] == {"hall": "hall:1", "seats": 9, "people": 8}


def test_ways_and_buffers_are_kept():
    travel = {("east", "west"): 30 * MINUTE}
    east, west = official(1, venue="east"), official(2, venue="west", buffer=15 * MINUTE)
    first, second = request(1), request(2, any_of=("official:2",))
    third = request(3, delegation=2, any_of=("official:2",))
    asked = problem([first, second, third], east, west, travel=travel, days=(FIRST,))
    held = place(1, at(9), at(10))
    assert propose(asked, [held], second)[0].placement.starts_at == at(10, 30)
    assert codes(asked, held, place(2, at(10, 15), at(11, 15), "official:2")) == [
        "no_time_to_travel"
    ]
    late = place(2, at(10, 30), at(11, 30), "official:2")
    assert codes(asked, held, late) == []
    assert codes(asked, late, place(3, at(9, 20), at(10, 20), "official:2")) == ["too_close"]
    assert propose(asked, [held, late], third)[0].placement.starts_at == at(9)
    plan = schedule_all(asked, seconds=1)
    assert is_sound(asked, plan.placements)
    assert len(plan.placements) == 3


def test_every_violation_is_named():
    hall, mute = Resource("hall:1", capacity=3), Resource("interpreter:1")
    asked = problem(
        [request(1, people=5, language="tr", hall_needed=True), request(2, delegation=2)],
        official(most_a_day=1),
        hall,
        mute,
    )
    one = place(1, at(9), at(10), hall="hall:1", interpreter="interpreter:1")
    assert codes(asked, one) == ["no_interpreter", "too_many_people"]
    assert codes(asked, place(1, at(9), at(10))) == ["no_hall", "no_interpreter"]
    assert codes(asked, place(2, at(11, 30), at(12, 30))) == ["outside_hours"]
    assert codes(asked, place(2, at(9), at(9, 30), "official:7")) == [
        "wrong_length",
        "wrong_officials",
    ]
    two = [place(2, at(9), at(10)), place(2, at(9), at(10), "official:1")]
    assert codes(asked, *two) == ["placed_twice", "taken", "taken", "too_many_a_day"]


MET = tuple(Busy(at(9, 0, day), at(10, 0, day), meeting_id=7) for day in (FIRST, SECOND))


@pytest.mark.parametrize(
    ("change", "resources", "code"),
    [
        ({}, [official(windows=())], "official_has_no_hours"),
        ({"length": 240}, [official()], "longer_than_any_window"),
        ({}, [official(busy=(Busy(at(8), at(23, 0, SECOND)),))], "official_full"),
        ({}, [official(), Resource("delegation:1", hours(14, 18))], "delegation_busy"),
        ({"hall_needed": True}, [official()], "no_hall_large_enough"),
        ({"hall_needed": True}, [official(), Resource("hall:1", ())], "no_hall_free"),
        ({"language": "tr"}, [official()], "no_interpreter_of_language"),
        (
            {"language": "tr"},
            [official(), Resource("interpreter:1", (), languages=frozenset({"tr"}))],
            "no_interpreter_free",
        ),
        (
            {"all_of": ("official:1", "official:2")},
            [official(), official(2, hours(14, 18))],
            "no_common_time",
        ),
        ({}, [official(most_a_day=1, busy=MET)], "day_full"),
        ({}, [official(), Resource("delegation:1", most_a_day=1, busy=MET)], "day_full"),
    ],
)
def test_why_there_is_no_time(change, resources, code):
    wanted = request(**change)
    asked = problem([wanted], *resources)
    assert propose(asked, [], wanted) == []
    assert why_not(asked, [], wanted).code == code
    assert [each.code for each in schedule_all(asked, seconds=1).unplaced] == [code]


def test_times_keep_to_local_midnight_when_clocks_change():
    day = date(2024, 3, 31)
    wanted = replace(request(length=60), any_of=(), all_of=("official:9",))
    asked = Problem((wanted,), (), "Europe/Berlin", (day,))
    found = propose(asked, [], wanted, limit=50)
    assert len(found) == 23
    assert found[0].placement.starts_at == datetime(2024, 3, 31, tzinfo=ZoneInfo("Europe/Berlin"))
