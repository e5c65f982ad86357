"""Processes killed anywhere in their work leave nothing half-done and lose nothing they told.

A small part of what `make faults` does at length (tests/faults/__main__.py).
"""

import pytest

from tests.faults.database import Database
from tests.faults.ground import Ground, prepare, settings_in
from tests.faults.killing import STAGES, Killer, Nursery
from tests.faults.workers import web_rounds


@pytest.fixture(scope="module")
def nursery():
    found = Nursery()
    yield found
    found.close()


def test_a_worker_killed_in_every_stage(nursery, tmp_path):
    settings = settings_in(tmp_path)
    prepare(settings)
    ground = Ground(settings)
    killer = Killer(ground, nursery, None, seed=20221120)
    for turn in range(3):
        for stage in STAGES:
            killer.round(stage, whole=turn == 2 and stage == STAGES[-1])
    killer.finish()
    ground.close()
    assert sum(killer.kills.values()) == 21


def test_the_job_process_killed_on_its_way(nursery, tmp_path):
    settings = settings_in(tmp_path)
    prepare(settings)
    ground = Ground(settings)
    killer = Killer(ground, nursery, None, seed=1)
    for _turn in range(5):
        killer.job_round()
    killer.job_round(is_last=True)
    ground.close()


@pytest.mark.postgres
def test_the_database_killed_under_a_worker(nursery, tmp_path):
    database = Database()
    try:
        settings = settings_in(tmp_path, database.url)
        prepare(settings)
        ground = Ground(settings)
        killer = Killer(ground, nursery, database.url, seed=2)
        for _turn in range(4):
            killer.database_round(database)
        killer.round("issue")
        killer.finish()
        ground.close()
    finally:
        database.stop()


def test_web_workers_killed_while_people_write(tmp_path):
    assert web_rounds(tmp_path, count=6, seed=3) == 6
