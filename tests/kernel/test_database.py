"""What the database is told of its own tables."""

import sqlalchemy as sa

from tests.factories import records
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, refresh_statistics, unit_of_work


def test_the_database_looks_at_its_tables(app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            of = records.delegation(records.election())
            for _each in range(3):
                records.accreditation(of)
        with unit_of_work(SYSTEM):
            refresh_statistics()
        found = db.session.scalars(
            sa.text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'accreditations'")
        ).all()
    assert {line.split()[0] for line in found} == {"3"}
