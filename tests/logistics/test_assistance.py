"""Assistance requests: their life by the table, who sees what, and when an answer is owed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.factories import accounts, records
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Forbidden, NotFound, Refused, Stale
from tracker.kernel.permissions import Role
from tracker.kernel.storage import storage
from tracker.logistics.models.assistance import (
    AssistanceAttachment,
    AssistanceKind,
    AssistanceStatus,
    AssistanceStep,
    Priority,
)
from tracker.logistics.operations.answers import AnswerDetails, delete_answer, keep_answer
from tracker.logistics.operations.assistance import (
    MOST_ATTACHMENTS,
    AssistanceDetails,
    advance_assistance,
    ask_assistance,
    assign_assistance,
    attach_to_assistance,
    change_assistance,
    comment_on_assistance,
    merge_assistance,
    take_assistance,
)
from tracker.logistics.queries import assistance as queries
from tracker.logistics.rules.assistance import OURS, SETTLED, STEPS, TARGETS, is_overdue, may_step
from tracker.meetings.models import Meeting, MeetingKind

S = AssistanceStatus
HOUR = timedelta(hours=1)


@pytest.fixture
def election(session):
    return records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


@pytest.fixture
def handler(session):
    """A coordinator with an account."""
    user = accounts.user(Role.COORDINATOR)
    return Actor(user.id, user.name, frozenset({Role.COORDINATOR}))


def focal_point(*delegations):
    ids = frozenset(each.id for each in delegations)
    return Actor(77, "Focal", frozenset({Role.FOCAL_POINT}), delegation_ids=ids)


def asked(actor, election, delegation, **more):
    details = {"kind": AssistanceKind.VISA, "title": "A visa at the airport"}
    return ask_assistance(
        actor=actor,
        election=election,
        delegation=delegation,
        details=AssistanceDetails(**details | more),
    )


def taken(actor, request):
    return take_assistance(actor=actor, request=request)


def life(request):
    query = sa.select(AssistanceStep).where(AssistanceStep.assistance_id == request.id)
    return list(db.session.scalars(query.order_by(AssistanceStep.id)))


def test_a_request_is_assigned_worked_on_waits_and_is_done(election, delegation, handler):
    request = asked(handler, election, delegation, priority=Priority.HIGH)
    assert request.due_at == NOW + 4 * HOUR
    taken(handler, request)
    around = {"actor": handler, "request": request}
    advance_assistance(**around, name="start")
    with pytest.raises(Refused, match="Give the reason") as refusal:
        advance_assistance(**around, name="wait", reason="  ")
    assert refusal.value.field == "reason"
    advance_assistance(**around, name="wait", reason="Passport copies are needed")
    with clock.at(NOW + 6 * HOUR):
        advance_assistance(**around, name="start")
        assert request.due_at == NOW + 10 * HOUR, "the time of waiting is not headquarters' own"
        advance_assistance(**around, name="finish")
    assert (request.status, request.settled_at) == (S.DONE, NOW + 6 * HOUR)
    steps = life(request)
    assert [step.to_status for step in steps] == [
        S.NEW,
        S.ASSIGNED,
        S.IN_PROGRESS,
        S.WAITING,
        S.IN_PROGRESS,
        S.DONE,
    ]
    assert steps[1].assignee_name == handler.name
    assert steps[3].reason == "Passport copies are needed"
    assert {step.actor_name for step in steps} == {handler.name}


def test_what_is_settled_opens_again_as_new_and_is_owed_anew(election, delegation, handler):
    request = asked(handler, election, delegation)
    taken(handler, request)
    around = {"actor": handler, "request": request}
    advance_assistance(**around, name="decline", reason="No rooms are left")
    assert request.settled_at == NOW
    with pytest.raises(Refused, match="stands otherwise"):
        advance_assistance(**around, name="finish")
    with clock.at(NOW + 48 * HOUR):
        advance_assistance(**around, name="reopen", reason="A hotel called back")
    assert (request.status, request.assignee, request.settled_at) == (S.NEW, None, None)
    assert request.due_at == NOW + 72 * HOUR


def test_only_those_who_handle_requests_are_given_one(election, delegation, handler):
    request = asked(handler, election, delegation)
    official = accounts.user(Role.OFFICIAL)
    closed = accounts.user(Role.REGISTRAR)
    closed.active = False
    db.session.flush()
    for user_id in (official.id, closed.id, 99_999, 0):
        with pytest.raises(Refused) as refusal:
            assign_assistance(actor=handler, request=request, assignee_id=user_id)
        assert refusal.value.field == "assignee_id"
    registrar = accounts.user(Role.REGISTRAR)
    assign_assistance(actor=handler, request=request, assignee_id=registrar.id)
    assert (request.status, request.assignee) == (S.ASSIGNED, registrar)


def test_another_priority_moves_the_moment_by_the_difference(election, delegation, handler):
    request = asked(handler, election, delegation, priority=Priority.LOW)
    seen = request.version
    details = AssistanceDetails(
        kind=AssistanceKind.VISA, title="Two visas", priority=Priority.URGENT
    )
    around = {"actor": handler, "request": request, "details": details}
    change_assistance(**around, seen_version=seen)
    assert request.due_at == NOW + HOUR
    with pytest.raises(Stale):
        change_assistance(**around, seen_version=seen)
    advance_assistance(actor=handler, request=request, name="cancel", reason="Not needed")
    with pytest.raises(Refused, match="Only an open"):
        change_assistance(**around, seen_version=request.version)


def test_an_observer_or_meeting_of_another_delegation_is_refused(election, delegation, handler):
    other = records.delegation(election)
    stranger = records.accreditation(other)
    meeting = Meeting(
        election_id=election.id,
        kind=MeetingKind.BILATERAL,
        title="Lists",
        starts_at=NOW,
        ends_at=NOW + HOUR,
        delegations=[other],
    )
    db.session.add(meeting)
    db.session.flush()
    for more in ({"accreditation_id": stranger.id}, {"meeting_id": meeting.id}):
        with pytest.raises(Refused) as refusal:
            asked(handler, election, delegation, **more)
        assert refusal.value.field in more
        assert asked(handler, election, other, **more)


def test_a_duplicate_is_closed_with_its_reason_and_never_in_a_circle(election, delegation, handler):
    first, second, third = (asked(handler, election, delegation) for _number in range(3))
    asked(handler, election, records.delegation(election))  # No. 4
    merge_assistance(actor=handler, request=second, number=first.number)
    assert (second.status, second.duplicate_of_id) == (S.CANCELLED, first.id)
    assert life(second)[-1].reason == "Duplicate of No. 1."
    assert queries.duplicates_of(first.id) == [second]
    for request, number in (
        (first, 2),
        (third, 2),
        (third, 3),
        (third, 4),
        (third, 9),
    ):
        with pytest.raises(Refused) as refusal:
            merge_assistance(actor=handler, request=request, number=number)
        assert refusal.value.field == "number"
    advance_assistance(actor=handler, request=second, name="reopen", reason="Another person")
    assert second.duplicate_of_id is None


def test_a_focal_point_asks_reads_and_takes_back_for_its_own_only(election, delegation, handler):
    other = records.delegation(election)
    own = focal_point(delegation)
    request, foreign = asked(own, election, delegation), asked(handler, election, other)
    with pytest.raises(NotFound):
        asked(own, election, other)
    with pytest.raises(NotFound):
        queries.request_for(own, election.id, foreign.id)
    found = queries.requests_query(own, election.id, queries.Wanted())
    assert list(db.session.scalars(found).unique()) == [request]
    assert queries.counts_of(own, election.id, NOW).by_status == {S.NEW: 1}
    assert queries.open_board(own, election.id, 50)[S.NEW] == [request]
    for refused in (
        lambda: advance_assistance(actor=own, request=request, name="decline", reason="No"),
        lambda: assign_assistance(actor=own, request=request, assignee_id=handler.user_id),
        lambda: merge_assistance(actor=own, request=request, number=foreign.number),
    ):
        with pytest.raises(Forbidden):
            refused()
    advance_assistance(actor=own, request=request, name="cancel", reason="Found ourselves")
    assert list(queries.settled_last(own, election.id, 10)) == [request]
    assert queries.settled_last(focal_point(other), election.id, 10) == []


def test_internal_comments_stay_in_headquarters(election, delegation, handler):
    request, own = asked(handler, election, delegation), focal_point(delegation)
    around = {"request": request}
    comment_on_assistance(actor=handler, **around, text="Ask the protocol", is_internal=True)
    comment_on_assistance(actor=handler, **around, text="Which flight?")
    comment_on_assistance(actor=own, **around, text="KC 101", is_internal=True)
    read = [each.text for each in queries.comments_of(own, request.id)]
    assert read == ["Which flight?", "KC 101"], "a delegation's own comment is never internal"
    assert len(queries.comments_of(handler, request.id)) == 3


def test_what_a_delegation_says_is_what_was_waited_for(election, delegation, handler):
    request, own = asked(handler, election, delegation), focal_point(delegation)
    taken(handler, request)
    advance_assistance(actor=handler, request=request, name="wait", reason="Which flight?")
    comment_on_assistance(actor=handler, request=request, text="Please answer soon")
    assert request.status is S.WAITING
    with clock.at(NOW + 3 * HOUR):
        comment_on_assistance(actor=own, request=request, text="KC 101")
    assert (request.status, request.due_at) == (S.IN_PROGRESS, NOW + 27 * HOUR)


def test_attachments_are_encrypted_and_limited(app, election, delegation, handler):
    request = asked(handler, election, delegation)
    around = {"actor": handler, "request": request}
    found = attach_to_assistance(**around, filename="passport.pdf", content=b"%PDF secret")
    assert storage.get(found.content) == b"%PDF secret"
    kept = [path.read_bytes() for path in storage.place.root.rglob("*") if path.is_file()]
    assert kept
    assert all(b"secret" not in content for content in kept)
    assert keyring.decrypt(kept[0])
    for content in (b"", b"x" * (10 * 1024 * 1024 + 1)):
        with pytest.raises(Refused) as refusal:
            attach_to_assistance(**around, filename="a", content=content)
        assert refusal.value.field == "document"
    for number in range(MOST_ATTACHMENTS - 1):
        attach_to_assistance(**around, filename=f"{number}", content=b"x")
    with pytest.raises(Refused, match="at most"):
        attach_to_assistance(**around, filename="one more", content=b"x")
    other = asked(handler, election, delegation)
    with pytest.raises(NotFound):
        queries.attachment_for(other, found.id)
    assert db.session.scalar(sa.select(sa.func.count(AssistanceAttachment.id))) == MOST_ATTACHMENTS


def test_overdue_follows_the_clock_in_rules_and_database_alike(election, delegation, handler):
    requests = [asked(handler, election, delegation, priority=each) for each in Priority]
    for request in requests[:2]:
        taken(handler, request)
    advance_assistance(actor=handler, request=requests[1], name="wait", reason="Which flight?")
    for hours, expected in ((0.9, 0), (1.1, 1), (25, 2), (73, 3)):
        now = NOW + hours * HOUR
        found = queries.requests_query(handler, election.id, queries.Wanted(overdue_at=now))
        rows = list(db.session.scalars(found).unique())
        assert len(rows) == expected, hours
        assert rows == [row for row in requests if is_overdue(row.status, row.due_at, now)]
        assert queries.counts_of(handler, election.id, now).overdue == expected
        assert db.session.scalar(sa.select(queries.overdue_count(election.id, now))) == expected


def test_pages_follow_what_is_owed_and_put_what_waits_last(election, delegation, handler):
    for number in range(60):
        with clock.at(NOW + timedelta(minutes=7 * number % 13)):
            asked(handler, election, delegation)
    waiting = asked(handler, election, delegation, priority=Priority.URGENT)
    taken(handler, waiting)
    advance_assistance(actor=handler, request=waiting, name="wait", reason="Which flight?")
    for by_due in (True, False):
        query = queries.requests_query(handler, election.id, queries.Wanted(is_open=True))
        first = queries.requests_page(query, None, by_due=by_due)
        second = queries.requests_page(query, first.next_cursor, by_due=by_due)
        back = queries.requests_page(query, second.previous_cursor, by_due=by_due)
        rows = [row[0] for row in (*first.rows, *second.rows)]
        assert [row[0] for row in back.rows] == rows[:50]
        assert len({row.id for row in rows}) == len(rows) == 61
        if by_due:
            assert rows[-1] is waiting
            keys = [(row.due_at, row.id) for row in rows[:-1]]
        else:
            keys = [(-row.created_at.timestamp(), -row.id) for row in rows]
        assert keys == sorted(keys)


def test_numbers_count_within_an_election(election, delegation, handler):
    other = records.election(slug="other")
    assert [asked(handler, election, delegation).number for _each in range(3)] == [1, 2, 3]
    assert asked(handler, other, records.delegation(other)).number == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 40)), max_size=15))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_life_is_a_chain_and_waiting_costs_headquarters_nothing(session, walk):
    """Steps in any order, at any pace, through the operations and by the table alone."""
    with db.session.begin_nested() as savepoint:
        delegation = records.delegation(records.election(slug="walk"))
        request = records.assistance(delegation, created_at=NOW)
        assignee, now, ours = accounts.user(Role.REGISTRAR), NOW, timedelta()
        for name, hours in walk:
            spent, was = timedelta(hours=hours), request.status
            now += spent
            ours += spent if was in OURS else timedelta()
            with clock.at(now):
                taken_step = _try(request, name, assignee.id)
            assert taken_step == may_step(was, name)
            if taken_step:
                assert request.status is STEPS[name].target
                ours = timedelta() if was in SETTLED else ours
            if request.status in OURS:
                late = ours > TARGETS[request.priority]
                assert is_overdue(request.status, request.due_at, now) == late
            assert (request.settled_at is not None) == (request.status in SETTLED)
        steps = life(request)
        assert [step.from_status for step in steps[1:]] == [step.to_status for step in steps[:-1]]
        assert steps[-1].to_status is request.status
        savepoint.rollback()


def _try(request, name, assignee_id):
    around = {"actor": SYSTEM, "request": request}
    try:
        if name == "assign":
            assign_assistance(**around, assignee_id=assignee_id)
        elif name == "take":
            take_assistance(actor=Actor(assignee_id, "A", frozenset(Role)), request=request)
        else:
            advance_assistance(**around, name=name, reason="Because")
    except Refused:
        return False
    return True


ANSWER = dict.fromkeys(("title_en", "title_ru", "title_kk", "text_en", "text_ru", "text_kk"), "A")


def test_ready_answers_are_kept_changed_and_deleted(session, handler):
    around = {"actor": handler, "details": AnswerDetails(**ANSWER)}
    found = keep_answer(**around)
    with pytest.raises(Refused) as refusal, db.session.begin_nested():
        keep_answer(**around)
    assert refusal.value.field == "title_en"
    other = {"actor": handler, "details": AnswerDetails(**ANSWER | {"text_ru": "Б"})}
    keep_answer(**other, answer=found, seen_version=found.version)
    with pytest.raises(Stale):
        keep_answer(**other, answer=found, seen_version=1)
    with pytest.raises(Forbidden):
        keep_answer(actor=focal_point(), details=around["details"])
    delete_answer(actor=handler, answer=found)
    assert queries.canned_answers() == []
