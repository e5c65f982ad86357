"""Small problems for the planner, invented ones too, and an own check of plans.

The check shares no code with the planner; it looks minute by minute where it can.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tracker.meetings.conflicts import Busy, Reason, Resource, Window, clash
from tracker.meetings.planner_problem import Placement, Problem, Request, everybody, faults_of

ZONE = "Asia/Almaty"
VENUES = ["east", "west", "north"]
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


def invented(seed, most=9):
    """A crowded problem: everybody has few hours, and everything a planner must mind occurs."""
    chance = random.Random(seed)
    days = (FIRST, SECOND)[: chance.choice([1, 2])]
    people = [_resource(chance, "official", number, days) for number in range(2)]
    people += [_resource(chance, "delegation", number, days) for number in range(3)]
    people += [_resource(chance, "hall", number, days) for number in range(2)]
    people += [_resource(chance, "interpreter", number, days) for number in range(2)]
    ways = {pair: chance.choice([5, 20, 45]) * MINUTE for pair in combinations(VENUES, 2)}
    requests = [_request(chance, key, days) for key in range(chance.randint(2, most))]
    return problem(requests, *people, travel=ways, days=days)


def _resource(chance, kind, number, days):
    windows = None
    if kind == "official" or chance.random() < 0.5:
        starts = [at(9, chance.choice([0, 0, 30]), day) for day in days if chance.random() < 0.9]
        windows = tuple(Window(each, each + chance.randint(2, 9) * 15 * MINUTE) for each in starts)
    begins = at(9, chance.choice([0, 10, 30, 45]), chance.choice(days))
    meeting = Busy(
        begins,
        begins + 25 * MINUTE,
        chance.choice([*VENUES, None]),
        meeting_id=chance.choice([None, 7]),
    )
    return Resource(
        f"{kind}:{number}",
        windows,
        (meeting,) if chance.random() < 0.3 else (),
        chance.choice([*VENUES, None]),
        chance.choice([0, 0, 10, 15]) * MINUTE,
        chance.choice([None, None, 1, 2]),
        chance.randint(3, 9) if kind == "hall" else None,
        frozenset(chance.sample("abc", 2)) if kind == "interpreter" else frozenset(),
    )


def _request(chance, key, days):
    who = tuple(chance.sample(["official:0", "official:1"], chance.choice([1, 1, 2])))
    together, length = chance.random() < 0.3, chance.choice([15, 20, 30, 30, 50]) * MINUTE
    language, hall_needed = chance.choice([None, None, "a", "b"]), chance.random() < 0.3
    fixed = None
    if chance.random() < 0.25:
        begins = at(9, chance.choice([0, 5, 15, 37]), chance.choice(days))
        fixed = Placement(
            key,
            begins,
            begins + length,
            who if together else who[:1],
            f"hall:{chance.randrange(2)}" if hall_needed else None,
            f"interpreter:{chance.randrange(2)}" if language else None,
        )
    return Request(
        key,
        tuple(f"delegation:{one}" for one in chance.sample(range(3), chance.choice([1, 1, 2]))),
        length,
        any_of=() if together else who,
        all_of=who if together else (),
        people=chance.randint(1, 10),
        wished_days=tuple(chance.sample(days, chance.choice([0, 0, 1]))),
        language=language,
        priority=chance.randint(1, 5),
        precedence=chance.randint(1, 60),
        hall_needed=hall_needed,
        fixed=fixed,
    )


def problems(most=9):
    """Invented problems of so many requests at most."""
    return st.integers(0, 10**6).map(lambda seed: invented(seed, most))


@dataclass(frozen=True)
class Conflict(Reason):
    """A constraint that placements violate; `requests` are those placements, one or two."""

    requests: tuple[int, ...] = ()


def conflicts_in(problem: Problem, placements: Iterable[Placement]) -> list[Conflict]:
    """Every constraint that the placements violate, alone or two by two."""
    found: list[Conflict] = []
    taken: defaultdict[str, list[tuple[Busy, int | None]]] = defaultdict(list)
    seen: set[int] = set()
    for placement in placements:
        request = problem.request[placement.request]
        found += [
            Conflict(why.code, why.params, (request.key,)) for why in faults_of(problem, placement)
        ]
        if request.key in seen:
            found.append(Conflict("placed_twice", {}, (request.key,)))
        seen.add(request.key)
        venue = problem.venue_of(placement.officials, placement.hall)
        for key in everybody(request, placement):
            taken[key].append((Busy(placement.starts_at, placement.ends_at, venue), request.key))
    for key, planned in taken.items():
        most = problem.resource(key).most_a_day
        days = Counter(problem.day_of(each.starts_at) for each, _request in planned)
        met = problem.resource(key).meetings_by_day(problem.time_zone)
        if most is not None and any(met[day] + number > most for day, number in days.items()):
            found.append(Conflict("too_many_a_day", {"who": key, "most": most}))
        others = [(each, None) for each in problem.resource(key).busy]
        pairs = [*combinations(planned, 2), *((one, other) for one in planned for other in others)]
        for (one, first), (other, second) in pairs:
            if code := clash(problem.resource(key), one, other, problem.travel):
                requests = tuple(number for number in (first, second) if number is not None)
                found.append(Conflict(code, {"who": key, "label": other.label}, requests))
    return found
