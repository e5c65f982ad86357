"""What the database is told of its own tables."""

import sqlalchemy as sa

from tests.factories import records
from tests.factories.databases import KIND
from tracker.audit.models import AuditEntry
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import (
    db,
    expect_writes,
    move_version,
    refresh_statistics,
    sample_tables,
    unit_of_work,
)

LOOKED_AT = {
    "sqlite": "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'accreditations'",
    "postgresql": "SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'accreditations'",
}


def test_the_database_looks_at_its_tables(app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            of = records.delegation(records.election())
            for _each in range(3):
                records.accreditation(of)
        with unit_of_work(SYSTEM):
            refresh_statistics()
        found = set(db.session.scalars(sa.text(LOOKED_AT[KIND])))
    # PostgreSQL looks by itself, and not because it was asked to.
    assert found == {"sqlite": {3}, "postgresql": {0}}[KIND]
    with app.app_context():
        with unit_of_work(SYSTEM):
            sample_tables(db.session.connection())
        assert set(db.session.scalars(sa.text(LOOKED_AT[KIND]))) == {3 if KIND == "sqlite" else 1}


def test_a_moved_version_keeps_what_stood_before(session):
    row = records.official(precedence=3)
    session.commit()
    expect_writes(True)
    for precedence in (3, 5):
        version = row.version
        row.precedence = precedence
        move_version(row, "precedence")
        session.commit()
        expect_writes(True)
        assert row.version == version + 1
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.position.desc())).first()
    assert (entry.before, entry.after) == ({"precedence": 3}, {"precedence": 5})
