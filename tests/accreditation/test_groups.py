"""Quarters of an hour, by which numbers are kept: a local day ends with one, wherever it is."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import available_timezones

from hypothesis import given
from hypothesis import strategies as st

from tracker.accreditation.groups import QUARTER, quarter_of
from tracker.kernel.clock import local_moment

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(ZONES))
def test_a_local_day_begins_with_a_quarter(day, zone):
    begin = local_moment(day, time(0), zone)
    assert quarter_of(begin) == begin


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), st.integers(-50, 50))
def test_a_moment_lies_in_its_quarter(moment, quarters_ahead):
    zone = timezone(quarters_ahead * QUARTER)
    found = quarter_of(moment.replace(tzinfo=UTC).astimezone(zone))
    assert found <= moment.replace(tzinfo=UTC) < found + QUARTER
    assert found.tzinfo is UTC
    assert (found - datetime(1990, 1, 1, tzinfo=UTC)) % QUARTER == timedelta()
