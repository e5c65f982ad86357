"""The list of observers: every way to it gives the same people, and counts them honestly."""

import itertools
import re

import pytest
import sqlalchemy as sa

from tests.factories import records
from tracker import people
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function
from tracker.accreditation.operations.observers import Place, assign
from tracker.kernel import listing
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.listing import Tally
from tracker.kernel.permissions import Role
from tracker.observers.models import Observer
from tracker.people import Wanted, observers, observers_page

S = AccreditationStatus
SURNAMES = ("KAYA", "KAYAALP", "ANDREEV", "DEMIR", "KARA")
GIVEN = ("KARIM", "ANNA", "EROL")


@pytest.fixture
def election(session):
    """Thirty people who differ in all that one can filter by."""
    row = records.election()
    senders = [records.delegation(row, records.organization(acronym=name)) for name in "AB"]
    values = zip(
        itertools.cycle(SURNAMES),
        itertools.cycle(GIVEN),
        itertools.cycle([S.ACCREDITED, S.DRAFT, S.REFUSED, S.SUBMITTED]),
        itertools.cycle([Function.HEAD, Function.DRIVER, None]),
        itertools.cycle(["KZ-10", "KZ-11"]),
        itertools.cycle(["TR", "DE", "FR"]),
        range(30),
        strict=False,
    )
    for surname, given, status, function, region, citizenship, number in values:
        names = {"surname": surname, "given_names": given}
        key = f"{surname} {given}".lower()
        person = records.observer(**names, sort_key=key, citizenship=citizenship)
        place = senders[number % 2]
        made = records.accreditation(place, status=status, person=person, function=function)
        made.region = region
    session.flush()
    return row


WANTED = [
    Wanted(status=S.ACCREDITED),
    Wanted(function=Function.HEAD),
    Wanted(region="KZ-10", function=Function.DRIVER),
    Wanted(citizenship="TR"),
    Wanted(citizenship="TR", status=S.REFUSED),
    Wanted(text="ка"),
    Wanted(text="кая"),
    Wanted(text="ндреев"),
    Wanted(text="ka karim", region="KZ-11"),
    Wanted(text="nobody"),
    Wanted(figure="observers"),
    Wanted(figure="awaiting"),
    Wanted(lacking="portrait", citizenship="DE"),
    Wanted(lacking="certificate"),
    Wanted(),
]


def pages(election, wanted):
    """The ids of all pages in order, and what the first says about their number."""
    found, cursor, first = [], None, None
    while True:
        page, count = observers_page(SYSTEM, election, wanted, "en", cursor)
        first = first or count
        found += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found, first


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_every_way_to_a_list_finds_the_same_people(session, election, wanted, monkeypatch):
    monkeypatch.setitem(listing.keyset.__kwdefaults__, "size", 4)
    everybody = [row.id for row in db.session.execute(observers(SYSTEM, election, wanted, "en"))]
    found, count = pages(election, wanted)
    assert found == everybody  # by name, where few lead
    assert count == Tally(len(everybody))
    for module in (people, listing):
        monkeypatch.setattr(module, "BOUND", 1)
    found, count = pages(election, wanted)
    assert sorted(found) == sorted(everybody)  # and where nobody leads
    assert len(found) == len(set(found))
    if count.is_more:
        assert count.number < len(everybody)
    else:
        assert count.number == len(everybody)


def test_a_filter_finds_whom_it_names(session, election):
    rows = db.session.execute(
        sa.select(Accreditation.id, Observer.surname, Observer.given_names, Observer.citizenship)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(Accreditation.region == "KZ-10", Observer.citizenship == "TR")
    )
    expected = {row.id for row in rows if "KA" in (row.surname[:2], row.given_names[:2])}
    wanted = Wanted(text="ка", citizenship="TR", region="KZ-10")
    assert expected
    assert set(pages(election, wanted)[0]) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "More than 10 observers match"),
        ("ru", "Найдено более 10 наблюдателей"),
        ("kk", "10 байқаушыдан көп табылды"),
    ],
)
def test_a_page_says_that_there_are_more(sign_in, election, session, monkeypatch, language, text):
    session.commit()
    for module in (people, listing):
        monkeypatch.setattr(module, "BOUND", 10)
    client = sign_in(Role.REGISTRAR)
    client.set_cookie("language", language)
    page = client.get("/e/kz-2022/observers/?region=KZ-10").get_data(as_text=True)
    assert text in re.sub("[\u00a0\u202f]", " ", page)
    page = client.get("/e/kz-2022/observers/").get_data(as_text=True)
    assert "30" in page
    assert text not in page


def test_regions_are_called_by_their_names(sign_in, session):
    row = records.accreditation(records.delegation(records.election()))
    row.region = "KZ-75"
    session.flush()
    for region in ("KZ-71", "KZ-75"):
        assign(row, Place(region=region), SYSTEM)
    session.commit()
    page = sign_in(Role.REGISTRAR).get(f"/e/kz-2022/observers/{row.id}").get_data(as_text=True)
    assert "Astana" in page
    assert page.count("Almaty") == 2
    assert "KZ-7" not in page


def test_a_region_that_was_asked_for_stays_asked_for(sign_in, election, session):
    """By a tile of the map: another filter beside it is not to drop it unseen."""
    session.commit()
    page = sign_in(Role.REGISTRAR).get("/e/kz-2022/observers/?region=KZ-10").text
    assert '<option value="KZ-10" selected>Abai Region</option>' in page
