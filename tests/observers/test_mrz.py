"""The MRZ parser on the specimens of ICAO Doc 9303 and on whatever people paste."""

from datetime import date

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.i18n import say
from tracker.observers.issuers import citizenship_of, issuer_name
from tracker.observers.mrz import ALPHABET, check_digit, parse
from tracker.observers.mrz_layouts import LAYOUTS

ON = date(2022, 11, 20)
TD3 = """P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
L898902C36UTO7408122F1204159ZE184226B<<<<<10"""
TD1 = """I<UTOD231458907<<<<<<<<<<<<<<<
7408122F1204159UTO<<<<<<<<<<<6
ERIKSSON<<ANNA<MARIA<<<<<<<<<<"""
TD2 = """I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<
D231458907UTO7408122F1204159<<<<<<<6"""
LONG = """I<UTOD23145890<7349<<<<<<<<<<<
3407127M9507122UTO<<<<<<<<<<<2
STEVENSON<<PETER<JOHN<<<<<<<<<"""


def passport(surname="KAYA", given="EROL", *, state="TUR", number="U12345678", **fields) -> str:
    """A TD3 zone whose check digits hold."""
    birth, expiry = fields.get("birth", "650312"), fields.get("expiry", "300101")
    personal, sex = fields.get("personal", "").ljust(14, "<"), fields.get("sex", "M")
    names = f"{surname}<<{given}".replace(" ", "<").rstrip("<").ljust(39, "<")[:39]
    number = number.ljust(9, "<")
    state = state.ljust(3, "<")
    second = (
        f"{number}{check_digit(number)}{state}{birth}{check_digit(birth)}{sex}"
        f"{expiry}{check_digit(expiry)}{personal}{check_digit(personal)}"
    )
    composite = check_digit(second[:10] + second[13:20] + second[21:43])
    return f"P<{state}{names}\n{second}{composite}"


@pytest.mark.parametrize(
    ("text", "form", "number"),
    [(TD3, "TD3", "L898902C3"), (TD1, "TD1", "D23145890"), (TD2, "TD2", "D23145890")],
)
def test_specimens_of_doc_9303(text, form, number):
    found = parse(text, on=date(2012, 1, 1))
    assert found.errors == ()
    assert (found.format, found.document_number) == (form, number)
    assert (found.surname, found.given_names) == ("ERIKSSON", "ANNA MARIA")
    assert (found.birth_date, found.expiry_date) == (date(1974, 8, 12), date(2012, 4, 15))
    assert (found.issuing_state, found.nationality, found.sex) == ("UTO", "UTO", "F")
    assert found.valid


def test_personal_number_and_json_keys():
    found = parse(TD3, on=ON).as_dict()
    assert found["personal_number"] == "ZE184226B"
    assert list(found) == [
        "format",
        "document_code",
        "issuing_state",
        "surname",
        "given_names",
        "document_number",
        "nationality",
        "birth_date",
        "sex",
        "expiry_date",
        "personal_number",
        "valid",
        "errors",
        "warnings",
    ]
    assert found["birth_date"] == "1974-08-12"
    assert found["warnings"] == ["The document expired on 2012-04-15."]


def test_a_long_number_goes_on_in_the_optional_data():
    found = parse(LONG, on=date(1990, 1, 1))
    assert found.document_number == "D23145890734"
    assert found.valid, found.errors
    broken = parse(LONG.replace("7349", "7348"), on=date(1990, 1, 1))
    assert "check_document_number" in {problem.code for problem in broken.errors}


@pytest.mark.parametrize(
    ("code", "citizenship"),
    [("D", "DE"), ("RKS", "XK"), ("UNO", "UNO"), ("XXA", "XXA"), ("TUR", "TR"), ("GBN", "GB")],
)
def test_issuers_beyond_iso(code, citizenship):
    found = parse(passport(state=code), on=ON)
    assert found.valid, found.errors
    assert found.issuing_state == code
    assert citizenship_of(code) == citizenship


def test_unknown_issuer_is_an_error():
    found = parse(passport(state="QQQ"), on=ON)
    assert {problem.code for problem in found.errors} == {"issuing_state", "nationality"}


def test_no_given_name_and_unknown_sex():
    found = parse(passport(surname="SUKARNO", given="", sex="<"), on=ON)
    assert found.valid, found.errors
    assert (found.surname, found.given_names, found.sex) == ("SUKARNO", "", "X")


def test_cut_names_are_a_warning():
    found = parse(passport(given="BENNELONG" * 6), on=ON)
    assert found.valid
    assert [problem.code for problem in found.warnings] == ["names_truncated"]


def test_centuries_follow_the_day_of_the_election():
    found = parse(passport(birth="221121", expiry="231120"), on=ON)
    assert found.birth_date == date(1922, 11, 21)  # one day later would be in the future
    assert found.expiry_date == date(2023, 11, 20)
    assert parse(passport(birth="221120"), on=ON).birth_date == date(2022, 11, 20)
    assert parse(passport(birth="000229"), on=ON).birth_date == date(2000, 2, 29)


def test_a_day_that_does_not_exist_is_an_error():
    assert "birth_date" in {
        problem.code for problem in parse(passport(birth="650230"), on=ON).errors
    }


def test_an_incomplete_birth_date_is_a_warning():
    found = parse(passport(birth="65<<<<"), on=ON)
    assert found.birth_date is None
    assert found.valid
    assert [problem.code for problem in found.warnings] == ["birth_date_incomplete"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.splitlines()[0], "lines"),
        (lambda text: text[:-1], "length"),
        (lambda text: "", "empty"),
        (lambda text: text.replace("KAYA", "КAYA"), "character"),
        (lambda text: "V" + text[1:], "visa"),
        (lambda text: text.replace("KAYA", "K4YA"), "digit_in_names"),
    ],
)
def test_what_people_paste_wrong(change, code):
    found = parse(change(passport()), on=ON)
    assert not found.valid
    assert code in {problem.code for problem in found.errors}


def test_what_people_paste_is_taken_where_it_is_clear():
    text = passport()
    assert parse(text.lower(), on=ON).valid
    assert parse(text.replace("\n", "\r\n\r\n") + "\n", on=ON).valid
    assert parse(text.replace("\n", ""), on=ON).valid
    assert parse(text.replace("<<", "«"), on=ON).valid


def test_a_slip_is_named_and_not_repaired():
    found = parse(passport(number="U12345608").replace("U12345608", "U123456O8"), on=ON)
    assert any("“O”: it may be “0”" in str(problem) for problem in found.errors)
    assert found.document_number == "U123456O8"


@given(st.text())
def test_never_raises(text):
    found = parse(text, on=ON)
    assert found.valid is (not found.errors)
    assert found.as_dict()["valid"] is found.valid


@given(st.lists(st.text(alphabet=ALPHABET + "<", min_size=44, max_size=44), min_size=2, max_size=2))
def test_never_raises_on_the_right_shape(lines):
    parse("\n".join(lines), on=ON).as_dict()


@given(
    surname=st.text(alphabet="ABCXYZ", min_size=1, max_size=15),
    given=st.lists(st.text(alphabet="ABCXYZ", min_size=1, max_size=8), max_size=2),
    number=st.text(alphabet=ALPHABET, min_size=1, max_size=9),
    birth=st.dates(date(1925, 1, 1), date(2004, 1, 1)),
    expiry=st.dates(date(2023, 1, 1), date(2032, 1, 1)),
)
def test_round_trip(surname, given, number, birth, expiry):
    text = passport(
        surname, " ".join(given), number=number, birth=f"{birth:%y%m%d}", expiry=f"{expiry:%y%m%d}"
    )
    found = parse(text, on=ON)
    assert found.valid, found.errors
    assert (found.surname, found.given_names) == (surname, " ".join(given))
    assert (found.document_number, found.birth_date, found.expiry_date) == (number, birth, expiry)


@given(column=st.integers(0, 43), char=st.sampled_from(ALPHABET))
def test_a_changed_character_that_the_digits_cover_is_found(column, char):
    first, second = passport(personal="12345").splitlines()
    covered = set(range(10)) | set(range(13, 20)) | set(range(21, 44))
    changed = second[:column] + char + second[column + 1 :]
    found = parse(f"{first}\n{changed}", on=ON)
    old, new = (ALPHABET.find(value) if value != "<" else 0 for value in (second[column], char))
    if column in covered and (old - new) % 10:
        assert not found.valid


def test_layouts_cover_every_character_once():
    for layout in LAYOUTS:
        for line in range(layout.lines):
            spans = [*layout.fields.values(), *(check[0] for check in layout.checks.values())]
            columns = [
                column
                for span in spans
                if span.line == line
                for column in range(span.start, span.end)
            ]
            assert len(columns) == len(set(columns))


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("TUR", "en", "Türkiye"),
        ("D", "ru", "Германия"),
        ("GBN", "en", "United Kingdom"),
        ("RKS", "en", "Kosovo"),
        ("UNO", "ru", "Пропуск Организации Объединённых Наций"),
        ("XXA", "kk", "Азаматтығы жоқ адам"),
        ("ZZZ", "en", "ZZZ"),
    ],
)
def test_who_issued_a_document_has_a_name(code, language, name):
    assert name in issuer_name(code, language)


def test_what_does_not_hold_is_named_in_the_language_of_the_reader(app):
    zone = passport()
    other = "0" if zone[-1] != "0" else "1"
    [problem] = parse(zone[:-1] + other, on=ON).errors
    assert "the check digit of the whole zone does not hold" in str(problem)
    with app.test_request_context(), force_locale("ru"):
        assert "не сходится контрольная цифра (вся зона)" in say(problem.message, problem.params)
