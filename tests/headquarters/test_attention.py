"""What needs a person: overdue requests and tasks after meetings, counted by the clock."""

from datetime import date, timedelta

from tests.conftest import NOW
from tests.factories import records
from tracker.headquarters import queries
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.models.attention import Kind
from tracker.logistics.rules.attention import matters
from tracker.meetings.models import Meeting, MeetingKind
from tracker.meetings.operations import add_follow_up, finish_follow_up
from tracker.meetings.queries import Filter, filtered


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
