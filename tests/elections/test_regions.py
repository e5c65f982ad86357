"""Regions of the host country are offered by the alphabet of the reader's language."""

from string import ascii_letters

import pytest
from flask_babel import force_locale

from tracker.elections.regions import region_names, regions_of
from tracker.kernel.text import search_key

LATIN = set(ascii_letters)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Abai Region", "Akmola Region", "Aktobe Region", "Almaty", "Almaty Region")),
        ("ru", ("Акмолинская область", "Актюбинская область", "Алматинская область", "Алматы")),
        ("kk", ("Абай облысы", "Ақмола облысы", "Ақтөбе облысы", "Алматы", "Алматы облысы")),
    ],
)
def test_regions_stand_by_the_alphabet(app, language, names):
    with app.test_request_context(), force_locale(language):
        assert tuple(region_names("KZ").values())[: len(names)] == names


def test_a_list_may_call_a_region_by_any_of_its_names(app):
    """No name is of two regions, in whatever language or alphabet it is written."""
    owners = {}
    for region in regions_of("KZ"):
        for name in region.names:
            assert owners.setdefault(search_key(name), region.code) == region.code, name


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_tiles_tell_regions_apart_in_three_letters(language):
    found = [getattr(region, f"short_{language}") for region in regions_of("KZ")]
    assert len(set(found)) == len(found) == 20
    alphabet = str.isascii if language == "en" else (lambda text: not set(text) & LATIN)
    assert all(len(each) == 3 and each.isupper() and alphabet(each) for each in found)
