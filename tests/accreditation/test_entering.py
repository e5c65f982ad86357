"""The registrar's form: nothing is chosen for them, and the next one is a button away."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import portraits, records
from tracker.accounts.models import User
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.observers.models import Observer

S = AccreditationStatus
NEW = "/e/kz-2022/observers/new"
KAYA = {"surname": "KAYA", "replaces_id": "0"} | dict.fromkeys(
    ("delegation", "citizenship", "issuing_state", "region"), ""
)
WHOLE = {
    "delegation": "1",
    "given_names": "EROL",
    "citizenship": "TR",
    "birth_date": "1970-05-01",
    "sex": "M",
    "document_kind": "diplomatic_passport",
    "document_number": "U1234567",
    "issuing_state": "TUR",
    "document_expires_on": "2030-01-01",
    "function": "short_term_observer",
    "pledge_signed_on": "2022-11-01",
    "email": "erol@example.org",
    "phone": "+905551112233",
}


@pytest.fixture(autouse=True)
def _open():
    with clock.at(NOW):
        yield


@pytest.fixture
def accredited(app):
    """One who is accredited, of the delegation 1."""
    with app.app_context(), unit_of_work(SYSTEM):
        delegation = records.delegation(records.election())
        records.accreditation(delegation, status=S.ACCREDITED)


@pytest.fixture
def registrar(accredited, sign_in):
    return sign_in(Role.REGISTRAR)


def test_no_delegation_is_chosen_for_the_registrar(registrar):
    response = registrar.post(NEW, data=KAYA)
    assert response.status_code == 422
    assert "Choose the delegation." in response.text
    page = registrar.post(NEW, data=KAYA | {"delegation": "1"}, follow_redirects=True)
    assert "is kept as a draft" in page.text


def test_from_one_who_is_registered_to_the_next_of_the_delegation(registrar):
    whole = dict(WHOLE)
    for register, following in (("next", "/e/kz-2022/observers/new?delegation=1"), ("1", None)):
        portrait = (io.BytesIO(portraits.picture()), "portrait.jpg")
        data = KAYA | whole | {"register": register, "portrait": portrait}
        response = registrar.post(NEW, data=data)
        assert response.status_code == 302, response.text
        assert response.location == (following or "/e/kz-2022/observers/3")
        whole |= {"given_names": "ALI", "document_number": "U7654321", "birth_date": "1981-02-03"}


def test_no_ground_is_chosen_for_who_ends_an_accreditation(registrar, sign_in):
    for browser, step in ((registrar, "withdraw"), (sign_in(Role.COMMISSION), "revoke")):
        address = f"/e/kz-2022/observers/1/{step}"
        page = browser.get(address).text
        assert '<option selected value="">—</option>' in page
        assert re.search(r'href="/e/kz-2022/observers/1">Back</a>', page), "and not “cancel”"
        response = browser.post(address, data={"ground": ""})
        assert response.status_code == 422
        assert "Choose the ground." in response.text


def test_a_missing_note_verbale_is_said_of_the_delegation_with_the_way_to_it(app, registrar):
    with app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(sa.select(Election)).one()
        nothing = dict.fromkeys(("note_verbale_number", "note_verbale_on"))
        row = records.accreditation(records.delegation(election, **nothing), status=S.DRAFT)
        observer, delegation = row.id, row.delegation_id
    way = f'href="/e/kz-2022/delegations/{delegation}/edit#note_verbale_number"'
    page = registrar.post(NEW, data=KAYA | {"delegation": str(delegation), "register": "1"}).text
    assert "The delegation’s note verbale is missing." in page
    assert way in page
    assert 'id="delegation-error"' not in page
    assert 'id="function-error"' in page
    page = registrar.post(NEW, data=KAYA | {"delegation": "1", "register": "1"}).text
    assert "note verbale is missing" not in page
    assert way in registrar.get(f"/e/kz-2022/observers/{observer}").text


def test_a_conflict_says_who_changed_the_observer_and_when(registrar, sign_in):
    edit = "/e/kz-2022/observers/1/edit"
    seen = re.search(r'name="version"[^>]*value="(\d+)"', registrar.get(edit).text)[1]
    typed = KAYA | {"function": "short_term_observer", "version": seen}
    with clock.at(NOW + timedelta(hours=1)):
        assert registrar.post(edit, data=typed | {"occupation": "Judge"}).status_code == 302
        assert "Person" in (name := name_of(registrar))
        refused = sign_in(Role.REGISTRAR).post(edit, data=typed | {"occupation": "Member"})
    assert refused.status_code == 422
    assert f"Last changed by {name}, 10 November 2022, 13:00." in refused.text
    again = re.search(r'name="version"[^>]*value="(\d+)"', refused.text)[1]
    assert registrar.post(edit, data=typed | {"version": again}).status_code == 302


def name_of(client):
    with client.session_transaction() as session:
        identity = session["_user_id"]
    with client.application.app_context():
        return db.session.scalar(sa.select(User.name).where(User.fs_uniquifier == identity))


@pytest.fixture
def kaya(app, registrar):
    """Mr Kaya, registered; a delegation to a second election, of number 2."""
    portrait = (io.BytesIO(portraits.picture()), "portrait.jpg")
    data = KAYA | WHOLE | {"register": "1", "portrait": portrait}
    assert registrar.post(NEW, data=data).status_code == 302
    with app.app_context(), unit_of_work(SYSTEM):
        records.delegation(records.election(slug="kz-2022-2"))


def on_record(app):
    with app.app_context():
        row = db.session.scalars(sa.select(Observer).where(Observer.surname.like("KA%A"))).one()
        return row.surname, row.email, row.phone, row.sex, row.portrait, row.document.expires_on


def test_who_comes_back_keeps_what_the_form_does_not_say(app, registrar, kaya):
    before = on_record(app)
    again = KAYA | {
        "delegation": "2",
        "document_number": "U1234567",
        "issuing_state": "TUR",
        "given_names": "EROL",
    }
    response = registrar.post("/e/kz-2022-2/observers/new", data=again)
    assert response.status_code == 302, response.text
    assert on_record(app) == before


def test_who_stands_presented_in_another_election_is_not_renamed(app, registrar, kaya):
    with app.app_context(), unit_of_work(SYSTEM):
        row = db.session.get_one(Accreditation, 2)
        row.status = S.ACCREDITED
    new = "/e/kz-2022-2/observers/new"
    typed = KAYA | WHOLE | {"delegation": "2", "surname": "KAIA"}
    refused = registrar.post(new, data=typed)
    assert refused.status_code == 422
    assert "EROL KAYA stands presented in another election" in refused.text
    assert 'id="surname-error"' in refused.text
    entered = registrar.post(new, data=typed | {"surname": "KAYA", "phone": "+905550000000"})
    assert entered.status_code == 302
    edit = f"{entered.location}/edit"
    seen = re.search(r'name="version"[^>]*value="(\d+)"', registrar.get(edit).text)[1]
    refused = registrar.post(edit, data=typed | {"version": seen, "document_number": ""})
    assert refused.status_code == 422
    assert 'id="surname-error"' in refused.text
    kept = typed | {"version": seen, "document_number": "", "surname": "KAYA", "phone": "+7 1"}
    assert registrar.post(edit, data=kept).status_code == 302
    assert on_record(app)[:3] == ("KAYA", "erol@example.org", "+7 1")


def test_a_portrait_is_kept_when_something_else_is_wrong(registrar):
    picture = (io.BytesIO(portraits.picture()), "portrait.jpg")
    wrong = KAYA | WHOLE | {"register": "1", "email": "hans@"}
    page = registrar.post(NEW, data=wrong | {"portrait": picture}).text
    assert 'id="email-error"' in page
    assert "A portrait is kept" in page
    kept = re.search(r'name="kept_portrait"[^>]*value="([^"]+)"', page)[1]
    right = wrong | {"email": "hans@example.org", "kept_portrait": kept}
    assert registrar.post(NEW, data=right).status_code == 302


def test_what_stands_in_a_field_and_will_not_do_is_not_called_missing(registrar):
    early = KAYA | WHOLE | {"register": "1", "document_expires_on": "2022-11-20"}
    page = registrar.post(NEW, data=early | {"citizenship": "KZ"}).text
    for name, said in {
        "document_expires_on": "must be valid through the day after election day",
        "citizenship": "Citizens of the host country cannot be international observers",
        "portrait": "Needed to register",
    }.items():
        assert said in page.split(f'id="{name}-error"')[1][:300]
