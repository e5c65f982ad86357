"""The planner: an own check of every plan, reasons that are true, wishes, ways, confirmed times."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.weeks import week
from tracker.meetings.conflicts import Busy, Resource, Window
from tracker.meetings.planner import plan_greedily, propose, why_not
from tracker.meetings.planner_model import schedule_all
from tracker.meetings.planner_problem import (
    REASONS,
    Placement,
    Problem,
    Request,
    conflicts_in,
)
from tracker.meetings.planner_worth import value_of

ZONE = "Asia/Almaty"
FIRST, SECOND = date(2022, 11, 17), date(2022, 11, 18)
MINUTE = timedelta(minutes=1)


def at(hour, minute=0, day=FIRST):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE))


def hours(start, end, *days):
    return tuple(Window(at(start, 0, day), at(end, 0, day)) for day in days or (FIRST, SECOND))


def official(number=1, windows=None, **more):
    return Resource(f"official:{number}", hours(9, 12) if windows is None else windows, **more)


def request(key=1, length=60, delegation=1, **more):
    if not more.get("all_of"):
        more.setdefault("any_of", ("official:1",))
    return Request(key, (f"delegation:{delegation}",), length * MINUTE, **more)


def problem(requests, *resources, **more):
    return Problem(tuple(requests), resources, ZONE, more.pop("days", (FIRST, SECOND)), **more)


def place(key, start, end, who="official:1", **more):
    return Placement(key, start, end, (who,), **more)


def codes(asked, *placements):
    return sorted(each.code for each in conflicts_in(asked, placements))


# An own check, minute by minute where possible, that shares no code with the planner.


def venue(asked, placement):
    key = placement.hall or placement.officials[0]
    return next((each.venue for each in asked.resources if each.key == key), None)


def engagements(asked, placements):
    requests = {each.key: each for each in asked.requests}
    for each in placements:
        where = venue(asked, each)
        for key in (*each.officials, *requests[each.request].delegations):
            yield key, each.starts_at, each.ends_at, where
        for key in filter(None, (each.hall, each.interpreter)):
            yield key, each.starts_at, each.ends_at, where


def is_sound(asked, placements):
    requests = {each.key: each for each in asked.requests}
    if max(Counter(each.request for each in placements).values(), default=0) > 1:
        return False
    own = list(engagements(asked, placements))
    for resource in asked.resources:
        mine = [each[1:] for each in own if each[0] == resource.key]
        for start, end, _venue in mine:
            minutes = range(int((end - start) / MINUTE))
            if resource.windows is not None and not all(
                any(w.starts_at <= start + n * MINUTE < w.ends_at for w in resource.windows)
                for n in minutes
            ):
                return False
        days = {start.astimezone(ZoneInfo(ZONE)).date() for start, _end, _venue in mine}
        met = [start for start, _end, _venue in mine]
        met += [each.starts_at for each in resource.busy if each.meeting_id is not None]
        local = Counter(start.astimezone(ZoneInfo(ZONE)).date() for start in met)
        if resource.most_a_day is not None and any(local[n] > resource.most_a_day for n in days):
            return False
        pairs = list(combinations(mine, 2))
        pairs += [(a, (b.starts_at, b.ends_at, b.venue)) for a in mine for b in resource.busy]
        for one, other in pairs:
            early, late = sorted((one, other), key=lambda each: each[0])
            way = asked.travel.get((early[2], late[2]), asked.travel.get((late[2], early[2])))
            between = (
                max(resource.buffer, way or timedelta()) if early[2] != late[2] else 0 * MINUTE
            )
            if late[0] - early[1] < max(between, resource.buffer):
                return False
    return all(is_fit(asked, requests[each.request], each) for each in placements)


def is_fit(asked, wanted, placement):
    resources = {each.key: each for each in asked.resources}
    chosen = set(placement.officials) - set(wanted.all_of)
    if not set(wanted.all_of) <= set(placement.officials) or not chosen <= set(wanted.any_of):
        return False
    if wanted.hall_needed and resources[placement.hall].capacity < wanted.people:
        return False
    if wanted.language and wanted.language not in resources[placement.interpreter].languages:
        return False
    return placement == wanted.fixed or placement.ends_at - placement.starts_at == wanted.length


def everything(asked, wanted):
    """Every placement on the grid, whether or not it conflicts."""
    halls = [each.key for each in asked.resources if each.key.startswith("hall:")]
    tongues = [each.key for each in asked.resources if each.key.startswith("interpreter:")]
    groups = [(*wanted.all_of, one) for one in wanted.any_of] or [wanted.all_of]
    for day, quarter, group in product(asked.days, range(96), groups):
        start = at(0, 0, day) + quarter * 15 * MINUTE
        for hall in halls if wanted.hall_needed else [None]:
            for tongue in tongues if wanted.language else [None]:
                yield Placement(wanted.key, start, start + wanted.length, group, hall, tongue)


def is_true(asked, placements, unplaced):
    """Whether the reason holds: nothing fits, and what it names is at fault each time."""
    wanted = next(each for each in asked.requests if each.key == unplaced.request)
    every = list(everything(asked, wanted))
    if any(is_sound(asked, [*placements, each]) for each in every):
        return False
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
    faults = [each for each in faults if "" not in each]  # not who lacks the language
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
    return all(
        resource.most_a_day is not None for resource in asked.resources if resource.key in who
    ) and any(not blame(freed, placements, each) & so_far for each in every)


def blame(asked, placements, more):
    """The kinds of those who cannot take part in one more meeting."""
    return {
        each.params.get("who", "").split(":")[0]
        for each in conflicts_in(asked, [*placements, more])
    }


quarters = st.integers(36, 48)


@st.composite
def spans(draw):
    """Up to two windows on either day."""
    found = []
    for day in draw(st.lists(st.sampled_from([FIRST, SECOND]), max_size=2)):
        start = draw(quarters)
        end = start + draw(st.integers(1, 10))
        found.append(Window(at(0, 0, day) + start * 15 * MINUTE, at(0, 0, day) + end * 15 * MINUTE))
    return tuple(found)


@st.composite
def resources(draw, kind, number):
    start = at(0, 0, draw(st.sampled_from([FIRST, SECOND]))) + draw(quarters) * 15 * MINUTE
    venue, meeting = draw(st.sampled_from(["east", "west", None])), draw(st.sampled_from([None, 7]))
    busy = (Busy(start, start + 25 * MINUTE, venue, meeting_id=meeting),)
    return Resource(
        f"{kind}:{number}",
        draw(spans()) if kind == "official" else draw(st.none() | spans()),
        draw(st.sampled_from([(), busy])),
        draw(st.sampled_from(["east", "west", None])),
        draw(st.sampled_from([0, 10, 15])) * MINUTE,
        draw(st.sampled_from([None, 1, 2])),
        draw(st.integers(2, 9)) if kind == "hall" else None,
        frozenset(draw(st.sets(st.sampled_from("ab")))) if kind == "interpreter" else frozenset(),
    )


@st.composite
def problems(draw):
    people = [draw(resources("official", number)) for number in range(2)]
    people += [draw(resources("delegation", number)) for number in range(2)]
    people += [draw(resources("hall", number)) for number in range(2)]
    people += [draw(resources("interpreter", number)) for number in range(2)]
    requests = []
    for key in range(draw(st.integers(1, 6))):
        who = tuple(draw(st.permutations(["official:0", "official:1"])))[: draw(st.integers(1, 2))]
        together = draw(st.booleans())
        wanted = Request(
            key,
            tuple(draw(st.sets(st.sampled_from(["delegation:0", "delegation:1"]), min_size=1))),
            draw(st.sampled_from([15, 20, 30, 50])) * MINUTE,
            any_of=() if together else who,
            all_of=who if together else (),
            people=draw(st.integers(1, 10)),
            wished_days=draw(st.sampled_from([(), (FIRST,), (SECOND,)])),
            language=draw(st.sampled_from([None, None, "a", "c"])),
            priority=draw(st.integers(1, 5)),
            hall_needed=draw(st.booleans()),
        )
        if draw(st.booleans()) and not wanted.hall_needed and not wanted.language:
            start = at(9, draw(st.integers(0, 59)))
            officials = who if together else who[:1]
            meeting = Placement(key, start, start + wanted.length, officials)
            wanted = replace(wanted, fixed=meeting)
        requests.append(wanted)
    return problem(
        requests, *people, travel={("east", "west"): draw(st.sampled_from([5, 20])) * MINUTE}
    )


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


def test_the_same_problem_gives_the_same_plan():
    asked = week(60, officials=12, delegations=20)
    one, other = (schedule_all(asked, seconds=0.5) for _time in range(2))
    assert one == other
    assert one.placements


def test_a_large_week_is_planned_without_conflict():
    asked = week(200)
    plan = schedule_all(asked, seconds=0.5)
    assert is_sound(asked, plan.placements)
    assert not conflicts_in(asked, plan.placements)
    assert len(plan.placements) + len(plan.unplaced) == 200
    assert plan.objective <= plan.bound


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
    ],
)
def test_why_there_is_no_time(change, resources, code):
    wanted = request(**change)
    asked = problem([wanted], *resources)
    assert propose(asked, [], wanted) == []
    assert why_not(asked, [], wanted).code == code
    assert [each.code for each in schedule_all(asked, seconds=1).unplaced] == [code]


def test_a_confirmed_meeting_moves_only_if_that_gains():
    confirmed = request(1, fixed=place(1, at(9, 5), at(10, 5)), wished_days=(SECOND,))
    asked = problem([confirmed], official())
    plan = schedule_all(asked, seconds=1)
    assert (plan.placements, plan.moved, plan.is_proven) == ((confirmed.fixed,), (), True)
    urgent = request(2, length=180, delegation=2, priority=1)
    asked = problem([confirmed, urgent], official(windows=hours(9, 12, FIRST)))
    assert schedule_all(asked, seconds=1).moved == ()  # there is nowhere else for it
    deputy = replace(confirmed, any_of=("official:1", "official:2"))
    asked = problem([deputy, urgent], official(windows=hours(9, 12, FIRST)), official(2))
    plan = schedule_all(asked, seconds=1)
    assert plan.moved == (1,)
    assert {each.request: each.officials for each in plan.placements} == {
        1: ("official:2",),
        2: ("official:1",),
    }


def test_delegations_share_what_there_is():
    asked = problem(
        [*(request(key, delegation=1) for key in range(3)), request(3, delegation=2, priority=4)],
        official(windows=hours(9, 12, FIRST)),
    )
    plan = schedule_all(asked, seconds=1)
    assert {each.request for each in plan.placements} >= {3}
    assert [each.code for each in plan.unplaced] == ["official_full"]


def test_progress_is_told_and_may_stop():
    told = []

    def stop(placed, total, points):
        told.append((placed, total, points))
        return False

    asked = week(30, officials=6, delegations=10)
    plan = schedule_all(asked, seconds=1, progress=stop)
    assert plan.stopped
    assert told == [(len(plan.placements), 30, plan.objective)]
    assert not conflicts_in(asked, plan.placements)


def test_times_keep_to_local_midnight_when_clocks_change():
    day = date(2024, 3, 31)
    wanted = replace(request(length=60), any_of=(), all_of=("official:9",))
    asked = Problem((wanted,), (), "Europe/Berlin", (day,))
    found = propose(asked, [], wanted, limit=50)
    assert len(found) == 23
    assert found[0].placement.starts_at == datetime(2024, 3, 31, tzinfo=ZoneInfo("Europe/Berlin"))
