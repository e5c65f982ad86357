"""Assistance requests on both databases: rows go up and down, numbers are given out once."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade
from sqlalchemy.exc import IntegrityError

from tests.factories import accounts, records
from tests.journeys.demonstration import at_head
from tracker.audit.queries import verify
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.listing import keyset
from tracker.kernel.permissions import Role
from tracker.logistics.models.assistance import (
    AssistanceKind,
    AssistanceRequest,
    AssistanceStatus,
)
from tracker.logistics.operations.answers import AnswerDetails, keep_answer
from tracker.logistics.operations.assistance import (
    AssistanceDetails,
    ask_assistance,
    assign_assistance,
    attach_to_assistance,
    comment_on_assistance,
    merge_assistance,
)
from tracker.logistics.queries import assistance as queries

NOW = datetime(2022, 11, 10, 6, tzinfo=UTC)
DETAILS = AssistanceDetails(kind=AssistanceKind.VISA, title="A visa")


def _rows():
    """A row in each table, and what the database itself can compute of them."""
    election = records.election()
    delegation = records.delegation(election)
    around = {"actor": SYSTEM, "election": election}
    first, second = (
        ask_assistance(**around, delegation=delegation, details=DETAILS) for _each in range(2)
    )
    deed = {"actor": SYSTEM, "request": first}
    assign_assistance(**deed, assignee_id=accounts.user(Role.COORDINATOR).id)
    comment_on_assistance(**deed, text="Which flight?", is_internal=True)
    attach_to_assistance(**deed, filename="a.pdf", content=b"paper")
    merge_assistance(actor=SYSTEM, request=second, number=first.number)
    words = ("title_en", "title_ru", "title_kk", "text_en", "text_ru", "text_kk")
    keep_answer(actor=SYSTEM, details=AnswerDetails(**dict.fromkeys(words, "Received")))
    return first, second


def test_rows_are_read_and_go_down_and_up_again(app):
    with app.app_context(), clock.at(NOW):
        at_head()
        expect_writes(True)
        first, second = _rows()
        db.session.commit()
        board = queries.open_board(SYSTEM, first.election_id, 50)
        assert board[AssistanceStatus.ASSIGNED] == [first]
        assert queries.settled_last(SYSTEM, first.election_id, 5) == [second]
        later = datetime(2022, 11, 12, tzinfo=UTC)
        assert queries.counts_of(SYSTEM, first.election_id, later).overdue == 1
        query = queries.requests_query(SYSTEM, first.election_id, queries.Wanted())
        for keys in (
            (queries.WAITS, AssistanceRequest.due_at, AssistanceRequest.id),
            (AssistanceRequest.created_at, AssistanceRequest.id),
        ):
            page = keyset(query, keys=keys, cursor=None, size=1)
            rest = keyset(query, keys=keys, cursor=page.next_cursor, size=1)
            assert [row[0] for row in (*page.rows, *rest.rows)] == [first, second]
        db.session.remove()
        downgrade(revision="0007")
        tables = set(sa.inspect(db.engine).get_table_names())
        assert not {name for name in tables if name.startswith(("assistance", "canned"))}
        assert "meeting_requests" in tables
        at_head()
        assert db.session.scalar(sa.select(sa.func.count(AssistanceRequest.id))) == 0
        assert verify()[1] == []


def test_the_database_refuses_what_the_rules_refuse(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        delegation = records.delegation(records.election())
        records.assistance(delegation, number=7)
        for wrong in (
            {"number": 7},
            {"number": 0},
            {"id": 99, "duplicate_of_id": 99},
            {"status": AssistanceStatus.ASSIGNED},
            {"status": AssistanceStatus.DONE},
            {"settled_at": NOW},
        ):
            with pytest.raises(IntegrityError), db.session.begin_nested():
                records.assistance(delegation, **wrong)


def test_two_writers_get_different_numbers(app):
    with app.app_context():
        at_head()
        expect_writes(True)
        delegation = records.delegation(records.election())
        identities = delegation.election_id, delegation.id
        db.session.commit()
    barrier, failures = threading.Barrier(2), []

    def ask():
        with app.app_context(), clock.at(NOW):
            expect_writes(True)
            barrier.wait()
            try:
                for _each in range(5):
                    ask_assistance(
                        actor=SYSTEM,
                        election=db.session.get_one(Election, identities[0]),
                        delegation=db.session.get_one(Delegation, identities[1]),
                        details=DETAILS,
                    )
                    db.session.commit()
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        numbers = db.session.scalars(sa.select(AssistanceRequest.number)).all()
        assert sorted(numbers) == list(range(1, 11))
        assert verify()[1] == []
