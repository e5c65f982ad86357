"""A delegation's own page: where its people stand, what waits, and what it confirms."""

import re

import pytest

from tests.conftest import NOW
from tests.factories import records
from tests.headquarters.test_attention_lists import bring
from tests.headquarters.test_statements import counted
from tracker.accreditation.models import AccreditationStatus, Function
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.lists.models import ListStatus
from tracker.portal.labels import headline
from tracker.portal.queries import MOST, standing_of
from tracker.portal.rules import Task

ACCREDITED, DRAFT = AccreditationStatus.ACCREDITED, AccreditationStatus.DRAFT


@pytest.fixture
def delegations(app):
    """Two delegations of one election; the first has a draft that lacks a portrait."""
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        election = records.election()
        own = records.delegation(election)
        other = records.delegation(election, records.state("TR", "Türkiye"))
        records.accreditation(
            own, status=DRAFT, person=records.observer(surname="BAYRAK", portrait=None)
        )
        records.accreditation(own, status=ACCREDITED)
        records.accreditation(other, person=records.observer(surname="STRANGER"))
        return own.id, other.id


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


def test_it_says_where_everybody_stands_and_what_is_missing(sign_in, delegations):
    own, other = delegations
    client = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    assert client.get("/").location == "/e/kz-2022/portal/"
    assert client.get("/e/kz-2022/portal/").location == f"/e/kz-2022/portal/{own}"
    page = client.get(f"/e/kz-2022/portal/{own}").text
    assert "Something is missing of 1 person" in page
    assert "BAYRAK" in page
    assert "portrait" in page
    assert "STRANGER" not in page
    assert client.get(f"/e/kz-2022/portal/{other}").status_code == 404


def test_support_staff_are_people_of_whom_something_is_missing(app, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        of = records.delegation(records.election())
        records.accreditation(
            of, status=DRAFT, function=Function.DRIVER, person=records.observer(portrait=None)
        )
        own = of.id
    client = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    page = client.get(f"/e/kz-2022/portal/{own}").text
    assert "Something is missing of 1 person" in page
    assert "Nothing: everything" not in page
    assert "Nobody is in the register yet" not in page
    with app.test_request_context():
        assert headline(Task.NO_LIST, 1) not in page
    listed = client.get(f"/e/kz-2022/observers/?delegation={own}&status=draft").text
    assert "Driver (support staff)" in listed


def test_lists_wait_however_many_came_after_them(app, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        of = records.delegation(records.election())
        mine = {"status": ListStatus.CHECKED, "is_with_delegation": True}
        bring(of, **mine, return_reason="Two are twice in it")
        bring(of, **mine, facts={"counts": {"new": 1, "problem": 2}})
        bring(of, **mine, facts={"counts": {"new": 1, "problem": 0}})
        bring(of, **mine, facts={})
        for _number in range(MOST):
            bring(of, status=ListStatus.ACCEPTED, sent_at=NOW)
        bring(of, status=ListStatus.UNDONE, sent_at=NOW)
        db.session.flush()
        election = db.session.get_one(Election, of.election_id)
        found = standing_of(SYSTEM, election, of, now=NOW, is_secured=True)
        own = of.id
    assert len(found.lists) == MOST
    facts = found.facts
    lists = (facts.returned_lists, facts.lists_to_mend, facts.lists_to_send, facts.sent_lists)
    assert lists == (1, 1, 2, MOST)
    page = sign_in(Role.FOCAL_POINT, delegation_ids=(own,)).get(f"/e/kz-2022/portal/{own}").text
    with app.test_request_context():
        assert headline(Task.RETURNED_LIST, 1) in page


def test_who_sees_several_chooses_and_who_sees_none_is_told(sign_in, delegations):
    page = sign_in(Role.FOCAL_POINT, delegation_ids=delegations).get("/e/kz-2022/portal/").text
    assert all(f"/e/kz-2022/portal/{number}" in page for number in delegations)
    page = sign_in(Role.FOCAL_POINT).get("/e/kz-2022/portal/").text
    assert "Your account sees no delegation to this election." in page


def test_it_asks_a_fixed_number_of_statements(app, sign_in, delegations):
    own, _other = delegations
    client = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    address, numbers = f"/e/kz-2022/portal/{own}", []
    client.get(address)
    for more in (0, 9):
        with app.app_context(), unit_of_work(SYSTEM):
            delegation = db.session.get_one(Delegation, own)
            for _number in range(more):
                records.accreditation(
                    delegation, status=DRAFT, person=records.observer(portrait=None)
                )
                records.assistance(delegation)
        with counted(app) as statements:
            assert client.get(address).status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


def test_a_message_is_answered_or_settled(app, sign_in, delegations):
    own, other = delegations
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    registrar = sign_in(Role.REGISTRAR)
    thread = f"/e/kz-2022/delegations/{own}/messages"
    assert focal.post(thread, data={"text": "When do badges come?"}).location == thread
    dashboard = registrar.get("/e/kz-2022/").text
    assert "1 message awaits an answer" in dashboard
    assert "Waits for an answer" in registrar.get("/e/kz-2022/messages/").text
    assert "When do badges come?" in registrar.get(thread).text
    registrar.post(thread, data={"text": "On Monday."})
    home = f"/e/kz-2022/portal/{own}"
    assert "A message of headquarters waits for an answer" in focal.get(home).text
    page = focal.get(thread).text
    assert "On Monday." in page
    focal.post(f"{thread}/settle", data={"message": re.search(r'"message" value="(\d+)"', page)[1]})
    assert "waits for an answer" not in focal.get(home).text
    assert "no answer needed" in registrar.get(thread).text
    for method in (focal.get, focal.post):
        assert method(f"/e/kz-2022/delegations/{other}/messages").status_code == 404
