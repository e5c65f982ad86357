"""A delegation confirms what was handed over to it: all of it, once, and nothing else."""

import pytest

from tests.credentials.test_operations import accredited, issue
from tests.factories import records
from tracker.credentials import operations
from tracker.credentials.receipts import confirm_receipt, unconfirmed_count
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.permissions import Role


@pytest.fixture
def rows(session):
    """Two certificates in the hands of their delegation."""
    election = records.election()
    found = issue(election, accredited(election, 2))
    operations.record_printed(actor=SYSTEM, certificates=found)
    operations.hand_over_certificates(actor=SYSTEM, certificates=found, received_by="Erol Kaya")
    return found


@pytest.fixture
def focal(rows):
    ids = frozenset({rows[0].delegation_id})
    return Actor(7, "Focal point", frozenset({Role.FOCAL_POINT}), delegation_ids=ids)


def test_what_was_handed_over_is_confirmed_once(rows, focal):
    own = rows[0].delegation_id
    assert unconfirmed_count(own) == 2
    assert confirm_receipt(actor=focal, delegation_id=own, number=2) == 2
    assert {row.receipt_confirmed_by for row in rows} == {"Focal point"}
    assert unconfirmed_count(own) == 0
    with pytest.raises(Refused):
        confirm_receipt(actor=focal, delegation_id=own, number=0)


def test_nobody_confirms_what_they_were_not_shown(rows, focal):
    with pytest.raises(Refused, match="handed over meanwhile"):
        confirm_receipt(actor=focal, delegation_id=rows[0].delegation_id, number=1)
    assert {row.receipt_confirmed_at for row in rows} == {None}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.FOCAL_POINT}))
def test_headquarters_does_not_confirm_for_a_delegation(rows, role):
    actor = Actor(1, role, frozenset({role}))
    with pytest.raises(Forbidden):
        confirm_receipt(actor=actor, delegation_id=rows[0].delegation_id, number=2)
