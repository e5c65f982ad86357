"""The job process issues each day's digest once and whole, and sends it with its paper."""

import io
import os
import signal
import subprocess
import sys
from datetime import datetime, time, timedelta
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from structlog.testing import capture_logs

from tests.factories import records
from tests.factories.mail import mail_server
from tests.journeys.demonstration import demonstration, environment
from tracker.demonstration.installation import move_clock
from tracker.elections.queries import election_for
from tracker.headquarters import jobs as digest_jobs
from tracker.headquarters.jobs import issue_digests
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.outbox import OutboxMessage, send_due
from tracker.kernel.storage import storage
from tracker.logistics.models.digest import Digest
from tracker.logistics.operations.digest import set_digest_hour
from tracker.server import worker_queue

ALMATY = ZoneInfo("Asia/Almaty")
EVENING = datetime(2022, 11, 18, 20, tzinfo=ALMATY)


@pytest.fixture
def app(tmp_path):
    app = demonstration(tmp_path)
    with app.app_context():
        expect_writes(False)  # as the job process begins
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.set_offset(timedelta())


def digests():
    db.session.rollback()
    return db.session.scalars(sa.select(Digest).order_by(Digest.id)).all()


def letters():
    db.session.rollback()
    return db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()


def issue(moment):
    with clock.at(moment):
        issue_digests()


def test_it_is_issued_at_its_hour_once_and_the_next_day_again(app):
    issue(EVENING - timedelta(minutes=1))
    assert digests() == []
    issue(EVENING)
    issue(EVENING + timedelta(minutes=1))
    assert [row.on.isoformat() for row in digests()] == ["2022-11-18"]
    issue(EVENING + timedelta(hours=27))  # an outage at the set hour
    assert [(row.on.day, row.recipients) for row in digests()] == [(18, 2), (19, 2)]
    assert digests()[1].as_of == EVENING + timedelta(hours=27)
    assert len(letters()) == 4


def test_it_arrives_with_its_paper_in_the_reader_s_language(app):
    with mail_server() as inbox:
        issue(EVENING)
        with clock.at(EVENING):
            send_due()
    assert [each.recipients for each in inbox.received] == [
        ["minister-office@example.org"],
        ["kanat.esen@example.org"],
    ]
    letter = inbox.received[0].letter
    subject = str(make_header(decode_header(letter["Subject"].replace("\r\n", ""))))
    assert subject == "Сводка за 18 ноября 2022: Внеочередные выборы Президента"
    text, paper = letter.get_payload()
    assert "Аккредитован 641 наблюдатель" in text.get_payload(decode=True).decode()
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_filename() == "digest-kz-2022-2022-11-18-ru.pdf"
    content = paper.get_payload(decode=True)
    [row] = digests()
    assert content == storage.get(row.paper_ru)
    assert PdfReader(io.BytesIO(content)).trailer["/Root"]["/Lang"] == "ru"
    assert (
        "Күнделікті шолу"
        in inbox.received[1].letter.get_payload()[0].get_payload(decode=True).decode()
    )


# A job process that is killed when the row and the letters are written, and nothing is committed.
KILLED = """
import os, signal
from datetime import datetime
from tracker.app import create_app
from tracker.headquarters import jobs
from tracker.kernel import clock

def dies(**values):
    kept(**values)
    os.kill(os.getpid(), signal.SIGKILL)

kept, jobs.issue_digest = jobs.issue_digest, dies
with create_app().app_context(), clock.at(datetime.fromisoformat("%s")):
    jobs.issue_digests()
"""


def test_a_process_killed_in_the_middle_leaves_nothing(app, tmp_path):
    around = os.environ | environment(tmp_path)
    script = KILLED % EVENING.isoformat()
    ended = subprocess.run([sys.executable, "-c", script], env=around, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert digests() == []
    assert letters() == []
    issue(EVENING + timedelta(minutes=1))
    assert (len(digests()), len(letters())) == (1, 2)


def test_one_that_fails_keeps_no_other_from_being_issued(app, monkeypatch):
    with unit_of_work(SYSTEM):
        practice = election_for(SYSTEM, "practice")
        set_digest_hour(actor=SYSTEM, election=practice, at=time(20))
    letter = digest_jobs._letter

    def fails(election, language):
        if election.slug == "practice":
            raise ValueError
        return letter(election, language)

    monkeypatch.setattr(digest_jobs, "_letter", fails)
    with capture_logs() as logged:
        issue(EVENING)
    assert [row.recipients for row in digests()] == [2]
    assert [line["event"] for line in logged if line["log_level"] == "error"] == ["digest failed"]


def test_the_demonstration_s_clock_is_the_one_that_counts(app):
    move_clock(EVENING + timedelta(minutes=3))
    huey = worker_queue(app)
    [task] = [
        each for each in huey._registry.periodic_tasks if each.__class__.__name__ == "issue_digest"
    ]
    huey.execute(task)
    [row] = digests()
    assert row.on.isoformat() == "2022-11-18"
    assert timedelta() <= row.as_of - EVENING < timedelta(minutes=10)
    assert jobs.huey.pending_count() == 1, "the letters leave after the commit"


def test_an_election_without_anything_has_a_digest_too(app):
    with unit_of_work(SYSTEM):
        records.election(slug="empty", digest_at=time(20))
    issue(EVENING)
    assert len(digests()) == 2
