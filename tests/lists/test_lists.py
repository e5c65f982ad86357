"""A list against the record: what each row would do, and that it is done whole or not at all."""

import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
import xlsxwriter

from tests.factories import records
from tests.factories.lists import mission_list, mission_list_corrected
from tests.factories.portraits import picture
from tests.factories.small_lists import (
    CELIK,
    COMMISSION,
    HEAD,
    KAYA,
    REGISTRAR,
    accept,
    codes,
    enter,
    live,
    receive,
    rows,
)
from tracker.accreditation.models import Accreditation, AccreditationStatus, Function, Transition
from tracker.accreditation.operations import Decision, decide_submission, submit_observers
from tracker.accreditation.queries import items_of
from tracker.audit.queries import verify
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Refused
from tracker.lists.acceptance import accept_list, begin_acceptance, interrupt
from tracker.lists.checking import Sent, check_sent
from tracker.lists.models import ListStatus, RowStatus
from tracker.lists.operations import (
    NewChoices,
    Received,
    answer_duplicate,
    choose,
    decide_dropped,
    leave_out,
    mend_row,
    receive_list,
)
from tracker.lists.undoing import undo_list
from tracker.observers.models import DuplicateDecision, DuplicateVerdict, Observer
from tracker.totals.queries import figures


@pytest.fixture
def delegation(session):
    return records.delegation(records.election())


@pytest.fixture
def election(delegation):
    return db.session.get_one(type(delegation).election.property.mapper.class_, 1)


def test_a_list_is_accepted_and_the_same_list_again_changes_nothing(election, delegation):
    found, outcome = enter(election, delegation, HEAD + KAYA + CELIK)
    assert (outcome.created, outcome.changed) == (2, 0)
    assert found.status is ListStatus.ACCEPTED
    assert live(delegation) == 2
    again = rows(election, delegation, HEAD + KAYA + CELIK)
    assert {item.status for item in again.values()} == {RowStatus.SAME}
    with pytest.raises(Refused, match="nothing to accept"):
        accept(election, delegation, receive(election, delegation, HEAD + KAYA + CELIK))
    assert not list(verify()[1])


def test_the_passport_form_is_kept_with_the_form_in_own_script(election, delegation):
    text = "ФИО;Дата рождения;Гражданство\nИванов Юрий Петрович;12.03.1965;Россия\n"
    enter(election, delegation, text)
    person = db.session.scalars(sa.select(Observer)).one()
    assert (person.surname, person.given_names) == ("IVANOV", "IURII")
    assert person.native_name == "Иванов Юрий Петрович"


def test_a_changed_cell_is_shown_and_stored_field_by_field(election, delegation):
    enter(election, delegation, HEAD + KAYA + CELIK)
    corrected = HEAD + KAYA.replace("erol@", "e.kaya@") + CELIK
    changed = rows(election, delegation, corrected)[2]
    assert changed.status is RowStatus.CHANGED
    assert changed.differences == [("email", "erol@example.org", "e.kaya@example.org")]
    _found, outcome = enter(election, delegation, corrected)
    assert (outcome.created, outcome.changed) == (0, 1)
    emails = set(db.session.scalars(sa.select(Observer.email)))
    assert emails == {"e.kaya@example.org", "ayse@example.org"}


def test_capitals_are_no_other_name(election, delegation):
    enter(election, delegation, HEAD + KAYA.replace("KAYA;EROL", "Kaya;Erol"))
    assert rows(election, delegation, HEAD + KAYA)[2].status is RowStatus.SAME


def test_a_list_with_problems_is_not_accepted_before_they_are_mended_or_left_out(
    election, delegation
):
    bad = CELIK.replace("1975-05-20", "31.02.1975")
    found = receive(election, delegation, HEAD + KAYA + bad)
    assert found.facts["counts"]["problem"] == 1
    with pytest.raises(Refused, match="1 rows still have problems"):
        begin_acceptance(actor=REGISTRAR, found=found)
    around = {"actor": REGISTRAR, "election": election, "delegation": delegation, "found": found}
    leave_out(**around, number=3, is_left_out=True)
    assert found.facts["counts"] | {"left_out": 1, "problem": 0} == found.facts["counts"]
    leave_out(**around, number=3, is_left_out=False)
    mend_row(**around, number=3, cells={"birth_date": "20.05.1975"})
    assert found.facts["counts"]["new"] == 2
    assert accept(election, delegation, found).created == 2


def test_only_who_may_edit_observers_takes_lists_in(election, delegation):
    with pytest.raises(Forbidden):
        receive_list(
            actor=COMMISSION,
            election=election,
            delegation=delegation,
            received=Received(filename="x", content=HEAD.encode()),
        )


def test_what_a_person_chose_for_a_header_is_remembered_for_the_organization(election, delegation):
    text = "Zzz;Given names;Date of birth\nKAYA;EROL;1965-03-12\n"
    found = receive(election, delegation, text)
    assert found.columns[0]["field"] is None
    chosen = NewChoices(columns={0: "surname", 1: "given_names", 2: "birth_date"})
    choose(actor=REGISTRAR, election=election, delegation=delegation, found=found, choices=chosen)
    later = receive(election, delegation, text.replace("KAYA", "CELIK"))
    assert (later.columns[0]["field"], later.columns[0]["by"]) == ("surname", "memory")
    other = records.delegation(election)
    assert receive(election, other, text).columns[0]["field"] is None


def test_the_second_row_of_one_person_names_the_first(election, delegation):
    cyrillic = "Кая;Эрол;M;1965-03-12;TR;;2030-01-01;STO;\n"
    found = rows(election, delegation, HEAD.replace("Passport No", "x") + KAYA + KAYA + CELIK)
    assert codes(found[3]) == ["duplicate_in_list"]
    assert found[3].row.problems[0].params == {"row": 2}
    assert "duplicate_in_list" in codes(rows(election, delegation, HEAD + KAYA + cyrillic)[3])


def test_a_person_who_is_live_elsewhere_says_where(election, delegation):
    other = records.delegation(election)
    enter(election, delegation, HEAD + KAYA)
    found = rows(election, other, HEAD + KAYA)[2]
    assert codes(found) == ["live_elsewhere"]


def test_a_likeness_is_decided_by_a_person_and_remembered(election, delegation):
    later = records.election(slug="later", election_on=date(2024, 1, 5))
    enter(later, records.delegation(later), HEAD + KAYA)
    second = "KAYA;EROL;M;1965-03-12;DE;C01X00T47;2031-01-01;STO;\n"
    found = receive(election, delegation, HEAD + second)
    stored = rows(election, delegation, HEAD + second)[2]
    assert codes(stored) == ["possible_duplicate"]
    known = stored.likes[0].observer_id
    around = {"actor": REGISTRAR, "election": election, "delegation": delegation, "found": found}
    answer_duplicate(**around, number=2, observer_id=known, verdict=DuplicateVerdict.DIFFERENT)
    assert found.facts["counts"]["new"] == 1
    accept(election, delegation, found)
    decision = db.session.scalars(sa.select(DuplicateDecision)).one()
    assert decision.verdict is DuplicateVerdict.DIFFERENT
    assert db.session.scalar(sa.select(sa.func.count(Observer.id))) == 2


def test_a_dual_national_stays_one_person(election, delegation):
    later = records.election(slug="later", election_on=date(2024, 1, 5))
    enter(later, records.delegation(later), HEAD + KAYA)
    found = receive(
        election, delegation, HEAD + "KAYA;EROL;M;1965-03-12;DE;C01X00T47;2031-01-01;STO;\n"
    )
    known = db.session.scalars(sa.select(Observer.id)).one()
    answer_duplicate(
        actor=REGISTRAR,
        election=election,
        delegation=delegation,
        found=found,
        number=2,
        observer_id=known,
        verdict=DuplicateVerdict.DUAL_NATIONAL,
    )
    accept(election, delegation, found)
    assert db.session.scalar(sa.select(sa.func.count(Observer.id))) == 1
    assert live(delegation) == 1


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def test_complete_people_are_registered_at_once_with_their_portraits(election, delegation):
    portraits = archive(**{"photos/U1234567.jpg": picture(), "Ayse Celik.jpg": b"no picture"})
    found, outcome = enter(
        election,
        delegation,
        HEAD + KAYA + CELIK,
        portraits=portraits,
        pledge_signed_on=date(2022, 10, 1),
    )
    assert outcome.registered == 1
    assert [number for number, _reason in outcome.without_portrait] == [3]
    query = sa.select(Accreditation.sort_name, Accreditation.status)
    statuses = {row.sort_name: row.status for row in db.session.execute(query)}
    assert statuses == {
        "kaya erol": AccreditationStatus.REGISTERED,
        "celik ayse": AccreditationStatus.DRAFT,
    }


def test_pictures_drawn_over_rows_of_the_sheet_are_their_portraits(election, delegation):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("People")
        for number, line in enumerate((HEAD + KAYA + CELIK).strip().split("\n")):
            page.write_row(number, 0, line.split(";"))
        page.insert_image(2, 9, "p.jpg", {"image_data": io.BytesIO(picture())})
    found, _outcome = enter(election, delegation, out.getvalue())
    assert found.facts["portraits"] == 1
    query = sa.select(Observer.surname).where(Observer.portrait.is_not(None))
    assert list(db.session.scalars(query)) == ["CELIK"]


def test_a_list_is_undone_whole_and_comes_in_again(election, delegation):
    enter(election, delegation, HEAD + KAYA)
    found, outcome = enter(election, delegation, HEAD + KAYA.replace("erol@", "e.kaya@") + CELIK)
    assert (outcome.created, outcome.changed) == (1, 1)
    undo_list(actor=REGISTRAR, election=election, delegation=delegation, found=found)
    assert found.status is ListStatus.UNDONE
    assert live(delegation) == 1
    assert "erol@example.org" in set(db.session.scalars(sa.select(Observer.email)))
    _found, outcome = enter(election, delegation, HEAD + KAYA + CELIK)
    assert outcome.created == 1
    assert db.session.scalar(sa.select(sa.func.count(Observer.id))) == 2


def complete(election, delegation, text):
    portraits = archive(**{f"{number}.jpg": picture() for number in range(2, 6)})
    more = {"portraits": portraits, "pledge_signed_on": date(2022, 10, 1)}
    found, outcome = enter(election, delegation, text, **more)
    assert outcome.registered == outcome.created
    return found


def registered(delegation):
    query = sa.select(Accreditation.id).where(
        Accreditation.delegation_id == delegation.id,
        Accreditation.status == AccreditationStatus.REGISTERED,
    )
    return list(db.session.scalars(query.order_by(Accreditation.id)))


def accredit(election, delegation):
    submission = submit_observers(
        actor=REGISTRAR, election=election, accreditation_ids=registered(delegation)
    )
    decide_submission(
        actor=COMMISSION,
        election=election,
        submission=submission,
        decisions={item.id: Decision("accredited") for item in items_of(submission.id)},
        resolution_number=f"{submission.number}/1",
        effective_at=clock.now(),
    )


def test_a_submitted_list_stays(election, delegation):
    found = complete(election, delegation, HEAD + KAYA + CELIK)
    submit_observers(
        actor=REGISTRAR, election=election, accreditation_ids=registered(delegation)[:1]
    )
    with pytest.raises(Refused, match="1 observers of this list have been submitted"):
        undo_list(actor=REGISTRAR, election=election, delegation=delegation, found=found)
    changed = rows(election, delegation, HEAD + KAYA.replace("1965", "1966") + CELIK)
    assert "locked" in codes(changed[2]) or "locked" in codes(changed[3])


def test_dropped_people_are_withdrawn_or_replaced_only_by_decision(election, delegation):
    complete(election, delegation, HEAD + KAYA + CELIK)
    accredit(election, delegation)
    assert figures(election).observers == 2
    new = "DEMIR;OYA;F;1980-01-02;TR;U1111111;2030-01-01;STO;oya@example.org\n"
    found = receive(election, delegation, HEAD + KAYA + new)
    assert len(found.facts["dropped"]) == 1
    (gone,) = found.facts["dropped"]
    decisions = {gone: {"action": "replace", "row": 3}}
    decide_dropped(actor=REGISTRAR, found=found, decisions=decisions)
    with clock.at(datetime(2022, 11, 11, tzinfo=UTC)):
        accept(election, delegation, found)
    row = db.session.scalars(
        sa.select(Accreditation).where(Accreditation.replaces_id == gone)
    ).one()
    assert row.sort_name == "demir oya"
    assert figures(election).observers == 2  # the replaced counts until the resolution
    kept = receive(election, delegation, HEAD + KAYA)
    decide_dropped(actor=REGISTRAR, found=kept, decisions={gone: {"action": "withdraw"}})
    with clock.at(datetime(2022, 11, 11, 1, tzinfo=UTC)):
        assert accept(election, delegation, kept).withdrawn == 1
    assert figures(election).observers == 1


def test_the_corrected_list_of_a_mission_is_reconciled(election, delegation):
    first = mission_list()
    found = receive(election, delegation, first.content)
    leave_out(
        actor=REGISTRAR,
        election=election,
        delegation=delegation,
        found=found,
        number=None,
        is_left_out=True,
    )
    assert accept(election, delegation, found).created == len(first.good)
    second, added, gone, changed = mission_list_corrected()
    check = check_sent(Sent(content=second.content), election, delegation)
    found = {item.row.number: item for item in check.rows}
    assert {number for number, item in found.items() if item.row.problems} == set()
    differences = {
        number: {name for name, _old, _new in item.differences}
        for number, item in found.items()
        if item.status is RowStatus.CHANGED
    }
    assert differences == changed
    new = {number for number, item in found.items() if item.status is RowStatus.NEW}
    assert set(added) <= new
    assert len(new) == len(added) + len(first.bad) - 1  # one was the same person twice
    numbers = {
        row.observer.document.number
        for row in db.session.scalars(
            sa.select(Accreditation)
            .options(sa.orm.joinedload(Accreditation.observer))
            .where(Accreditation.id.in_(check.dropped))
        )
    }
    assert numbers == set(gone)


def test_nothing_is_stored_of_a_list_that_fails_in_the_middle(election, delegation, monkeypatch):
    found = receive(election, delegation, HEAD + KAYA + CELIK)
    db.session.commit()
    begin_acceptance(actor=REGISTRAR, found=found)
    db.session.commit()
    steps = db.session.scalar(sa.select(sa.func.count(Transition.id)))

    def fail(*_arguments, **_named):
        raise OSError("the disk is full")

    monkeypatch.setattr("tracker.lists.acceptance.register_complete", fail)
    with pytest.raises(OSError, match="full"):
        accept_list(actor=REGISTRAR, election=election, delegation=delegation, list_id=found.id)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Transition.id))) == steps
    assert found.status is ListStatus.ACCEPTING


def test_functions_of_the_whole_list_apply_where_a_row_says_none(election, delegation):
    text = "Surname;Given names;Date of birth\nKAYA;EROL;1965-03-12\n"
    enter(election, delegation, text, function=Function.EXPERT)
    assert db.session.scalars(sa.select(Accreditation.function)).one() is Function.EXPERT


def test_a_long_reason_of_a_failure_is_kept_whole(election, delegation):
    found = receive(election, delegation, HEAD + KAYA)
    begin_acceptance(actor=REGISTRAR, found=found)
    interrupt(found=found, reason=Refused("%(name)s is taken.", name="N" * 600))
    db.session.expire(found)
    assert found.status is ListStatus.CHECKED
    assert json.loads(found.failure) == ["%(name)s is taken.", {"name": "N" * 600}]
