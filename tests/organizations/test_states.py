"""Names of states and of special holders, complete in three languages."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.text import sort_key
from tracker.observers.issuers import SPECIAL
from tracker.organizations.states import (
    LANGUAGES,
    citizenship_name,
    find_state,
    special_holders,
    state_codes,
    state_name,
    states_sorted,
)

DATA = Path(__file__).parents[2] / "tracker" / "organizations" / "data"


def test_the_codes_are_those_of_iso_3166_and_kosovo():
    codes = state_codes()
    assert len(codes) == 249 + 1
    assert list(codes) == sorted(set(codes))
    assert {"KZ", "TR", "XK", "GB", "VA", "PS", "TW"} <= set(codes)
    assert not {"EU", "QO", "UN", "001", "ZZ", "CQ", "AC"} & set(codes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name_of_its_own(language):
    names = [citizenship_name(code, language) for code in (*state_codes(), *special_holders())]
    assert all(name.strip() == name != "" for name in names)
    assert not set(names) & {*state_codes(), *special_holders()}
    assert len(set(names)) == len(names)
    assert not [name for name in names if "о-в" in name or " & " in name or "St. " in name]


def test_every_holder_whom_a_passport_may_name_has_a_name():
    ours = {code for code, state in SPECIAL.items() if state is None} - {"UTO"}
    assert set(special_holders()) == ours


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("KG", ("Kyrgyzstan", "Кыргызстан", "Қырғызстан")),
        ("BY", ("Belarus", "Беларусь", "Беларусь")),
        ("MD", ("Moldova", "Молдова", "Молдова")),
        ("TR", ("Türkiye", "Турция", "Түркия")),
        ("GB", ("United Kingdom", "Великобритания", "Ұлыбритания")),
        ("KR", ("Republic of Korea", "Республика Корея", "Корея Республикасы")),
        (
            "CD",
            (
                "Democratic Republic of the Congo",
                "Демократическая Республика Конго",
                "Конго Демократиялық Республикасы",
            ),
        ),
        ("XXA", ("Stateless person", "Лицо без гражданства", "Азаматтығы жоқ адам")),
    ],
)
def test_names_as_diplomats_use_them(code, names):
    assert tuple(citizenship_name(code, language) for language in LANGUAGES) == names


def test_unknown_and_missing_codes():
    assert state_name("Q9", "en") == "Q9"
    assert citizenship_name(None, "ru") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_stand_in_the_order_of_the_alphabet(language):
    pairs = states_sorted(language)
    assert sorted(code for code, _ in pairs) == list(state_codes())
    keys = [sort_key(name, language) for _, name in pairs]
    assert keys == sorted(keys)
    assert states_sorted(language) is pairs


def test_kazakh_letters_stand_where_kazakhs_look_for_them():
    places = [code for code, _ in states_sorted("kk")]
    # Австралия, Әзербайжан, Бангладеш; Куба, Қазақстан, Лаос; Ұлыбритания, Филиппин.
    for before, after in (("AU", "AZ"), ("AZ", "BD"), ("CU", "KZ"), ("KZ", "LA"), ("GB", "PH")):
        assert places.index(before) < places.index(after)


@given(st.sampled_from(state_codes()), st.sampled_from(LANGUAGES))
def test_a_state_is_found_by_its_code_and_names(code, language):
    assert find_state(code) == find_state(f" {code.lower()} ") == code
    assert find_state(state_name(code, language)) == code
    assert find_state(state_name(code, language).upper()) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("TUR", "TR"),
        ("Turkey", "TR"),
        ("Turkiye", "TR"),
        ("турецкий", "TR"),
        ("South Korea", "KR"),
        ("Южная Корея", "KR"),
        ("Northern Ireland", "GB"),
        ("Britain", "GB"),
        ("U.K.", "GB"),
        ("USA", "US"),
        ("США", "US"),
        ("АҚШ", "US"),
        ("Киргизия", "KG"),
        ("Белоруссия", "BY"),
        ("Czechia", "CZ"),
        ("Burma", "MM"),
        ("Конго", "CG"),
        ("Россия", "RU"),
        ("Russian Federation", "RU"),
        ("Kazakh", "KZ"),
        ("D", "DE"),
        ("GBD", "GB"),
        ("RKS", "XK"),
    ],
)
def test_a_state_is_found_by_what_people_call_it(text, code):
    assert find_state(text) == code


def test_every_other_name_leads_to_its_own_state():
    with (DATA / "state_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], row["names"].split("|")) for row in csv.DictReader(file)]
    assert [
        (code, name) for code, names in rows for name in names if find_state(name) != code
    ] == []


@pytest.mark.parametrize("text", ["", "  ", "UNO", "XXA", "EUE", "SUN", "YUG", "EU", "Atlantis"])
def test_what_is_no_state_is_not_found(text):
    assert find_state(text) is None
