"""A purge that is killed again and again goes on where it stood and ends as if it never was."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.factories import traces
from tests.journeys.demonstration import demonstration, environment, settings
from tracker.app import create_app
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.retention import operations, queries
from tracker.retention.proof import totals

KILLS = (0, 1, 3, 5, 8, 11)  # once so many categories have begun to go


@pytest.fixture
def installation(tmp_path):
    folder = tmp_path / "installation"
    app = demonstration(folder)
    with app.app_context():
        found = traces.leave()
        with clock.at(traces.LATER):
            election = election_for(SYSTEM, "kz-2022")
            plan, before = queries.plan_purge(election, queries.today(election)), totals()
        db.session.rollback()
        db.engine.dispose()
    return folder, found, plan, before


def start(folder, *arguments):
    command = [sys.executable, "-m", "tracker.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=os.environ | environment(folder), text=True, **pipes)


def run(folder, *arguments):
    process = start(folder, *arguments)
    said, errors = process.communicate(timeout=300)
    return process.returncode, said, errors


def begun(folder):
    """How many categories the purge has begun with; None before it is asked for."""
    with closing(sqlite3.connect(folder / "tracker.sqlite", timeout=30)) as connection:
        row = connection.execute("SELECT removed FROM retention_purges").fetchone()
    return len(json.loads(row[0])) if row else None


def test_a_purge_that_is_killed_goes_on_and_forgets_nothing(installation, tmp_path):
    folder, found, plan, before = installation
    assert run(folder, "demo", "--clock", "2026-06-01T12:00")[0] == 0
    killed = 0
    for wanted in KILLS:
        process = start(folder, "retention", "purge", "kz-2022", "--yes")
        while process.poll() is None:
            if (reached := begun(folder)) is not None and reached >= wanted:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.01)
        killed += process.returncode == -signal.SIGKILL
        process.communicate()
    assert killed == len(KILLS)
    code, said, errors = run(folder, "retention", "purge", "kz-2022", "--yes")
    assert code == 0, said + errors
    assert "Purge no. 1 of kz-2022" in said
    assert "Done, totals unchanged" in said
    assert traces.places(found, folder, tmp_path / "patterns") == []
    app = create_app(settings(folder), TESTING=True)
    with app.app_context(), clock.at(traces.LATER):
        assert totals() == before
        planned = {
            each.category.value: {name: getattr(each, name) for name in operations.COUNTS}
            for each in plan.due
        }
        assert queries.purge_for(1).removed == planned
        db.session.rollback()
        db.engine.dispose()
    code, said, errors = run(folder, "retention", "purge", "kz-2022", "--yes")
    assert (code, errors) == (1, "Error: Nothing is due to be purged.\n")
    assert "Done, totals unchanged" in run(folder, "retention", "report", "1")[1]
