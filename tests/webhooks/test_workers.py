"""Several processes send at once, and one that dies is followed by another."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories.receivers import Answer
from tests.factories.webhooks import only_row, ping, register, rows, webhook
from tests.journeys.demonstration import environment
from tracker.kernel import clock
from tracker.kernel.jobs import jobs
from tracker.webhooks import jobs as webhook_jobs
from tracker.webhooks import sending
from tracker.webhooks.events import JOB
from tracker.webhooks.jobs import CLAIM, send_due
from tracker.webhooks.models import DeliveryFailure, DeliveryStatus

pytestmark = pytest.mark.usefixtures("as_jobs_begin")
WORKERS, COUNT = 4, 12
S = DeliveryStatus


def test_several_workers_send_each_message_once(app, there):
    register(there.address)
    ids = ping(count=COUNT)
    barrier = threading.Barrier(WORKERS)

    def run():
        with app.app_context():
            barrier.wait()
            send_due()

    threads = [threading.Thread(target=run) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(there.ids) == len(set(there.ids)) == len(ids)
    assert {row.status for row in rows()} == {S.DELIVERED}


def test_a_claim_that_nobody_ended_is_taken_up_again(there):
    """As when the process dies while it sends."""
    with clock.at(NOW):
        register(there.address)
        ping()
        assert webhook_jobs._claim(1) == 1
        send_due()
        assert webhook_jobs._claim(1) is None
        assert there.received == []
    with clock.at(NOW + CLAIM):
        send_due()
        late = sending.Answer(DeliveryFailure.TOO_SLOW, 1)
        webhook_jobs._note(1, 1, 1, late)  # the first comes back late: not its any more
    row = only_row()
    assert (row.status, row.attempts) == (S.DELIVERED, 2)
    assert webhook().failing_since is None


def start(folder):
    around = os.environ | environment(folder) | {"TRACKER_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    return subprocess.Popen([sys.executable, "-m", "tracker.cli", "work"], env=around)


def test_a_job_process_killed_while_it_sends_is_followed_by_another(there, tmp_path):
    arrived, may_go_on = threading.Event(), threading.Event()

    def hold():
        arrived.set()
        may_go_on.wait(20)  # the receiver has it; we are not told any more

    there.answers = [Answer(before=hold)]
    register(there.address)
    ping()
    first = start(tmp_path)
    try:
        assert arrived.wait(60)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        may_go_on.set()
    assert only_row().status is S.QUEUED
    later = (CLAIM + timedelta(seconds=1)).total_seconds()
    (tmp_path / "demonstration_clock.json").write_text(f'{{"offset_seconds": {later}}}')
    jobs.enqueue(JOB)
    second = start(tmp_path)
    try:
        end = time.monotonic() + 60
        while only_row().status is S.QUEUED and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        second.terminate()
        second.wait()
    assert only_row().status is S.DELIVERED
    one, two = there.ids
    assert one == two
