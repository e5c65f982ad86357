"""Lists of observers as parliaments, embassies and missions send them, with what is in them.

Everybody is invented. A list is the same bytes whenever it is built.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

from tests.factories.list_plans import ListFixture, Person, Plan, workbook
from tracker.demonstration.portraits import draw_portrait
from tracker.observers.mrz import check_digit

EXCEL_DAY_ZERO = date(1899, 12, 30)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# A parliament: title, header of two lines, merged cells, names in two alphabets, a totals row.

PARLIAMENT = Plan("parliament", "ZZ71{:05}", 1)
MERGED = ((38, 43), (54, 60), (66, 73), (82, 85))  # places that share one cell of citizenship
PARLIAMENT_TOP = 5  # rows above the first person


def _russian_name(person: Person) -> str:
    name = " ".join(person.native).lower()
    for latin, cyrillic in PARLIAMENT.words["letters"].items():
        name = name.replace(latin, cyrillic)
    values = person.values
    fathers = PARLIAMENT.words["patronymics"].get(values["citizenship"], [("", "")])
    father = fathers[int(values["document_number"][-1]) % len(fathers)][values["sex"] == "F"]
    return f"{name.title()} {father}".strip()


def _parliament_row(person: Person) -> list[Any]:
    place, values = person.place, person.values
    birth, expiry = person.day("birth_date"), person.day("document_expiry")
    latin = f"{values['surname']} {values['given_names']}"
    own = {
        "name": _russian_name(person),
        "latin": latin.title() if place % 8 == 2 else latin,
        "sex": PARLIAMENT.word("sexes", values["sex"], place),
        "birth_date": f"{birth:%d.%m.%Y} г." if place % 4 == 3 else birth,
        "expiry": f"до {expiry:%d.%m.%Y}" if place % 5 == 2 else expiry,
    }
    if any(first <= place <= last for first, last in MERGED):
        own["citizenship"] = None
    return PARLIAMENT.cells(person, own)


def _parliament_header(sheet: Any, middle: Any) -> None:
    titles = list(PARLIAMENT.words["columns"].values())
    last = len(titles) - 1
    sheet.merge_range(0, 0, 0, last, "СПИСОК", middle)
    election = "международных наблюдателей на выборах 20 ноября 2022 года"
    sheet.merge_range(1, 0, 1, last, election, middle)
    document = titles.index("номер")
    sheet.merge_range(3, document, 3, document + 1, "Документ", middle)
    for column, title in enumerate(titles):
        if column in {document, document + 1}:
            sheet.write_string(4, column, title, middle)
        elif title:
            sheet.merge_range(3, column, 4, column, title, middle)


def parliament_list() -> ListFixture:
    """A Russian workbook that a clerk made to be printed and signed."""
    people = PARLIAMENT.people()
    book, file = workbook()
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    middle = book.add_format({"align": "center", "valign": "vcenter", "text_wrap": True})
    sheet = book.add_worksheet("Лист1")
    _parliament_header(sheet, middle)
    for person in people:
        for column, value in enumerate(_parliament_row(person)):
            put = sheet.write_datetime if isinstance(value, date) else sheet.write
            put(PARLIAMENT_TOP + person.place, column, value, *[day] * isinstance(value, date))
    country = list(PARLIAMENT.words["columns"]).index("citizenship")
    for first, last in MERGED:
        text = PARLIAMENT.word("countries", people[first].values["citizenship"], 0)
        rows = PARLIAMENT_TOP + first, PARLIAMENT_TOP + last
        sheet.merge_range(rows[0], country, rows[1], country, text, middle)
    end = PARLIAMENT_TOP + len(people)
    sheet.merge_range(end, 0, end, 3, f"Итого: {len(people)} человек", middle)
    sheet.write(end + 2, 1, "Руководитель аппарата  ______________  М.П.")
    book.close()
    name, content = "Список наблюдателей.xlsx", file.getvalue()
    return PARLIAMENT.fixture(name, content, people, lambda place: PARLIAMENT_TOP + place + 1)


# An embassy: text in the code page of a Western office, French with some Spanish.

EMBASSY = Plan("embassy", "ZZ82{:05}", 37)
EMBASSY_GAP = 60  # an empty line stands before this place


def _embassy_row(person: Person) -> list[Any]:
    place, values = person.place, person.values
    birth, expiry = person.day("birth_date"), person.day("document_expiry")
    number, addresses = values["document_number"], EMBASSY.words["addresses"]
    surname, given = values["surname"], values["given_names"].title()
    if values["citizenship"] in EMBASSY.words["accented"]:
        surname, given = person.native
    own = {
        "surname": surname.upper() + " " * (place % 14 == 3),
        "given_names": given,
        "sex": "F" if values["sex"] == "F" else "H",
        "birth_date": f"{birth:%d/%m/%y}" if place % 7 == 4 else f"{birth:%d/%m/%Y}",
        "expiry": f"{expiry:%d/%m/%Y}",
        "address": addresses[place % len(addresses)],
        "remarks": EMBASSY.words["remarks"].get(str(place % 20)),
    }
    if place % 6 == 1:
        own["document_number"] = f"{number[:2]} {number[2:4]} {number[4:]}"
    return EMBASSY.cells(person, own)


def embassy_list() -> ListFixture:
    """Semicolons, quoted cells of several lines, days first, some years of two digits."""
    people = EMBASSY.people()
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(EMBASSY.words["columns"].values())
    blank = [""] * len(EMBASSY.words["columns"])
    for person in people:
        if person.place == EMBASSY_GAP:
            writer.writerow(blank)
        writer.writerow(_embassy_row(person))
    writer.writerows([blank] * 3)
    content = f"{text.getvalue()}\r\n\r\n".encode("cp1252")
    name = "liste_observateurs.csv"
    return EMBASSY.fixture(name, content, people, lambda place: 2 + place + (place >= EMBASSY_GAP))


# A mission: a template of several sheets, days as bare numbers, machine-readable zones.

MISSION = Plan("mission", "0093{:05}", 37)
MISSION_DROPPED = (90, 121)
MISSION_ADDED = (("TR", 26), ("DE", 16))  # the next numbers of these countries
MISSION_CHANGED = {
    20: {"email": "secretariat@example.org"},
    31: {"document_number": ""},  # one digit, below
    55: {"function": "long_term_observer"},
}


def _zone(person: Person) -> str:
    """The two lines of a passport (ICAO Doc 9303-4): 44 characters each."""
    values = person.values
    names = f"{values['surname']}<<{values['given_names']}"
    number = f"{values['document_number']:<<9}"
    birth, expiry = (f"{person.day(name):%y%m%d}" for name in ("birth_date", "document_expiry"))
    number, birth, expiry = (part + check_digit(part) for part in (number, birth, expiry))
    optional = "<" * 14 + "0"
    last = f"{number}{person.issuer:<<3}{birth}{values['sex']}{expiry}{optional}"
    whole = check_digit(number + birth + expiry + optional)
    return f"P<{person.issuer:<<3}{names.replace(' ', '<'):<<39}\n{last}{whole}"


def _mission_row(person: Person, *, mended: bool) -> list[Any]:
    place, values = person.place, person.values
    has_zone = place % 3 == 0 and place not in MISSION.mistakes
    surname, given = values["surname"].title(), values["given_names"].title()
    if has_zone and max("".join(person.native)) < "\N{GREEK CAPITAL LETTER HETA}":
        surname, given = person.native  # the zone says how the passport writes its accents
    expiry = person.day("document_expiry")
    own = {
        "name": f"{given} {surname.upper()}" if place % 2 else f"{surname}, {given}",
        "sex": MISSION.word("sexes", values["sex"], place),
        "birth_date": (person.day("birth_date") - EXCEL_DAY_ZERO).days,
        "expiry": f"{expiry.day:02}-{MONTHS[expiry.month - 1]}-{expiry:%y}",
        "mrz": _zone(person) if has_zone else None,
    }
    return MISSION.cells(person, own, mended=mended)


def _mission_book(people: list[Person], *, mended: bool = False) -> bytes:
    book, file = workbook()
    for title, lines in MISSION.words["cover"].items():
        cover = book.add_worksheet(title)
        for row, line in enumerate(lines):
            cover.write_row(row, 0, line)
    sheet = book.add_worksheet("Observers")
    sheet.write_row(0, 0, MISSION.words["columns"].values())
    for row, person in enumerate(people, start=1):
        for column, value in enumerate(_mission_row(person, mended=mended)):
            put = sheet.write_string if isinstance(value, str) else sheet.write
            put(row, column, value)
    book.close()
    return file.getvalue()


def mission_list() -> ListFixture:
    """An English template with instructions in two languages before the list."""
    people = MISSION.people()
    name, content = "Observers.xlsx", _mission_book(people)
    return MISSION.fixture(name, content, people, lambda place: place + 2)


def _corrected(person: Person) -> Person:
    change = dict(MISSION_CHANGED.get(person.place, {}))
    if "document_number" in change:
        number = person.values["document_number"]
        change["document_number"] = f"{number[:-2]}{(int(number[-2]) + 5) % 10}{number[-1]}"
    return replace(person, values=person.values | change)


def mission_list_corrected() -> tuple[ListFixture, list[int], list[str], dict[int, set[str]]]:
    """The list a week later, by surname: rows added, documents dropped, fields changed by row.

    Rows that were bad are mended (the person listed twice is there once); they are good now, and
    neither added nor changed.
    """
    before = MISSION.people()
    gone = {place for place, mistake in MISSION.mistakes.items() if mistake.of is not None}
    people = [_corrected(one) for one in before if one.place not in gone | {*MISSION_DROPPED}]
    for place, (country, number) in enumerate(MISSION_ADDED, start=len(before)):
        people.append(MISSION.person(place, country, number))
    people.sort(key=lambda one: (one.values["surname"], one.values["given_names"], one.place))
    rows = {one.place: row for row, one in enumerate(people, start=2)}
    good = {rows[one.place]: dict(one.values) for one in people}
    content = _mission_book(people, mended=True)
    added = sorted(row for place, row in rows.items() if place >= len(before))
    dropped = [before[place].values["document_number"] for place in MISSION_DROPPED]
    changed = {rows[place]: set(change) for place, change in MISSION_CHANGED.items()}
    return ListFixture("Observers_corrected.xlsx", content, good, {}), added, dropped, changed


SIXTY = (
    *("Surname", "Given names", "Sex", "Date of birth", "Citizenship"),
    *("Passport No", "Valid until", "Function"),
)


def _sixty_rows() -> Iterator[list[str]]:
    for number in range(60):
        day = date(1960, 1, 1) + timedelta(days=number * 97)
        name = f"{chr(65 + number % 26)}{chr(65 + number // 26)}DEMIR"
        yield [
            *(name, "NUR", "FM"[number % 2], day.isoformat(), "TR"),
            *(f"U{7_000_000 + number}", "2030-01-01", "STO"),
        ]


def sixty() -> tuple[bytes, bytes]:
    """A list of sixty, and their portraits in an archive; the days of birth of two cannot be."""
    rows = list(_sixty_rows())
    rows[10][3], rows[40][3] = "31.02.1970", "no day"
    text = StringIO()
    csv.writer(text, delimiter=";").writerows([SIXTY, *rows])
    pictures, face = BytesIO(), draw_portrait("face", is_woman=True)
    with ZipFile(pictures, "w") as archive:
        for row in rows:
            archive.writestr(f"{row[5]}.jpg", face)
    return text.getvalue().encode(), pictures.getvalue()
