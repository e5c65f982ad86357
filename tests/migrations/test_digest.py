"""Several job processes at once issue one digest a day, on both databases."""

import threading
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from tests.conftest import NOW
from tests.factories import records
from tests.journeys.demonstration import at_head
from tests.migrations.test_data_keys import BEFORE
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.headquarters.digest import digest_of
from tracker.headquarters.jobs import issue_digests
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.outbox import OutboxMessage
from tracker.logistics.models.digest import Digest
from tracker.logistics.operations.digest import Recipient, add_digest_recipient

EVENING = datetime(2022, 11, 18, 20, tzinfo=ZoneInfo("Asia/Almaty"))
WORKERS = 3


@pytest.fixture
def election(app):
    """An election with an observer, a request and two who receive the digest."""
    with app.app_context(), clock.at(NOW):
        at_head()
        with unit_of_work(SYSTEM):
            made = records.election(digest_at=time(20))
            delegation = records.delegation(made)
            records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
            records.assistance(delegation)
            for language in ("ru", "kk"):
                person = Recipient(
                    name="Office", email=f"{language}@example.org", language=language
                )
                add_digest_recipient(actor=SYSTEM, election=made, recipient=person)


def sealed(text):
    """As the revisions before data keys stored a personal value."""
    return f"'{BEFORE.encrypt(text.encode()).decode()}'"


def test_rows_of_the_revision_before_stay_up_and_down(app):
    moment = "'2022-11-01 00:00:00'"
    with app.app_context():
        upgrade(revision="0013")
        with db.engine.begin() as connection:
            for statement in (
                "INSERT INTO elections (slug, kind, name_en, name_ru, name_kk, host_country, "
                "time_zone, election_on, polls_open_at, polls_close_at, opens_at, closes_at, "
                "ends_at, is_demonstration, created_at, version) VALUES ('kz', 'presidential', "
                "'E', 'Е', 'Е', 'KZ', 'Asia/Almaty', '2022-11-20', '07:00:00', '20:00:00', "
                "'2022-09-22', '2022-11-14', '2022-11-22', FALSE, " + moment + ", 1)",
                "INSERT INTO outbox_messages (key, recipient_name, recipient, subject, text, "
                "status, attempts, next_attempt_at, created_at) VALUES ('meeting-1', "
                f"{', '.join(map(sealed, 'abcd'))}, 'sent', 1, {moment}, {moment})",
            ):
                connection.execute(sa.text(statement))
        at_head()
        row = db.session.scalars(sa.select(Election)).one()
        assert (row.slug, row.digest_at) == ("kz", None)
        keys = sa.select(OutboxMessage.key, OutboxMessage.attachment)
        assert db.session.execute(keys).all() == [("meeting-1", None)]
        db.session.remove()
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE outbox_messages SET attachment = 'a'"))
        downgrade(revision="0013")
        with db.engine.connect() as connection:
            for table in ("elections", "outbox_messages"):
                assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 1


def test_several_job_processes_issue_one(app, election):
    barrier = threading.Barrier(WORKERS)

    def run():
        with app.app_context(), clock.at(EVENING):
            barrier.wait()
            issue_digests()

    threads = [threading.Thread(target=run) for _number in range(WORKERS)]
    with capture_logs() as logged:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [line for line in logged if line["log_level"] == "error"] == []
    assert [line["recipients"] for line in logged if line["event"] == "digest issued"] == [2]
    with app.app_context():
        [row] = db.session.scalars(sa.select(Digest)).all()
        assert (row.on, row.recipients) == (EVENING.date(), 2)
        keys = db.session.scalars(sa.select(OutboxMessage.key).order_by(OutboxMessage.key)).all()
        assert keys == [f"digest-{row.id}-recipient-{number}" for number in (1, 2)]
        db.session.rollback()


@pytest.mark.parametrize("as_of", [None, NOW])
def test_it_is_composed_of_what_each_database_holds(app, election, as_of):
    with app.app_context(), clock.at(EVENING):
        found = digest_of(db.session.scalars(sa.select(Election)).one(), "en", as_of)
        assert found.figures[0].value == 1
        assert (found.requests.raised, found.requests.open) == (1 if as_of else 0, 1)
        db.session.rollback()
