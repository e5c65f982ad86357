"""Statements per page are few, and the same with two delegations and with forty."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.elections.models import Election
from tracker.headquarters.queries import attention
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role
from tracker.logistics.models.movements import Direction, Means, Movement
from tracker.logistics.operations.digest import (
    Letter,
    Recipient,
    add_digest_recipient,
    issue_digest,
)
from tracker.meetings.models import Meeting, MeetingKind
from tracker.totals.queries import curve, figures, headline_figures

LETTERS = dict.fromkeys(("en", "ru", "kk"), Letter(subject="", text="", paper=b"%PDF"))


@contextmanager
def counted(app):
    """The statements of the block, without the look at the data keys, due every few seconds."""
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN") and "data_keys" not in statement:
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


def fill(app, count):
    with app.app_context():
        expect_writes(True)
        election, point = records.election(), records.point()
        for number in range(count):
            delegation = records.delegation(election)
            member = records.accreditation(delegation, status=AccreditationStatus.ACCREDITED)
            records.accreditation(delegation)
            records.team(delegation, member, liaison_officer="A. Liaison", plate=f"{number % 3}")
            official = records.official()
            records.assistance(delegation, due_at=NOW)
            db.session.add(
                Meeting(
                    election_id=election.id,
                    kind=MeetingKind.BILATERAL,
                    title=f"Meeting {number}",
                    starts_at=NOW,
                    ends_at=NOW.replace(hour=8),
                    officials=[official],
                    delegations=[delegation],
                )
            )
            db.session.add(
                Movement(
                    election_id=election.id,
                    delegation_id=delegation.id,
                    direction=Direction.ARRIVAL,
                    means=Means.ROAD,
                    point_id=point.id,
                    moves_at=NOW,
                    people=1,
                    created_by="tests",
                )
            )
            records.duty(delegation, number=number + 1)
            person = Recipient(name="N", email=f"n{number}@example.org", language="en")
            around = {"actor": SYSTEM, "election": election}
            add_digest_recipient(**around, recipient=person)
            issue_digest(**around, as_of=NOW + timedelta(days=number), letters=LETTERS)
        db.session.commit()


LARGE = "accreditations|observers|travel_documents|transitions|assignments"
WHOLE = re.compile(rf"SCAN ({LARGE})\b(?!.*ix_observers_without_portrait)")
BY_ELECTION = re.compile(rf"SEARCH ({LARGE})\b.*\(election_id=\?( AND status=\?)?\)")


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_first_page_never_reads_all_observers_of_an_election(app):
    """The plans of SQLite, which decides without statistics: everybody is found through few."""
    fill(app, 2)
    with app.app_context():
        election = db.session.scalars(sa.select(Election)).one()
        asked = []

        def note(_connection, _cursor, statement, parameters, *_rest):
            asked.append((statement, parameters))

        sa.event.listen(db.engine, "before_cursor_execute", note)
        attention(election, NOW)
        figures(election)
        headline_figures(election, as_of=NOW)
        curve(election)
        curve(election, until=NOW)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        connection = db.session.connection()
        for statement, parameters in [pair for pair in asked if pair[0][:4] in {"SELE", "WITH"}]:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plan = "\n".join(row[3] for row in explained)
            assert not WHOLE.search(plan), (statement, plan)
            assert not BY_ELECTION.search(plan), (statement, plan)
        assert len(asked) >= 7


# What shows personal data asks once more, whether that is on record already; a paper is recorded.
LIMITS = {
    "/e/kz-2022/": 16,
    "/e/kz-2022/summary": 16,
    "/e/kz-2022/delegations/": 8,
    "/e/kz-2022/delegations/1": 16,
    "/e/kz-2022/observers/": 8,
    "/e/kz-2022/observers/1": 10,
    "/e/kz-2022/submissions/": 8,
    "/e/kz-2022/meetings/": 9,
    "/e/kz-2022/meetings/schedule": 16,
    "/e/kz-2022/meetings/schedule?span=day&by=hall&day=2022-11-10": 16,
    "/e/kz-2022/meetings/requests/": 8,
    "/e/kz-2022/arrivals/": 7,
    "/e/kz-2022/arrivals/list": 8,
    "/e/kz-2022/arrivals/1": 8,
    "/e/kz-2022/deployment/": 9,
    "/e/kz-2022/deployment/?day=2022-11-11": 9,
    "/e/kz-2022/deployment/teams/": 9,
    "/e/kz-2022/deployment/teams/1": 10,
    "/e/kz-2022/deployment/teams/1/members": 10,
    "/e/kz-2022/deployment/delegations/1": 9,
    "/e/kz-2022/deployment/unplaced": 9,
    "/e/kz-2022/deployment/import": 9,
    "/e/kz-2022/certificates/": 9,
    "/e/kz-2022/bulletins/": 7,
    "/e/kz-2022/press-notes/": 7,
    "/e/kz-2022/duty/": 16,
    "/e/kz-2022/duty/notes/1": 7,
    "/e/kz-2022/duty/hand-over": 15,
    "/e/kz-2022/duty/roster/?day=2022-11-10": 7,
    "/e/kz-2022/duty/contacts/": 13,
    "/e/kz-2022/requests/": 8,
    "/e/kz-2022/requests/?view=overdue": 8,
    "/e/kz-2022/requests/board": 8,
    "/e/kz-2022/requests/1": 14,
    "/search?q=org": 28,
    "/search?q=anna": 28,
    "/search/palette?q=meeting": 28,
    "/search/palette": 6,
    "/e/kz-2022/digest": 6,
    "/e/kz-2022/digest/preview": 26,
    "/e/kz-2022/totals/": 8,
    "/e/kz-2022/totals.json": 5,
}


@pytest.mark.parametrize("count", [2, 40])
def test_statements_are_few_and_constant(app, sign_in, count):
    fill(app, count)
    client = sign_in(Role.REGISTRAR)
    found = {}
    with clock.at(NOW):
        for path in LIMITS:
            client.get(path)  # a first visit chooses the election
            with counted(app) as statements:
                assert client.get(path).status_code == 200
            found[path] = len(statements)
    over = {path: number for path, number in found.items() if number > LIMITS[path]}
    assert over == {}
