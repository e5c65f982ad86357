"""Lists as they come: every good row is read right, every bad one is explained in its cell."""

import io
import zipfile
from contextlib import suppress
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.lists import (
    embassy_list,
    mission_list,
    mission_list_corrected,
    parliament_list,
)
from tracker.kernel.errors import Refused
from tracker.observers.intake import limits
from tracker.observers.intake.columns import header_field
from tracker.observers.intake.dates import DateProblem, order_of, read_date
from tracker.observers.intake.names import split_full
from tracker.observers.intake.reading import Choices, read_list
from tracker.observers.intake.rows import Context
from tracker.observers.intake.text_files import encoding_of
from tracker.observers.intake.words import find_country, find_function, find_sex

CONTEXT = Context(election_on=date(2022, 11, 20), host="KZ", today=date(2022, 11, 10))
LISTS = [parliament_list, embassy_list, mission_list, lambda: mission_list_corrected()[0]]


@pytest.mark.parametrize("build", LISTS, ids=["Russian", "French", "English", "corrected"])
def test_every_good_row_is_read_right(build):
    made = build()
    rows = {row.number: row for row in read_list(made.content, context=CONTEXT).rows}
    assert set(rows) == {*made.good, *made.bad}
    for number, expected in made.good.items():
        assert rows[number].problems == [], number
        found = {name: rows[number].values.get(name) for name in expected}
        assert found == expected, number


@pytest.mark.parametrize("build", LISTS[:3], ids=["Russian", "French", "English"])
def test_every_bad_row_is_explained_in_its_cell(build):
    made = build()
    rows = {row.number: row for row in read_list(made.content, context=CONTEXT).rows}
    within = {"duplicate_in_list"}  # of two rows together: `reconcile` sees them
    for number, (field, code) in made.bad.items():
        if code not in within:
            said = {(problem.field, problem.code): problem for problem in rows[number].problems}
            assert (field, code) in said, number
            assert said[field, code].cell.endswith(str(number))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_lists_in_any_encoding_and_delimiter(encoding, delimiter):
    lines = [
        ["Фамилия", "Имя", "Дата рождения", "Гражданство"],
        ["Петров", "Сергей", "12.03.1965", "Россия"],
        ["Алиев", "Руслан", "25.11.1970", "Азербайджан"],
    ]
    content = "\n".join(delimiter.join(line) for line in lines).encode(encoding)
    found = read_list(content, context=CONTEXT)
    assert [row.values["surname"] for row in found.rows] == ["PETROV", "ALIEV"]
    assert found.rows[0].values["native_name"] == "Петров Сергей"
    assert found.rows[1].values["citizenship"] == "AZ"
    assert "transliterated" in found.rows[0].notices


def test_western_code_page_is_not_taken_for_cyrillic():
    assert encoding_of("Müller;José;Çelik;Ñandú".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Passport No.", "document_number"),
        ("№ паспорта", "document_number"),
        ("Паспорт нөмірі", "document_number"),
        ("Pasaport No", "document_number"),
        ("Numéro de passeport", "document_number"),
        ("Número de pasaporte", "document_number"),
        ("Surname / Фамилия", "surname"),
        ("ТУҒАН КҮНІ", "birth_date"),
        ("Doğum tarihi", "birth_date"),
        ("Fecha de nacimiento (dd/mm/aaaa)", "birth_date"),
        ("Date of brith", "birth_date"),
        ("Дата подачи", None),
    ],
)
def test_headers_in_six_languages(header, field):
    assert header_field(header)[0] == field


def test_columns_without_headers_are_recognized_by_content():
    rows = [
        ["KAYA", "EROL", "a@example.org", "U1234567", "12.03.1965", "Türkiye", "01.02.2030"],
        ["CELIK", "ALI", "b@example.org", "U7654321", "13.03.1975", "Турция", "01.03.2030"],
    ]
    content = "\n".join(";".join(row) for row in rows).encode()
    found = read_list(
        content, context=CONTEXT, choices=Choices(fields={0: "surname", 1: "given_names"})
    )
    fields = {column.index: column.field for column in found.columns}
    assert [fields[index] for index in range(2, 7)] == [
        "email",
        "document_number",
        "birth_date",
        "citizenship",
        "document_expiry",
    ]
    assert len(found.rows) == 2


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1965-03-12", date(1965, 3, 12)),
        ("12.03.1965 г.", date(1965, 3, 12)),
        ("12/3/65", date(1965, 3, 12)),
        ("12 March 1965", date(1965, 3, 12)),
        ("March 12, 1965", date(1965, 3, 12)),
        ("12-Mar-65", date(1965, 3, 12)),
        ("12 марта 1965 года", date(1965, 3, 12)),
        ("1965 жылғы 12 наурыз", date(1965, 3, 12)),
        ("1965 ж. 12 нау.", date(1965, 3, 12)),
        ("12 Mart 1965", date(1965, 3, 12)),
        ("12 août 1965", date(1965, 8, 12)),
        ("12 de marzo de 1965", date(1965, 3, 12)),
        ("19650312", date(1965, 3, 12)),
        (23813, date(1965, 3, 12)),
        (23813.0, date(1965, 3, 12)),
        (date(1965, 3, 12), date(1965, 3, 12)),
    ],
)
def test_dates_as_lists_write_them(text, day):
    assert read_date(text, day_first=True, is_future=False, today=CONTEXT.today) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31.02.1970", "impossible_date"),
        ("unknown", "not_a_date"),
        ("12.1965", "not_a_date"),
        ("03/04/1970", "ambiguous_date"),
        ("99999", "not_a_date"),
    ],
)
def test_what_is_no_date_says_why(text, code):
    with pytest.raises(DateProblem) as problem:
        read_date(text, day_first=None, is_future=False, today=CONTEXT.today)
    assert problem.value.code == code


def test_two_digit_years_look_back_for_births_and_ahead_for_documents():
    read = {
        is_future: read_date("01.02.29", day_first=True, is_future=is_future, today=CONTEXT.today)
        for is_future in (False, True)
    }
    assert read == {False: date(1929, 2, 1), True: date(2029, 2, 1)}


def test_the_column_decides_day_or_month_and_else_it_is_asked():
    assert order_of(["03/04/1970", "25/04/1970"]).day_first is True
    assert order_of(["03/04/1970", "04/25/1970"]).day_first is False
    assert order_of(["03.04.1970"]).day_first is True
    undecided = order_of(["03/04/1970", "05/05/1970"])
    assert undecided.day_first is None
    assert undecided.is_asked


def test_an_ambiguous_list_is_asked_about_and_another_column_may_decide():
    head = "Surname,Given names,Date of birth,Valid until\n"
    asked = head + "KAYA,EROL,03/04/1970,05/06/2030\n"
    found = read_list(asked.encode(), context=CONTEXT)
    assert found.is_asked
    assert [problem.code for problem in found.rows[0].problems] == ["ambiguous_date"] * 2
    told = read_list(asked.encode(), context=CONTEXT, choices=Choices(day_first=False))
    assert told.rows[0].values["birth_date"] == "1970-03-04"
    decided = head + "KAYA,EROL,03/04/1970,25/06/2030\n"
    assert read_list(decided.encode(), context=CONTEXT).rows[0].values["birth_date"] == "1970-04-03"


@given(st.dates(date(1920, 1, 1), date(2006, 1, 1)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d"]))
def test_a_written_date_is_read_back(day, pattern):
    text = day.strftime(pattern).rjust(10, "0")
    assert read_date(text, day_first=True, is_future=False, today=CONTEXT.today) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("turque", "TR"), ("турецкое", "TR"), ("TUR", "TR"), ("түрік", "TR"),
        ("Deutschland", "DE"), ("allemande", "DE"), ("D", "DE"), ("РФ", "RU"),
        ("Кыргызская Республика", "KG"), ("Etats-Unis", "US"), ("UNO", "UNO"),
        ("апатрид", "XXA"), ("stateless", "XXA"), ("Zubrowka", None), ("", None),
    ],
)  # fmt: skip
def test_countries_by_name_code_and_adjective(text, code):
    assert find_country(text) == code


def test_sex_and_function_words():
    assert [find_sex(word) for word in ("м", "Жен.", "Mrs", "ер", "kadın")] == list("MFFMF")
    assert find_sex("M", has_h=True) == "F"  # Spanish: mujer beside H for hombre
    assert find_function("Глава миссии") == "head"
    assert find_function("STO") == "short_term_observer"
    assert find_function("почётный гость") is None


@pytest.mark.parametrize(
    ("text", "surname", "given"),
    [
        ("Kaya, Erol", "Kaya", "Erol"),
        ("Erol KAYA", "KAYA", "Erol"),
        ("KAYA Erol", "KAYA", "Erol"),
        ("VAN DER BERG Jan Willem", "VAN DER BERG", "Jan Willem"),
        ("Иванов Иван Иванович", "Иванов", "Иван Иванович"),
        ("Иван Иванович Иванов", "Иванов", "Иван Иванович"),
        ("Erol Kaya", "Kaya", "Erol"),
        ("Suharto", "Suharto", ""),
    ],
)
def test_whole_names(text, surname, given):
    assert split_full(text, surname_first=None)[:2] == (surname, given)


def sheet(rows, **options):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


HEAD = ["Surname", "Given names"]


def bomb(member, size, around=True):
    content = io.BytesIO(sheet([HEAD, ["KAYA", "EROL"]]))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b"0" * size)
    return content.getvalue()


def with_part(name, text):
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet([HEAD, ["KAYA", "EROL"]]))) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            data = old.read(member)
            new.writestr(member, text(data) if member.filename == name else data)
    return made.getvalue()


def far_cell(data):
    """A sheet of two cells whose corners span seventeen thousand million."""
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    wide = data.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    return wide.replace(b"</sheetData>", cell)


def entity(data):
    return data.replace(b"<sst", b'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst', 1)


HOSTILE = {
    "empty": (b"  \n", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "neither"),
    "a PDF": (b"%PDF-1.7 " + b"0" * 50, "neither"),
    "a zip of something": (bomb("x", 1)[:0] or b"PK\x03\x04" + b"0" * 60, "damaged"),
    "a truncated spreadsheet": (sheet([HEAD, ["KAYA", "EROL"]])[:2_000], "damaged"),
    "an old spreadsheet cut off": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 500, "damaged"),
    "an encrypted spreadsheet": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "a zip bomb": (bomb("xl/media/x.bin", limits.MOST_UNPACKED), "320 megabytes"),
    "external entities": (with_part("xl/sharedStrings.xml", entity), "entities"),
    "a sheet of countless cells": (with_part("xl/worksheets/sheet1.xml", far_cell), "1024 mega"),
    "ten megabytes in a cell": (
        ("Surname,Given names\n" + "A" * 10_000_000 + ",B\n").encode(),
        "4000 characters",
    ),
    "a hundred thousand rows": (
        ("Surname,Given names\n" + "KAYA,EROL\n" * 100_000).encode(),
        "50000 rows",
    ),
    "binary": (bytes(range(256)) * 20, "neither"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_their_limit(name):
    content, said = HOSTILE[name]
    with pytest.raises(Refused) as refusal:
        read_list(content, context=CONTEXT)
    assert said in str(refusal.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    with suppress(Refused):
        read_list(content, context=CONTEXT)


@given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=12))
def test_any_text_table_is_read_or_refused(rows):
    content = "\n".join(";".join(row) for row in rows).encode("utf-8", "replace")
    try:
        found = read_list(content, context=CONTEXT)
    except Refused:
        return
    assert all(row.number >= 1 for row in found.rows)


def test_a_value_that_will_not_do_is_said_as_it_was_typed():
    content = "Surname;Given names;Date of birth;E-mail\nSMITH;ANN;01.02.1980;no  address\n"
    (row,) = read_list(content.encode(), context=CONTEXT).rows
    (problem,) = [each for each in row.problems if each.field == "email"]
    assert problem.params == {"text": "no  address"}
