"""One word in every alphabet and spelling; words of records are kept with the records."""

import pytest
import sqlalchemy as sa

from tests.factories import records
from tracker.audit.capture import insert_many
from tracker.kernel.database import db
from tracker.kernel.words import (
    EXACT,
    INSIDE,
    START,
    WHOLE,
    SearchWord,
    having,
    other_layout,
    parts,
    rank,
    rarest_first,
    words_of,
)
from tracker.observers.models import Observer


@pytest.mark.parametrize(
    "spellings",
    [
        ("Ержан", "Yerzhan", "Erzhan", "ЕРЖАН", "erjan"),
        ("Кая", "Kaya", "KAIA"),
        ("Юлия", "Yuliya", "IULIIA"),
        ("Дмитрий", "Dmitriy", "Dmitri", "Dmitry", "Dmitrii"),
        ("Хасанов", "Khassanov", "Hasanov"),
        ("Шахин", "Şahin", "Shahin"),
        ("Фёдоров", "Федоров", "Fyodorov", "Fedorov"),
        ("Алексеев", "Alekseyev", "Alekseev"),
        ("Қасымов", "Kassymov", "Qasymov", "Касымов"),
        ("Müller", "MUELLER", "Muller", "Мюллер"),
        ("ТюркПА", "TÜRKPA", "TURKPA"),
        ("Татьяна", "Tatyana"),
        ("KC 904", "KC904", "kc-904"),
    ],
)
def test_one_word_in_many_spellings(spellings):
    assert len({words_of(each) for each in spellings}) == 1


@pytest.mark.parametrize("name", ["Yerzhan", "Жұмағали", "Khassanov", "MUELLER", "Дмитрий"])
def test_half_a_word_begins_the_whole_one(name):
    """While a name is typed it stays found, but for the first half of KH alone."""
    whole = words_of(name)[0]
    starts = [words_of(name[:size])[0] for size in range(2, len(name) + 1)]
    assert [each for each in starts if not whole.startswith(each)] == []


def test_the_same_keys_on_the_other_layout():
    assert other_layout("dcnhtxb") == "встречи"
    assert other_layout("Th;fy") == "ержан"
    assert other_layout("щысу") == "osce"
    assert other_layout("Ержан") is None
    assert other_layout("17") is None


def test_how_well_a_record_matches():
    texts = ("OSCE/ODIHR", "Бюро по демократическим институтам ОБСЕ", None)
    assert rank(words_of("osce odihr"), texts) == EXACT
    assert rank(words_of("обсе"), texts) == WHOLE
    assert rank(words_of("демокр бюро"), texts) == START
    assert rank(words_of("титут"), texts) == INSIDE
    assert rank(words_of("ти"), texts) is None
    assert rank(words_of("бюро кая"), texts) is None


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Ержанов Ержан", "Yerzh", ["Ерж", "Ерж"]),
        ("KAYA Erol", "кая", ["KAYA"]),
        ("OSCE/ODIHR", "odi", ["ODI"]),
        ("No. 17 · TURKPA", "17", ["17"]),
        ("<b>Kaya</b>", "kaya", ["Kaya"]),
        ("Malkaya", "kaya", []),
    ],
)
def test_what_was_found_is_marked_across_alphabets(text, typed, marked):
    pieces = list(parts(text, words_of(typed)))
    assert "".join(piece for piece, _is_found in pieces) == text
    assert [piece for piece, is_found in pieces if is_found] == marked


def kept(record_id):
    query = sa.select(SearchWord.word).where(
        SearchWord.kind == "observers", SearchWord.record_id == record_id
    )
    return set(db.session.scalars(query))


def test_words_follow_the_record(session):
    person = records.observer(surname="KAYA", native_name="Кая Ержан")
    assert kept(person.id) == {"kaia", "ana", "erzan"}
    person.occupation = "Teacher"
    session.flush()
    assert kept(person.id) == {"kaia", "ana", "erzan"}
    person.surname, person.native_name = "DEMIR", None
    session.flush()
    assert kept(person.id) == {"demir", "ana"}
    session.delete(person.document)
    session.delete(person)
    session.flush()
    assert kept(person.id) == set()


def test_words_of_many_at_once(session):
    values = {"surname": "KAYA", "search_key": "", "sort_key": ""}
    rows = [values | {"given_names": name} for name in ("ANNA", "EROL")]
    insert_many(Observer, rows)
    assert set(session.scalars(having(Observer, "kai"))) == {row["id"] for row in rows}
    assert [count for count, _word in rarest_first(Observer, ("kaia", "erol"), 10)] == [1, 2]


def test_an_ending_of_words_is_nobodys_name():
    assert rank(words_of("кая"), ["Международная тюркская академия"]) is None
    assert rank(words_of("Kaya"), ["Erol Kaya"]) == WHOLE
