"""Whether it lives and can work, as what watches the service asks."""

import shutil
import time

import pytest
from flask_migrate import upgrade

from tests.factories.served import silent
from tests.journeys.demonstration import build
from tracker.kernel.database import db
from tracker.kernel.jobs import jobs


def ready(app):
    """The answer to whether it is ready, and how many seconds that took."""
    began = time.monotonic()
    answer = app.test_client().get("/readyz")
    assert answer.content_type == "text/plain; charset=utf-8"
    return answer.status_code, answer.text, time.monotonic() - began


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
