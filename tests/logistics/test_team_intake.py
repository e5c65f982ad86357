"""Deployment plans from files: three languages, names as they come, all rows or none."""

import io
import re
from datetime import date, datetime
from html import unescape

import pytest
import sqlalchemy as sa
import xlsxwriter

from tests.conftest import NOW
from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.kernel.permissions import Role
from tracker.logistics import sheets, team_intake
from tracker.logistics.models.deployment import DeploymentMember, DeploymentTeam
from tracker.logistics.operations.deployment import TeamDetails, place_members, plan_team
from tracker.logistics.operations.team_intake import enter_teams
from tracker.logistics.queries import teams as queries

FIRST, LAST = date(2022, 11, 18), date(2022, 11, 21)
ENGLISH = "Delegation;Observer;Region;Team;From;To;Liaison officer;Telephone;Vehicle"
RUSSIAN = "Делегация;ФИО;Регион;Группа;С;По;Сопровождающий;Телефон;Автомобиль"
KAZAKH = "Ұйым;Аты-жөні;Облысы;Топ;Бастап;Дейін;Ілесіп жүруші;Телефоны;Көлік"
LINES = {
    ENGLISH: "TURKPA;KAYA, Erol;Almaty;1;18.11.2022;2022-11-21;A. Liaison;+7 700;Minibus",
    RUSSIAN: "ТЮРКПА;Эрол Кая;Алматы;1;18.11.2022;21.11.2022;A. Liaison;+7 700;Minibus",
    KAZAKH: "TURKPA;Kaya Erol;KZ-75;1;18 қараша 2022;21.11.22;A. Liaison;+7 700;Minibus",
}
USUAL = team_intake.Usual(None, FIRST, LAST)
PEOPLE = (("KAYA", "EROL"), ("DEMIR", "AYSE NUR"), ("DEMIR", "AYSE GUL"), ("IVANOV", "PETR"))


def people_of(delegation):
    return [
        records.accreditation(
            delegation,
            status=AccreditationStatus.ACCREDITED,
            person=records.observer(surname=surname, given_names=given, native_name=native),
        )
        for (surname, given), native in zip(
            PEOPLE, (None, None, None, "Иванов Пётр Ильич"), strict=True
        )
    ]


@pytest.fixture
def election(session):
    with clock.at(NOW):
        yield records.election()


@pytest.fixture
def delegation(election):
    names = {"acronym": "TURKPA", "name_ru": "ТюркПА", "name_kk": "ТүркПА"}
    return records.delegation(election, records.organization(**names))


@pytest.fixture
def people(delegation):
    return people_of(delegation)


def known(election, *delegations):
    seats = {}
    for person, team in queries.seats(election.id):
        seats.setdefault(person, []).append(team)
    found = [team_intake.person_of(*row) for row in queries.placeable(election.id)]
    teams = queries.standing_teams(election.id)
    return team_intake.Known(election, delegations, found, teams, seats)


def read(election, delegation, text, usual=USUAL):
    content = text if isinstance(text, bytes) else text.encode()
    rows = sheets.unpacked(sheets.packed(team_intake.rows_of(content, usual)))
    return team_intake.read_rows(rows, known(election, delegation))


@pytest.mark.parametrize("header", LINES, ids=["English", "Russian", "Kazakh"])
def test_columns_are_recognized_in_three_languages(election, delegation, people, header):
    (found,) = read(election, delegation, f"{header}\n{LINES[header]}\n")
    assert found.problems == ()
    assert found.person.accreditation_id == people[0].id
    assert found.details == TeamDetails(
        name="1",
        region="KZ-75",
        starts_on=FIRST,
        ends_on=LAST,
        liaison_officer="A. Liaison",
        liaison_phone="+7 700",
        vehicle="Minibus",
    )


def sheet(rows):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "dd.mm.yyyy"}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def test_a_spreadsheet_of_one_delegation_with_real_dates_and_two_columns_of_names(
    election, delegation, people
):
    day = datetime(2022, 11, 17)
    content = sheet(
        [
            ["Deployment plan"],
            ["Family name", "Given names", "Region / Регион", "Team no.", "From", "Госномер"],
            ["Kaya", "Erol", "г. Алматы", 1, day, "101 ZZZ 01"],
            ["Demir", "Ayse Nur", "ALM", 1, day, None],
            ["Ivanov", None, "Алматы", "1", day, None],
            ["Kaya", None, "almaty region", None, None, None],
        ]
    )
    usual = team_intake.Usual(delegation, FIRST, LAST)
    found = read(election, delegation, content, usual)
    words = [[str(problem) for problem in each.problems] for each in found]
    assert words[0] == ["There is no region “г. Алматы”."]
    assert words[1] == []
    assert found[1].details.name == "1"
    assert (found[1].details.starts_on, found[1].details.ends_on) == (day.date(), LAST)
    assert "is called “Ivanov”" in words[2][0]  # a surname alone is nobody's name
    assert [text for text in words[3] if "Give a team" in text]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Erol KAYA", 0),
        ("Кая Эрол", 0),
        ("Demir Ayşe Nur", 1),
        ("Иванов Пётр Ильич", 3),
        ("Петр Иванов", 3),
        ("Ivanov Petr Ilich", 3),
    ],
)
def test_names_are_recognized_as_they_come(election, delegation, people, name, place):
    (found,) = read(election, delegation, f"{ENGLISH}\nTURKPA;{name};Almaty;1;;;;;\n")
    assert found.problems == ()
    assert found.person.accreditation_id == people[place].id


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Atlantis;Erol Kaya;Almaty;1;;;;;", "called “Atlantis”"),
        (";Erol Kaya;Almaty;1;;;;;", "Give a delegation"),
        ("TURKPA;John Smith;Almaty;1;;;;;", "is called “John Smith”"),
        ("TURKPA;;Almaty;1;;;;;", "Give the name"),
        ("TURKPA;Ayse Demir;Almaty;1;;;;;", "Several people"),
        ("TURKPA;Erol Kaya;Atlantis;1;;;;;", "no region “Atlantis”"),
        ("TURKPA;Erol Kaya;;1;;;;;", "Give a region"),
        ("TURKPA;Erol Kaya;Almaty;;;;;;", "Give a team"),
        ("TURKPA;Erol Kaya;Almaty;1;soon;;;;", "not a date"),
        ("TURKPA;Erol Kaya;Almaty;1;31.02.2022;;;;", "no such day"),
        ("TURKPA;Erol Kaya;Almaty;1;11/12/2022;;;;", "two ways"),
        ("TURKPA;Erol Kaya;Almaty;1;22.11.2022;20.11.2022;;;", "before the first"),
        ("TURKPA;Erol Kaya;Almaty;1;18.11.2032;20.11.2032;;;", "check the year"),
        (f"TURKPA;Erol Kaya;Almaty;{'1' * 61};;;;;", "too long"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(election, delegation, people, line, words):
    (found,) = read(election, delegation, f"{ENGLISH}\n{line}\n")
    assert words in str(found.problems[0])


def test_rows_that_contradict_each_other_or_what_is_entered(election, delegation, people):
    around = {"actor": SYSTEM, "election": election}
    details = TeamDetails(
        name="A", region="KZ-71", starts_on=FIRST, ends_on=LAST, liaison_officer="B. Liaison"
    )
    team = plan_team(**around, delegation=delegation, details=details)
    place_members(**around, team=team, accreditation_ids=[people[0].id], seen_version=team.version)
    lines = (
        ("Erol Kaya;Astana;a;;;;;", "entered already"),
        ("Erol Kaya;Almaty;1;21.11.2022;;;;", "EROL KAYA is in team A from"),
        ("Ayse Nur Demir;Astana;A;;;C. Liaison;;", "has “B. Liaison” already, not “C. Liaison”"),
        ("Ayse Nur Demir;Almaty;A;;;;;", "has such a team then: Astana"),
        ("Ayse Nur Demir;Almaty;1;;;C. Liaison;;", None),
        ("Ayse Nur Demir;Shymkent;2;;;;;", "AYSE NUR DEMIR is in team 1 from"),
        ("Petr Ivanov;Almaty;1;;;D. Liaison;;", "has “C. Liaison” already"),
        ("Petr Ivanov;Almaty;1;;;;;Bus", None),
        ("Petr Ivanov;Shymkent;1;22.11.2022;23.11.2022;;;", None),
    )
    text = "\n".join(f"TURKPA;{line}" for line, _words in lines)
    found = read(election, delegation, f"{ENGLISH}\n{text}\n")
    for each, (line, words) in zip(found, lines, strict=True):
        said = "; ".join(map(str, each.problems))
        assert (words in said) if words else not said, (line, said)


def test_rows_become_teams_and_known_teams_get_what_they_lack(election, delegation, people):
    around = {"actor": SYSTEM, "election": election}
    details = TeamDetails(name="1", region="KZ-75", starts_on=FIRST, ends_on=LAST)
    team = plan_team(**around, delegation=delegation, details=details)
    text = (
        "TURKPA;Erol Kaya;Almaty;1;;;;;Minibus\nTURKPA;Petr Ivanov;Almaty;1;;;A. Liaison;;\n"
        "TURKPA;Ayse Nur Demir;Astana;2;;;;;\n"
    )
    found = read(election, delegation, f"{ENGLISH}\n{text}")
    rows = [(each.delegation, each.details, each.person.accreditation_id) for each in found]
    with pytest.raises(Refused, match="Look at the rows again"):
        enter_teams(**around, rows=rows, seen=2)
    assert enter_teams(**around, rows=rows, seen=3) == (3, 2)
    assert len(queries.standing_teams(election.id)) == 2
    assert (team.vehicle, team.liaison_officer, len(team.members)) == ("Minibus", "A. Liaison", 2)


def test_a_row_with_a_name_is_no_remark_however_empty(election, delegation, people):
    whole = LINES[ENGLISH]
    text = f"{ENGLISH}\n{whole}\nTURKPA;Petr Ivanov;;;;;;;\n;;;;;;;;Agreed\n"
    found = read(election, delegation, text)
    assert [each.row.number for each in found] == [2, 3]
    assert [str(each) for each in found[1].problems] == ["Give a region.", "Give a team."]


@pytest.mark.parametrize("text", [b"", b"%PDF-1.7", b"a,b\n1,2\n", b"Region;Team\nAlmaty;1\n"])
def test_what_is_no_such_list_is_refused(text):
    with pytest.raises(Refused):
        team_intake.rows_of(text, USUAL)


def test_tampered_rows_are_problems_and_not_errors(election, delegation, people):
    for cells in ({}, {"starts_on": "x"}, {"observer": "Erol Kaya", "delegation": "TURKPA"}):
        (found,) = team_intake.read_rows([sheets.Row(1, cells)], known(election, delegation))
        assert found.problems


def stored(app):
    with app.app_context():
        counts = (sa.func.count(DeploymentTeam.id), sa.func.count(DeploymentMember.team_id))
        return tuple(db.session.scalar(sa.select(count)) for count in counts)


def hidden(page):
    return {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])
        for name in ("rows", "seen")
    }


def test_a_list_is_looked_at_and_then_accepted_whole(app, sign_in):
    with app.app_context():
        expect_writes(True)
        election = records.election()
        people_of(records.delegation(election, records.organization(acronym="TURKPA")))
        db.session.commit()
    client, path = sign_in(Role.COORDINATOR), "/e/kz-2022/deployment/import"
    text = (
        f"{ENGLISH}\nTURKPA;Erol Kaya;Almaty;1;;;;;\nTURKPA;Petr Ivanov;Almaty;1;;;;;\n"
        "TURKPA;John Smith;Almaty;1;;;;;\n"
    )
    sent = {"file": (io.BytesIO(text.encode()), "a.csv"), "delegation_id": 0}
    sent |= {"starts_on": FIRST.isoformat(), "ends_on": LAST.isoformat()}
    with clock.at(NOW):
        page = client.post(path, data=sent).get_data(as_text=True)
        assert "Place 2 observers" in page
        assert "John Smith" in page
        assert stored(app) == (0, 0)
        form = hidden(page)
        assert client.post(f"{path}/accept", data=form | {"seen": "3"}).status_code == 422
        assert stored(app) == (0, 0)
        assert client.post(f"{path}/accept", data=form).status_code == 302
        assert stored(app) == (1, 2)
        again = client.post(f"{path}/accept", data=form)  # sent twice
        assert again.status_code == 422
        assert "entered already" in again.get_data(as_text=True)
    assert stored(app) == (1, 2)
    assert sign_in(Role.OFFICIAL).post(f"{path}/accept", data=form).status_code == 403
