"""A purge on both databases: values are gone from the database's own files, totals stay."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade

from tests.factories import records
from tests.factories.portraits import portrait
from tests.journeys.demonstration import at_head
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.storage import storage
from tracker.observers.models import Observer
from tracker.retention import operations, queries
from tracker.retention.jobs import complete
from tracker.retention.models import Category, PurgeStatus, RetentionFile
from tracker.totals.queries import figures

SURNAME = "ZZYZXOVICH"
LATER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def filled(app):
    """Five hundred people of one election, more than a batch; one of them has every trace."""
    with app.app_context(), clock.at(datetime(2022, 11, 10, tzinfo=UTC)):
        at_head()
        expect_writes(True)
        delegation = records.delegation(records.election())
        for number in range(500):
            person = records.observer(surname=f"{SURNAME}{number}", portrait=portrait())
            records.accreditation(delegation, status=AccreditationStatus.ACCREDITED, person=person)
        first = db.session.get_one(Accreditation, 1)
        records.team(delegation, first, note=SURNAME)
        records.assistance(delegation, title=SURNAME, accreditation_id=first.id)
        records.duty(delegation, number=1)
        db.session.commit()
        yield app
        db.session.rollback()


def left_on_disk():
    """Files of the database that hold the surname; its log and backups are beyond a purge."""
    if db.engine.name == "sqlite":
        place = Path(db.engine.url.database or "").parent
    else:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("CHECKPOINT"))
            place = Path(connection.scalar(sa.text("SHOW data_directory"))) / "base"
    command = ["grep", "-rlaiF", SURNAME, str(place)]
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout.split()


def test_a_purge_leaves_totals_and_nothing_of_people(filled):
    assert left_on_disk()
    election = queries.elections()[0]
    before = figures(election).as_dict()
    with clock.at(LATER):
        plan = queries.plan_purge(election, queries.today(election))
        with unit_of_work(SYSTEM):
            number = operations.request_purge(actor=SYSTEM, election=queries.elections()[0]).id
        with unit_of_work(SYSTEM), pytest.raises(Refused, match="under way"):
            operations.request_purge(actor=SYSTEM, election=queries.elections()[0])
        assert complete(SYSTEM, number) is PurgeStatus.DONE
        purge = queries.purge_for(number)
    assert figures(queries.elections()[0]).as_dict() == before
    assert purge.removed[Category.NAMES] == {
        "deleted": 0,
        "erased": 1000,
        "entries": 0,
        "files": 0,
        "bytes": 0,
    }
    assert {each.category.value: each.files for each in plan.due} == {
        name: numbers["files"] for name, numbers in purge.removed.items()
    }
    assert set(db.session.scalars(sa.select(Observer.portrait))) == {None}
    with pytest.raises(FileNotFoundError):
        storage.get(portrait_key())
    assert verify()[1] == []
    assert purge.rewritten_at
    db.session.rollback()
    assert left_on_disk() == []


def portrait_key():
    """The key of the portrait, which was the same for all, without storing it again."""
    key = portrait()
    storage.delete(key)
    return key


def test_periods_are_kept_within_the_law_by_the_database(filled):
    values = {"category": "names", "days": 5, "least_days": 6, "version": 1}
    query = sa.text(
        "INSERT INTO retention_periods (category, days, least_days, version) "
        "VALUES (:category, :days, :least_days, :version)"
    )
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(query, values)


def test_the_revision_goes_down_and_up_with_rows(filled):
    with unit_of_work(SYSTEM):
        operations.set_period(actor=SYSTEM, category=Category.NAMES, days=2_000, seen_version=0)
        with clock.at(LATER):
            purge = operations.request_purge(actor=SYSTEM, election=queries.elections()[0])
        db.session.add(
            RetentionFile(purge_id=purge.id, key="0" * 64, category=Category.PORTRAITS, size=1)
        )
    db.session.remove()
    downgrade(revision="0021")
    names = sa.inspect(db.engine).get_table_names()
    assert not [name for name in names if name.startswith("retention")]
    at_head()
    assert queries.periods()[Category.NAMES] == 1_095
    assert queries.open_purges() == []
