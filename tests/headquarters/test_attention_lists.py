"""Each line of the attention list leads to the list of exactly those whom it counts."""

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.delegations.models import DelegationStatus
from tracker.elections.models import Election
from tracker.headquarters import queries
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.lists.models import ListStatus, ObserverList
from tracker.logistics.models.attention import Kind

S, D = AccreditationStatus, DelegationStatus
LATE = NOW + timedelta(days=3)  # the close of accreditation is near
ADDRESSES = {
    Kind.LIST: "lists/?status=sent",
    Kind.LATE_REGISTERED: "observers/?status=registered",
    Kind.DRAFT: "observers/?status=draft",
    Kind.NO_ANSWER: "delegations/?status=unanswered",
}


def bring(of, **values):
    around = {"election_id": of.election_id, "delegation_id": of.id, "created_by": "tests"}
    row = ObserverList(**around, filename="a.csv", content="0" * 64, **values)
    db.session.add(row)


@pytest.fixture
def counts(app):
    """How many of each there are, where some are like them and do not count."""
    with app.app_context(), clock.at(LATE), unit_of_work(SYSTEM):
        election = records.election()
        for status in (D.INVITED, D.NO_ANSWER, D.ACCEPTED):
            of = records.delegation(election, status=status)
        for function in (Function.HEAD, Function.INTERPRETER):
            for status in (S.REGISTERED, S.DRAFT):
                records.accreditation(of, status=status, function=function)
        bring(of, status=ListStatus.CHECKED, sent_at=NOW)
        bring(of, status=ListStatus.CHECKED, is_with_delegation=True)
        bring(of, status=ListStatus.CHECKED, is_with_delegation=True, sent_at=NOW)
        bring(of, status=ListStatus.CHECKED)
        bring(of, status=ListStatus.ACCEPTED, sent_at=NOW)
        db.session.flush()
        return queries.attention(db.session.get_one(Election, election.id), LATE)


@pytest.mark.parametrize(("kind", "address"), ADDRESSES.items())
def test_a_line_leads_to_whom_it_counts(sign_in, counts, kind, address):
    with clock.at(LATE):
        client = sign_in(Role.REGISTRAR)
        assert f'href="/e/kz-2022/{address}"' in client.get("/e/kz-2022/").text
        export = client.get(f"/e/kz-2022/{address}&format=csv").get_data(as_text=True)
        rows = list(csv.reader(io.StringIO(export)))
        page = client.get(f"/e/kz-2022/{address}").text
    assert counts[kind] == len(rows) - 1 == (1 if kind is Kind.LIST else 2)
    value = address.partition("=")[2]
    assert re.search(rf'<option value="{value}" selected>', page), (
        "the page says how it is narrowed"
    )
