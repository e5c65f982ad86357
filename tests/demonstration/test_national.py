"""An invented national election is as true to the rules as one that people entered."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from tracker.accreditation.models import (
    Accreditation,
    AccreditationStatus,
    Submission,
    SubmissionItem,
    Transition,
)
from tracker.accreditation.queries import missing_of
from tracker.accreditation.rules import LIVE_STATUSES, WAYS, counts_as_observer
from tracker.audit.chain import START
from tracker.audit.models import AuditEntry
from tracker.demonstration.course import FATES, Course
from tracker.demonstration.national import build_national
from tracker.kernel.database import db
from tracker.kernel.storage import storage
from tracker.kernel.words import SearchWord, words_of
from tracker.observers.models import Observer, SharedIdentity
from tracker.observers.operations import document_digest
from tracker.observers.queries import holders_of
from tracker.totals.queries import figures, recount, unproven

S = AccreditationStatus
NUMBER = 600


@pytest.fixture
def election(session):
    return build_national(slug="national", number=NUMBER)


def test_it_is_what_the_operations_would_have_left(election):
    rows = db.session.scalars(sa.select(Accreditation).order_by(Accreditation.id)).all()
    assert len(rows) == NUMBER
    steps = sa.select(Transition).order_by(Transition.accreditation_id, Transition.effective_at)
    histories = {row.id: [] for row in rows}
    for step in db.session.scalars(steps):
        histories[step.accreditation_id].append(step)
    moves = {(source, way.target) for way in WAYS.values() for source in way.sources}
    lacking = missing_of(election, [row.id for row in rows])
    for row in rows:
        history = histories[row.id]
        assert [step.from_status for step in history] == [
            None,
            *(s.to_status for s in history[:-1]),
        ]
        assert all((step.from_status, step.to_status) in moves for step in history[1:])
        assert all(one.effective_at < other.effective_at for one, other in pairwise(history))
        assert (row.status, row.status_at) == (history[-1].to_status, history[-1].effective_at)
        assert row.is_live == (row.status in LIVE_STATUSES)
        submitted = [step for step in history if step.to_status is S.SUBMITTED]
        assert all(step.effective_at < election.closes_at for step in submitted)
        assert row.status is S.DRAFT or not lacking[row.id]
    assert sum(bool(found) for found in lacking.values()) == 20  # drafts, to have some
    assert {row.status for row in rows} == set(FATES)


def test_submissions_and_resolutions_say_what_the_histories_say(election):
    items = db.session.scalars(sa.select(SubmissionItem)).all()
    decided = sa.select(Transition).where(Transition.to_status.in_((S.ACCREDITED, S.REFUSED)))
    steps = {step.accreditation_id: step for step in db.session.scalars(decided)}
    for item in items:
        step = steps.get(item.accreditation_id)
        said = (step.to_status, step.resolution_id, step.submission_id) if step else (None,) * 2
        assert said[:2] == (item.decision, item.resolution_id)
        assert step is None or step.submission_id == item.submission_id
    numbers = db.session.scalars(sa.select(Submission.number).order_by(Submission.number)).all()
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_is_kept_beside_the_rows_agrees_with_them(election):
    found = figures(election)
    assert unproven(election, found, as_of=None, known_at=None) == []
    counted = Counter(
        counts_as_observer(row.function) and row.status is S.ACCREDITED
        for row in db.session.scalars(sa.select(Accreditation))
    )
    assert found.observers == counted[True] > NUMBER // 2
    for days in (0, 9, 25, 60):
        moment = election.closes_at - timedelta(days=days, hours=3)
        assert figures(election, as_of=moment) == recount(election, as_of=moment)
    people = db.session.scalars(sa.select(Observer).order_by(Observer.id)).all()
    words = {(row.record_id, row.word) for row in db.session.scalars(sa.select(SearchWord))}
    identities = Counter(person.identity_digest for person in people)
    shared = set(db.session.scalars(sa.select(SharedIdentity.identity_digest)))
    assert shared == {digest for digest, number in identities.items() if number > 1}
    assert len(shared) == 20
    for person in people[::37]:
        assert {(person.id, word) for word in words_of(person.surname)} <= words
        document = person.document
        key = document.issuing_state, document_digest(document.issuing_state, document.number)
        assert holders_of([key]) == {key: person.id}
        assert document.number.endswith(document.number_ending)
    assert storage.get(people[-1].portrait).startswith(b"\xff\xd8")


def test_the_record_tells_of_every_table_that_was_filled(election):
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.position)).all()
    assert entries[0].previous_digest == START
    assert all(one.digest == other.previous_digest for one, other in pairwise(entries))
    told = {entry.record_table: entry.after for entry in entries if entry.record_id == "*"}
    assert set(told) >= {"observers", "accreditations", "transitions", "submission_items"}
    assert all(after["observers"] == NUMBER for after in told.values())


@pytest.mark.parametrize("number", [1, 39, 40, 41, 5_000])
def test_nobody_is_in_a_submission_that_is_not_made(number):
    course = Course([1, 2, 3], ["KZ-71", None], number)
    batches = course.batches()
    turns = [course.turn(place) for place in range(number)]
    assert {turn.batch for turn in turns if turn.was_submitted} == set(batches)
    assert [course.turn(place) for place in range(number)] == turns
