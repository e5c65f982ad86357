"""The page on which administrators see how it is, and jobs that broke are given out again."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import accounts, stores
from tests.factories.databases import KIND
from tests.factories.jobs import work
from tracker.kernel.database import db, expect_writes
from tracker.kernel.jobs import MOST_FAILURES, jobs
from tracker.kernel.permissions import Role
from tracker.kernel.places import place_of
from tracker.kernel.storage import storage
from tracker.ops.system import JOBS
from tracker.server import worker_queue


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
        work()
    return ran


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
        work()
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
        work()
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
