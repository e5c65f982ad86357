"""Moments as a log and a list of what is next write them."""

from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale

from tracker.kernel.days import short_moment


@pytest.mark.parametrize(
    ("code", "written"),
    [("en", "17 Nov, 23:15"), ("ru", "17 нояб., 23:15"), ("kk", "17 қар., 23:15")],
)
def test_a_day_is_said_only_where_it_is_another(app, code, written):
    value = datetime(2022, 11, 17, 23, 15, tzinfo=UTC)
    with app.test_request_context(), force_locale(code):
        assert short_moment(value, date(2022, 11, 17)) == "23:15"
        assert short_moment(value, date(2022, 11, 18)) == written
        assert short_moment(value) == written
