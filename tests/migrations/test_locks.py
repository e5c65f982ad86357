"""Rows are held against change, never against being referred to: else whoever holds a row and waits
for the chain of the record, and whoever holds the chain and refers to the row, wait for each other.
"""

import ast
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.journeys.demonstration import at_head
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.logistics.models.assistance import AssistanceKind
from tracker.logistics.operations.assistance import AssistanceDetails, ask_assistance

TRACKER = Path(__file__).parents[2] / "tracker"


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_waits_for_the_chain_holds_up_nobody_that_has_it(app):
    """A request that has its number, and an observer who is entered meanwhile."""
    with app.app_context():
        at_head()
        with unit_of_work(SYSTEM):
            records.delegation(records.election())
    has_number, is_entered, failures = threading.Event(), threading.Event(), []

    def pause(_session, _context, _instances):
        if threading.current_thread() is asking:
            has_number.set()
            is_entered.wait(10)

    def ask():
        with app.app_context(), unit_of_work(SYSTEM):
            election = db.session.scalars(sa.select(Election)).one()
            delegation = db.session.scalars(sa.select(Delegation)).one()
            details = AssistanceDetails(kind=AssistanceKind.TRANSPORT, title="Car")
            ask_assistance(actor=SYSTEM, election=election, delegation=delegation, details=details)

    asking = threading.Thread(target=ask)
    sa.event.listen(db.session, "before_flush", pause)
    try:
        asking.start()
        assert has_number.wait(10)
        with app.app_context():
            expect_writes(True)
            try:
                db.session.execute(sa.text("SET LOCAL lock_timeout = '3s'"))
                records.accreditation(db.session.scalars(sa.select(Delegation)).one())
                db.session.commit()
            except sa.exc.OperationalError as error:
                failures.append(str(error.orig))
                db.session.rollback()
    finally:
        is_entered.set()
        asking.join()
        sa.event.remove(db.session, "before_flush", pause)
    assert failures == []


def test_every_lock_of_rows_is_of_that_kind():
    wrong = []
    for path in sorted(TRACKER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            named = {word.arg: word.value for word in node.keywords}
            is_lock = getattr(node.func, "attr", "") == "with_for_update"
            said = ast.unparse(named["with_for_update"]) if "with_for_update" in named else ""
            if (is_lock and "key_share" not in named) or (said and "key_share" not in said):
                wrong.append(f"{path.relative_to(TRACKER)}:{node.lineno}: say key_share=True")
    assert wrong == []
