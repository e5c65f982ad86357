"""What needs a person: overdue requests and tasks after meetings, counted by the clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import portrait
from tracker.accreditation.models import AccreditationStatus, Ground
from tracker.accreditation.operations import Reason, revoke_accreditation
from tracker.credentials.operations import issue_certificates, lose_certificate
from tracker.credentials.queries import certificates_with
from tracker.headquarters import queries
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.models.attention import Kind
from tracker.logistics.rules.attention import matters
from tracker.meetings.models import Meeting, MeetingKind
from tracker.meetings.operations import add_follow_up, finish_follow_up
from tracker.meetings.queries import Filter, filtered
from tracker.people import Wanted, observers


def test_overdue_requests_and_tasks_are_counted_by_the_clock(session):
    election = records.election()
    delegation = records.delegation(election)
    records.assistance(delegation, due_at=NOW + timedelta(hours=1))
    around = {"election_id": election.id, "kind": MeetingKind.BRIEFING, "title": "Briefing"}
    meetings = [
        Meeting(**around, starts_at=NOW, ends_at=NOW + timedelta(hours=1)) for _each in range(2)
    ]
    db.session.add_all(meetings)
    db.session.flush()
    task = {"actor": SYSTEM, "meeting": meetings[0], "task": "Send the lists"}
    due = add_follow_up(**task, due_on=date(2022, 11, 10))
    add_follow_up(**task, due_on=date(2022, 11, 11))
    add_follow_up(**task)
    counted = (Kind.OVERDUE_REQUEST, Kind.FOLLOW_UP)

    def found(hours):
        now = NOW + timedelta(hours=hours)
        counts = queries.attention(election, now)
        return tuple(counts[kind] for kind in counted)

    assert found(0) == (0, 0)
    assert found(2) == (1, 0)
    assert found(11.9) == (1, 0), "17:54 UTC is still 10 November in Astana"
    assert found(12.1) == (1, 1)
    assert found(36.1) == (1, 2)
    owed = filtered(election, Filter(owed_on=date(2022, 11, 11)))
    assert list(db.session.scalars(owed)) == [meetings[0]]
    finish_follow_up(actor=SYSTEM, meeting=meetings[0], follow_up_id=due.id, is_done=True)
    assert found(12.1) == (1, 0)


def test_an_overdue_request_comes_first(session):
    election = records.election()
    moments = {
        "closes_at": election.closes_at,
        "polls_open_at": election.ends_at,
        "ends_at": election.ends_at,
    }
    lines = matters(dict.fromkeys(Kind, 1), now=NOW, **moments)
    assert lines[0].kind is Kind.OVERDUE_REQUEST
    assert Kind.FOLLOW_UP in {line.kind for line in lines}
    assert matters(dict.fromkeys(Kind, 1), now=election.ends_at, **moments) == []


def test_missing_certificates_are_asked_about_from_five_days_before(session):
    election = records.election()
    opens = datetime.combine(election.election_on, time(7), ZoneInfo(election.time_zone))
    delegation = records.delegation(election)
    people = [
        records.accreditation(
            delegation,
            status=AccreditationStatus.ACCREDITED,
            person=records.observer(portrait=portrait()),
        )
        for _ in range(4)
    ]
    ids = [row.id for row in people]

    def found(moment=opens):
        lines = {line.kind: line.count for line in queries.matters_now(election, moment)}
        return lines.get(Kind.NO_CERTIFICATE, 0)

    def listed():
        query = observers(SYSTEM, election, Wanted(lacking="certificate"), "en")
        return len(db.session.execute(query).all())

    assert found(opens - timedelta(days=5, seconds=1)) == 0
    assert found(opens - timedelta(days=5)) == listed() == 4
    assert found(election.ends_at) == 0
    with clock.at(NOW):
        issued = issue_certificates(actor=SYSTEM, election=election, accreditation_ids=ids[:3])
        rows = certificates_with(election.id, issued.ids)
        assert found() == listed() == 1
        lose_certificate(actor=SYSTEM, certificate=rows[0], reason="Left in a taxi")
        assert found() == listed() == 2
        revoke_accreditation(actor=SYSTEM, row=people[1], reason=Reason(Ground.INTERFERENCE))
        assert found() == listed() == 2


@pytest.mark.parametrize("database", ["sqlite"])
def test_counting_missing_certificates_reads_no_observer_who_carries_one(session):
    election = records.election()
    query = sa.select(queries.without_count(election.id))
    text = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
    assert not [line for line in plan if line.startswith("SCAN") and "CONSTANT" not in line], plan
    people = [line for line in plan if "accreditations" in line]
    assert all("status=?" in line for line in people), plan
