"""`make faults`: hundreds of processes killed at random points; says what was killed and found.

Nothing half-done, nothing acknowledged lost: the judge (ground.py) looks after every kill, at the
whole every twenty-five.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.database import Database
from tests.faults.ground import Ground, prepare, settings_in
from tests.faults.killing import STAGES, Killer, Nursery
from tests.faults.workers import web_rounds

WHOLE = 25  # kills from one look at the whole to the next


def main() -> None:
    """Kill and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    share = wanted.kills // 10
    nursery = Nursery()
    kills: Counter = Counter()
    for part in range(6):  # a new installation for each: what is looked at stays small
        around = {"jobs": share // 6 + (part < share % 6), "seed": wanted.seed + part}
        kills += _on_sqlite(nursery, stages=share, **around)
    kills += _on_postgres(nursery, wanted.seed, count=2 * share)
    with tempfile.TemporaryDirectory() as folder:
        kills["web workers"] += web_rounds(Path(folder), count=share, seed=wanted.seed)
    nursery.close()
    for name, count in sorted(kills.items()):
        print(f"{name:<14}{count:>6}")
    print(f"{sum(kills.values())} kills: nothing half-done, nothing acknowledged lost")


def _on_sqlite(nursery: Nursery, *, seed: int, stages: int, jobs: int):
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        prepare(settings)
        ground = Ground(settings)
        killer = Killer(ground, nursery, None, seed)
        for number in range(stages):
            killer.round(STAGES[number % len(STAGES)], whole=number % WHOLE == WHOLE - 1)
            _say(number, stages, "stages, SQLite")
        for number in range(jobs):
            killer.job_round(is_last=number + 1 == jobs)
            _say(number, jobs, "job process")
        killer.finish()
        ground.close()
        return killer.kills


def _on_postgres(nursery: Nursery, seed: int, *, count: int):
    database = Database()
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = settings_in(Path(folder), database.url)
            prepare(settings)
            ground = Ground(settings)
            killer = Killer(ground, nursery, database.url, seed + 1)
            for number in range(count):
                if number % 2:
                    killer.database_round(database)
                else:
                    killer.round(STAGES[number // 2 % len(STAGES)])
                _say(number, count, "PostgreSQL")
            killer.finish()
            ground.close()
            return killer.kills
    finally:
        database.stop()


def _say(number: int, total: int, what: str) -> None:
    if (number + 1) % 10 == 0 or number + 1 == total:
        print(f"{what}: {number + 1} of {total}", flush=True)


if __name__ == "__main__":
    main()
