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
