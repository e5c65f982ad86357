"""Contents of the record may be erased, by whom it is said and how; nothing else may go."""

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.databases import KIND
from tracker.audit.capture import append
from tracker.audit.chain import (
    COVERED,
    content_digest_of,
    digest_of,
    positions_in,
    ranges_of,
)
from tracker.audit.models import AuditEntry
from tracker.audit.operations import erase_contents, record_read
from tracker.audit.queries import last_position, newest_position, verify
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

ADMINISTRATOR = Actor(9, "Timur", frozenset({Role.ADMINISTRATOR}), request_id="r-9")


@pytest.fixture
def eight(session):
    """A record of eight entries: an election that had eight names."""
    election = records.election()
    for number in range(2, 9):
        election.name_en = f"name {number}"
        session.flush()
    assert verify() == (8, [])
    return election


def places():
    return [place.position for place in verify()[1]]


def entry(position):
    db.session.expire_all()
    return db.session.scalars(sa.select(AuditEntry).filter_by(position=position)).one()


def test_erased_contents_leave_the_chain_whole_and_say_who_erased_how_many(session, eight):
    other = records.organization()
    assert erase_contents(actor=ADMINISTRATOR, records=[("elections", str(eight.id))]) == 8
    for position in range(1, 9):
        row = entry(position)
        assert row.before is row.after is row.content_salt is None
        assert row.erased_at is not None
    assert entry(9).after["name_en"] == other.name_en
    said = entry(10)
    assert (said.action, said.actor_name, said.record_id) == ("erase", "Timur", "1-8")
    assert said.after == {"erased": 8, "positions": "1-8"}
    assert verify() == (10, [])
    eight.name_en = "a later name"
    session.flush()
    assert erase_contents(actor=ADMINISTRATOR, records=[("elections", str(eight.id))] * 2) == 1
    assert entry(12).after == {"erased": 1, "positions": "11"}
    assert erase_contents(actor=ADMINISTRATOR, records=[("elections", "999")]) == 0
    assert verify() == (12, [])


def test_contents_of_thousands_of_records_are_erased_at_once(session):
    changes = [
        {
            "action": "insert",
            "record_table": ("observers", "meetings")[number % 2],
            "record_id": str(number),
            "before": None,
            "after": {"surname": "KAYA"},
        }
        for number in range(3_000)
    ]
    append(session(), changes)
    wanted = (("observers", str(number)) for number in range(3_000))
    assert erase_contents(actor=SYSTEM, records=wanted) == 1_500
    left = session.execute(
        sa.select(AuditEntry.record_table, AuditEntry.after.is_not(None)).distinct()
    ).all()
    assert set(left) == {("observers", False), ("meetings", True), ("audit_entries", True)}
    assert verify() == (3_001, [])


def test_what_the_record_says_of_itself_is_never_erased(session, eight):
    erase_contents(actor=SYSTEM, records=[("elections", str(eight.id))])
    with pytest.raises(ValueError, match="never erased"):
        erase_contents(actor=SYSTEM, records=[("audit_entries", "1-8")])


# SQLite alone stores what is not of a column's type.
OF_ANOTHER_TYPE = {
    "postgresql": [],
    "sqlite": [
        ("UPDATE audit_entries SET recorded_at = 'never' WHERE position = 5", [5]),
        ("UPDATE audit_entries SET after = 'no JSON' WHERE position = 5", [5]),
        ("UPDATE audit_entries SET position = 'five' WHERE position = 5", [5, 9]),
    ],
}
GONE = "before = NULL, after = NULL, content_salt = NULL"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_entries SET actor_name = 'x' WHERE position = 5", [5]),
        ("UPDATE audit_entries SET content_digest = digest WHERE position = 5", [5]),
        ("UPDATE audit_entries SET previous_digest = digest WHERE position = 5", [5]),
        ("UPDATE audit_entries SET digest = previous_digest WHERE position = 5", [5]),
        ("UPDATE audit_entries SET after = '{}' WHERE position = 5", [5]),
        ("UPDATE audit_entries SET before = after, after = before WHERE position = 5", [5]),
        ("UPDATE audit_entries SET content_salt = 'xy' WHERE position = 5", [5]),
        ("UPDATE audit_entries SET erased_at = recorded_at WHERE position = 5", [5]),
        (f"UPDATE audit_entries SET {GONE} WHERE position = 5", [5]),
        (f"UPDATE audit_entries SET {GONE}, erased_at = recorded_at WHERE position = 5", [5]),
        (f"UPDATE audit_entries SET {GONE}, erased_at = recorded_at WHERE position < 4", [1]),
        ("DELETE FROM audit_entries WHERE position = 5", [5]),
        ("DELETE FROM audit_entries WHERE position IN (1, 2, 5)", [1, 5]),
        ("UPDATE audit_entries SET position = 20 WHERE position = 5", [5, 9, 20]),
        ("UPDATE audit_entries SET position = 0 WHERE position = 5", [0, 5]),
        ("UPDATE audit_entries SET position = 26 - position WHERE position IN (5, 7)", None),
        *OF_ANOTHER_TYPE[KIND],
    ],
)
def test_each_tampering_is_said_of_its_place(session, eight, statement, expected):
    session.execute(sa.text(statement))
    if expected is None:  # two entries have changed places
        session.execute(
            sa.text("UPDATE audit_entries SET position = position - 14 WHERE position > 8")
        )
        expected = [5, 7]
    assert places() == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_entries SET erased_at = recorded_at WHERE position = 3", [3]),
        ('UPDATE audit_entries SET after = \'{"name_en": "x"}\' WHERE position = 3', [3]),
        ("DELETE FROM audit_entries WHERE position = 9", [9, 1]),
    ],
)
def test_an_erasure_vouches_for_no_more_than_it_says(session, eight, statement, expected):
    erase_contents(actor=SYSTEM, records=[("elections", str(eight.id))])
    records.organization()
    session.execute(sa.text(statement.replace("recorded_at", "'2020-01-01 00:00:00'")))
    assert places() == expected


def test_an_entry_made_anew_with_its_digests_is_found_by_the_one_after_it(session, eight):
    row = entry(5)
    values = {name: getattr(row, name) for name in (*COVERED, "before", "content_salt")}
    values["after"] = {"name_en": "forged"}
    values["content_digest"] = content_digest_of(row.content_salt, row.before, values["after"])
    values["digest"] = digest_of(values)
    session.execute(sa.update(AuditEntry).where(AuditEntry.position == 5).values(values))
    assert places() == [5]
    session.execute(sa.delete(AuditEntry).where(AuditEntry.position > 5))
    assert verify() == (5, [])  # nothing after it: only what is kept elsewhere tells


def test_what_is_only_read_is_no_new_version_of_the_data(app, session, eight):
    session.commit()
    assert last_position() == newest_position(db.engine) == 8
    record_read(actor=SYSTEM, table="elections", record_id=eight.id)
    session.commit()
    assert last_position() == newest_position(db.engine) == 8
    assert verify() == (9, [])
    if KIND == "postgresql":  # so few rows are read faster than an index
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[KIND]
    plan = session.execute(
        sa.text(
            f"{explain} SELECT max(position) FROM audit_entries "
            "WHERE action NOT IN ('anchor', 'export', 'read')"
        )
    ).all()
    assert "ix_audit_entries_changes" in str(plan)


@pytest.mark.parametrize("positions", [[], [1], [1, 2, 3], [2, 4, 5, 9, 10, 11]])
def test_positions_are_written_in_few_words(positions):
    assert list(positions_in(ranges_of(positions))) == positions
