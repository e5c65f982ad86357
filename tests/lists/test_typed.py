"""People typed one by one: the same list, the same checks, and corrections of who is there."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.factories.portraits import picture
from tests.factories.small_lists import REGISTRAR
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.accreditation.queries import accreditation_for
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.lists.acceptance import accept_list, begin_acceptance
from tracker.lists.delivery import send_list
from tracker.lists.models import ObserverList, RowStatus
from tracker.lists.queries import all_rows, rows_of
from tracker.lists.typed import FIELDS, Typed, type_person
from tracker.observers.models import DocumentType, Sex

S = AccreditationStatus
KAYA = {
    "surname": "KAYA",
    "given_names": "EROL",
    "sex": "M",
    "birth_date": "1965-03-12",
    "citizenship": "TR",
    "document_kind": "diplomatic_passport",
    "document_number": "U1234567",
    "issuing_state": "TUR",
    "document_expiry": "2030-01-01",
    "function": "head",
    "occupation": "Jurist; historian",
    "languages": "en tr",
    "email": "erol@example.org",
    "phone": "+905551112233",
    "pledge_signed_on": "2022-10-01",
}


@pytest.fixture
def delegation(session):
    return records.delegation(records.election())


@pytest.fixture
def around(delegation):
    election_type = type(delegation).election.property.mapper.class_
    election = db.session.get_one(election_type, delegation.election_id)
    return {"election": election, "delegation": delegation}


@pytest.fixture
def focal(delegation):
    ids = frozenset({delegation.id})
    return Actor(7, "Focal point", frozenset({Role.FOCAL_POINT}), delegation_ids=ids)


def rows(found):
    return list(all_rows(rows_of(found.id)))


def accepted(focal, around, found):
    send_list(actor=focal, **around, found=found)
    begin_acceptance(actor=REGISTRAR, found=found)
    accept_list(actor=REGISTRAR, **around, list_id=found.id)
    ids = db.session.scalars(sa.select(Accreditation.id).order_by(Accreditation.id)).all()
    return [accreditation_for(REGISTRAR, around["election"].id, key) for key in ids]


def test_what_is_typed_arrives_as_it_was_typed(focal, around):
    found = type_person(actor=focal, **around, person=Typed(values=KAYA, portrait=picture()))
    [row] = rows(found)
    assert (row.status, row.problems) == (RowStatus.NEW, [])
    assert {name: row.values[name] for name in KAYA} == KAYA
    [made] = accepted(focal, around, found)
    assert made.status is S.REGISTERED
    assert made.observer.portrait is not None


def test_people_go_on_one_list_until_it_is_sent(focal, around):
    first = type_person(actor=focal, **around, person=Typed(values=KAYA))
    other = KAYA | {"surname": "CELIK", "document_number": "U7654321", "birth_date": "1975-05-20"}
    assert type_person(actor=focal, **around, person=Typed(values=other)).id == first.id
    assert [row.name for row in rows(first)] == ["KAYA EROL", "CELIK EROL"]
    send_list(actor=focal, **around, found=first)
    third = other | {"surname": "DEMIR", "document_number": "U1112223", "birth_date": "1980-01-02"}
    assert type_person(actor=focal, **around, person=Typed(values=third)).id != first.id


@pytest.mark.parametrize("function", Function)
def test_every_function_is_read_as_it_was_chosen(focal, around, function):
    typed = Typed(values=KAYA | {"function": function.value})
    [row] = rows(type_person(actor=focal, **around, person=typed))
    assert row.values["function"] == function


@pytest.mark.parametrize("kind", DocumentType)
@pytest.mark.parametrize("sex", Sex)
def test_every_document_and_sex_is_read_as_it_was_chosen(focal, around, kind, sex):
    typed = Typed(values=KAYA | {"document_kind": kind.value, "sex": sex.value})
    [row] = rows(type_person(actor=focal, **around, person=typed))
    assert (row.values["document_kind"], row.values["sex"]) == (kind, sex)


def test_a_correction_names_whom_it_corrects_and_keeps_the_rest(focal, around):
    entered = type_person(actor=focal, **around, person=Typed(values=KAYA, portrait=picture()))
    [made] = accepted(focal, around, entered)
    before = made.observer.portrait
    wrong = Typed(values={"surname": "KAYAOGLU", "birth_date": "1966-03-12"}, corrects=made)
    found = type_person(actor=focal, **around, person=wrong)
    [row] = rows(found)
    assert (row.status, row.accreditation_id) == (RowStatus.CHANGED, made.id)
    assert {name for name, _old, _new in row.differences} == {"surname", "birth_date"}
    assert found.facts["dropped"] == []
    [after] = accepted(focal, around, found)
    person = after.observer
    assert (person.surname, person.birth_date) == ("KAYAOGLU", "1966-03-12")
    assert (person.document.number, person.portrait) == ("U1234567", before)


def test_another_portrait_is_a_change(focal, around):
    [made] = accepted(
        focal,
        around,
        type_person(actor=focal, **around, person=Typed(values=KAYA, portrait=picture())),
    )
    before = made.observer.portrait
    another = Typed(values={}, portrait=picture("#224466"), corrects=made)
    found = type_person(actor=focal, **around, person=another)
    assert [row.status for row in rows(found)] == [RowStatus.CHANGED]
    accepted(focal, around, found)
    assert made.observer.portrait != before


def test_who_is_submitted_is_not_corrected_so(focal, around, delegation):
    row = records.accreditation(delegation, status=S.SUBMITTED)
    with pytest.raises(Refused, match="ask headquarters"):
        type_person(actor=focal, **around, person=Typed(values=KAYA, corrects=row))


def test_a_picture_that_is_none_is_refused_beside_its_field(focal, around):
    with pytest.raises(Refused) as refusal:
        type_person(actor=focal, **around, person=Typed(values=KAYA, portrait=b"no picture"))
    assert refusal.value.field == "portrait"
    assert db.session.scalars(sa.select(ObserverList)).all() == []


@pytest.fixture
def known(app):
    """A draft of one delegation, and one of another."""
    with app.app_context(), clock.at(NOW), unit_of_work(SYSTEM):
        election = records.election()
        own = records.delegation(election)
        other = records.delegation(election, records.state("TR", "Türkiye"))
        mine = records.accreditation(own, person=records.observer(birth_date="1970-01-02"))
        theirs = records.accreditation(other, person=records.observer())
        found = own.id, other.id, mine.id, theirs.id
    with clock.at(NOW):
        yield found


def test_the_pages_take_a_person_and_a_correction(sign_in, known):
    own, other, mine, theirs = known
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    page = f"/e/kz-2022/delegations/{own}/person"
    assert "Give the name." in focal.post(page, data={}).text
    files = {"portrait": (BytesIO(b"no picture"), "face.jpg")}
    answer = focal.post(page, data=KAYA | files)
    assert answer.status_code == 422
    assert 'id="portrait-error"' in answer.text
    address = focal.post(page, data=KAYA).location
    assert "KAYA EROL" in focal.get(address).text
    correction = f"/e/kz-2022/observers/{mine}/correction"
    assert 'value="1970-01-02"' in focal.get(correction).text
    sent = dict.fromkeys(("sex", "citizenship", "document_kind", "issuing_state", "function"), "")
    assert focal.post(correction, data=sent | {"surname": "KAYAOGLU"}).location == address
    assert "KAYAOGLU" in focal.get(address).text
    assert correction in focal.get(f"/e/kz-2022/observers/{mine}").text
    for path in (
        f"/e/kz-2022/delegations/{other}/person",
        f"/e/kz-2022/observers/{theirs}/correction",
    ):
        assert focal.get(path).status_code == 404
        assert focal.post(path, data=KAYA).status_code == 404


def test_a_typed_list_is_named_for_what_it_is_and_the_close_is_said(app, sign_in, known):
    own, _other, _mine, _theirs = known
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    page = f"/e/kz-2022/delegations/{own}/person"
    address = focal.post(page, data=KAYA).location
    shown = focal.get(address).text
    assert "People entered by hand" in shown
    assert "typed.csv" not in shown + focal.get("/e/kz-2022/lists/").text
    assert "Accreditation closed on" not in shown
    for text in ("Türkiye", "1 Jan 2030", "Head"):
        assert text in shown
    with app.app_context():
        closes = db.session.scalars(sa.select(Election)).one().closes_at
    with clock.at(closes + timedelta(hours=1)):
        for path in (page, address):
            shown = focal.get(path).text
            assert "Accreditation closed on" in shown
            assert "Nobody is submitted to the CEC any more." in shown


def test_of_who_was_submitted_a_focal_point_asks_headquarters(app, sign_in, known):
    own, _other, mine, _theirs = known
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = db.session.get_one(Delegation, own)
        accredited = records.accreditation(delegation, status=S.ACCREDITED).id
    focal = sign_in(Role.FOCAL_POINT, delegation_ids=(own,))
    registrar = sign_in(Role.REGISTRAR)
    observers = "/e/kz-2022/observers"
    assert "Ask for a correction" in focal.get(f"{observers}/{accredited}").text
    assert "Ask for a correction" not in focal.get(f"{observers}/{mine}").text, "it corrects itself"
    assert "Ask for a correction" not in registrar.get(f"{observers}/{accredited}").text


def test_the_fields_are_those_of_a_list():
    assert set(KAYA) | {"native_name"} == set(FIELDS)
    assert date.fromisoformat(KAYA["birth_date"])
