"""The state machine of an accreditation is exactly its table."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.accreditation.models import LIVE, AccreditationStatus, Function
from tracker.accreditation.rules import (
    WAYS,
    Application,
    Missing,
    Step,
    counts_as_observer,
    may_take_function,
    missing,
    status_from,
    steps_from,
    target_of,
)

S = AccreditationStatus
NOW = datetime(2022, 11, 1, tzinfo=UTC)
ALLOWED = {
    (None, "create"): S.DRAFT,
    (S.DRAFT, "register"): S.REGISTERED,
    (S.DRAFT, "withdraw"): S.WITHDRAWN,
    (S.REGISTERED, "submit"): S.SUBMITTED,
    (S.REGISTERED, "withdraw"): S.WITHDRAWN,
    (S.SUBMITTED, "return"): S.REGISTERED,
    (S.SUBMITTED, "accredit"): S.ACCREDITED,
    (S.SUBMITTED, "refuse"): S.REFUSED,
    (S.ACCREDITED, "withdraw"): S.WITHDRAWN,
    (S.ACCREDITED, "revoke"): S.REVOKED,
    (S.ACCREDITED, "expire"): S.EXPIRED,
}


@pytest.mark.parametrize("status", [None, *S])
@pytest.mark.parametrize("step", Step)
def test_every_pair_of_status_and_step(status, step):
    assert target_of(step, status) == ALLOWED.get((status, step.value))


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_no_sequence_of_steps_leaves_the_table(steps):
    status = None
    for step in steps:
        target = target_of(step, status)
        if target is None:
            assert step not in steps_from(status)
            continue
        status = target
    assert status is None or status in set(S)
    if status is not None and status.value not in LIVE:
        assert steps_from(status) == ()


@dataclass
class Row:
    id: int
    to_status: S
    effective_at: datetime
    recorded_at: datetime


@given(
    st.lists(st.tuples(st.sampled_from(S), st.integers(0, 20), st.integers(0, 20)), max_size=12),
    st.integers(-1, 21),
    st.integers(-1, 21),
)
def test_the_fold_takes_the_last_row_in_force(entries, as_of, known_at):
    rows = [
        Row(number, status, NOW + timedelta(days=effective), NOW + timedelta(days=recorded))
        for number, (status, effective, recorded) in enumerate(entries)
    ]
    found = status_from(
        rows, as_of=NOW + timedelta(days=as_of), known_at=NOW + timedelta(days=known_at)
    )
    expected = None
    for day in range(as_of + 1):  # an oracle: walk the days, later rows of a day win
        for number, (status, effective, recorded) in enumerate(entries):
            if effective == day and recorded <= known_at:
                expected = rows[number].to_status
                del status
    assert found == expected


COMPLETE = Application(
    surname="KAYA",
    given_names="EROL",
    birth_date="1965-03-12",
    citizenship="TR",
    has_document=True,
    document_expires_on=date(2022, 11, 21),
    has_portrait=True,
    function=Function.HEAD,
    has_note_verbale=True,
    pledge_signed_on=date(2022, 10, 1),
)


def lacking(**changes):
    application = Application(**{**vars(COMPLETE), **changes})
    return missing(application, election_on=date(2022, 11, 20), host="KZ")


def test_a_complete_application_lacks_nothing():
    assert lacking() == ()
    assert lacking(given_names="") == ()


def test_everything_missing_is_said_at_once():
    found = lacking(
        surname="",
        given_names="",
        birth_date=None,
        citizenship=None,
        has_document=False,
        document_expires_on=None,
        has_portrait=False,
        function=None,
        has_note_verbale=False,
        pledge_signed_on=None,
    )
    assert set(found) == {
        Missing.NAMES,
        Missing.BIRTH_DATE,
        Missing.CITIZENSHIP,
        Missing.DOCUMENT,
        Missing.PORTRAIT,
        Missing.FUNCTION,
        Missing.NOTE_VERBALE,
        Missing.PLEDGE,
    }


def test_a_document_must_be_valid_through_the_day_after_election_day():
    assert lacking(document_expires_on=date(2022, 11, 20)) == (Missing.DOCUMENT_EXPIRES_EARLY,)
    assert lacking(document_expires_on=date(2022, 11, 21)) == ()
    assert lacking(document_expires_on=None) == (Missing.DOCUMENT_EXPIRY,)


def test_citizens_of_the_host_country_are_no_foreign_observers():
    assert lacking(citizenship="KZ") == (Missing.HOST_CITIZEN,)


def test_support_staff_never_count_and_do_not_become_observers_once_submitted():
    support = {Function.INTERPRETER, Function.ASSISTANT, Function.DRIVER}
    assert {function for function in Function if not counts_as_observer(function)} == support
    assert may_take_function(S.REGISTERED, Function.DRIVER, Function.EXPERT)
    assert not may_take_function(S.ACCREDITED, Function.DRIVER, Function.EXPERT)
    assert may_take_function(S.ACCREDITED, Function.EXPERT, Function.CORE_TEAM)


def test_only_the_system_expires():
    assert WAYS[Step.EXPIRE].capability is None
