"""People of one election who may be one person are found, in a large one by what is kept."""

from datetime import date

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation import likenesses
from tracker.accreditation.likenesses import likely_duplicates
from tracker.accreditation.operations.many import Entry, create_accreditations
from tracker.accreditation.operations.observers import Place
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.observers.models import DuplicateVerdict
from tracker.observers.operations import PersonDetails, decide_duplicate


@pytest.fixture
def election(session):
    """Two who are called and born alike, one who is written otherwise, and a stranger."""
    found = records.election()
    delegation = records.delegation(found)
    people = [
        ("KAYA", "EROL", date(1965, 3, 12)),
        ("KAYA", "EROL", date(1965, 3, 12)),
        ("KAIA", "EROL", date(1965, 3, 12)),
        ("DEMIR", "OYA", date(1980, 1, 2)),
    ]
    details = [
        PersonDetails(surname=surname, given_names=given, birth_date=born, citizenship="TR")
        for surname, given, born in people
    ]
    with clock.at(NOW):
        create_accreditations(
            actor=SYSTEM,
            election=found,
            delegation=delegation,
            entries=[Entry(details=each, place=Place()) for each in details],
        )
    return found


def names(election):
    pairs = likely_duplicates(election.id, "en")
    return sorted(tuple(sorted((pair.one.name, pair.other.name))) for pair in pairs)


def test_whoever_is_like_another_is_found(election):
    assert names(election) == [("KAIA EROL", "KAYA EROL")] * 2 + [("KAYA EROL", "KAYA EROL")]


def test_in_a_large_election_namesakes_alone(election, monkeypatch):
    monkeypatch.setattr(likenesses, "COMPARED", 3)
    assert likenesses.is_large(election.id)
    assert names(election) == [("KAYA EROL", "KAYA EROL")]


def test_a_decided_pair_is_not_shown_again(election, monkeypatch):
    monkeypatch.setattr(likenesses, "COMPARED", 3)
    (pair,) = likely_duplicates(election.id, "en")
    decide_duplicate(
        actor=SYSTEM,
        one=pair.one.observer_id,
        other=pair.other.observer_id,
        verdict=DuplicateVerdict.DIFFERENT,
    )
    assert names(election) == []
