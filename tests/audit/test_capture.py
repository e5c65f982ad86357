"""Every change of a business row reaches the chain, and tampering is found where it is."""

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.audit.capture import REDACTED
from tracker.audit.models import AuditEntry
from tracker.audit.operations import record_read
from tracker.audit.queries import verify
from tracker.kernel.actor import Actor, acting
from tracker.kernel.permissions import Role
from tracker.meetings.models import Meeting, MeetingKind

REGISTRAR = Actor(7, "Aigul", frozenset({Role.REGISTRAR}), request_id="r-1")


def entries(session, table):
    query = sa.select(AuditEntry).where(AuditEntry.record_table == table)
    return session.scalars(query.order_by(AuditEntry.position)).all()


def test_insert_update_delete_are_recorded_with_actor_and_values(session):
    with acting(REGISTRAR):
        row = records.election()
        row.name_en = "Snap election"
        session.flush()
        identity = str(row.id)
        session.delete(row)
        session.flush()
    inserted, updated, deleted = entries(session, "elections")
    assert inserted.action == "insert"
    assert (inserted.actor_id, inserted.actor_name) == (7, "Aigul")
    assert inserted.request_id == "r-1"
    assert inserted.after["slug"] == "kz-2022"
    assert updated.before == {"name_en": "Early presidential election"}
    assert updated.after == {"name_en": "Snap election"}
    assert deleted.before["name_en"] == "Snap election"
    assert {row.record_id for row in (inserted, updated, deleted)} == {identity}


def test_personal_data_is_redacted(session):
    person = records.observer(document_number="ZZ7654321")
    person.birth_date = "1990-05-06"
    session.flush()
    text = str([(row.before, row.after) for row in session.scalars(sa.select(AuditEntry))])
    assert "1990-05-06" not in text
    assert "1980-01-02" not in text
    assert "7654321" not in text
    assert REDACTED in text


def test_links_are_recorded(session):
    election = records.election()
    first, second = records.official(), records.official()
    meeting = Meeting(
        election_id=election.id,
        kind=MeetingKind.BRIEFING,
        title="Briefing",
        starts_at=NOW,
        ends_at=NOW.replace(hour=8),
        officials=[first],
    )
    session.add(meeting)
    session.flush()
    meeting.officials = [second]
    session.flush()
    changed = entries(session, "meetings")[-1]
    assert changed.before == {"officials": [str(first.id)]}
    assert changed.after == {"officials": [str(second.id)]}


def test_what_is_rolled_back_leaves_no_entry(session):
    records.election()
    before = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    savepoint = session.begin_nested()
    records.organization()
    savepoint.rollback()
    records.organization()
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == before + 1
    assert verify()[1] == []


def test_reads_of_personal_data_are_recorded(session):
    record_read(actor=REGISTRAR, table="travel_documents", record_id=3, what="number")
    (entry,) = entries(session, "travel_documents")
    assert (entry.action, entry.record_id, entry.after["shown"]) == ("read", "3", "number")


@pytest.mark.parametrize(
    ("statement", "position"),
    [
        ("UPDATE audit_entries SET actor_name = 'somebody' WHERE position = 2", 2),
        ("UPDATE audit_entries SET after = '{}' WHERE position = 3", 3),
        ("DELETE FROM audit_entries WHERE position = 2", 2),
        ("UPDATE audit_entries SET digest = previous_digest WHERE position = 1", 1),
        ("UPDATE audit_entries SET recorded_at = '2020-01-01 00:00:00' WHERE position = 4", 4),
    ],
)
def test_tampering_is_found_where_it_is(session, statement, position):
    election = records.election()
    for name in ("one", "two", "three"):
        election.name_en = name
        session.flush()
    count, broken = verify()
    assert (count, broken) == (4, [])
    session.execute(sa.text(statement))
    _count, broken = verify()
    assert position in {place.position for place in broken}
