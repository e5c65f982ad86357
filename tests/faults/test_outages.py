"""A full disk, a read-only one, a lost database: a clear page, and afterwards all is as before."""

import os
import sqlite3
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from tests.factories import stores
from tests.faults.database import Database
from tests.faults.ground import Ground, prepare, settings_in
from tests.faults.workers import WORKERS, asked, cookie_of, form_at, served
from tracker.app import create_app
from tracker.backup import making
from tracker.backup.container import BackupRefused
from tracker.delegations.models import Delegation
from tracker.kernel import last_backup
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.outage import is_outage
from tracker.kernel.permissions import Role
from tracker.kernel.places import FileStoreUnavailable
from tracker.kernel.storage import storage
from tracker.logistics.models.duty import DutyNote

PAGE = "/e/kz-2022/duty/"
LANGUAGES = ("Қызмет уақытша қолжетімсіз", "Сервис временно недоступен", "temporarily unavailable")


def mounts(*arguments):
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or not mounts("-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)):
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def filled(folder):
    """No byte is free."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(folder):
    """As a disk that reported errors is mounted again; nothing may hold it open for writing."""
    assert mounts("-o", "remount,ro", str(folder))
    try:
        yield
    finally:
        assert mounts("-o", "remount,rw", str(folder))


def says_so(answer):
    status, headers, text = answer
    assert status == 503, text[:500]
    assert 0 < int(headers["Retry-After"]) <= 60
    for words in LANGUAGES:
        assert words in text
    for leak in ("Traceback", "sqlite", "psycopg", "/tmp/", "INSERT"):
        assert leak not in text
    return True


def notes(app):
    with app.app_context():
        found = list(db.session.scalars(sa.select(DutyNote.text).order_by(DutyNote.id)))
        db.session.remove()
        return found


def write(port, cookie, text):
    cookie, token = form_at(port, PAGE, cookie)
    fields = {"csrf_token": token, "text": text, "kind": "note"}
    return asked(port, "POST", PAGE, cookie, fields)


def test_a_full_disk(disk):
    settings = settings_in(disk)
    prepare(settings)
    ground = Ground(settings)
    cookie = cookie_of(ground.app, Role.COORDINATOR)
    with served(disk) as (_server, port):
        assert write(port, cookie, "before")[0] == 302
        with filled(disk):
            told = ["before"]
            for number in range(40):  # the journal has some room left in its last pages
                text = f"{number} " + "x" * 3000
                if (answer := write(port, cookie, text))[0] != 302:
                    break
                told.append(text)
            assert says_so(answer)
            assert asked(port, "GET", PAGE, cookie)[0] == 200  # reading goes on
            with ground.app.app_context(), pytest.raises(OSError, match="No space left") as full:
                storage.put(os.urandom(200_000))
            assert is_outage(full.value)
            assert list(disk.glob("files/*/*.part")) == []
            with ground.app.app_context(), pytest.raises(BackupRefused, match="No space left"):
                making.make(settings, disk / "kept.backup")
            assert list(disk.glob("*.backup")) == list(disk.glob(".*partial")) == []
        assert write(port, cookie, "after")[0] == 302  # nobody did anything
    assert notes(ground.app) == [*told, "after"]
    ground.check([], whole=True)
    ground.close()


def test_a_backup_onto_a_full_disk_leaves_nothing_and_says_so(tmp_path, disk):
    settings = settings_in(tmp_path / "instance")
    (tmp_path / "instance").mkdir()
    prepare(settings)
    app = create_app(settings)
    with app.app_context():
        with unit_of_work(SYSTEM):
            for _number in range(18):
                storage.put(os.urandom(3_000_000))
        with pytest.raises(BackupRefused, match="No space left on device"):
            making.make(settings, disk / "kept.backup")
        db.engine.dispose()
    assert list(disk.iterdir()) == []
    last = last_backup.read(settings.instance)
    assert (last.outcome, last.made_at) == ("failed", None)
    assert "No space left on device" in last.reason


def test_a_read_only_disk(disk):
    settings = settings_in(disk)
    prepare(settings)
    app = create_app(settings, TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    cookie = cookie_of(app, Role.COORDINATOR)
    fields = {"text": "before", "kind": "note"}

    def ask(method, path, **values):
        answer = app.test_client(use_cookies=False).open(
            path, method=method, headers={"Cookie": cookie}, **values
        )
        return answer.status_code, answer.headers, answer.text

    assert ask("POST", PAGE, data=fields)[0] == 302
    with app.app_context():
        db.engine.dispose()
        jobs.huey.storage.close()
    with read_only(disk):
        assert says_so(ask("POST", PAGE, data=fields | {"text": "lost"}))
        assert says_so(ask("GET", PAGE))
        assert app.test_client().get("/healthz").status_code == 200
        assert app.test_client().get("/readyz").status_code == 503
        with app.app_context(), pytest.raises(BackupRefused, match="Read-only file system"):
            making.make(settings, disk / "kept.backup")
    assert ask("POST", PAGE, data=fields | {"text": "after"})[0] == 302
    assert notes(app) == ["before", "after"]
    with app.app_context():
        db.engine.dispose()
        jobs.huey.storage.close()


@pytest.mark.postgres
def test_a_lost_database(tmp_path):
    database = Database()
    try:
        settings = settings_in(tmp_path, database.url)
        prepare(settings)
        ground = Ground(settings)
        cookie = cookie_of(ground.app, Role.COORDINATOR)
        with served(tmp_path, TRACKER_DATABASE_URL=database.url) as (_server, port):
            assert write(port, cookie, "before")[0] == 302
            cookie, token = form_at(port, PAGE, cookie)
            fields = {"csrf_token": token, "text": "meanwhile", "kind": "note"}
            database.kill()
            assert says_so(asked(port, "GET", PAGE, cookie))
            assert says_so(asked(port, "POST", PAGE, cookie, fields))
            assert says_so(asked(port, "GET", "/en/"))
            assert asked(port, "GET", "/healthz")[0] == 200
            assert asked(port, "GET", "/readyz")[0] == 503
            database.start()
            for _each in range(6):  # every connection of every worker is found anew
                assert asked(port, "GET", PAGE, cookie)[0] == 200
            assert asked(port, "POST", PAGE, cookie, fields)[0] == 302
        assert notes(ground.app) == ["before", "meanwhile"]
        ground.check([], whole=True)
        ground.close()
    finally:
        database.stop()


def test_a_lost_store_of_files(tmp_path):
    with stores.served() as store:
        url = store.bucket("kept")
        settings = replace(settings_in(tmp_path), files_url=url)
        prepare(settings)
        ground = Ground(settings)
        cookie = cookie_of(ground.app, Role.REGISTRAR)
        with ground.app.app_context(), unit_of_work(SYSTEM):
            found = db.session.scalars(sa.select(Delegation)).one()
            found.note_verbale_scan = storage.put(b"a note")
            page = f"/e/kz-2022/delegations/{found.id}"
        with served(tmp_path, TRACKER_FILES_URL=url) as (_server, port):
            assert asked(port, "GET", f"{page}/note-verbale", cookie)[::2] == (200, "a note")
            store.stop()
            assert says_so(asked(port, "GET", f"{page}/note-verbale", cookie))
            assert asked(port, "GET", page, cookie)[0] == 200  # what needs no file goes on
            status, _headers, text = asked(port, "GET", "/readyz")
            assert (status, text) == (503, "files cannot be stored\n")
            store.start()
            store.bucket("kept")
            with ground.app.app_context():
                storage.put(b"a note")
                storage.settle()
            for _each in range(2 * WORKERS):  # nobody did anything
                assert asked(port, "GET", f"{page}/note-verbale", cookie)[::2] == (200, "a note")
            assert asked(port, "GET", "/readyz")[0] == 200
        ground.close()


@pytest.mark.parametrize(
    ("error", "is_out"),
    [
        (OSError(28, "No space left on device"), True),
        (OSError(30, "Read-only file system"), True),
        (FileNotFoundError(2, "No such file"), False),
        (FileStoreUnavailable("the file store does not answer"), True),
        (ValueError("a fault of ours"), False),
        (sa.exc.TimeoutError("QueuePool limit"), True),
        (sa.exc.IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE")), False),
        (sa.exc.OperationalError("SELECT", {}, psycopg.errors.AdminShutdown("gone")), True),
        (sa.exc.OperationalError("SELECT", {}, psycopg.errors.DiskFull("full")), True),
        (sa.exc.InternalError("X", {}, psycopg.errors.ReadOnlySqlTransaction("ro")), True),
        (sa.exc.ProgrammingError("SELECT", {}, psycopg.errors.UndefinedTable("none")), False),
        (sa.exc.OperationalError("SELECT", {}, psycopg.errors.DeadlockDetected("two")), False),
    ],
)
def test_what_is_an_outage(error, is_out):
    assert is_outage(error) is is_out


def test_a_fault_of_our_own_stays_one():
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as fault:
        connection.execute("SELECT * FROM nowhere")
    connection.close()
    assert not is_outage(sa.exc.OperationalError("SELECT", {}, fault.value))
