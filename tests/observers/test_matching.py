"""Who is the same person: across alphabets, orders, slips, twins, fathers and sons."""

import re
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.kernel.errors import Refused
from tracker.observers.matching import (
    BANDS,
    REASONS,
    Names,
    Person,
    Verdict,
    block_key,
    compare,
    person_from,
    spelling,
)
from tracker.observers.matching_tables import FATHER_WORDS, PARTICLES, VERDICTS, raw_words

BORN = date(1965, 3, 12)
PASSPORT, RENEWED = "N12345678", "N98761234"
SAME, POSSIBLE, DIFFERENT = Verdict.SAME, Verdict.POSSIBLE, Verdict.DIFFERENT


def person(name: str, born: date | None = BORN, **more) -> Person:
    """`name` is written with a comma: surname, given names."""
    surname, _comma, given_names = name.partition(",")
    return Person(surname=surname.strip(), given_names=given_names.strip(), birth_date=born, **more)


def groups(text: str) -> list[tuple[str, ...]]:
    """What is written "one = other; one = other"."""
    return [tuple(group.strip().split(" = ")) for group in re.split("[;\n]+", text.strip())]


def codes(match) -> list[str]:
    return [reason.code for reason in match.reasons]


SPELLINGS = """
Маулен Ашимбаев = Maulen Ashimbayev = Mäulen Äşimbaev = MAULEN ASHIMBAEV
Юрий = Yury = Iurii = Yuriy; Мұхтар Тілеуберді = Mukhtar Tileuberdi = Muhtar Tıleuberdi
Нұрлан Әбдіров = Nurlan Abdirov = Nūrlan Äbdırov; Müller = Mueller = Muller = Мюллер
Øystein = Oystein = Oeystein; Алексей = Alexey = Aleksei = Alexei = Aleksej
Татьяна = Tatiana = Tatyana = Tatjana = Tat’yana; Мария = Mariya = Maria = Mariia = Marija
Елена = Elena = Yelena = Ielena; Щербаков = Shcherbakov = Scherbakov = Schtscherbakow
Хрущёв = Khrushchev = Khrushchyov
Чайковский = Tchaikovsky = Tschaikowski = Czajkowski = Chaykovskiy; Жомарт = Zhomart = Jomart
Ғалым = Galym = Ğalym = Ghalym; Романов = Romanov = Romanoff = Romanow
Васильев = Vasiliev = Vasil'ev = Vasilyev = Vassiliev
Дмитрий = Dmitry = Dmitrii = Dmitriy = Dmitrij; Людмила = Lyudmila = Liudmila = Ljudmila = Ludmila
Фёдор = Fyodor = Fedor; Эрдоган = Erdoğan = ERDOGAN; Юсуф = Yusuf = Youssouf = Iusuf
Ордабаев = Ordabayev = Ordabaev = Ordabaiev; Aliyev Nijat = Алиев Ниджат = Aliev Nidzhat
van der Berg = Berg = Van Berg; al-Farabi = Al Farabi = Аль-Фараби
Mammad oglu = Маммад оглы = Mammadoğlu = Mamad-ogly; Асхат = Askhat = Askhatt
Нұрланұлы = Nurlanuly = Nurlan uly
"""


@pytest.mark.parametrize("forms", groups(SPELLINGS), ids=lambda forms: forms[0])
def test_one_spelling(forms):
    assert len({spelling(form) for form in forms}) == 1
    assert re.fullmatch("[a-z]+( [a-z]+)*", spelling(forms[0]))


TWO_SPELLINGS = """
Диана = Dana; Мария = Мара; Anna = Inna; Erol = Erbol; Алёна = Алина; Kara = Karaoğlu
Асхат = Ашат; Айгүл = Айдар
"""


@pytest.mark.parametrize(("one", "other"), groups(TWO_SPELLINGS))
def test_two_spellings(one, other):
    assert spelling(one) != spelling(other)


SAME_NAMES = """
Ашимбаев, Маулен = Ashimbayev, Maulen; Ашимбаев, Маулен = Äşimbaev, Mäulen
Ashimbayev, Maulen = Äşimbaev, Mäulen; Petrov, Yury = Petrov, Iurii; Petrov, Yury = Петров, Юрий
Petrov, Jurij = Петров, Юрий; Тілеуберді, Мұхтар = Tileuberdi, Mukhtar
Әбдіров, Нұрлан = Abdirov, Nurlan; Əliyev, Nicat = Aliyev, Nijat; Əliyev, Nicat = Алиев, Ниджат
ELIYEV, NICAT = Əliyev, Nicat; ALIYEV, NICAT = Алиев, Ниджат; Xəlilov, Cavid = Khalilov, Javid
Xəlilov, Cavid = Халилов, Джавид; Əkbərov, Rəşad = Akbarov, Rashad
Müller, Jürgen = Mueller, Juergen; Müller, Jürgen = Muller, Jurgen
Hansen, Øystein = Hansen, Oystein; Hansen, Øystein = Hansen, Oeystein
Petrov, Sergei = Petrov, Sergey Ivanovich; Petrov, Sergei = Petrov Ivanovich, Sergey
Петров, Сергей Иванович = PETROV, SERGEI; García Márquez, Gabriel = Garcia, Gabriel
García Márquez, Gabriel = Gabriel, Garcia; García Márquez, Gabriel José = GARCIA MARQUEZ, GABRIEL
Kaya, Erol = Erol, Kaya; KAYA, EROL = Кая, Ерол; Şahin, Ayşe = SAHIN, AYSE
Şahin, Ayşe = Шахин, Айше; Çelik, Gülşen = CELIK, GUELSEN; Çelik, Can = Челик, Джан
Wiśniewski, Łukasz = WISNIEWSKI, LUKASZ; Kuznecov, Andrej = Кузнецов, Андрей
Žukov, Aleksej = ZUKOV, ALEKSEJ; Zukov, Aleksej = Жуков, Алексей; Жапаров, Садыр = Japarov, Sadyr
Zhaparov, Sadyr = Japarov, Sadyr; Мирзиёев, Шавкат = Mirziyoyev, Shavkat
Шевчук, Олег = Shevchuk, Oleh; Шевченко, Євген = Shevchenko, Yevhen
Соловьёв, Семён = Solovyov, Semyon; Соловьёв, Семён = SOLOVEV, SEMEN
Петър, Георгиев = PETIER, GEORGIEV; O'Neil, Seán = ONEIL, SEAN
Тоқаев, Қасым-Жомарт = Tokayev, Kassym-Jomart; van der Berg, Jan = Berg, Jan
Əliyev, Nicat Məmməd oğlu = Aliyev, Nijat; Əliyev, Nicat Məmməd oğlu = Алиев, Ниджат Маммадович
Нұрлан, Асқар Болатұлы = Nurlan, Askar Bolat uly; Johann, Michael = Johann, Михаэль
"""
# The same too, yet a block key sees another first word or another letter.
SAME_NAMES_IN_OTHER_BLOCKS = """
Abdul Rahman, Ali = Abdulrahman, Ali; Тоқаев, Қасым-Жомарт = Tokayev, Kassymzhomart
Hernández, José = Hernandez, Хосе; Lopez, Maria José = José, Maria Lopez
"""


@pytest.mark.parametrize(("one", "other"), groups(SAME_NAMES + SAME_NAMES_IN_OTHER_BLOCKS))
def test_same_names_and_birth_date_are_one_person(one, other):
    found = compare(person(one), person(other))
    assert (found.verdict, codes(found)[-1]) == (SAME, "same_birth_date")
    assert "similar_names" not in codes(found)


@pytest.mark.parametrize(("one", "other"), groups(SAME_NAMES))
def test_same_names_meet_in_one_block(one, other):
    assert len({block_key(*name.split(", ")) for name in (one, other)}) == 1


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Kaya, Erol", "KAYA, EROL", "same_names"),
        ("Kaya, Erol", "Erol, Kaya", "names_swapped"),
        ("Ашимбаев, Маулен", "Ashimbayev, Maulen", "names_in_another_spelling"),
        ("Petrov, Sergei", "Petrov, Sergei Ivanovich", "patronymic_in_one"),
        ("Garcia, Gabriel", "Garcia, Gabriel Jose", "further_names_in_one"),
        ("Garcia, G.", "Garcia, Gabriel", "similar_names"),
        ("Lopez, Anna Maria", "Lopez, Maria", "names_incomplete"),
        ("Petrov, Ivan Ivanovich", "Petrov, Ivan Pavlovich", "different_patronymics"),
        ("Petrov, Anna", "Petrov, Inna", "different_given_names"),
        ("Petrov, Anna", "Sidorov, Anna", "different_names"),
        ("Petrov, Anna", ",", "names_unknown"),
    ],
)
def test_reasons_of_names(one, other, code):
    assert code in codes(compare(person(one), person(other)))


def test_native_name_is_compared_too():
    at_home = person("Smith, Jane", native_name="Ким Ольга")
    assert compare(at_home, person("Kim, Olga")).verdict is SAME
    assert compare(person("Ким, Ольга"), at_home).verdict is SAME
    assert compare(at_home, person("Brown, Mary", native_name="Ольга Ким")).verdict is SAME


def test_native_surname_alone_makes_no_relatives_one():
    one = person("Petrova, Anna", native_name="Петрова")
    assert compare(one, person("Petrova, Inna", native_name="Петрова")).verdict is DIFFERENT


def test_detail_shows_what_is_spelled_otherwise_in_the_order_asked():
    one, other = person("Kaya, Erol"), person("Кая, Erol")
    assert compare(one, other).reasons[0].detail == "Kaya / Кая"
    assert compare(other, one).reasons[0].detail == "Кая / Kaya"


OTHER_PEOPLE = """
Petrova, Anna = Petrova, Inna; Omarova, Aigul = Omarov, Aidar; Omarov, Asan = Omarov, Usen
Ivanova, Karina = Ivanova, Marina; Ivanov, Damir = Ivanov, Timur; Yilmaz, Hana = Yilmaz, Jana
Yilmaz, Ahmet = Yilmaz, Mehmet; Dupont, Jean-Pierre = Dupont, Jean-Paul; Kim, Olga = Kim, Vera
Kaya, Erol = Petrov, Sergei; Petrov, Sergei = Sidorov, Sergei; Sidorov, Andrei = Fedorov, Maxim
"""


@pytest.mark.parametrize(("one", "other"), groups(OTHER_PEOPLE))
@pytest.mark.parametrize("numbers", [(None, None), (PASSPORT, RENEWED), (PASSPORT, "N12345679")])
def test_other_names_are_other_people_even_twins(one, other, numbers):
    pair = [
        person(name, document_number=number, issuing_state="KAZ")
        for name, number in zip((one, other), numbers, strict=True)
    ]
    assert compare(*pair).verdict is DIFFERENT


ALIKE = """
Kaya, Erol = Kaya, Yerbol; Ivanova, Alina = Ivanova, Arina; Omarov, Marat = Omarov, Murat
Ivanova, Diana = Ivanova, Dana; Silva, Maria = Silva, Marina; Silva, Daniel = Silva, Daniela
Petrov, Ivan Ivanovich = Petrov, Ivan Pavlovich
"""


@pytest.mark.parametrize(("one", "other"), groups(ALIKE))
def test_similar_names_of_two_are_for_a_person_to_judge(one, other):
    assert compare(person(one), person(other)).verdict is POSSIBLE
    one = person(one, document_number=PASSPORT)
    assert compare(one, person(other, document_number=RENEWED)).verdict is DIFFERENT
    assert compare(one, person(other, document_number=PASSPORT)).verdict is SAME


def test_father_and_son():
    father = person("Petrov, Ivan Ivanovich", date(1950, 4, 3), document_number=PASSPORT)
    son = person("Petrov, Ivan Ivanovich", date(1977, 11, 20), document_number=RENEWED)
    found = compare(father, son)
    assert found.verdict is DIFFERENT
    assert codes(found) == ["same_names", "different_birth_date", "different_document"]


SLIPS = """
Alekseev, Mikhail = Alexeyev, Mihkail; Ashimbayev, Maulen = Ashimbayv, Maulen
Abdrakhmanov, Nurlan = Abdrahmnov, Nurlan; Petrov, Aleksandr = Petrov, Alexander
Petrov, Sergei = Petrv, Sergei; Al-Sayed, Muhammad = Al Sayed, Mohammed
Yilmaz, Mehmet = Yilmas, Mehmet
"""


@pytest.mark.parametrize(("one", "other"), groups(SLIPS))
def test_a_slip_of_the_pen(one, other):
    assert compare(person(one), person(other)).verdict is SAME
    numbers = [
        compare(person(one, document_number=PASSPORT), person(other, document_number=number))
        for number in (PASSPORT, "N12345679", RENEWED)
    ]
    assert [found.verdict for found in numbers] == [SAME, SAME, POSSIBLE]


@pytest.mark.parametrize(
    ("born", "code", "by_document"),
    [
        (date(1965, 3, 12), "same_birth_date", [SAME, SAME, SAME, SAME]),
        (date(1965, 12, 3), "birth_date_swapped", [SAME, SAME, POSSIBLE, POSSIBLE]),
        (date(1966, 3, 12), "birth_date_one_digit", [SAME, SAME, POSSIBLE, POSSIBLE]),
        (date(1956, 3, 12), "birth_date_digits_swapped", [SAME, SAME, POSSIBLE, POSSIBLE]),
        (date(1990, 7, 1), "different_birth_date", [SAME, DIFFERENT, DIFFERENT, DIFFERENT]),
        (None, "birth_date_unknown", [SAME, POSSIBLE, POSSIBLE, POSSIBLE]),
    ],
)
def test_birth_date_and_document(born, code, by_document):
    one = person("Ашимбаев, Маулен", document_number="n 1234-5678", issuing_state="KAZ")
    verdicts = []
    for number in (PASSPORT, "N12345679", None, RENEWED):
        other = person("Ashimbayev, Maulen", born, document_number=number, issuing_state="KAZ")
        found = compare(one, other)
        assert code in codes(found)
        verdicts.append(found.verdict)
    assert verdicts == by_document


def test_same_document_with_different_names_is_possible():
    one = person("Kaya, Erol", document_number=PASSPORT, issuing_state="TUR")
    other = person("Petrova, Anna", None, document_number=PASSPORT, issuing_state="TR")
    found = compare(one, other)
    assert found.verdict is POSSIBLE
    assert "same_document" in codes(found)
    assert "same_document" not in codes(compare(one, replace(other, issuing_state="KAZ")))


@pytest.mark.parametrize("number", ["", "-", "N/A", "NONE", "unknown", "0000000", "12"])
def test_what_is_no_document_number_is_not_compared(number):
    one = person("Kaya, Erol", document_number=number)
    found = compare(one, person("Petrova, Anna", document_number=number))
    assert found.verdict is DIFFERENT
    assert not any("document" in code for code in codes(found))


def test_two_passports_of_a_dual_national():
    one = person("Kaya, Erol", citizenship="TR", document_number="U12345678")
    other = person("Kaya, Erol", citizenship="DE", document_number="C01X00T47")
    found = compare(one, other)
    assert found.verdict is POSSIBLE
    assert "different_citizenship" in codes(found)
    assert compare(one, replace(other, citizenship="TR")).verdict is SAME  # renewed
    assert compare(one, replace(other, document_number=None)).verdict is SAME


def test_contradicting_sex_takes_certainty():
    one = person("Kaya, Deniz", sex="F")
    found = compare(one, person("Kaya, Deniz", sex="M"))
    assert (found.verdict, codes(found)[-1]) == (POSSIBLE, "different_sex")
    for sex in ("X", None):
        assert compare(one, person("Kaya, Deniz", sex=sex)).verdict is SAME


def test_a_nearer_match_has_a_higher_score():
    one = person("Kaya, Erol", document_number=PASSPORT)
    others = [
        one,
        replace(one, document_number=None),
        replace(one, birth_date=date(1965, 12, 3), document_number=None),
        person("Kaya, Yerbol"),
        person("Petrova, Anna"),
    ]
    scores = [compare(one, other).score for other in others]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


BLOCK = "Kaya, Erol; Erol, Kaya; КАЯ, Ерол; Kaya, Erol Mehmet; Kaya Yilmaz, Erol; de Kaya, Erol"


@pytest.mark.parametrize("name", BLOCK.split("; "))
def test_block_key(name):
    assert block_key(*name.split(", ")) == "k rl"


def test_block_key_of_little():
    keys = [block_key(name, "") for name in ("", "-", "Kaya", "Ae")]
    assert keys == ["", "", "k", "a"]


def test_tables_are_whole():
    levels = {level.name.lower() for level in Names}
    births = {"same", "near", "unknown", "different"}
    assert set(VERDICTS) == {(level, birth) for level in levels for birth in births}
    assert all(re.fullmatch("[spd]{4}", row) for row in VERDICTS.values())
    assert not any(text.endswith(".") for text in REASONS.values())


def test_person_from_json():
    values = {field.name: "x" for field in fields(Person)} | {"birth_date": "1965-03-12"}
    assert person_from(values) == Person(**values | {"birth_date": BORN})
    assert person_from({"surname": "Kaya", "birth_date": None}) == Person(surname="Kaya")
    assert person_from({"birth_date": ""}) == Person()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"birth_date": "12.03.1965"}, "birth_date"),
        ({"birth_date": "1965-02-30"}, "birth_date"),
        ({"birth_date": "1965-W10-5"}, "birth_date"),
        ({"birth_date": 1965}, "birth_date"),
        ({"surname": ["Kaya"]}, "surname"),
        ({"sex": True}, "sex"),
        ({"name": "Kaya"}, "name"),
    ],
)
def test_person_from_json_refused(values, field):
    with pytest.raises(Refused) as refusal:
        person_from(values)
    assert refusal.value.field == field
    assert "%" not in str(refusal.value)


LETTERS = "aeiouyjxcshzgkhtdvw'- .əşçğöüäéабгдеёжзийклмнхцчшщъьюяәғқңөұүіўМК"
WORDS = sorted(set(re.findall(r"\w+", SAME_NAMES)))
words = st.sampled_from([*WORDS, *sorted(PARTICLES), *sorted(FATHER_WORDS)])
texts = (
    st.text(LETTERS, max_size=12) | st.lists(words, max_size=4).map(" ".join) | st.text(max_size=12)
)
persons = st.builds(
    Person,
    surname=texts,
    given_names=texts,
    native_name=st.none() | texts,
    birth_date=st.none() | st.dates(date(1964, 1, 1), date(1966, 12, 31)),
    sex=st.sampled_from([None, "F", "M", "X"]),
    citizenship=st.sampled_from([None, "KZ", "TR", "XXA"]),
    document_number=st.sampled_from([None, PASSPORT, "N12345679", RENEWED]),
    issuing_state=st.sampled_from([None, "KAZ", "TUR"]),
)


@given(persons, persons)
def test_comparison_is_symmetric_and_the_score_fits_the_verdict(one, other):
    found, back = compare(one, other), compare(other, one)
    assert (found.score, found.verdict) == (back.score, back.verdict)
    assert codes(found) == codes(back)
    low, high = BANDS[found.verdict]
    assert low <= found.score <= high
    assert set(codes(found)) <= set(REASONS)
    assert found.reasons


@given(persons, st.dates())
def test_everybody_with_a_name_and_birth_date_is_the_same_as_oneself(one, born):
    assume(spelling(one.surname) or spelling(one.given_names))
    found = compare(replace(one, birth_date=born), replace(one, birth_date=born))
    assert found.verdict is SAME
    assert found.reasons[0].code == "same_names"


@given(texts, texts)
def test_block_key_ignores_order_and_fits(one, other):
    key = block_key(one, other)
    assert key == block_key(other, one)
    assert re.fullmatch("([a-z]{1,19}( [a-z]{1,19})?)?", key)


@given(st.text())
def test_spelling_has_plain_letters_only_and_does_not_mind_capitals(text):
    assert re.fullmatch("([a-z]+( [a-z]+)*)?", spelling(text))
    assert spelling(" ".join(raw_words(text))) == spelling(text)


@given(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(["Ivanovich", "Иванович"]))
def test_order_and_patronymic_leave_the_person_the_same(surname, given_name, patronymic):
    assume(not {surname.lower(), given_name.lower()} & (PARTICLES | FATHER_WORDS))
    one = Person(surname=surname, given_names=given_name, birth_date=BORN)
    swapped = replace(one, surname=given_name, given_names=surname)
    longer = replace(one, given_names=f"{given_name} {patronymic}")
    assert compare(one, swapped).verdict is SAME
    assert compare(one, longer).verdict is SAME
    assert block_key(surname, given_name) == block_key(given_name, f"{surname} {patronymic}")
