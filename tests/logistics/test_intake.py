"""Lists of arrivals from files: headers in three languages, problems in words, all or none."""

import io
import re
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import xlsxwriter

from tests.conftest import NOW
from tests.factories import records
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.logistics import intake
from tracker.logistics.models.movements import Direction, Means, Movement, PointKind

ALMATY = ZoneInfo("Asia/Almaty")
ENGLISH = "Date,Time,Flight,From,Delegation,People,Direction"
RUSSIAN = "Дата;Время;Рейс;Откуда;Делегация;Кол-во человек;Направление"
KAZAKH = "Күні;Уақыты;Рейс нөмірі;Қайдан;Ұйым;Адам саны;Бағыты"
LINES = {
    ENGLISH: "18.11.2022,12:25,ZZ 123,Baku,TURKPA,9,arrival\n"
    "2022-11-21,08:05,ZZ 124,Baku,TURKPA,9,departure",
    RUSSIAN: "18.11.2022;12:25;ZZ 123;Баку;TURKPA;9;прибытие\n"
    "21.11.2022;8:05;ZZ 124;Баку;TURKPA;9;отъезд",
    KAZAKH: "18.11.2022;12:25;ZZ 123;Баку;TURKPA;9;келу\n"
    "21.11.2022;08.05;ZZ 124;Баку;TURKPA;9;кету",
}


@pytest.fixture
def known(session):
    with clock.at(NOW):
        election = records.election()
        delegations = [
            records.delegation(election, records.organization(acronym="TURKPA")),
            records.delegation(election, records.state("TR", "Türkiye")),
        ]
        points = [
            records.point(name_en="Astana airport", name_ru="Аэропорт Астаны"),
            records.point(name_en="Nurly Jol", kind=PointKind.STATION),
            records.point(name_en="Korday", kind=PointKind.BORDER_CROSSING),
        ]
        yield intake.Known(election, delegations, points, points[0])


def read(known, text):
    content = text if isinstance(text, bytes) else text.encode()
    return intake.read_rows(intake.unpacked(intake.packed(intake.rows_of(content))), known)


@pytest.mark.parametrize("header", LINES, ids=["English", "Russian", "Kazakh"])
def test_columns_are_recognized_in_three_languages(known, header):
    found = read(known, f"{header}\n{LINES[header]}\n")
    assert [each.problems for each in found] == [(), ()]
    first, second = (each.details for each in found)
    assert (first.direction, second.direction) == (Direction.ARRIVAL, Direction.DEPARTURE)
    assert first.moves_at == datetime(2022, 11, 18, 12, 25, tzinfo=ALMATY)
    assert second.moves_at == datetime(2022, 11, 21, 8, 5, tzinfo=ALMATY)
    assert (first.number, first.people, first.means) == ("ZZ 123", 9, Means.FLIGHT)
    assert found[0].delegation is known.delegations[0]


def sheet(rows):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def test_a_spreadsheet_with_a_title_real_dates_and_times_is_read(known):
    day, at = datetime(2022, 11, 18), datetime(2022, 11, 18, 17, 40).time()
    content = sheet(
        [
            ["Arrivals of delegations"],
            ["Страна / Country", "Date", "Time (local)", "Train", "Airport", "Pax"],
            ["Турция", day, at, "ZZ 71", "Nurly Jol", 4],
            ["Türkiye", day, 0.75, None, "Korday", 2],
            ["Türkiye", "18.11.2022 09:10", None, "ZZ 5", "Аэропорт Астаны", "3"],
        ]
    )
    found = read(known, content)
    assert [each.problems for each in found] == [(), (), ()]
    assert [f"{each.details.moves_at:%H:%M}" for each in found] == ["17:40", "18:00", "09:10"]
    assert [each.details.means for each in found] == [Means.TRAIN, Means.ROAD, Means.FLIGHT]
    assert [each.row.number for each in found] == [3, 4, 5]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("31.02.2022,12:25,ZZ 1,Baku,TURKPA,9,", "no such day"),
        ("soon,12:25,ZZ 1,Baku,TURKPA,9,", "not a date"),
        ("11/12/2022,12:25,ZZ 1,Baku,TURKPA,9,", "two ways"),
        (",12:25,ZZ 1,Baku,TURKPA,9,", "Give a day"),
        ("18.11.2022,25:00,ZZ 1,Baku,TURKPA,9,", "no time"),
        ("18.11.2022,,ZZ 1,Baku,TURKPA,9,", "Give a time"),
        ("18.11.2022,12:25,ZZ 1,Baku,Atlantis,9,", "called “Atlantis”"),
        ("18.11.2022,12:25,ZZ 1,Baku,TURKPA,some,", "no number of people"),
        ("18.11.2022,12:25,ZZ 1,Baku,TURKPA,0,", "Give a number from 1"),
        ("18.11.2022,12:25,,Baku,TURKPA,9,", "number of the flight"),
        ("18.11.2022,12:25,ZZ 1,Baku,TURKPA,9,sideways", "no direction"),
        ("18.11.2032,12:25,ZZ 1,Baku,TURKPA,9,", "check the year"),
        (f"18.11.2022,12:25,{'Z' * 21},Baku,TURKPA,9,", "too long"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(known, line, words):
    (found,) = read(known, f"{ENGLISH}\n{line}\n")
    assert words in str(found.problems[0])


def test_what_is_entered_already_is_recognized(known):
    twice = "18.11.2022,12:25,ZZ 123,Baku,TURKPA,9,arrival"
    found = read(known, f"{ENGLISH}\n{twice}\n{twice.replace('ZZ 123', 'zz123')}\n")
    assert [bool(each.problems) for each in found] == [False, True]
    assert "entered already" in str(found[1].problems[0])


@pytest.mark.parametrize(
    "text", [b"", b"%PDF-1.7", b"a,b\n1,2\n", b"Date,Time\n18.11.2022,12:25\n"]
)
def test_what_is_no_such_list_is_refused(known, text):
    with pytest.raises(Refused):
        intake.rows_of(text)


@pytest.mark.parametrize("text", ["", "[]]", "[1]", '[["a", {}]]', '[[1, "x"]]', "null"])
def test_rows_that_a_page_did_not_carry_are_refused(text):
    with pytest.raises(Refused, match="once more"):
        intake.unpacked(text)


def test_tampered_rows_are_problems_and_not_errors(known):
    for cells in ({}, {"date": "x"}, {"date": "18.11.2022"}, {"date_problem": "x"}):
        (found,) = intake.read_rows([intake.Row(1, cells)], known)
        assert found.problems


def stored(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(Movement.id)))


def hidden(page):
    return {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])
        for name in ("rows", "seen", "point_id")
    }


def test_a_list_is_looked_at_and_then_accepted_whole(app, sign_in):
    with app.app_context():
        expect_writes(True)
        election = records.election()
        records.delegation(election, records.organization(acronym="TURKPA"))
        point_id = records.point().id
        db.session.commit()
    client, path = sign_in(Role.COORDINATOR), "/e/kz-2022/arrivals/import"
    text = f"{ENGLISH}\n{LINES[ENGLISH]}\nsoon,12:25,ZZ 1,Baku,TURKPA,9,\n"
    sent = {"file": (io.BytesIO(text.encode()), "a.csv"), "point_id": point_id}
    with clock.at(NOW):
        page = client.post(path, data=sent).get_data(as_text=True)
        assert "Enter 2 rows" in page
        assert "is not a date" in page
        assert stored(app) == 0
        form = hidden(page)
        assert client.post(f"{path}/accept", data=form | {"seen": "3"}).status_code == 422
        assert stored(app) == 0
        assert client.post(f"{path}/accept", data=form).status_code == 302
        assert stored(app) == 2
        again = client.post(f"{path}/accept", data=form)  # sent twice
        assert again.status_code == 422
        assert "entered already" in again.get_data(as_text=True)
    assert stored(app) == 2
    assert sign_in(Role.OFFICIAL).post(f"{path}/accept", data=form).status_code == 403
