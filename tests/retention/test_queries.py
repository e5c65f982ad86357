"""What the record of a large installation holds is found along its indexes."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.databases import KIND
from tests.factories.traces import LATER
from tracker.audit.capture import append
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.retention import queries


def plans(holding, reach):
    """How SQLite finds the entries about rows of a holding, step by step."""
    for is_gone in (True, False):
        query = queries.recorded(holding, reach, is_gone=is_gone)
        if query is not None:
            text = query.compile(db.engine, compile_kwargs={"literal_binds": True})
            yield [row[-1] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]


@pytest.mark.skipif(KIND != "sqlite", reason="PostgreSQL joins by a hash")
def test_entries_are_counted_along_an_index_and_each_row_is_looked_up_by_its_key(app):
    with app.app_context():
        reach = queries.Reach(records.election().id, (), LATER)
        for holding in queries.one_a_table():
            for steps in plans(holding, reach):
                entries = [step for step in steps if "audit_entries" in step]
                assert entries, steps
                assert all("COVERING INDEX ix_audit_entries_contents" in step for step in entries)
                assert "CORRELATED" not in " ".join(steps) or "SCAN" not in steps[-1], steps


def test_entries_about_many_rows_at_once_are_of_no_row(app):
    with app.app_context():
        with unit_of_work(SYSTEM), clock.at(datetime(2022, 1, 1, tzinfo=UTC)):
            election = records.election()
            change = {"action": "insert", "before": None, "after": {"reason": "x"}}
            for record_id in ("*", "1", "9" * 9):
                about = {"record_table": "transitions", "record_id": record_id}
                append(db.session(), [change | about])
        reach = queries.Reach(election.id, (), LATER)
        holding = next(each for each in queries.one_a_table() if each.name == "transitions")
        found = db.session.scalars(queries.recorded(holding, reach, is_gone=True)).all()
        assert set(found) == {"*", "1", "9" * 9}
