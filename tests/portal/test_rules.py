"""What a delegation is told to do: every fact that asks for something, in the order it presses."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.portal.labels import TONES, headline
from tracker.portal.rules import SOON, Facts, Task, tasks

CLOSE = datetime(2022, 11, 14, 12, tzinfo=UTC)
EARLY, NEAR, LATE = CLOSE - timedelta(days=20), CLOSE - SOON, CLOSE
NUMBERS = [field.name for field in fields(Facts) if field.name != "has_second_factor"]
facts = st.builds(
    Facts, has_second_factor=st.booleans(), **dict.fromkeys(NUMBERS, st.integers(0, 3))
)


def found(moment=EARLY, **values):
    return dict(tasks(Facts(**values), now=moment, closes_at=CLOSE))


def test_each_fact_asks_for_its_task():
    assert found(entered=3) == {}
    assert found(returned_lists=2) == {Task.RETURNED_LIST: 2}
    assert found(lists_to_mend=1) == {Task.LIST_TO_MEND: 1}
    assert found(lists_to_send=1) == {Task.LIST_TO_SEND: 1}
    assert found(messages=1, entered=1) == {Task.MESSAGE: 1}
    assert found(incomplete=4, entered=4) == {Task.INCOMPLETE: 4}
    assert found(receipts=12, entered=12) == {Task.RECEIPT: 12}
    assert found(entered=1, has_second_factor=False) == {Task.SECOND_FACTOR: 1}


def test_who_brought_nothing_is_asked_for_a_list_while_there_is_time():
    assert found() == {Task.NO_LIST: 1}
    assert found(sent_lists=1) == {}
    assert found(LATE) == {}


def test_the_close_presses_whoever_is_not_done():
    assert found(NEAR, lists_to_send=1) == {Task.CLOSING: 1, Task.LIST_TO_SEND: 1}
    assert found(NEAR, entered=5) == {}
    assert found(LATE, lists_to_send=1) == {Task.LIST_TO_SEND: 1}


@given(facts, st.sampled_from([EARLY, NEAR, LATE]))
def test_tasks_are_each_once_and_in_their_order(known, moment):
    listed = [task for task, _count in tasks(known, now=moment, closes_at=CLOSE)]
    assert listed == [task for task in Task if task in listed]
    assert all(count > 0 for _task, count in tasks(known, now=moment, closes_at=CLOSE))


def test_every_task_has_words_and_a_tone(app):
    with app.test_request_context():
        assert len({headline(task, 2) for task in Task}) == len(Task)
    assert set(TONES) == set(Task)
