"""Directories go out and come in again: nothing lost, everything looked at before it is entered."""

import csv
import html
import io
import re

import pytest
import sqlalchemy as sa

from tests.factories import records
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.directories.intake import LAYOUT, Directory, rows_of
from tracker.directories.keepers import KEEPERS, NAMES, POSITIONS
from tracker.directories.labels import FIELDS, STATUSES
from tracker.directories.operations import Status, accept_rows, mark_of, rehearse
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.errors import Forbidden, Refused
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role
from tracker.kernel.vcards import read
from tracker.logistics.sheets import MOST_ROWS, _phrases
from tracker.officials.models import Institution, Official, OfficialHours
from tracker.organizations.models import ACRONYMS, Organization

D = Directory
PATHS = {
    D.OFFICIALS: "/officials/",
    D.INSTITUTIONS: "/officials/institutions/",
    D.ORGANIZATIONS: "/organizations/",
}
SENATE = {"name_en": "Senate", "name_ru": "Сенат", "name_kk": "Сенат палатасы"}


def csv_of(**columns):
    """A list of one row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([[*columns], [*columns.values()]])
    return buffer.getvalue().encode()


def take(content, directory=D.INSTITUTIONS, accepts=True):
    """Look at a file and accept it; what became of the rows."""
    rows = rows_of(content, directory)
    around = {"actor": SYSTEM, "directory": directory, "rows": rows}
    found = rehearse(**around)
    if accepts and any(each.status in {Status.NEW, Status.CHANGED} for each in found):
        return accept_rows(**around, seen=mark_of(found))
    return found


def problem(content, directory=D.INSTITUTIONS):
    [only] = take(content, directory, accepts=False)
    assert only.status is Status.PROBLEM
    return str(only.problems[0])


def institution_of(**changes):
    return csv_of(
        **{
            "Name in English": "Senate",
            "Name in Russian": "Сенат",
            "Name in Kazakh": "Сенат палатасы",
        }
        | changes
    )


@pytest.fixture
def official(session):
    institution = Institution(**SENATE, address="Astana, 1", time_zone="Asia/Almaty")
    row = records.official(
        institution=institution,
        name_en="Ann Smith; head, of protocol",
        assistant_contact="+7 701 000 00 00",
        assistant_email="aide@example.org",
        precedence=7,
        buffer_minutes=15,
    )
    row.hours = [OfficialHours(weekday=0, starts=records.time(9), ends=records.time(12))]
    names = {"name_ru": "Анна", "name_kk": "Әнна"}
    records.official(institution=institution, deputy_of=row, is_active=False, **names)
    session.flush()
    return row


@pytest.fixture
def organization(session):
    records.state("TR", "Türkiye")
    return records.organization(
        acronym="ODIHR", acronym_ru="БДИПЧ", acronym_kk="ДИАҚБ", seat_country="PL"
    )


@pytest.mark.parametrize("directory", D)
@pytest.mark.parametrize("kind", ["csv", "xlsx", "vcf"])
@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_what_goes_out_comes_in_as_it_is(
    app, sign_in, official, organization, directory, kind, language
):
    db.session.commit()
    client = sign_in(Role.ADMINISTRATOR)
    client.set_cookie("language", language)
    content = client.get(f"{PATHS[directory]}?format={kind}").data
    found = take(content, directory)
    assert {each.status for each in found} == {Status.SAME}, found
    assert len(found) == {D.OFFICIALS: 2, D.INSTITUTIONS: 1, D.ORGANIZATIONS: 2}[directory]


@pytest.mark.parametrize("directory", D)
@pytest.mark.parametrize("kind", ["csv", "vcf"])
def test_what_goes_out_fills_an_empty_directory(
    app, sign_in, official, organization, directory, kind
):
    db.session.commit()
    content = sign_in(Role.ADMINISTRATOR).get(f"{PATHS[directory]}?format={kind}").data
    before = stored(directory)
    for table in ("official_hours", "officials"):
        db.session.execute(sa.text(f"DELETE FROM {table}"))
    if directory is D.INSTITUTIONS:
        db.session.execute(sa.text("DELETE FROM institutions"))
    db.session.execute(sa.text("DELETE FROM organizations"))
    db.session.expire_all()
    found = take(content, directory)
    if directory is D.ORGANIZATIONS:  # States come with their first delegation
        assert sorted(each.status for each in found) == [Status.NEW, Status.PROBLEM]
        before = [row for row in before if row["country"] is None]
    else:
        assert {each.status for each in found} == {Status.NEW}
    assert stored(directory) == before


CARRIED = {
    D.OFFICIALS: (*NAMES, *POSITIONS, "institution_id", "assistant_contact", "assistant_email"),
    D.INSTITUTIONS: (*NAMES, "address", "time_zone"),
    D.ORGANIZATIONS: (*NAMES, *ACRONYMS.values(), "kind", "seat_country", "country"),
}
MODELS = {D.OFFICIALS: Official, D.INSTITUTIONS: Institution, D.ORGANIZATIONS: Organization}


def stored(directory):
    rows = db.session.scalars(sa.select(MODELS[directory]))
    found = [{name: getattr(row, name) for name in CARRIED[directory]} for row in rows]
    return sorted(found, key=lambda row: row["name_en"])


def test_a_new_and_a_changed_row(session):
    [made] = take(institution_of())
    assert made.status is Status.NEW
    [changed] = take(institution_of(Address="Astana, 2"))
    assert changed.status is Status.CHANGED
    assert [(each.field, each.theirs, each.yours) for each in changed.changes] == [
        ("address", "", "Astana, 2")
    ]
    row = session.scalars(sa.select(Institution)).one()
    assert (row.name_ru, row.address) == ("Сенат", "Astana, 2")
    assert verify()[1] == []


def test_an_empty_cell_and_a_missing_column_change_nothing(official):
    [found] = take(csv_of(**{"Full name in English": official.name_en, "Order": ""}), D.OFFICIALS)
    assert found.status is Status.SAME
    content = csv_of(**{"Full name in English": official.name_en, "Order": "9"})
    [found] = take(content, D.OFFICIALS)
    assert found.status is Status.CHANGED
    assert (official.precedence, official.buffer_minutes) == (9, 15)
    assert len(official.hours) == 1


def test_a_rehearsal_leaves_nothing(session):
    def count():
        tables = (Institution, AuditEntry)
        return [session.scalar(sa.select(sa.func.count()).select_from(each)) for each in tables]

    before = count()
    rows = rows_of(institution_of(), D.INSTITUTIONS)
    [found] = rehearse(actor=SYSTEM, directory=D.INSTITUTIONS, rows=rows)
    assert found.status is Status.NEW
    assert count() == before


def test_it_is_found_by_its_name_in_any_language(official):
    [found] = take(csv_of(**{"Name in English": "Сенат палатасы"}))
    assert found.status is Status.CHANGED
    assert found.record.id == official.institution_id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Name in Russian": ""}, "Missing: Name in Russian."),
        ({"Name in English": "S" * 201}, "is too long"),
        ({"Time zone": "Mars/Base"}, "not a known time zone"),
    ],
)
def test_what_is_wrong_with_an_institution(session, changes, message):
    assert message in problem(institution_of(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Institution": "Nowhere"}, "Nothing is called “Nowhere”"),
        ({"Order": "first"}, "number from 1 to 999"),
        ({"In office": "perhaps"}, "neither yes nor no"),
        ({"E-mail": "no address"}, "not an e-mail address"),
        ({"Deputy of": "Nobody"}, "Nothing is called “Nobody”"),
        ({"Name in English": "New Person"}, "Missing: "),
    ],
)
def test_what_is_wrong_with_an_official(official, changes, message):
    content = csv_of(**{"Name in English": official.name_en} | changes)
    assert message in problem(content, D.OFFICIALS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Kind": "club"}, "no kind of organization"),
        ({"Country of the seat": "Atlantis"}, "There is no state"),
        ({"Kind": "Foreign state"}, "Foreign states"),
        ({"Kind": ""}, "Missing: Kind."),
    ],
)
def test_what_is_wrong_with_an_organization(session, changes, message):
    row = {"Name in English": "O", "Name in Russian": "О", "Name in Kazakh": "Ұ"}
    content = csv_of(**row | {"Kind": "Parliamentary assembly"} | changes)
    assert message in problem(content, D.ORGANIZATIONS)


def test_a_former_list_and_a_former_card_say_the_latin_acronym(organization):
    """Before there were acronyms in three languages there was one."""
    names = {"Name in English": "O", "Name in Russian": "О", "Name in Kazakh": "Ұ"}
    content = csv_of(**names | {"Kind": "Parliamentary assembly", "Acronym": "OSCE"})
    [row] = rows_of(content, D.ORGANIZATIONS)
    assert row.cells["acronym"] == "OSCE"
    card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:O\r\nNICKNAME:OSCE\r\nEND:VCARD\r\n"
    [row] = rows_of(card, D.ORGANIZATIONS)
    assert row.cells == {"name_en": "O", "acronym": "OSCE"}


def test_two_rows_of_one_record_and_two_records_of_one_name(session, official):
    names = {"Name in English": official.name_en}
    content = csv_of(**names | {"Order": "3"}) + csv_of(**names | {"Order": "4"}).split(b"\r\n")[1]
    first, second = take(content, D.OFFICIALS)
    assert (first.status, second.status) == (Status.CHANGED, Status.PROBLEM)
    assert "Row 2 is about the same record." in str(second.problems[0])
    records.official(institution=official.institution, name_en=official.name_en)
    session.flush()
    assert "Several are called" in problem(csv_of(**names), D.OFFICIALS)


def test_an_earlier_row_is_known_to_a_later_one(official):
    rows = [
        ["Name in English", "Name in Russian", "Name in Kazakh", "Position in English"]
        + ["Position in Russian", "Position in Kazakh", "Institution", "Deputy of"],
        ["Boris", "Борис", "Борис", "Head", "Глава", "Басшы", "Senate", ""],
        ["Clara", "Клара", "Клара", "Deputy", "Зам", "Орынбасар", "Сенат", "Борис"],
    ]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    first, second = take(buffer.getvalue().encode(), D.OFFICIALS)
    assert (first.status, second.status) == (Status.NEW, Status.NEW)
    clara = db.session.scalars(sa.select(Official).filter_by(name_en="Clara")).one()
    assert clara.deputy_of.name_en == "Boris"


def test_what_changed_meanwhile_is_looked_at_again(session, official):
    rows = rows_of(institution_of(Address="Astana, 2"), D.INSTITUTIONS)
    around = {"actor": SYSTEM, "directory": D.INSTITUTIONS, "rows": rows}
    seen = mark_of(rehearse(**around))
    official.institution.address = "Astana, 3"
    session.flush()
    with pytest.raises(Refused, match="Look at the rows again"):
        accept_rows(**around, seen=seen)


def test_only_who_may_edit(session, actor):
    rows = rows_of(institution_of(), D.INSTITUTIONS)
    with pytest.raises(Forbidden):
        accept_rows(
            actor=actor(Role.REGISTRAR), directory=D.INSTITUTIONS, rows=rows, seen="anything"
        )


def test_a_list_is_no_longer_than_others(session):
    one = institution_of().split(b"\r\n")
    content = b"\r\n".join([one[0], *[one[1]] * (MOST_ROWS + 1)])
    with pytest.raises(Refused, match="more than"):
        rows_of(content, D.INSTITUTIONS)


def test_every_field_has_a_label_and_every_status(session):
    phrases = set(_phrases(LAYOUT.headers).values())
    assert phrases == {name.removesuffix("_id") for name in FIELDS}
    assert set(STATUSES) == set(Status)
    assert set(KEEPERS) == set(D)


def upload(client, path, content, name="list.csv"):
    return client.post(path, data={"file": (io.BytesIO(content), name)})


def hidden(page):
    """What the page carries to the acceptance."""
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(rows|seen)" value="([^"]*)"', page)
    }


def test_the_pages_from_file_to_record(app, sign_in, official):
    db.session.commit()
    client = sign_in(Role.COORDINATOR)
    assert "Take in a list" in client.get("/officials/institutions/").text
    page = upload(client, "/officials/institutions/import", institution_of(Address="Astana, 2"))
    assert page.status_code == 200
    assert "Astana, 1 → <b>Astana, 2</b>" in page.text
    answer = client.post(
        "/officials/institutions/import/accept", data=hidden(page.text), follow_redirects=True
    )
    assert "Entered: 0 new records, 1 change." in answer.text
    db.session.expire_all()
    assert db.session.scalars(sa.select(Institution.address)).all() == ["Astana, 2"]
    db.session.rollback()
    again = client.post("/officials/institutions/import/accept", data=hidden(page.text))
    assert again.status_code == 422
    assert "As stored" in again.text


def test_contacts_that_are_shown_go_on_record(app, sign_in, official):
    name = official.name_en
    db.session.commit()
    content = csv_of(**{"Name in English": name, "E-mail": "other@example.org"})
    page = upload(sign_in(Role.COORDINATOR), "/officials/import", content).text
    assert "aide@example.org" in page
    query = sa.select(AuditEntry).filter_by(action="read", record_table="officials")
    [entry] = db.session.scalars(query)
    assert entry.after["shown"] == "assistant_email"


@pytest.mark.parametrize(("role", "sees"), [(Role.COORDINATOR, True), (Role.AUDITOR, False)])
def test_contacts_leave_only_for_who_may_see_them_and_on_record(sign_in, official, role, sees):
    db.session.commit()
    answer = sign_in(role).get("/officials/?format=vcf")
    assert answer.mimetype == "text/vcard"
    assert ("aide@example.org" in answer.text) is sees
    first, _second = read(answer.data)
    assert set(first.by_language("FN")) == set(LANGUAGES)
    assert "mark" in first.first("NOTE")
    [export] = db.session.scalars(sa.select(AuditEntry.after).filter_by(action="export"))
    assert export["rows"] == 2


def test_who_may_take_no_lists_gets_no_cards(sign_in, session):
    assert sign_in(Role.OFFICIAL).get("/officials/?format=vcf").status_code == 403


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"BEGIN:VCARD\r\nVERSION:2.1\r\nEND:VCARD\r\n", "version 2.1"),
        (b"Colour\r\nred\r\n", "at least the column"),
        (b"%PDF-1.7", "neither a spreadsheet nor a text list"),
        (b"", "The file is empty."),
    ],
)
def test_what_is_no_list_is_said_beside_the_field(sign_in, session, content, message):
    page = upload(sign_in(Role.COORDINATOR), "/officials/import", content)
    assert page.status_code == 422
    assert message in page.text


def test_tampered_rows_are_refused(sign_in, session):
    client = sign_in(Role.REGISTRAR)
    for rows in ("", "noise", "[[1]]", '[[1, {"name_en": "\\u0000"}]]', '[["x", {}]]', "[]"):
        answer = client.post("/organizations/import/accept", data={"rows": rows, "seen": "x"})
        assert answer.status_code in {409, 422}, rows
    assert db.session.scalars(sa.select(Organization)).all() == []
