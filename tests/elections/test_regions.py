"""Regions of the host country are offered by the alphabet of the reader's language."""

import pytest
from flask_babel import force_locale

from tracker.elections.regions import region_names


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
