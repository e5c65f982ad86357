"""Dates stand in the order of each language, wherever they are written."""

from datetime import date, datetime, timedelta

import pytest
from babel.dates import get_month_names
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.kernel.days import KAZAKH, dated, span
from tracker.kernel.i18n import written

DAY = date(2022, 11, 8)
AGAIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("language", "pattern", "expected"),
    [
        ("en", "d MMM y", "8 Nov 2022"),
        ("ru", "EEEE, d MMMM y", "вторник, 8 ноября 2022"),
        ("kk", "d MMM y", "2022 ж. 8 қар."),
        ("kk", "d MMMM y", "2022 жылғы 8 қараша"),
        ("kk", "EEEE, d MMMM y", "2022 жылғы 8 қараша, сейсенбі"),
        ("kk", "EEE, d MMM y", "2022 ж. 8 қар., сс"),
        ("kk", "d MMMM", "8 қараша"),
        ("kk", "EEE", "сс"),
    ],
)
def test_a_day_in_the_order_of_the_language(language, pattern, expected):
    with force_locale(language):
        assert dated(DAY, pattern) == expected


def test_a_moment_in_its_own_zone():
    moment = datetime.fromisoformat("2022-11-08T10:40:00+06:00")
    with force_locale("kk"):
        assert dated(moment, "d MMM y, HH:mm") == "2022 ж. 8 қар., 10:40"
        assert written(moment) == "2022 жылғы 8 қараша, 10:40"
        assert written(DAY) == "2022 жылғы 8 қараша"


@AGAIN
@given(DAYS)
def test_in_kazakh_the_year_always_stands_before_the_day_and_the_month(app, day):
    with app.test_request_context("/"), force_locale("kk"):
        months = (get_month_names("wide", locale="kk"), get_month_names("abbreviated", locale="kk"))
        for pattern in KAZAKH:
            written = dated(day, pattern)
            assert written.startswith(f"{day.year} ж")
            assert any(f" {day.day} {names[day.month]}" in written for names in months)


@pytest.mark.parametrize(
    ("language", "last", "has_year", "expected"),
    [
        ("en", date(2022, 11, 8), True, "8 Nov 2022"),
        ("en", date(2022, 11, 21), True, "8–21 Nov 2022"),
        ("en", date(2022, 12, 1), True, "8 Nov – 1 Dec 2022"),
        ("en", date(2022, 12, 1), False, "8 Nov – 1 Dec"),
        ("en", date(2023, 1, 1), False, "8 Nov 2022 – 1 Jan 2023"),
        ("kk", date(2022, 11, 8), False, "8 қар."),
        ("kk", date(2022, 11, 21), True, "2022 ж. 8–21 қар."),
        ("kk", date(2022, 12, 1), True, "2022 ж. 8 қар. – 1 жел."),
        ("kk", date(2022, 11, 21), False, "8–21 қар."),
        ("kk", date(2023, 1, 1), True, "2022 ж. 8 қар. – 2023 ж. 1 қаң."),
    ],
)
def test_days_from_one_to_the_other(language, last, has_year, expected):
    with force_locale(language):
        assert span(DAY, last, has_year=has_year) == expected


@AGAIN
@given(DAYS, st.integers(0, 400), st.sampled_from(["en", "ru", "kk"]))
def test_a_span_begins_and_ends_with_its_days(app, first, length, language):
    last = first + timedelta(days=length)
    with app.test_request_context("/"), force_locale(language):
        said = span(first, last)
        assert str(first.day) in said
        assert dated(last, "d MMM") in said
        assert said.count(str(last.year)) == 1
