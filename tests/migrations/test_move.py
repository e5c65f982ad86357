"""An installation is moved from SQLite to PostgreSQL whole, however often the move is cut off."""

import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask_migrate import downgrade, upgrade

from tests.factories import records
from tests.journeys.demonstration import PASSPHRASE, SECRET, demonstration, settings
from tracker.accounts.models import Passkey, User
from tracker.app import create_app
from tracker.audit import queries as audit_queries
from tracker.backup import copytext, moving, snapshot
from tracker.backup.container import BackupRefused
from tracker.cli import main
from tracker.elections.models import Election
from tracker.kernel import kept_jobs
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import UnfinishedMove, db, unit_of_work
from tracker.kernel.kept_jobs import KeptJob
from tracker.kernel.keys import KeyMissing
from tracker.kernel.mail import Message
from tracker.kernel.outbox import OutboxMessage, queue_message
from tracker.observers.models import Observer
from tracker.officials.models import Official
from tracker.totals.queries import figures

pytestmark = pytest.mark.postgres
AWKWARD = "tab\there, line\nthere, back\\slash, \\N, кириллица, 'quote\", \x0b\x08\x0c\r"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The demonstration, with work that waits and rows that are not easily moved."""
    folder = tmp_path_factory.mktemp("source")
    app = demonstration(folder)
    with app.app_context():
        with unit_of_work(SYSTEM):
            election = db.session.scalars(sa.select(Election).order_by(Election.id)).first()
            election.name_en = AWKWARD
            first, second = records.official(), records.official()
            first.deputy_of = second  # a row that refers to a later one
            db.session.add(
                Passkey(
                    user_id=db.session.scalar(sa.select(sa.func.min(User.id))),
                    name="Key",
                    credential_id=bytes(range(256)),
                    public_key=b"\\N",
                    transports=["usb"],
                    device_type="single_device",
                    lastuse_datetime=datetime(2022, 11, 10, 6, 0, 0, 120_000, tzinfo=UTC),
                    usage="first",
                )
            )
            kept_jobs.keep_job("check_list", list_id=1)
            queue_message(
                Message(to=("Ann", "ann@example.org"), subject="Waits", text="Come.\n"), key="x"
            )
        db.session.remove()
        db.engine.dispose()
    with sqlite(folder) as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@contextmanager
def on(url, folder, secret=SECRET):
    """Within the application whose database is at `url`."""
    app = create_app(replace(settings(folder), database_url=url, secret_key=secret))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def cut_after(lines):
    """A reporter that breaks the move off after so many lines."""

    def report(_line):
        nonlocal lines
        lines -= 1
        if lines < 0:
            raise KeyboardInterrupt

    return report


def begun(source, url, lines=30):
    with pytest.raises(KeyboardInterrupt):
        moving.move(settings(source), url, report=cut_after(lines))


def content(folder):
    return (folder / "tracker.sqlite").read_bytes()


def test_everything_comes_along_and_the_source_stays_as_it_was(source, postgres_url, tmp_path):
    before = content(source)
    found = moving.move(settings(source), postgres_url)
    assert content(source) == before
    assert (found.rows_before, found.elections) == (0, 2)
    with on(postgres_url, source):
        assert db.session.scalar(sa.select(Election.name_en).order_by(Election.id)) == AWKWARD
        newest = db.session.scalar(sa.select(sa.func.max(Observer.id)))
        assert db.session.scalars(sa.select(KeptJob.arguments)).all() == [{"list_id": 1}]
        assert db.session.scalar(sa.select(OutboxMessage.subject).filter_by(key="x")) == "Waits"
        passkey = db.session.scalars(sa.select(Passkey)).one()
        assert passkey.credential_id == bytes(range(256))
        assert passkey.lastuse_datetime.microsecond == 120_000
        deputy = sa.select(sa.func.count()).where(Official.deputy_of_id > Official.id)
        assert db.session.scalar(deputy) == 1
        kz = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        assert figures(kz).observers == 641
        sampled = "SELECT reltuples FROM pg_class WHERE relname = 'accreditations'"
        assert db.session.scalar(sa.text(sampled)) > 600, "plans are made for what it holds"
        db.session.rollback()
        with unit_of_work(SYSTEM):  # it goes on: nobody's number is given twice
            assert records.observer().id > newest
        assert audit_queries.verify()[1] == []


def test_a_second_time_says_that_it_is_there(source, postgres_url):
    moving.move(settings(source), postgres_url)
    with pytest.raises(BackupRefused, match=r"holds this installation already, as of .* entry \d+"):
        moving.move(settings(source), postgres_url)


def test_into_a_migrated_database_that_nobody_has_used(source, postgres_url, tmp_path):
    with on(postgres_url, tmp_path):
        upgrade()
    assert moving.move(settings(source), postgres_url).rows > 10_000


@pytest.mark.parametrize("lines", [0, 1, 12, 40, 70])
def test_cut_off_it_goes_on_where_it_stopped(source, postgres_url, lines):
    begun(source, postgres_url, lines)
    found = moving.move(settings(source), postgres_url)
    assert 0 < found.rows_before < found.rows


def test_killed_at_random_points_it_ends_the_same(source, postgres_url, monkeypatch):
    environment = os.environ | {
        "TRACKER_INSTANCE": str(source),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
    }
    code = (
        "from tracker.backup import moving; from tracker.cli import main; "
        "moving.BATCH = 300; main()"
    )
    command = [sys.executable, "-c", code, "move", "--to", postgres_url]
    chance = random.Random(20221120)
    kills = 0
    for lines in (1, *chance.sample(range(4, 70), 4)):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _each in range(lines):
            process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.random() / 20)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
    assert kills == 5
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "Every table is the same on both sides." in done.stdout
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.connect() as target, sqlite(source) as origin:
        target.execute(sa.text("SET TIME ZONE 'UTC'"))
        for table in snapshot.tables_of(target):
            form = copytext.form_of(target, table)
            rows = b"".join(copytext.postgres_blocks(target, form))
            assert rows == b"".join(copytext.sqlite_lines(origin, form)), table


@contextmanager
def sqlite(folder):
    engine = sa.create_engine(f"sqlite:///{folder / 'tracker.sqlite'}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def test_a_source_that_changed_since_is_moved_anew(source, postgres_url, tmp_path):
    folder = tmp_path / "changing"
    shutil.copytree(source, folder)
    begun(folder, postgres_url)
    with on(settings(folder).database_url, folder), unit_of_work(SYSTEM):
        records.organization(name_en="Later")
        db.session.scalars(sa.select(Election)).first().name_ru = "Иначе"
    told = []
    found = moving.move(settings(folder), postgres_url, report=told.append)
    assert "The source has changed since the move began: it begins anew." in told
    assert found.rows_before == 0
    with on(postgres_url, folder):
        later = sa.text("SELECT count(*) FROM organizations WHERE name_en = 'Later'")
        assert db.session.scalar(later) == 1
        assert "Иначе" in db.session.scalars(sa.select(Election.name_ru)).all()


def test_what_was_only_added_since_is_copied_as_well(source, postgres_url, tmp_path):
    folder = tmp_path / "growing"
    shutil.copytree(source, folder)
    begun(folder, postgres_url, 85)
    with on(settings(folder).database_url, folder), unit_of_work(SYSTEM):
        records.organization(name_en="Later")
    found = moving.move(settings(folder), postgres_url)
    assert found.rows_before > 20_000
    with on(postgres_url, folder):
        later = sa.text("SELECT count(*) FROM organizations WHERE name_en = 'Later'")
        assert db.session.scalar(later) == 1


def test_what_somebody_changed_in_the_target_is_found(source, postgres_url):
    begun(source, postgres_url, 60)
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE organizations SET version = version + 1 WHERE id = 3"))
    with pytest.raises(BackupRefused, match="organizations is not what the source holds"):
        moving.move(settings(source), postgres_url)


def test_nobody_works_with_an_unfinished_target(source, postgres_url, tmp_path):
    begun(source, postgres_url)
    app = create_app(
        replace(settings(tmp_path), database_url=postgres_url), PROPAGATE_EXCEPTIONS=False
    )
    client = app.test_client()
    assert client.get("/en/").status_code == 503
    ready = client.get("/readyz")
    assert (ready.status_code, ready.text) == (503, "a move into the database is not finished\n")
    with app.app_context(), pytest.raises(UnfinishedMove):
        db.session.connection()
    environment = {
        "TRACKER_INSTANCE": str(tmp_path),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_DATABASE_URL": postgres_url,
    }
    for command in (["totals", "kz-2022"], ["migrate"], ["user", "list"]):
        said = CliRunner().invoke(main, command, env=environment)
        assert said.exit_code == 1
        assert "run `tracker move` once more" in said.stderr
    moving.move(settings(source), postgres_url)
    assert client.get("/readyz").text == "ok\n"  # nothing had to be started anew
    assert client.get("/en/").status_code == 200
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_target_that_holds_something_else(source, postgres_url, tmp_path):
    with on(postgres_url, tmp_path):
        upgrade()
        with unit_of_work(SYSTEM):
            records.organization()
    with pytest.raises(BackupRefused, match="The target is not empty"):
        moving.move(settings(source), postgres_url)


def test_a_target_with_tables_of_others(source, postgres_url):
    engine = sa.create_engine(postgres_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE theirs (id integer)"))
    with pytest.raises(BackupRefused, match="The target is not empty"):
        moving.move(settings(source), postgres_url)


def test_an_unfinished_move_of_another_installation(source, postgres_url, tmp_path):
    begun(source, postgres_url)
    with on(settings(tmp_path).database_url, tmp_path):
        upgrade()
        with unit_of_work(SYSTEM):
            records.organization()
    with pytest.raises(BackupRefused, match="unfinished move of another installation"):
        moving.move(settings(tmp_path), postgres_url)


def test_other_revisions(source, postgres_url, tmp_path):
    with on(postgres_url, tmp_path):
        upgrade()
        downgrade(revision="-1")
    with pytest.raises(BackupRefused, match=r"target is at revision \d+, the source at \d+"):
        moving.move(settings(source), postgres_url)
    old = tmp_path / "old"
    shutil.copytree(source, old)
    with on(settings(old).database_url, old):
        downgrade(revision="-1")
    with pytest.raises(BackupRefused, match=r"source is at revision \d+.*`tracker migrate` first"):
        moving.move(settings(old), postgres_url)


def test_another_secret(source, postgres_url):
    wrong = replace(settings(source), secret_key="another installation's key 9876543210")
    with pytest.raises(KeyMissing):
        moving.move(wrong, postgres_url)


@pytest.mark.parametrize("url", ["sqlite:///other.sqlite", "nonsense", "mysql://a@b/c", ""])
def test_a_target_of_another_kind(source, url):
    with pytest.raises(BackupRefused, match="must be postgresql"):
        moving.move(settings(source), url)


def test_without_an_installation(tmp_path, postgres_url):
    for wanted in (settings(tmp_path), replace(settings(tmp_path), database_url=postgres_url)):
        with pytest.raises(BackupRefused, match="there is none here"):
            moving.move(wanted, postgres_url)


def test_while_somebody_writes(source, postgres_url, monkeypatch):
    with sqlite(source) as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=100")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(BackupRefused, match="stop the service first"):
            moving.move(settings(source), postgres_url)
        connection.exec_driver_sql("ROLLBACK")


def test_writers_wait_while_it_moves_and_readers_do_not(source, postgres_url):
    def look(_line):
        with sqlite(source) as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM elections")) == 2
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(sa.exc.OperationalError, match="locked"):
                connection.exec_driver_sql("BEGIN IMMEDIATE")

    moving.move(settings(source), postgres_url, report=look)


def test_two_moves_into_one_target(source, postgres_url, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(source, copy)

    def second(_line):
        with pytest.raises(BackupRefused, match="Another move into this database"):
            moving.move(settings(copy), postgres_url)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        moving.move(settings(source), postgres_url, report=second)


def test_a_row_that_postgresql_does_not_take_is_told_without_its_content(
    source, postgres_url, tmp_path
):
    folder = tmp_path / "long"
    shutil.copytree(source, folder)
    with sqlite(folder) as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql(
            "UPDATE organizations SET country = 'much too long for two letters' WHERE id = 1"
        )
        connection.commit()
    with pytest.raises(
        BackupRefused, match="PostgreSQL does not take the rows: value too long"
    ) as e:
        moving.move(settings(folder), postgres_url)
    assert "much too" not in str(e.value)
