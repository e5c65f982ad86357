"""One word in every alphabet and spelling; words of records are kept with the records."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import records
from tracker.audit.capture import insert_many
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.words import (
    EXACT,
    INSIDE,
    START,
    WHOLE,
    SearchEnding,
    SearchWord,
    Term,
    endings,
    having,
    other_layout,
    parts,
    rank,
    remake_all,
    says,
    terms,
    terms_among,
    words_of,
)
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.meetings.models import Meeting, MeetingKind
from tracker.observers.models import Observer

HOUR = timedelta(hours=1)


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
    assert set(session.scalars(having(Observer, Term("kai")))) == {row["id"] for row in rows}
    found = terms(Observer, ("kaia", "erol"), 10)
    assert [(term.word, term.count) for term in found] == [("erol", 1), ("kaia", 2)]


@pytest.mark.parametrize("word", ["kaia", "ka", "k", "aia", "ia", "eeting", "xu", "not"])
def test_one_statement_says_which_kinds_have_a_word(session, word):
    records.observer(surname="KAYA", given_names="OMAR")
    insert_many(
        Meeting,
        [
            {"election_id": records.election().id, "kind": MeetingKind.BILATERAL}
            | {"title": "Meeting of Kayan", "starts_at": moment, "ends_at": moment + HOUR}
            for moment in (clock.now(),)
        ],
    )
    models = (Observer, Meeting, AssistanceRequest)
    apart = {model.__tablename__: terms(model, [word], 1)[0] for model in models}
    assert terms_among(models, word) == {kind: term for kind, term in apart.items() if term.count}


def test_an_ending_of_words_is_nobodys_name():
    assert rank(words_of("кая"), ["Международная тюркская академия"]) is None
    assert rank(words_of("Kaya"), ["Erol Kaya"]) == WHOLE


def found(session, text):
    looked_for = terms(Observer, words_of(text), 100)
    ids = [set(session.scalars(having(Observer, term))) for term in looked_for]
    checked = [
        set(session.scalars(sa.select(Observer.id).where(says(Observer, Observer.id, term))))
        for term in looked_for
    ]
    assert checked == ids  # both ways of asking give the same
    people = session.scalars(sa.select(Observer).where(Observer.id.in_(set.intersection(*ids))))
    return sorted(person.surname for person in people.unique())


@pytest.mark.parametrize("text", ["ндреев", "NDREYEV", "дрее", "rev", "андреев", "Andreyev"])
def test_what_stands_inside_a_word_is_found_in_every_alphabet(session, text):
    for surname in ("ANDREEV", "KAYA"):
        records.observer(surname=surname, given_names="OMAR")
    assert found(session, text) == ["ANDREEV"]


def test_few_letters_are_looked_for_inside_only_where_no_word_begins_with_them(session):
    for surname in ("MALKAYA", "KAYA"):
        records.observer(surname=surname, given_names="OMAR")
    assert found(session, "кая") == ["KAYA"]
    assert found(session, "алк") == ["MALKAYA"]
    assert found(session, "ка") == ["KAYA"]
    assert found(session, "лк") == []


def test_many_letters_are_looked_for_inside_words_as_well(session):
    for surname in ("ANDERSSON", "SANDERSSON"):
        records.observer(surname=surname, given_names="OMAR")
    assert found(session, "anders") == ["ANDERSSON", "SANDERSSON"]


def kept_endings(session):
    row = SearchEnding
    return {(each.ending, each.word) for each in session.execute(sa.select(row.ending, row.word))}


def expected_endings(session):
    words = session.scalars(sa.select(SearchWord.word).distinct())
    return {(end, word) for word in words for end in endings(word)}


def test_endings_go_with_the_last_who_has_the_word(session):
    one, other = (records.observer(surname="ANDREEV", given_names=name) for name in ("A", "B"))
    assert ("drev", "andrev") in kept_endings(session)
    one.surname = "KAYA"
    session.flush()
    assert ("drev", "andrev") in kept_endings(session)
    other.surname = "DEMIR"
    session.flush()
    assert "andrev" not in {word for _ending, word in kept_endings(session)}
    assert kept_endings(session) == expected_endings(session)


def test_words_are_made_anew(session):
    records.observer(surname="ANDREEV", given_names="ERZHAN")
    rows = sa.select(SearchWord.record_id, SearchWord.word)
    before = sorted(session.execute(rows).all())
    session.execute(sa.delete(SearchWord))
    session.execute(sa.insert(SearchEnding).values(kind="observers", ending="old", word="gold"))
    made = dict(remake_all(session.connection()))
    assert made["observers"] == 1
    assert sorted(session.execute(rows).all()) == before
    assert kept_endings(session) == expected_endings(session)


@given(st.lists(st.text("abeikhoruyzаеёийкхшщыюя", min_size=1, max_size=9), min_size=1))
def test_every_part_of_a_word_is_the_beginning_of_it_or_of_an_ending(names):
    for word in words_of(" ".join(names)):
        for start in range(len(word) - 2):
            part = word[start : start + 3]
            assert any(each.startswith(part) for each in (word, *endings(word)))
