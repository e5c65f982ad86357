"""An invented week of requests for meetings: officials with hours, halls, interpreters, ways."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.meetings.conflicts import Busy, Resource, Window
from tracker.meetings.planner_problem import (
    Problem,
    Request,
)

ZONE = "Asia/Almaty"
DAYS = tuple(date(2022, 11, 14) + timedelta(number) for number in range(5))
VENUES = ("ministry", "senate", "commission")
TRAVEL = {
    ("ministry", "senate"): timedelta(minutes=15),
    ("ministry", "commission"): timedelta(minutes=30),
    ("senate", "commission"): timedelta(minutes=30),
}


def at(day: date, hour: float) -> datetime:
    """A moment of a local day."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)) + timedelta(hours=hour)


def hours(start: float, end: float) -> tuple[Window, ...]:
    """The same hours on every day."""
    return tuple(Window(at(day, start), at(day, end)) for day in DAYS)


def week(requests: int, officials: int = 40, delegations: int = 60, seed: int = 1) -> Problem:
    """A week in which about as much is asked as there are hours."""
    chance = random.Random(seed)
    load = requests / officials / 5
    resources = []
    for number in range(officials):
        begin = chance.choice([9, 10, 14, 15]) if load < 2 else 9
        resources.append(
            Resource(
                f"official:{number}",
                hours(begin, begin + (2 if load < 2 else 9)),
                (Busy(at(chance.choice(DAYS), begin + 1), at(DAYS[0], begin + 2)),)[:0],
                chance.choice(VENUES),
                timedelta(minutes=chance.choice([0, 15])),
                chance.choice([None, 3 if load < 2 else 7]),
            )
        )
    resources += [Resource(f"delegation:{number}", hours(9, 19)) for number in range(delegations)]
    resources += [
        Resource(f"hall:{number}", hours(8, 20), (), VENUES[number % 3], capacity=10 + 10 * number)
        for number in range(max(6, requests // 50))
    ]
    resources += [
        Resource(
            f"interpreter:{number}",
            hours(9, 18),
            languages=frozenset(chance.sample(["en", "fr", "tr", "zh"], 2)),
        )
        for number in range(max(8, requests // 25))
    ]
    return Problem(
        tuple(_request(number, chance, officials, delegations) for number in range(requests)),
        tuple(resources),
        ZONE,
        DAYS,
        TRAVEL,
    )


def _request(number: int, chance: random.Random, officials: int, delegations: int) -> Request:
    wanted = chance.sample(range(officials), chance.choice([1, 1, 1, 2, 3]))
    keys = tuple(f"official:{one}" for one in wanted)
    is_any = len(keys) < 3 or chance.random() < 0.5
    length = timedelta(minutes=chance.choice([30, 30, 45, 60]))
    fixed = None
    return Request(
        number,
        (f"delegation:{chance.randrange(delegations)}",),
        length,
        any_of=keys if is_any else (),
        all_of=() if is_any else keys[:2],
        people=chance.randint(3, 25),
        wished_days=tuple(chance.sample(DAYS, chance.choice([0, 1, 2]))),
        language=chance.choice([None, None, "en", "fr", "tr"]),
        priority=chance.randint(1, 5),
        precedence=chance.randint(1, 60),
        hall_needed=chance.random() < 0.25,
        fixed=fixed,
    )
