"""A list in the hands of its delegation: prepared, sent, returned; and what it is not told."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from tests.conftest import NOW
from tests.factories import records
from tests.factories.small_lists import CELIK, HEAD, KAYA, REGISTRAR, enter
from tracker.accreditation.models import Accreditation
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.permissions import Role
from tracker.lists.acceptance import accept_later, accept_list, begin_acceptance
from tracker.lists.delivery import return_list, send_list
from tracker.lists.labels import value_text
from tracker.lists.models import ListStatus, ObserverList, RowStatus
from tracker.lists.operations import (
    NewChoices,
    Received,
    answer_duplicate,
    choose,
    discard_list,
    leave_out,
    mend_row,
    receive_list,
)
from tracker.lists.queries import all_rows, rows_of
from tracker.observers.models import DuplicateVerdict

BROKEN = "OZTURK;CAN;M;no day;TR;U1112223;2030-01-01;STO;can@example.org\n"


@pytest.fixture
def election(session):
    return records.election()


@pytest.fixture
def delegation(election):
    return records.delegation(election)


@pytest.fixture
def focal(delegation):
    ids = frozenset({delegation.id})
    return Actor(7, "Focal point", frozenset({Role.FOCAL_POINT}), delegation_ids=ids)


@pytest.fixture
def around(election, delegation):
    return {"election": election, "delegation": delegation}


def bring(actor, around, text):
    received = Received(filename="list.csv", content=(HEAD + text).encode())
    return receive_list(actor=actor, **around, received=received)


def rows(found):
    return list(all_rows(rows_of(found.id)))


def codes(found):
    return [problem["code"] for row in rows(found) for problem in row.problems]


def test_a_delegation_brings_mends_sends_and_headquarters_accepts(focal, around, delegation):
    found = bring(focal, around, KAYA + BROKEN)
    assert (found.is_with_delegation, codes(found)) == (True, ["not_a_date"])
    with pytest.raises(Refused, match="1 rows still have problems"):
        send_list(actor=focal, **around, found=found)
    number = rows(found)[1].number
    mend_row(actor=focal, **around, found=found, number=number, cells={"birth_date": "1980-02-03"})
    send_list(actor=focal, **around, found=found)
    assert (found.is_with_delegation, found.sent_by) == (False, "Focal point")
    begin_acceptance(actor=REGISTRAR, found=found)
    accept_list(actor=REGISTRAR, **around, list_id=found.id)
    live = select(Accreditation.sort_name).where(Accreditation.delegation_id == delegation.id)
    assert len(db.session.scalars(live).all()) == 2


def test_what_is_sent_is_not_changed_by_who_sent_it(focal, around):
    found = bring(focal, around, KAYA)
    send_list(actor=focal, **around, found=found)
    number = rows(found)[0].number
    for change in (
        lambda: mend_row(actor=focal, **around, found=found, number=number, cells={}),
        lambda: leave_out(actor=focal, **around, found=found, number=number, is_left_out=True),
        lambda: discard_list(actor=focal, found=found),
        lambda: send_list(actor=focal, **around, found=found),
    ):
        with pytest.raises(Refused, match="was sent to headquarters"):
            change()


def test_headquarters_leaves_a_list_alone_that_its_delegation_prepares(focal, around):
    found = bring(focal, around, KAYA)
    for change in (
        lambda: begin_acceptance(actor=REGISTRAR, found=found),
        lambda: discard_list(actor=REGISTRAR, found=found),
        lambda: return_list(actor=REGISTRAR, **around, found=found, reason="x"),
    ):
        with pytest.raises(Refused, match="still prepares"):
            change()


def test_a_list_that_is_being_checked_is_neither_accepted_nor_read_otherwise(around):
    found = bring(REGISTRAR, around, KAYA)
    found.status, found.facts = ListStatus.CHECKING, {}  # a large one, as it is brought
    for change in (
        lambda: begin_acceptance(actor=REGISTRAR, found=found),
        lambda: choose(actor=REGISTRAR, **around, found=found, choices=NewChoices(sheet="1")),
    ):
        with pytest.raises(Refused, match="still being checked"):
            change()


def test_nobody_but_a_person_gives_a_list_out_to_be_accepted(around):
    found = bring(REGISTRAR, around, KAYA)
    with pytest.raises(Refused, match="A person accepts a list"):
        accept_later(actor=replace(REGISTRAR, user_id=None), found=found)
    assert found.status is ListStatus.CHECKED


def test_a_focal_point_accepts_and_returns_nothing(focal, around):
    found = bring(focal, around, KAYA)
    send_list(actor=focal, **around, found=found)
    with pytest.raises(Forbidden):
        return_list(actor=focal, **around, found=found, reason="x")
    with pytest.raises(Refused):
        begin_acceptance(actor=focal, found=found)
    found.status = ListStatus.ACCEPTING
    with pytest.raises(Forbidden):
        accept_list(actor=focal, **around, list_id=found.id)


def test_who_is_entered_elsewhere_is_told_to_headquarters_alone(focal, around, election):
    """Neither by passport nor by likeness, and again not once the list came back."""
    other = records.delegation(election, records.organization())
    enter(election, other, HEAD + KAYA)
    alike = "KAYA;EROL;M;1965-03-12;TR;U9999999;2030-01-01;STO;other@example.org\n"
    for text, problem in ((KAYA, "live_elsewhere"), (alike, "possible_duplicate")):
        found = bring(focal, around, text)
        assert [(row.status, row.problems, row.likes) for row in rows(found)] == [
            (RowStatus.NEW, [], [])
        ]
        send_list(actor=focal, **around, found=found)
        assert codes(found) == [problem]
        return_list(actor=REGISTRAR, **around, found=found, reason="Look at row 2")
        assert (found.is_with_delegation, found.return_reason) == (True, "Look at row 2")
        assert codes(found) == []


def test_a_delegation_cannot_say_that_somebody_is_a_person_it_does_not_know(
    focal, around, election
):
    other = records.delegation(election, records.organization())
    enter(election, other, HEAD + KAYA)
    stranger = db.session.scalars(select(Accreditation)).one().observer_id
    found = bring(focal, around, KAYA.replace("U1234567", "U9999999"))
    number = rows(found)[0].number
    for verdict in DuplicateVerdict:
        with pytest.raises(Refused, match="not like that person"):
            answer_duplicate(
                actor=focal,
                **around,
                found=found,
                number=number,
                observer_id=stranger,
                verdict=verdict,
            )
    assert found.answers == {}


def test_there_is_something_to_send_and_something_to_say(focal, around):
    found = bring(focal, around, KAYA)
    leave_out(actor=focal, **around, found=found, number=rows(found)[0].number, is_left_out=True)
    with pytest.raises(Refused, match="nothing to send"):
        send_list(actor=focal, **around, found=found)
    own = bring(REGISTRAR, around, CELIK)
    with pytest.raises(Refused, match="took this list in itself"):
        return_list(actor=REGISTRAR, **around, found=own, reason="x")
    with pytest.raises(Refused, match="with headquarters already"):
        send_list(actor=REGISTRAR, **around, found=own)


@pytest.fixture
def pages(app, sign_in):
    """Two delegations, the first one's focal point and a registrar, each in their browser."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        election = records.election()
        own, other = (
            records.delegation(election),
            records.delegation(election, records.state("TR", "Türkiye")),
        )
        ids = own.id, other.id
        received = Received(filename="theirs.csv", content=(HEAD + CELIK).encode())
        theirs = receive_list(
            actor=REGISTRAR, election=election, delegation=other, received=received
        ).id
        db.session.commit()
    with clock.at(NOW):
        focal = sign_in(Role.FOCAL_POINT, delegation_ids=(ids[0],))
        yield focal, sign_in(Role.REGISTRAR), ids, theirs


def text_of(client, address, **more):
    return client.get(address, **more).get_data(as_text=True)


def test_the_pages_lead_a_list_from_the_delegation_into_the_register(pages):
    focal, registrar, (own, _other), theirs = pages
    files = {"delegation": own, "file": (BytesIO((HEAD + KAYA + BROKEN).encode()), "list.csv")}
    address = focal.post("/e/kz-2022/lists/new", data=files).location
    page = text_of(focal, address)
    assert "is not a date" in page
    assert "Send to headquarters" in page
    assert "The delegation still prepares this list." in text_of(registrar, address)
    assert "Accept: enter" not in text_of(registrar, address)
    assert focal.post(f"{address}/rows/3", data={"cell-birth_date": "1980-02-03"}).location
    assert focal.post(f"{address}/send").location == address
    assert "Headquarters checks this list." in text_of(focal, address)
    assert "Accept: enter 2" in text_of(registrar, address)
    assert "Say what the delegation is to mend." in registrar.post(f"{address}/return").text
    registrar.post(f"{address}/return", data={"reason": "Who leads?"})
    page = text_of(focal, address)
    assert "Headquarters returned this list:" in page
    assert "Who leads?" in page
    lists = text_of(focal, "/e/kz-2022/lists/")
    assert "Returned to the delegation" in lists
    assert "theirs.csv" not in lists
    assert focal.get(f"/e/kz-2022/lists/{theirs}").status_code == 404
    assert focal.post(f"{address}/accept").status_code == 403


def test_a_focal_point_brings_a_list_for_its_own_delegation_only(pages):
    focal, _registrar, (_own, other), _theirs = pages
    files = {"delegation": other, "file": (BytesIO((HEAD + KAYA).encode()), "list.csv")}
    answer = focal.post("/e/kz-2022/lists/new", data=files)
    assert answer.status_code == 422
    assert "Not a valid choice" in answer.text


def test_a_row_that_is_left_out_says_so_before_and_after(app, pages):
    _focal, registrar, (own, _other), _theirs = pages
    files = {"delegation": own, "file": (BytesIO((HEAD + KAYA + BROKEN).encode()), "list.csv")}
    address = registrar.post("/e/kz-2022/lists/new", data=files).location
    every = f"{address}?status=all"
    problem = re.compile(r'<span class="st bad">.*?</svg>Problem</span>\s*</td>', re.S)
    assert problem.search(text_of(registrar, every))
    registrar.post(f"{address}/rows/3", data={"action": "leave_out"})
    page = text_of(registrar, every)
    assert not problem.search(page)
    assert re.search(r"</svg>Left out</span>", page)
    assert "What it would do" in page
    for written, raw in (("Türkiye", "<td>TR</td>"), ("1 Jan 2030", "<td>2030-01-01</td>")):
        assert written in page
        assert raw not in page
    with app.app_context():
        expect_writes(True)
        found = db.session.get_one(ObserverList, int(address.rpartition("/")[2]))
        found.status = ListStatus.ACCEPTED
        db.session.commit()
    page = text_of(registrar, every)
    assert "What it did" in page
    assert "What it would do" not in page
    assert re.search(r"</svg>Left out</span>", page)
    listed = registrar.get(f"{every}&format=csv").data.decode("utf-8-sig")
    assert "Left out" in listed


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("citizenship", "AT", "Австрия"),
        ("issuing_state", "AUT", "Австрия"),
        ("sex", "M", "Мужской"),
        ("document_kind", "passport", "Паспорт"),
        ("document_expiry", "2030-05-01", "1 мая 2030"),
        ("function", "expert", "Эксперт"),
        ("surname", "KAYA", "KAYA"),
        ("sex", "unclear", "unclear"),
        ("function", None, ""),
    ],
)
def test_values_are_written_for_the_reader_and_not_as_they_are_kept(app, name, value, text):
    with app.test_request_context(), force_locale("ru"):
        assert value_text(name, value).startswith(text)
