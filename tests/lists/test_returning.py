"""Who was there before comes back on a list: what it does not speak of stays as it is on record,
and who stands presented in another election stays as presented there."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import records
from tests.factories.portraits import picture
from tests.factories.small_lists import REGISTRAR, accept, codes, enter, receive, rows
from tests.lists.test_lists import archive
from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.accreditation.operations import register_observer
from tracker.accreditation.rules import LIVE_STATUSES
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.lists.undoing import undo_list
from tracker.observers.models import DocumentType, Observer, Sex
from tracker.organizations.models import Organization

S = AccreditationStatus
FIRST = (
    "Surname;Given names;Name in own script;Sex;Date of birth;Citizenship;Document type;"
    "Passport No;Valid until;Function;E-mail;Phone\n"
    "KAYA;EROL;Эрол Кая;M;1965-03-12;TR;Diplomatic passport;U1234567;2030-01-01;STO;"
    "erol@example.org;+905551112233\n"
)
SECOND = (
    "Surname;Given names;Date of birth;Citizenship;Passport No;Function\n"
    "KAYA;EROL;1965-03-12;TR;U1234567;STO\n"
)


@pytest.fixture
def first(session):
    """A delegation of the first round; Mr Kaya is registered with everything."""
    delegation = records.delegation(records.election())
    portraits = archive(**{"2.jpg": picture()})
    more = {"portraits": portraits, "pledge_signed_on": date(2022, 10, 1)}
    _found, outcome = enter(of(delegation), delegation, FIRST, **more)
    assert outcome.registered == 1
    return delegation


@pytest.fixture
def second(first):
    """The same sender's delegation of the second round."""
    election = records.election(slug="kz-2022-2")
    return records.delegation(election, db.session.get_one(Organization, first.organization_id))


def of(delegation):
    return db.session.get_one(Election, delegation.election_id)


def person():
    return db.session.scalars(sa.select(Observer)).one()


def known():
    found = person()
    document = found.document
    return {
        **{name: getattr(found, name) for name in ("surname", "given_names", "native_name", "sex")},
        **{name: getattr(found, name) for name in ("email", "phone", "portrait", "birth_date")},
        "kind": document.kind,
        "number": document.number,
        "expires_on": document.expires_on,
    }


def stand(delegation, status):
    row = db.session.scalars(sa.select(Accreditation).filter_by(delegation_id=delegation.id)).one()
    row.status, row.is_live = status, status in LIVE_STATUSES
    db.session.flush()


def test_a_shorter_list_takes_nothing_away_and_registers_who_is_whole(first, second):
    before = known()
    assert (before["sex"], before["kind"]) == (Sex.MALE, DocumentType.DIPLOMATIC_PASSPORT)
    found, outcome = enter(of(second), second, SECOND, pledge_signed_on=date(2022, 10, 1))
    assert known() == before
    assert (outcome.created, outcome.registered) == (1, 1)
    undo_list(actor=REGISTRAR, election=of(second), delegation=second, found=found)
    assert known() == before


def test_an_undone_list_puts_back_what_it_changed_of_who_was_known(first, second):
    before = known()
    text = SECOND.replace("Function\n", "Function;E-mail\n").replace(
        "EROL;1965-03-12;TR;U1234567;STO", "EROL CAN;1965-03-12;TR;U1234567;STO;can@example.org"
    )
    found, _outcome = enter(of(second), second, text)
    assert (person().given_names, person().email) == ("EROL CAN", "can@example.org")
    undo_list(actor=REGISTRAR, election=of(second), delegation=second, found=found)
    assert known() == before


@pytest.mark.parametrize("status", [S.SUBMITTED, S.ACCREDITED])
def test_who_stands_presented_elsewhere_is_not_renamed_by_a_list(first, second, status):
    stand(first, status)
    other = SECOND.replace("KAYA;EROL", "KAIA;EROL")
    assert codes(rows(of(second), second, other)[2]) == ["presented_elsewhere"]
    found = receive(of(second), second, SECOND)
    assert found.facts["counts"]["new"] == 1
    before = known()
    assert accept(of(second), second, found).created == 1
    assert known() == before


def test_nor_after_the_list_was_checked(first, second):
    found = receive(of(second), second, SECOND.replace("KAYA;EROL", "KAIA;EROL"))
    stand(first, S.ACCREDITED)
    with pytest.raises(Refused, match=r"record changed meanwhile|another election"):
        accept(of(second), second, found)
    assert person().surname == "KAYA"


def test_when_it_has_ended_there_the_person_is_free_again(first, second):
    stand(first, S.EXPIRED)
    enter(of(second), second, SECOND.replace("KAYA;EROL", "KAIA;EROL"))
    assert person().surname == "KAIA"
    (row,) = db.session.scalars(sa.select(Accreditation).filter_by(delegation_id=second.id))
    row.pledge_signed_on = date(2022, 10, 1)
    register_observer(actor=REGISTRAR, election=of(second), row=row)
