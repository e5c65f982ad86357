"""What watches the service: outgoing mail, whether it lives and can work, how it is."""

import csv
import html
import io
import json
import re
import shutil
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import Babel
from flask_migrate import upgrade

from tests.factories import accounts, stores
from tests.factories.databases import KIND
from tests.factories.mail import mail_server
from tests.journeys.demonstration import settings
from tracker.app import create_app
from tracker.audit.models import AuditEntry
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.jobs import MOST_FAILURES, Waiting, jobs
from tracker.kernel.mail import MailFailure, Message
from tracker.kernel.outbox import MessageStatus, OutboxMessage, queue_message, send_due
from tracker.kernel.permissions import Role
from tracker.kernel.places import place_of
from tracker.kernel.storage import storage
from tracker.ops import FAILURES, STATUSES, TONES
from tracker.ops.findings import of_disk, of_keys, of_processes, of_queue
from tracker.ops.state import Key, Queue
from tracker.ops.system import JOBS
from tracker.server import worker_queue


@pytest.fixture
def inbox(app):
    """A server that refused the first of three messages and took the second."""
    with mail_server() as found:
        found.to_recipients = ["550 no such user"]
        with app.app_context():
            for number in range(1, 4):
                message = Message(
                    to=("Ann Smith", f"ann{number}@example.org"),
                    subject=f"Meeting {number}",
                    text="Come.\n",
                )
                with unit_of_work(SYSTEM):
                    queue_message(message, key=f"meeting-{number}")
                if number < 3:
                    send_due()
        yield found


def table(page):
    """The rows of the page as plain text."""
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")[:-1]]


def test_what_is_queued_sent_and_failed(sign_in, inbox):
    page = sign_in(Role.ADMINISTRATOR).get("/outbox").text
    queued, sent, failed = table(page)
    assert "Meeting 3 Queued 0" in queued
    assert "Meeting 2 Sent 1" in sent
    assert "Meeting 1 Not sent 1 The recipient’s address was refused." in failed
    assert page[page.index("<main") : page.index("</main>")].count("Try again") == 1
    assert "@example.org" in page
    assert not re.search(r"ann\d|Smith", page)
    assert "No mail server is configured" not in page


def test_the_page_says_that_mail_is_not_configured(sign_in):
    page = sign_in(Role.ADMINISTRATOR).get("/outbox").text
    assert "No mail server is configured" in page
    assert "No messages" in page


def test_the_filter_and_the_files(sign_in, inbox):
    client = sign_in(Role.ADMINISTRATOR)
    [only] = table(client.get("/outbox?status=failed").text)
    assert "Meeting 1" in only
    assert len(table(client.get("/outbox?status=none").text)) == 3
    answer = client.get("/outbox?status=failed&format=csv")
    [row] = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert row["Recipient"].endswith("@example.org")
    assert "ann1" not in answer.text
    assert row["What stopped it"] == "The recipient’s address was refused."
    assert client.get("/outbox?format=xlsx").data.startswith(b"PK")
    assert client.get("/outbox?format=pdf").status_code == 403


def test_try_again(app, sign_in, inbox):
    client = sign_in(Role.ADMINISTRATOR)
    answer = client.post("/outbox/1/retry", follow_redirects=True)
    assert "Message no. 1 waits to be sent again." in answer.text
    assert client.post("/outbox/1/retry").status_code == 409  # it waits already
    assert client.post("/outbox/99/retry").status_code == 404
    with app.app_context():
        while task := jobs.huey.dequeue():
            jobs.huey.execute(task)
        assert db.session.get_one(OutboxMessage, 1).status is MessageStatus.SENT
        done = db.session.scalars(
            sa.select(AuditEntry.actor_name)
            .where(AuditEntry.record_table == "outbox_messages", AuditEntry.record_id == "1")
            .order_by(AuditEntry.position)
        ).all()
    assert done[:2] == ["system", "system"]  # queued, failed
    assert done[2].startswith("Person")  # tried again by a person
    assert done[3:] == ["system"]


def test_only_administrators(sign_in, inbox):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        client = sign_in(role)
        assert client.get("/outbox").status_code == 403
        assert client.post("/outbox/1/retry").status_code == 403


def test_every_status_and_failure_has_words():
    assert set(STATUSES) == set(TONES) == set(MessageStatus)
    assert set(FAILURES) == set(MailFailure)


@pytest.mark.parametrize("count", [2, 120])
def test_pages_by_key(app, sign_in, count):
    with app.app_context(), unit_of_work(SYSTEM):
        for number in range(count):
            message = Message(to=("", "ann@example.org"), subject=f"No. {number}", text="Come.\n")
            queue_message(message, key=f"meeting-{number}")
    client = sign_in(Role.ADMINISTRATOR)
    page, seen = client.get("/outbox").text, []
    while True:
        seen += re.findall(r"<b>No\. (\d+)</b>", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        page = client.get(following[1].replace("&amp;", "&")).text
    assert [int(number) for number in seen] == list(reversed(range(count)))


# Whether it lives and can work


@contextmanager
def silent():
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


def build(folder, **changes):
    """An application whose settings differ from a test's."""
    options = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}
    return create_app(replace(settings(folder), **changes), **options)


def ready(app):
    """The answer to whether it is ready, and how many seconds that took."""
    began = time.monotonic()
    answer = app.test_client().get("/readyz")
    assert answer.content_type == "text/plain; charset=utf-8"
    return answer.status_code, answer.text, time.monotonic() - began


@pytest.fixture
def migrated(tmp_path):
    """An application on an empty database at the newest revision."""
    app = build(tmp_path)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_ready(migrated):
    assert ready(migrated)[:2] == (200, "ok\n")
    assert migrated.test_client().get("/healthz").text == "ok\n"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
    ],
)
def test_not_ready_while_the_database_is_not_migrated(migrated, statement):
    with migrated.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    said = "the database is not migrated for this version\n"
    assert ready(migrated)[:2] == (503, said)


def test_not_ready_where_files_cannot_be_stored(migrated, tmp_path):
    shutil.rmtree(tmp_path / "files", ignore_errors=True)
    (tmp_path / "files").write_text("in the way")
    assert ready(migrated)[:2] == (503, "files cannot be stored\n")
    (tmp_path / "files").unlink()
    assert ready(migrated)[:2] == (200, "ok\n")  # without hands
    assert list((tmp_path / "files").iterdir()) == []


def test_not_ready_while_the_queue_does_not_answer(migrated, tmp_path):
    jobs.huey.storage.close()
    for path in tmp_path.glob("jobs.sqlite*"):
        path.unlink()
    (tmp_path / "jobs.sqlite").mkdir()
    assert ready(migrated)[:2] == (503, "the queue of jobs does not answer\n")


def test_a_database_that_refuses_and_one_that_says_nothing(tmp_path):
    with silent() as port:
        for number in (1, port):
            folder = tmp_path / str(number)
            folder.mkdir()
            url = f"postgresql+psycopg://tracker@127.0.0.1:{number}/tracker"
            app = build(folder, database_url=url)
            for _time in range(3):  # not a second longer when asked again
                status, said, seconds = ready(app)
                assert (status, said) == (503, "the database does not answer\n")
                assert seconds < 5
            assert app.test_client().get("/healthz").text == "ok\n"


def test_a_database_that_comes_back_is_found_without_hands(tmp_path):
    """Refused while nothing listens; ready again once the same address has a database."""
    # A file of SQLite; a server that is lost is in tests/faults.
    app = build(tmp_path, database_url=f"sqlite:///{tmp_path / 'tracker.sqlite'}")
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    path = tmp_path / "tracker.sqlite"
    aside = path.rename(tmp_path / "aside.sqlite")
    assert ready(app)[0] == 503
    with app.app_context():
        db.engine.dispose()
    for leftover in tmp_path.glob("tracker.sqlite*"):
        leftover.unlink()
    aside.rename(path)
    assert ready(app)[:2] == (200, "ok\n")


# The page of administrators


def findings(page):
    """What the page says of each thing: label, value, word, advice."""
    text = page[page.index('aria-labelledby="checks"') : page.index('aria-labelledby="version"')]
    rows = [re.sub(r"<svg.*?</svg>", "", row) for row in text.split("<li>")[1:]]
    plain = [[html.unescape(part.strip()) for part in re.split(r"<[^>]+>", row)] for row in rows]
    found = [[part for part in row if part] for row in plain]
    return {row[0]: row[1:] for row in found}


def test_the_page_says_how_it_is(sign_in, app, tmp_path):
    (tmp_path / "backup.json").write_text(
        json.dumps({"at": datetime.now(UTC).isoformat(), "bytes": 7_340_032, "outcome": "made"})
    )
    with app.app_context():  # as before a release that brings a revision
        expect_writes(True)
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
        db.session.commit()
    page = sign_in(Role.ADMINISTRATOR).get("/system").text
    found = findings(page)
    kind = {"sqlite": "SQLite 3.", "postgresql": "PostgreSQL 1"}[KIND]
    assert found["Database"][0].startswith(kind)
    assert found["Migrations"][1] == "act now"
    assert "tracker migrate" in found["Migrations"][2]
    assert found["Last backup"][0].endswith("7 MB")
    assert found["Last backup"][1] == "well"
    assert found["Jobs waiting"][:2] == ["0", "well"]
    assert found["Processes"] == ["they do not count together here", "not in use"]
    assert found["Failed sign-ins in a day"] == ["0", "well"]
    assert found["Outgoing mail"][1] == "not in use"
    assert next(iter(found)) == "Migrations"  # what wants somebody comes first
    assert re.search(r"<dt>flask</dt><dd>3\.", page)


def test_at_the_newest_revision_it_is_well(migrated):
    with migrated.app_context():
        expect_writes(True)
        user_id = accounts.user(Role.ADMINISTRATOR).id
        db.session.commit()
    client = accounts.browser(migrated, user_id)
    assert findings(client.get("/system").text)["Migrations"][1] == "well"


@pytest.mark.parametrize(
    ("told", "value", "word"),
    [
        (None, "never", "look at it"),
        ("not json", "never", "look at it"),
        ('["at"]', "never", "look at it"),
        ('{"at": "yesterday"}', "never", "look at it"),
        ('{"outcome": "failed", "made_at": null}', "never; the last attempt failed", "look at it"),
        ({"hours": 5}, "5 hours ago", "well"),
        ({"hours": 5, "verified": True}, "5 hours ago, restored on trial", "well"),
        ({"hours": 5, "outcome": "failed"}, "5 hours ago", "act now"),
        ({"hours": 30}, "1 day ago", "look at it"),
        ({"hours": 80}, "3 days ago", "act now"),
    ],
)
def test_the_last_backup(sign_in, tmp_path, told, value, word):
    if isinstance(told, dict):
        at = (datetime.now(UTC) - timedelta(hours=told["hours"], minutes=5)).isoformat()
        verified = at if told.get("verified") else None
        told = json.dumps(
            {"at": at, "outcome": told.get("outcome", "made"), "verified_at": verified}
        )
    if told is not None:
        (tmp_path / "backup.json").write_text(told)
    row = findings(sign_in(Role.ADMINISTRATOR).get("/system").text)["Last backup"]
    assert row[:2] == [value, word]
    assert (len(row) == 3) is (word != "well")  # what to do, where there is something


def test_failed_sign_ins_are_counted_without_saying_whose(sign_in, client):
    for _time in range(6):
        client.post("/sign-in", data={"email": "ann@example.org", "password": "wrong"})
    page = sign_in(Role.ADMINISTRATOR).get("/system").text
    found = findings(page)
    assert int(found["Failed sign-ins in a day"][0]) >= 5
    assert found["Locked now"][:2] == ["1", "look at it"]
    assert "ann@example.org" not in page


def test_mail_that_was_not_sent(sign_in, inbox):
    row = findings(sign_in(Role.ADMINISTRATOR).get("/system").text)["Outgoing mail"]
    assert row[:2] == ["1 waiting, 1 not sent", "look at it"]


@pytest.fixture
def broken(app):
    """A job that broke because of what has been put right since; how often it ran."""
    ran = []

    def sometimes(number):
        ran.append(number)
        if len(ran) == 1:
            raise ConnectionError("ann@example.org")

    jobs._handlers |= {"sometimes": sometimes}
    with app.app_context():
        jobs.enqueue("sometimes", number=7)
        work_off()
    return ran


def work_off():
    while task := jobs.huey.dequeue():
        jobs.huey.execute(task)


def test_every_job_has_a_name(app):
    """The last runs of jobs are shown by what they do."""
    periodic = {task.name for task in worker_queue(app)._registry.periodic_tasks}
    unnamed = {*jobs._handlers, *periodic} - {*JOBS}
    assert not unnamed, f"say in tracker/ops/system.py what these jobs do: {sorted(unnamed)}"


def test_a_job_that_broke_is_given_out_again(app, sign_in, broken):
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get("/system").text
    assert findings(page)["Jobs that broke"][:2] == ["1", "look at it"]
    assert "ConnectionError" in page
    assert "ann@example.org" not in page
    [key] = re.findall(r'name="job" value="([^"]+)"', page)
    answer = client.post("/system/retry", data={"job": key}, follow_redirects=True)
    assert "Given out again: sometimes." in answer.text
    assert findings(answer.text)["Jobs that broke"][0] == "0"
    assert client.post("/system/retry", data={"job": key}).status_code == 404  # only once
    with app.app_context():
        work_off()
    assert broken == [7, 7]
    page = client.get("/system").text
    assert findings(page)["Jobs that broke"][:2] == ["0", "well"]
    assert re.search(r"<b>sometimes</b>.*done", page[page.index('id="runs"') :])


@pytest.mark.parametrize("key", ["", "x" * 5000, "../failure", "failure-1", "\0"])
def test_a_job_that_is_not_there(sign_in, key):
    client = sign_in(Role.ADMINISTRATOR)
    assert client.post("/system/retry", data={"job": key}).status_code == 404


def test_what_is_remembered_of_broken_jobs_is_bounded(app):
    def breaks():
        raise ValueError

    jobs._handlers |= {"breaks": breaks}
    with app.app_context():
        for _time in range(MOST_FAILURES + 5):
            jobs.enqueue("breaks")
        work_off()
        assert len(jobs.failures()) == MOST_FAILURES


def test_the_page_is_for_administrators(sign_in, broken):
    for role in set(Role) - {Role.ADMINISTRATOR}:
        client = sign_in(role)
        assert client.get("/system").status_code == 403
        assert client.post("/system/retry", data={"job": "x"}).status_code == 403
    assert broken == [7]


def test_the_page_without_a_queue(sign_in, tmp_path):
    client = sign_in(Role.ADMINISTRATOR)
    jobs.huey.storage.close()
    for path in tmp_path.glob("jobs.sqlite*"):
        path.unlink()
    (tmp_path / "jobs.sqlite").mkdir()
    row = findings(client.get("/system").text)["Jobs waiting"]
    assert row[:2] == ["the queue does not answer", "act now"]


def test_the_page_says_whether_the_file_store_answers(app, sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    assert "File store" not in findings(client.get("/system").text)
    with stores.served() as store:
        url = store.bucket()
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], files_url=url)
        storage.configure(place_of(app.config["SETTINGS"].instance, url))
        storage.put(b"the first use of a store loads its library")
        storage.settle()
        assert findings(client.get("/system").text)["File store"][:2] == ["it answers", "well"]
        assert client.get("/readyz").text.find("files") == -1
        store.stop()
        row = findings(client.get("/system").text)["File store"]
        assert row[:2] == ["it does not answer", "act now"]
        assert "files cannot be stored" in client.get("/readyz").text


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


# Where a flaw is reported to


def test_security_txt(tmp_path):
    contacts = ("mailto:security@mfa.example.org", "https://mfa.example.org/report")
    app = build(tmp_path, security_contacts=contacts, proxies=1)
    answer = app.test_client().get(
        "/.well-known/security.txt", headers={"X-Forwarded-Proto": "https"}
    )
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert [value for name, value in fields if name == "Contact"] == list(contacts)
    [expires] = [value for name, value in fields if name == "Expires"]
    ahead = datetime.fromisoformat(expires) - datetime.now(UTC)
    assert timedelta(days=90) < ahead < timedelta(days=365)
    assert ["Preferred-Languages", "en, kk, ru"] in fields
    assert ["Canonical", "https://localhost/.well-known/security.txt"] in fields


def test_without_a_contact_there_is_none(client):
    assert client.get("/.well-known/security.txt").status_code == 404
