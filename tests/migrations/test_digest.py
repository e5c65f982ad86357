"""Several job processes at once issue one digest a day, on both databases."""

import threading
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_migrate import upgrade
from structlog.testing import capture_logs

from tests.conftest import NOW
from tests.factories import records
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
        upgrade()
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
    assert sorted(line["recipients"] or 0 for line in logged if "recipients" in line) == [0, 0, 2]
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
