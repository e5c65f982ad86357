"""A queue that is lost loses no work: what was asked for is done once it is back."""

import shutil
import socket
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from tests.factories.jobs import wait_for, work
from tests.factories.served import free_port
from tests.faults.ground import prepare, replace, settings_in
from tests.faults.work import Worker
from tests.journeys.demonstration import PASSPHRASE, SECRET
from tracker import server
from tracker.app import create_app
from tracker.kernel import kept_jobs
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Forbidden
from tracker.kernel.jobs import jobs
from tracker.kernel.kept_jobs import KeptJob, keep_job
from tracker.kernel.permissions import Capability
from tracker.lists.models import ListStatus, ObserverList


class Queue:
    """A Redis that is killed and comes back with nothing."""

    def __init__(self, folder):
        self._folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        pytest.fail("Redis does not start")

    def kill(self):
        self._process.kill()
        self._process.wait()


@pytest.fixture
def queue(tmp_path):
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server: tests/faults/install-redis")
    found = Queue(tmp_path)
    found.start()
    yield found
    found.kill()


def status(app, list_id):
    with app.app_context():
        found = db.session.scalar(sa.select(ObserverList.status).where(ObserverList.id == list_id))
        db.session.remove()
        return found


def test_a_killed_redis_loses_no_list(tmp_path, queue):
    settings = replace(settings_in(tmp_path), redis_url=queue.url)
    prepare(settings)
    app = create_app(settings, TESTING=True)

    def give():
        with app.app_context():
            list_id = Worker(lambda **said: None, settings).give_list()
            jobs.enqueue("accept_list", list_id=list_id)
            db.session.remove()
            return list_id

    first = give()
    queue.kill()  # with what it held
    second = give()  # nobody is told that anything failed, since nothing has
    assert jobs.progress(f"list-{second}") is None
    assert {status(app, each) for each in (first, second)} == {ListStatus.ACCEPTING}
    environment = {
        "TRACKER_INSTANCE": str(tmp_path),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
        "TRACKER_REDIS_URL": queue.url,
    }
    with (tmp_path / "work.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", "work"], env=environment, stderr=log
        )
    try:
        time.sleep(8)
        assert worker.poll() is None, (tmp_path / "work.log").read_text()  # it waits
        queue.start()
        done = {ListStatus.ACCEPTED}
        wait_for(lambda: {status(app, each) for each in (first, second)} == done, 120)
        third = give()
        wait_for(lambda: status(app, third) is ListStatus.ACCEPTED, 60)
        assert worker.poll() is None  # the same process all the time
    finally:
        worker.kill()
        worker.wait()


@pytest.fixture
def done(app, monkeypatch):
    """What a job of its own did."""
    found = []
    monkeypatch.setitem(jobs.handlers, "remember", lambda text: found.append(text))
    monkeypatch.setitem(jobs.handlers, "fail", lambda: 1 / 0)
    return found


def kept():
    found = list(db.session.scalars(sa.select(KeptJob.name)))
    db.session.rollback()
    return found


def test_a_kept_job_is_done_once_after_the_commit(app, done):
    with app.app_context():
        with unit_of_work(SYSTEM):
            keep_job("remember", text="hello")
            assert list(jobs.huey.pending()) == []
        assert kept() == ["remember"]
        server.take_up()  # the queue holds it: it is not given out again
        assert len(jobs.huey.pending()) == 1
        work()
        assert (done, kept()) == (["hello"], [])
        kept_jobs.run(1)  # given out twice
        assert done == ["hello"]


def test_a_kept_job_outlives_the_queue_and_the_process(app, done):
    with app.app_context():
        with unit_of_work(SYSTEM):
            keep_job("remember", text="hello")
        jobs.huey.flush()
        server.take_up()
        jobs.huey.dequeue()  # and the process that took it was killed
        assert kept() == ["remember"]
        server.take_up()
        work()
        assert (done, kept()) == (["hello"], [])


def ask_and_fail():
    with unit_of_work(SYSTEM):
        keep_job("remember", text="hello")
        Actor(1, "Nobody").require(Capability.ADMINISTER)


def test_what_is_rolled_back_is_not_given_out(app, done):
    with app.app_context():
        with pytest.raises(Forbidden):
            ask_and_fail()
        assert (kept(), len(jobs.huey.pending())) == ([], 0)


def test_a_kept_job_that_fails_is_not_tried_for_ever(app, done):
    with app.app_context():
        with unit_of_work(SYSTEM):
            keep_job("fail")
        work()
        assert kept() == []
