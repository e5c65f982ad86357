"""A pledge of a day to come is signed by nobody: of one person, of a row, of a whole list."""

import io
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.small_lists import CELIK, HEAD, KAYA, REGISTRAR, codes, receive, rows
from tracker.accreditation.models import Accreditation
from tracker.accreditation.operations import (
    Entry,
    Place,
    create_accreditation,
    create_accreditations,
    update_observer,
)
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.lists.models import ListStatus, ObserverList
from tracker.lists.operations import NewChoices, choose
from tracker.observers.models import Observer
from tracker.observers.operations import PersonDetails

FUTURE = date(2099, 1, 1)
PERSON = PersonDetails(surname="KAYA", given_names="EROL")
PLEDGE = HEAD.strip() + ";Pledge signed on\n"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def delegation(session):
    return records.delegation(records.election())


@pytest.fixture
def around(delegation):
    election = db.session.get_one(Election, delegation.election_id)
    return {"actor": REGISTRAR, "election": election, "delegation": delegation}


def refused(operation, **given):
    with pytest.raises(Refused, match="cannot be dated in the future") as caught:
        operation(**given)
    assert caught.value.field == "pledge_signed_on"


def test_nobody_is_entered_or_changed_with_one(around):
    place = Place(pledge_signed_on=FUTURE)
    refused(create_accreditation, **around, details=PERSON, place=place)
    refused(create_accreditations, **around, entries=[Entry(details=PERSON, place=place)])
    row = create_accreditation(**around, details=PERSON, place=Place())
    person = db.session.get_one(Observer, row.observer_id)
    refused(
        update_observer,
        actor=REGISTRAR,
        election=around["election"],
        row=row,
        person=person,
        details=PERSON,
        place=place,
        seen_version=row.version + person.version,
    )


def test_today_is_the_day_of_the_election_s_own_zone(around):
    with clock.at(datetime(2022, 11, 9, 20, 0, tzinfo=UTC)):  # the tenth in Astana
        refused(
            create_accreditation,
            **around,
            details=PERSON,
            place=Place(pledge_signed_on=date(2022, 11, 11)),
        )
        place = Place(pledge_signed_on=date(2022, 11, 10))
        create_accreditation(**around, details=PERSON, place=place)


def test_a_row_of_a_list_says_so(around, delegation):
    text = PLEDGE + KAYA.strip() + ";2099-01-01\n" + CELIK.strip() + ";2022-11-01\n"
    found = rows(around["election"], delegation, text)
    assert codes(found[2]) == ["pledge_in_future"]
    assert codes(found[3]) == []


def test_it_holds_for_no_whole_list(around, delegation):
    election = around["election"]
    refused(
        receive,
        election=election,
        delegation=delegation,
        text=HEAD + KAYA,
        pledge_signed_on=FUTURE,
    )
    assert db.session.scalars(sa.select(ObserverList)).all() == []
    found = receive(election, delegation, HEAD + KAYA)
    refused(choose, **around, found=found, choices=NewChoices(pledge_signed_on=FUTURE))
    assert (found.status, found.pledge_signed_on) == (ListStatus.CHECKED, None)


def test_it_is_said_beside_each_field(app, sign_in):
    with app.app_context(), unit_of_work(SYSTEM):
        election = records.election()
        number = records.delegation(election).id
    registrar, pledge = sign_in(Role.REGISTRAR), {"pledge_signed_on": "2099-01-01"}
    typed = {"surname": "KAYA", "replaces_id": "0", "delegation": number} | pledge
    typed |= dict.fromkeys(("citizenship", "issuing_state", "region"), "")
    sent = {"delegation": number, "file": (io.BytesIO((HEAD + KAYA).encode()), "list.csv")}
    page = "/e/kz-2022/lists/new"
    answers = [
        registrar.post("/e/kz-2022/observers/new", data=typed),
        registrar.post(page, data=sent | pledge),
    ]
    sent["file"] = (io.BytesIO((HEAD + KAYA).encode()), "list.csv")
    shown = registrar.post(page, data=sent).location
    answers.append(registrar.post(shown, data={"header_row": "1"} | pledge))
    for answer in answers:
        assert answer.status_code == 422
        assert 'id="pledge_signed_on-error"' in answer.text
        assert "The pledge cannot be dated in the future." in answer.text
    assert 'value="2099-01-01"' in answers[-1].text, "what was typed stays"
    with app.app_context():
        assert db.session.scalars(sa.select(Accreditation)).all() == []
