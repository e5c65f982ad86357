"""What is said of each thing that is watched, and from when on it wants somebody."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from tracker.kernel import clock
from tracker.kernel.jobs import Waiting
from tracker.ops.findings import of_disk, of_keys, of_processes, of_queue
from tracker.ops.state import Key, Queue


@pytest.fixture
def english():
    """A request of somebody who reads English, without an installation."""
    app = Flask("numbers")
    Babel(app)
    with app.test_request_context():
        yield


def test_the_processes_that_serve(english):
    ago = time.time() - 3 * 86_400
    web, jobs_too = [("web", ago), ("web", ago)], ("jobs", time.time() - 7200)
    both = list(of_processes([*web, jobs_too]))
    assert [row.value for row in both] == ["2 web processes, up for 3 days", "up for 2 hours"]
    assert [row.tone for row in both] == ["ok", "ok"]
    [_web, missing] = of_processes(web)
    assert (missing.value, missing.tone) == ("does not run", "bad")
    assert "tracker work" in missing.advice


def test_a_job_that_waits_long_is_seen(english):
    def row(**waiting_for):
        oldest = clock.now() - timedelta(**waiting_for)
        found = Queue(Waiting(3, oldest), [], [])
        return next(iter(of_queue(found)))

    assert (row(seconds=20).tone, row(minutes=6).tone, row(hours=1).tone) == ("ok", "warn", "bad")
    assert row(hours=2).value == "3, the next since 2 hours"


def test_a_key_that_grew_old_is_seen(english):
    def row(purpose, **age):
        return next(iter(of_keys([Key(purpose, clock.now() - timedelta(**age))])))

    assert row("certificates", days=30).tone == "ok"
    assert (row("certificates", days=400).tone, row("data", days=400).tone) == ("warn", "warn")
    assert "tracker keys rotate" in row("data", days=400).advice
    assert [each.tone for each in of_keys([])] == ["mute"]


def test_a_full_disk_is_seen(english):
    gigabyte = 1024**3
    tones = [of_disk(free, 100 * gigabyte).tone for free in (0, gigabyte, 5 * gigabyte)]
    assert tones == ["bad", "bad", "warn"]
    assert of_disk(50 * gigabyte, 100 * gigabyte).tone == "ok"
    assert of_disk(gigabyte // 2, gigabyte).tone == "warn"
