"""The sentences that are quoted, for every number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.totals.sentences import LANGUAGES, NONE, counted, press_sentence, sentence

PUBLISHED = {
    "observers": 641,
    "organizations": 10,
    "states": 35,
    "observers_from_organizations": 532,
    "observers_from_states": 109,
}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "641 observers have been accredited: 532 from 10 international organizations "
            "and 109 from 35 foreign states.",
        ),
        (
            "ru",
            "Аккредитован 641 наблюдатель: 532 от 10 международных организаций "
            "и 109 от 35 иностранных государств.",
        ),
        (
            "kk",
            "641 байқаушы аккредиттелді: 10 халықаралық ұйымнан 532 және 35 шет мемлекеттен 109.",
        ),
    ],
)
def test_the_published_sentence(language, text):
    assert sentence(language, **PUBLISHED) == text


def test_the_press_form_of_the_seed():
    numbers = {"observers": 641, "organizations": 10, "states": 35}
    assert press_sentence("en", **numbers) == (
        "10 international organizations and 641 observers from 35 foreign countries "
        "have been accredited."
    )
    assert press_sentence("ru", **numbers) == (
        "Аккредитованы 10 международных организаций и 641 наблюдатель из 35 иностранных государств."
    )
    assert press_sentence("kk", **numbers) == (
        "10 халықаралық ұйым және 35 шет мемлекеттен 641 байқаушы аккредиттелді."
    )


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Аккредитован 1 наблюдатель"),
        (2, "Аккредитованы 2 наблюдателя"),
        (5, "Аккредитовано 5 наблюдателей"),
        (11, "Аккредитовано 11 наблюдателей"),
        (12, "Аккредитовано 12 наблюдателей"),
        (21, "Аккредитован 21 наблюдатель"),
        (22, "Аккредитованы 22 наблюдателя"),
        (25, "Аккредитовано 25 наблюдателей"),
        (111, "Аккредитовано 111 наблюдателей"),
        (642, "Аккредитованы 642 наблюдателя"),
        (645, "Аккредитовано 645 наблюдателей"),
    ],
)
def test_russian_agreement(count, words):
    assert counted("ru", "accredited", count) == words


@given(
    organizations=st.integers(0, 60),
    states=st.integers(0, 190),
    per_organization=st.integers(1, 500),
    per_state=st.integers(1, 50),
)
def test_no_zero_is_said_and_the_genitive_follows_the_number(
    organizations, states, per_organization, per_state
):
    first, second = organizations * per_organization, states * per_state
    numbers = {
        "observers": first + second,
        "organizations": organizations,
        "states": states,
        "observers_from_organizations": first,
        "observers_from_states": second,
    }
    for language in LANGUAGES:
        text = sentence(language, **numbers)
        assert text.endswith(".")
        if not first + second:
            assert text == NONE[language]
            continue
        words = text.replace("\xa0", "").replace(",", "").replace(":", "").rstrip(".").split()
        assert "0" not in words
    text = sentence("ru", **numbers)
    singular = states % 10 == 1 and states % 100 != 11
    if second:
        assert ("иностранного государства" in text) is singular


NUMBERS = (1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 111, 112, 121, 1000, 10641)
GROUPED = {"en": {1000: "1,000", 10641: "10,641"}, "ru": {1000: "1\xa0000", 10641: "10\xa0641"}}
GROUPED["kk"] = GROUPED["ru"]


def one_few_many(number):
    """Russian agreement by the last two digits as they are written, apart from CLDR's rules."""
    digits = f"0{number}"
    if digits[-2] == "1":
        return "many"
    return {"1": "one", "2": "few", "3": "few", "4": "few"}.get(digits[-1], "many")


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_in_every_language(number):
    written = {language: GROUPED[language].get(number, str(number)) for language in LANGUAGES}
    category = one_few_many(number)
    verb, noun = {
        "one": ("Аккредитован", "наблюдатель"),
        "few": ("Аккредитованы", "наблюдателя"),
        "many": ("Аккредитовано", "наблюдателей"),
    }[category]
    assert counted("ru", "accredited", number) == f"{verb} {written['ru']} {noun}"
    genitive = {
        "organizations": ("международной организации", "международных организаций"),
        "states": ("иностранного государства", "иностранных государств"),
    }
    for part, (one, more) in genitive.items():
        words = one if category == "one" else more
        assert counted("ru", part, number) == f"{written['ru']} {words}"
    nominative = {
        "one": "международная организация",
        "few": "международные организации",
        "many": "международных организаций",
    }[category]
    assert counted("ru", "press organizations", number) == f"{written['ru']} {nominative}"
    english = "observer has" if number == 1 else "observers have"
    assert counted("en", "accredited", number) == f"{written['en']} {english} been accredited"
    for part, noun in (
        ("organizations", "international organization"),
        ("states", "foreign state"),
    ):
        plural = "" if number == 1 else "s"
        assert counted("en", part, number) == f"{written['en']} {noun}{plural}"
    countries = "country" if number == 1 else "countries"
    assert counted("en", "countries", number) == f"{written['en']} foreign {countries}"
    assert counted("kk", "accredited", number) == f"{written['kk']} байқаушы аккредиттелді"
    assert counted("kk", "organizations", number) == f"{written['kk']} халықаралық ұйымнан"
    assert counted("kk", "states", number) == f"{written['kk']} шет мемлекеттен"


@given(st.integers(1, 10**7))
def test_russian_categories_against_the_digits(number):
    forms = {"one": "наблюдатель", "few": "наблюдателя", "many": "наблюдателей"}
    assert counted("ru", "observers", number).split()[-1] == forms[one_few_many(number)]


def numbers_of(organizations, from_organizations, states, from_states):
    return {
        "observers": from_organizations + from_states,
        "organizations": organizations,
        "states": states,
        "observers_from_organizations": from_organizations,
        "observers_from_states": from_states,
    }


@pytest.mark.parametrize(
    ("language", "numbers", "text"),
    [
        ("en", (0, 0, 0, 0), "No observers have been accredited."),
        ("ru", (0, 0, 0, 0), "Наблюдатели не аккредитованы."),
        ("kk", (0, 0, 0, 0), "Байқаушылар аккредиттелген жоқ."),
        (
            "en",
            (10, 532, 0, 0),
            "532 observers have been accredited from 10 international organizations.",
        ),
        ("ru", (10, 532, 0, 0), "Аккредитованы 532 наблюдателя от 10 международных организаций."),
        ("kk", (10, 532, 0, 0), "10 халықаралық ұйымнан 532 байқаушы аккредиттелді."),
        ("en", (0, 0, 1, 1), "1 observer has been accredited from 1 foreign state."),
        ("ru", (0, 0, 21, 101), "Аккредитован 101 наблюдатель от 21 иностранного государства."),
        ("kk", (0, 0, 1, 1), "1 шет мемлекеттен 1 байқаушы аккредиттелді."),
        (
            "en",
            (1, 1, 1, 1),
            "2 observers have been accredited: 1 from 1 international organization "
            "and 1 from 1 foreign state.",
        ),
        (
            "ru",
            (1, 11, 31, 1000),
            "Аккредитовано 1\xa0011 наблюдателей: 11 от 1 международной организации "
            "и 1\xa0000 от 31 иностранного государства.",
        ),
    ],
)
def test_parts_that_are_zero_or_one(language, numbers, text):
    assert sentence(language, **numbers_of(*numbers)) == text


@pytest.mark.parametrize(
    ("language", "observers", "organizations", "states", "text"),
    [
        ("en", 0, 0, 0, "No observers have been accredited."),
        ("en", 1, 0, 1, "1 observer from 1 foreign country has been accredited."),
        ("en", 5, 1, 0, "1 international organization and 5 observers have been accredited."),
        ("ru", 1, 0, 1, "Аккредитован 1 наблюдатель из 1 иностранного государства."),
        ("ru", 5, 0, 0, "Аккредитовано 5 наблюдателей."),
        ("ru", 22, 1, 0, "Аккредитованы 1 международная организация и 22 наблюдателя."),
        (
            "ru",
            645,
            2,
            21,
            "Аккредитованы 2 международные организации и 645 наблюдателей "
            "из 21 иностранного государства.",
        ),
        ("kk", 5, 0, 2, "2 шет мемлекеттен 5 байқаушы аккредиттелді."),
        ("kk", 5, 1, 0, "1 халықаралық ұйым және 5 байқаушы аккредиттелді."),
    ],
)
def test_press_parts_that_are_zero_or_one(language, observers, organizations, states, text):
    said = press_sentence(language, observers=observers, organizations=organizations, states=states)
    assert said == text


@given(st.sampled_from(LANGUAGES), st.integers(1, 99), st.integers(0, 60), st.integers(0, 190))
def test_the_press_form_says_every_number_and_no_zero(language, observers, organizations, states):
    said = press_sentence(language, observers=observers, organizations=organizations, states=states)
    digits = [int(word) for word in said.rstrip(".").split() if word.isdigit()]
    assert sorted(digits) == sorted(n for n in (observers, organizations, states) if n)
