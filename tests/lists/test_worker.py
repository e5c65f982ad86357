"""A job process that is killed in the middle leaves nothing half-done, and another finishes."""

import os
import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa

from tests.factories.jobs import wait_for
from tests.journeys.demonstration import demonstration, environment
from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.lists.acceptance import begin_acceptance
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import Received, receive_list

ROWS = 1_500


def long_list():
    head = "Surname;Given names;Date of birth;Citizenship;Passport No;Valid until\n"
    letters = "BCDFGHKLMNPRSTVZ"
    names = (
        "".join(letters[number // 16**place % 16] + "AEIOU"[place] for place in range(4))
        for number in range(ROWS)
    )
    lines = (
        f"{name};ANNA;{1950 + number % 50}-01-{1 + number % 28:02};TR;Q{number:07};2030-01-01\n"
        for number, name in enumerate(names)
    )
    return (head + "".join(lines)).encode()


def start(folder):
    command = [sys.executable, "-m", "tracker.cli", "work"]
    return subprocess.Popen(command, env=os.environ | environment(folder))


@pytest.fixture
def given_out(tmp_path):
    """An application with a list that was given out to be accepted."""
    app = demonstration(tmp_path)
    with app.app_context():
        with unit_of_work(SYSTEM):
            delegation = db.session.scalars(sa.select(Delegation).order_by(Delegation.id)).first()
            found = receive_list(
                actor=SYSTEM,
                election=db.session.get_one(Election, delegation.election_id),
                delegation=delegation,
                received=Received(filename="long.csv", content=long_list()),
                at_once=True,
            )
            begin_acceptance(actor=SYSTEM, found=found)
            list_id = found.id
        jobs.enqueue("accept_list", list_id=list_id)
        db.session.remove()
        expect_writes(False)
        yield tmp_path, list_id


def counted():
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count(Accreditation.id)))


def status(list_id):
    db.session.rollback()
    return db.session.scalar(sa.select(ObserverList.status).where(ObserverList.id == list_id))


def test_a_killed_process_leaves_nothing_and_the_next_one_finishes(given_out):
    folder, list_id = given_out
    before = counted()
    first = start(folder)
    try:
        wait_for(lambda: (jobs.progress(f"list-{list_id}") or (0, 0))[0] > 0, 120)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert counted() == before
    assert status(list_id) is ListStatus.ACCEPTING
    second = start(folder)
    try:
        wait_for(lambda: status(list_id) is not ListStatus.ACCEPTING, 120)
    finally:
        second.terminate()
        second.wait()
    assert status(list_id) is ListStatus.ACCEPTED
    assert counted() == before + ROWS
