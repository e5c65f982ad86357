"""Two hosts that share a database, a queue and the folder of files, and nothing else."""

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.forms import forms_of
from tests.factories.jobs import wait_for
from tests.faults.ground import Ground, prepare, replace, settings_in
from tests.faults.test_queue import Queue
from tests.faults.work import Worker
from tests.faults.workers import asked, cookie_of, form_at, served
from tests.hosts.cluster import Member
from tests.journeys.demonstration import PASSPHRASE, SECRET
from tracker.accounts.models import Attempt
from tracker.accounts.operations import create_user
from tracker.accounts.rules import LIMITS
from tracker.accreditation.models import AccreditationStatus
from tracker.audit.anchors import Lines
from tracker.audit.models import AuditEntry
from tracker.credentials.operations.keys import key_to_sign
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage
from tracker.lists.models import ListStatus, ObserverList
from tracker.logistics.models.digest import Digest
from tracker.logistics.models.duty import DutyNote

PASSWORD = "nineteen green umbrellas"
DUTY, DASHBOARD, PUBLIC = "/e/kz-2022/duty/", "/e/kz-2022/", "/en/e/kz-2022/"
POLL = {"HX_Request": "true"}


class Hosts:
    """What the hosts share, a third process that looks, and the ports of two web servers."""

    def __init__(self, folder):
        self.folder = folder
        self.database = Member("fsync=off")
        self.queue = Queue(folder)
        self.queue.start()
        (folder / "files").mkdir()
        self.settings = replace(
            settings_in(self.instance("looking"), self.database.url), redis_url=self.queue.url
        )
        prepare(self.settings)
        self.ground = Ground(self.settings)
        self.app = self.ground.app
        with self.app.app_context(), unit_of_work(SYSTEM):
            key_to_sign(SYSTEM)
        self._serving = ExitStack()
        self.ports = [
            self._serving.enter_context(served(self.instance(name), **self.around))[1]
            for name in ("one", "other")
        ]

    @property
    def around(self):
        return {
            "TRACKER_DATABASE_URL": self.database.url,
            "TRACKER_REDIS_URL": self.queue.url,
            "TRACKER_BACKUP_PASSPHRASE": "tests only, backups 0123456789",
            "TRACKER_AUDIT_ANCHORS": str(self.folder / "anchors.txt"),
        }

    def instance(self, name):
        """The folder of a host of its own, to which the folder of files is mounted."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir()
            (folder / "files").symlink_to(self.folder / "files")
        return folder

    def environment(self, name):
        return os.environ | {
            "TRACKER_INSTANCE": str(self.instance(name)),
            "TRACKER_SECRET_KEY": SECRET,
            "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
            **self.around,
        }

    def scalar(self, query):
        with self.app.app_context():
            found = db.session.scalar(query)
            db.session.remove()
            return found

    def close(self):
        self._serving.close()
        self.ground.close()
        self.queue.kill()
        self.database.stop()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    found = Hosts(tmp_path_factory.mktemp("hosts"))
    yield found
    found.close()


@contextmanager
def working(hosts, name):
    """The job process of a host."""
    with (hosts.instance(name) / "work.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker.cli", "work"], env=hosts.environment(name), stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def sign_in(port, email, password=PASSWORD):
    """What comes of it: the status, and the cookie."""
    cookie, token = form_at(port, "/sign-in", "")
    fields = {"csrf_token": token, "email": email, "password": password}
    status, headers, _text = asked(port, "POST", "/sign-in", cookie, fields)
    return status, headers.get("Set-Cookie", cookie).partition(";")[0]


def person(hosts, email, role=Role.COORDINATOR):
    with hosts.app.app_context(), unit_of_work(SYSTEM):
        create_user(actor=SYSTEM, email=email, name="Ann", roles=[role], password=PASSWORD)
    return email


def test_who_signs_in_on_one_is_signed_in_on_the_other_and_out_on_both(hosts):
    one, other = hosts.ports
    status, cookie = sign_in(one, person(hosts, "ann@mfa.example.org"))
    assert status == 302
    assert asked(other, "GET", DUTY, cookie)[0] == 200
    same, token = form_at(other, DUTY, cookie)
    assert asked(other, "POST", "/sign-out", same, {"csrf_token": token})[0] == 302
    for port in hosts.ports:  # also with the cookie as it was
        assert asked(port, "GET", DUTY, cookie)[0] == 302


def test_failed_sign_ins_are_counted_together(hosts):
    email = person(hosts, "bob@mfa.example.org")
    for number in range(LIMITS[Attempt.ACCOUNT]):
        assert sign_in(hosts.ports[number % 2], email, "a wrong password!")[0] == 200
    for port in hosts.ports:
        status, cookie = sign_in(port, email)
        assert status == 200
        assert asked(port, "GET", DUTY, cookie)[0] == 302


def test_a_change_on_one_is_on_the_other_with_the_next_request(hosts):
    one, other = hosts.ports
    cookie = cookie_of(hosts.app, Role.OFFICIAL)
    with hosts.app.app_context(), unit_of_work(SYSTEM):
        of = db.session.scalars(sa.select(Delegation).limit(1)).one()
        who = records.observer(portrait=storage.put(b"portrait"))
        records.accreditation(of, person=who, status=AccreditationStatus.ACCREDITED)
    for number in (2, 3):
        before = [asked(port, "GET", PUBLIC)[2] for port in hosts.ports]
        _status, headers, _text = asked(other, "GET", DASHBOARD, cookie, **POLL)
        tag = headers["ETag"]
        writer = cookie_of(hosts.app, Role.ADMINISTRATOR)
        name = f"Election number {number}"
        rename(one, writer, name)
        after = [asked(port, "GET", PUBLIC)[2] for port in hosts.ports]
        assert [name in text for text in before + after] == [False, False, True, True]
        status, headers, _text = asked(other, "GET", DASHBOARD, cookie, **POLL, If_None_Match=tag)
        assert (status, headers["ETag"] != tag) == (200, True)
        assert name in asked(other, "GET", DASHBOARD, cookie)[2]


def rename(port, cookie, name):
    """As an administrator does on one host."""
    path = "/elections/kz-2022/edit"
    status, headers, text = asked(port, "GET", path, cookie)
    assert status == 200, text[:300]
    cookie = headers.get("Set-Cookie", cookie).partition(";")[0]
    form = next(each for each in forms_of(text) if "name_en" in each.fields)
    fields = form.filled() | {"name_en": [name]}
    fields = {name: values[0] for name, values in fields.items()}
    assert asked(port, "POST", path, cookie, fields)[0] == 302


def test_a_form_that_is_sent_to_both_is_done_once(hosts):
    cookie = cookie_of(hosts.app, Role.COORDINATOR)
    for number in range(5):
        text = f"pressed twice {number}"
        same, token = form_at(hosts.ports[0], DUTY, cookie)
        fields = {"csrf_token": token, "text": text, "kind": "note"}
        statuses = []

        def send(port, same=same, fields=fields, statuses=statuses):
            statuses.append(asked(port, "POST", DUTY, same, fields)[0])

        threads = [threading.Thread(target=send, args=(port,)) for port in hosts.ports]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [302, 302]
        assert hosts.scalar(sa.select(sa.func.count(DutyNote.id))) == number + 1


HOLDERS = """
    SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.client_port > 0
"""


def test_a_job_is_done_once_also_when_its_process_is_killed(hosts):
    with hosts.app.app_context():
        list_id = Worker(lambda **said: None, hosts.settings).give_list()
        db.session.remove()
    status = sa.select(ObserverList.status).where(ObserverList.id == list_id)
    address = f"host=127.0.0.1 port={hosts.database.port} user=postgres dbname=postgres"
    with ExitStack() as stack:
        workers = [stack.enter_context(working(hosts, name)) for name in ("one", "other")]
        with psycopg.connect(address) as blocker:
            blocker.execute("LOCK TABLE observers IN SHARE MODE")  # it comes no further than this
            with hosts.app.app_context():
                jobs.enqueue("accept_list", list_id=list_id)
                jobs.enqueue("accept_list", list_id=list_id)
            wait_for(lambda: one_of(workers, hosts) is not None, 60)
            at_work = one_of(workers, hosts)
            time.sleep(2)  # the other one finds the same job, and leaves it
            at_work.send_signal(signal.SIGKILL)
            at_work.wait()
            assert hosts.scalar(status) is ListStatus.ACCEPTING
        wait_for(lambda: hosts.scalar(status) is ListStatus.ACCEPTED, 150)
        log = hosts.folder.glob("*/work.log")
        said = "".join(path.read_text() for path in log)
    assert '"job is under way elsewhere"' in said
    assert said.count('"event": "list job failed"') == 0
    accepted = sa.select(sa.func.count()).where(
        AuditEntry.record_table == "observer_lists",
        AuditEntry.record_id == str(list_id),
        AuditEntry.action == "update",
    )
    assert hosts.scalar(accepted) >= 1
    hosts.ground.check([], whole=True)


def one_of(workers, hosts):
    """The job process that works on a list now."""
    address = f"host=127.0.0.1 port={hosts.database.port} user=postgres dbname=postgres"
    with psycopg.connect(address) as connection:
        ports = {port for (port,) in connection.execute(HOLDERS)}
    for worker in workers:
        mine = {each.laddr.port for each in psutil.Process(worker.pid).net_connections()}
        if mine & ports:
            return worker
    return None


@pytest.mark.parametrize("command", [("serve", "--no-jobs"), ("work",)])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TRACKER_SECRET_KEY": "the secret of another host 9876543210"}, "TRACKER_SECRET_KEY"),
        ({"TRACKER_SIGNING_PASSPHRASE": "of another host 9876543210"}, "passphrase"),
        ({"TRACKER_SECRET_KEY": ""}, "TRACKER_SECRET_KEY is not set"),
    ],
)
def test_a_host_with_other_secrets_does_not_start(hosts, command, changes, said):
    ended = subprocess.run(
        [sys.executable, "-m", "tracker.cli", *command],
        env=hosts.environment("third") | changes,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert said in last
    assert "9876543210" not in ended.stdout + ended.stderr


ONCE = """
import sys, time
from tracker.app import create_app
from tracker.server import worker_queue
app = create_app()
tasks = {each.__class__.__name__: each for each in worker_queue(app)._registry.periodic_tasks}
time.sleep(max(0, float(sys.argv[1]) - time.time()))
for _time in range(5):
    for name in ("issue_digest", "anchor", "expire", "look_for_work"):
        tasks[name].execute()
"""


def test_what_is_done_once_a_day_is_done_once(hosts):
    with hosts.app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(sa.select(Election)).one()
        election.digest_at = datetime.time.min  # due on any day, also on one that begins meanwhile
    moment = str(time.time() + 8)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONCE, moment],
            env=hosts.environment(name),
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert not [text for text in said if '"level": "error"' in text]
    days = hosts.scalar(sa.select(sa.func.count(Digest.on.distinct())))
    assert 0 < hosts.scalar(sa.select(sa.func.count(Digest.id))) == days
    anchored = [each.at.date() for each in Lines.of(hosts.folder / "anchors.txt").known.values()]
    assert 0 < len(anchored) == len(set(anchored))


def test_what_a_host_held_that_lost_its_power_is_given_back_soon(hosts):
    with hosts.app.app_context():
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
        found = [int(db.session.scalar(sa.text(f"SHOW {name}"))) for name in names]
        db.session.remove()
    idle, interval, count = found
    assert 0 < idle + interval * count <= 30
