"""The application stands, signs people in and keeps its factories true to the tables."""

from tests.factories import records
from tracker.kernel.permissions import Role


def test_a_signed_in_person_is_known(app, sign_in):
    client = sign_in(Role.REGISTRAR)
    with client.session_transaction() as session:
        assert session["_user_id"]


def test_factories_fill_every_table_that_they_promise(session):
    delegation = records.delegation(records.election())
    row = records.accreditation(delegation)
    records.official()
    assert row.id
