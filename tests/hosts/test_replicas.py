"""Readers are answered by a replica: as fresh as was said, and never without what they wrote."""

import time
from collections import Counter
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from tests.factories import accounts
from tests.faults.ground import prepare, settings_in
from tests.hosts.cluster import Copy, Member
from tests.kernel.test_metrics import scrape, value
from tracker.app import create_app
from tracker.config import Settings, SettingsError
from tracker.elections.models import Election
from tracker.kernel import replicas
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role

BOUND = 2  # seconds
DUTY, DELEGATIONS, PUBLIC = "/e/kz-2022/duty/", "/e/kz-2022/delegations/", "/en/e/kz-2022/"


@pytest.fixture(scope="module")
def primary():
    found = Member("fsync=off")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def settings(primary, tmp_path_factory):
    found = settings_in(tmp_path_factory.mktemp("host"), primary.url)
    prepare(found)
    return found


@pytest.fixture(scope="module")
def copy(primary, settings):
    found = Copy(primary, "fsync=off")
    found.catch_up()
    yield found
    found.stop()


def built(settings, *urls):
    options = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}
    found = replace(settings, replica_urls=urls, replica_seconds=BOUND)
    return create_app(found, **options)


class Clock:
    """The process's own clock, which stands until it is moved: no machine is too slow for it."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(replicas, "time", found)
    return found


@pytest.fixture
def app(settings, copy, clock):
    copy.start()
    found = built(settings, copy.url)
    yield found
    copy.start()
    copy.resume()
    close(found)


def known(app, copy):
    """Until the app knows that the replica holds all that there is."""
    with app.app_context():
        end = time.monotonic() + 30
        while True:
            copy.catch_up()
            (found,) = replicas.replicas().look()
            if found.behind == 0:
                break
            assert time.monotonic() < end, found


def close(app):
    with app.app_context():
        db.session.remove()
        for each in replicas.replicas().all:
            each.engine.dispose()
        db.engine.dispose()
        jobs.huey.storage.close()


@pytest.fixture
def asked():
    """How many statements went to the server at each port."""
    found = Counter()

    def note(connection, *_others):
        found[connection.engine.url.port] += 1

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


def person(app, role=Role.COORDINATOR):
    with app.app_context():
        with unit_of_work(SYSTEM):
            user_id = accounts.user(role).id
        db.session.remove()
    return accounts.browser(app, user_id)


def rename(app, name):
    """As another process does."""
    with app.app_context():
        with unit_of_work(SYSTEM):
            db.session.scalars(sa.select(Election)).one().name_en = name
        db.session.remove()


def note(client, text):
    return client.post(DUTY, data={"text": text, "kind": "note"})


def test_who_only_reads_asks_the_replica_and_who_signs_in_the_primary(app, copy, primary, asked):
    client = person(app)
    client.get(DELEGATIONS)  # whatever is read once a process
    known(app, copy)
    asked.clear()
    assert client.get(DELEGATIONS).status_code == 200
    assert asked[copy.port] > asked[primary.port] > 0
    asked.clear()
    assert app.test_client().get(PUBLIC).status_code == 200
    assert asked[copy.port] > 3
    assert asked[primary.port] == 0


def test_a_form_is_shown_as_it_is_now(app, copy, primary, asked):
    client = person(app, Role.ADMINISTRATOR)
    client.get("/system")
    known(app, copy)
    asked.clear()
    assert client.get("/elections/new").status_code == 200
    assert client.get("/system").status_code == 200
    assert asked[primary.port] > 0
    # The System page asks each replica how far it is, and nothing else.
    assert asked[copy.port] <= 2


def test_who_wrote_sees_it_and_others_no_later_than_was_said(app, copy, clock):
    writer, reader = person(app), person(app)
    reader.get(DUTY)
    known(app, copy)
    copy.pause()
    assert note(writer, "written while the replica stands").status_code == 302
    assert "written while the replica stands" in writer.get(DUTY).text
    for seconds in (0, BOUND * 0.4, BOUND * 0.5):
        clock.now += seconds
        assert "written while the replica stands" not in reader.get(DUTY).text
    clock.now += BOUND * 0.2
    assert "written while the replica stands" in reader.get(DUTY).text


def test_a_public_page_is_as_old_as_was_said_and_no_older(app, copy, clock):
    readers = app.test_client()
    rename(app, "Before")
    known(app, copy)
    assert "Before" in readers.get(PUBLIC).text
    copy.pause()
    rename(app, "After")
    clock.now += BOUND * 0.9
    assert "Before" in readers.get(PUBLIC).text
    clock.now += BOUND * 0.2
    assert "After" in readers.get(PUBLIC).text
    copy.resume()
    rename(app, "At last")
    known(app, copy)
    assert "At last" in readers.get(PUBLIC).text  # on the next request


def test_what_was_ended_is_ended_at_once(app, copy):
    client = person(app)
    known(app, copy)
    assert client.get(DELEGATIONS).status_code == 200
    copy.pause()
    elsewhere = app.test_client()
    with client.session_transaction() as mine, elsewhere.session_transaction() as other:
        other.update(mine)
    assert elsewhere.post("/sign-out").status_code == 302
    assert client.get(DELEGATIONS).status_code == 302


def test_a_replica_on_which_nothing_happens_stays_in_use(app, copy, primary, clock, asked):
    readers = app.test_client()
    known(app, copy)
    for _each in range(3):
        clock.now += BOUND * 0.7
        asked.clear()
        assert readers.get(PUBLIC, query_string={"at": clock.now}).status_code == 200
        assert asked[copy.port] > 3
        assert asked[primary.port] <= 1  # how far its log reaches


def test_a_replica_that_lost_the_primary_is_not_believed(app, copy, primary, clock):
    """Nothing comes in any more, so that all that came may be replayed; it is old all the same."""
    readers = app.test_client()
    known(app, copy)
    readers.get(PUBLIC)
    address = copy.ask("SHOW primary_conninfo")
    copy.follow("")
    primary.wait_for("SELECT count(*) = 0 FROM pg_stat_replication")
    try:
        rename(app, "Lost")
        assert "Lost" not in readers.get(PUBLIC).text
        clock.now += BOUND * 1.1
        assert "Lost" in readers.get(PUBLIC).text
    finally:
        copy.follow(address)


def test_a_replica_that_is_gone_costs_nothing_but_the_primary(app, copy, clock, asked):
    client, readers = person(app), app.test_client()
    known(app, copy)
    assert client.get(DELEGATIONS).status_code == 200
    assert readers.get(PUBLIC).status_code == 200
    tried = []
    with app.app_context():
        (found,) = replicas.replicas().all
    sa.event.listen(found.engine, "do_connect", lambda *_of: tried.append(clock.now))
    copy.kill()  # while a connection to it stands
    for _each in range(3):
        assert client.get(DELEGATIONS).status_code == 200
        assert readers.get(PUBLIC, query_string={"at": clock.now}).status_code == 200
        clock.now += replicas.FORGIVEN * 0.3
    assert len(tried) <= 1
    scraped = scrape(app).text
    assert value(scraped, "tracker_replica_up", replica=f"127.0.0.1:{copy.port}") == 0
    assert value(scraped, "tracker_up", part="database") == 1
    assert app.test_client().get("/readyz").status_code in {200, 503}
    copy.start()
    clock.now += replicas.FORGIVEN
    known(app, copy)
    asked.clear()
    assert readers.get(PUBLIC, query_string={"at": "again"}).status_code == 200
    assert asked[copy.port] > 3
    assert value(scrape(app).text, "tracker_replica_up", replica=f"127.0.0.1:{copy.port}") == 1


def test_a_statement_that_replaying_ended_is_asked_of_the_primary(app, copy, monkeypatch):
    """A replica may end a statement that stands in the way of what it replays (SQLSTATE 40001)."""
    client = person(app)
    made = []

    def once(connection, _cursor, _statement, _values, _context, _many):
        if connection.engine.url.port == copy.port and not made:
            made.append(connection)
            conflict = psycopg.errors.SerializationFailure("conflict with recovery")
            raise sa.exc.OperationalError("SELECT", {}, conflict)

    client.get(DELEGATIONS)
    known(app, copy)
    sa.event.listen(sa.Engine, "before_cursor_execute", once)
    try:
        assert client.get(DELEGATIONS).status_code == 200
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", once)
    assert made
    with app.app_context():
        assert replicas.replicas().all[0].behind < BOUND  # it was not at fault


def test_another_database_is_no_replica(settings, primary, asked):
    other = Member("fsync=off")
    try:
        for url in (other.url, primary.url):
            app = built(settings, url)
            assert app.test_client().get(PUBLIC).status_code == 200
            with app.app_context():
                assert replicas.replicas().all[0].behind == float("inf")
            close(app)
    finally:
        other.stop()


def test_what_was_written_is_nobody_elses_word(app, copy, primary, asked):
    """A cookie that we did not sign sends nobody to the primary."""
    readers = app.test_client()
    readers.set_cookie(replicas.COOKIE, "999999999999999.nonsense")
    readers.get(PUBLIC)
    known(app, copy)
    asked.clear()
    readers.get(PUBLIC, query_string={"at": "x"})
    assert asked[copy.port] > 3


def test_the_system_page_says_how_each_is(app, copy, clock):
    client = person(app, Role.ADMINISTRATOR)
    known(app, copy)
    text = client.get("/system").text
    assert f"Replica 127.0.0.1:{copy.port}" in text
    assert "up to date" in text
    copy.pause()
    note(person(app), "something new")
    clock.now += BOUND * 1.1
    assert "behind" in client.get("/system").text
    copy.kill()
    assert "does not answer" in client.get("/system").text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ()),
        ("postgresql://a/x", ("postgresql://a/x",)),
        (
            "postgresql+psycopg://a/x?host=b,c , postgresql://d/x",
            ("postgresql+psycopg://a/x?host=b,c", "postgresql://d/x"),
        ),
    ],
)
def test_addresses_are_separated_by_commas(given, expected, tmp_path):
    environ = {
        "TRACKER_INSTANCE": str(tmp_path),
        "TRACKER_DATABASE_URL": "postgresql://a/x",
        "TRACKER_SECRET_KEY": "tests only, never a real installation",
    }
    assert Settings.load(environ | {"TRACKER_REPLICA_URL": given}).replica_urls == expected


def test_addresses_that_will_not_do_are_refused(tmp_path):
    environ = {"TRACKER_INSTANCE": str(tmp_path)}
    with pytest.raises(SettingsError, match="SQLite has no replica"):
        Settings.load(environ | {"TRACKER_REPLICA_URL": "postgresql://a/x"})
    with pytest.raises(SettingsError, match="TRACKER_REPLICA_URL must be") as refusal:
        Settings.load(environ | {"TRACKER_REPLICA_URL": "mysql://user:hunter2@host/x"})
    assert "hunter2" not in str(refusal.value)
