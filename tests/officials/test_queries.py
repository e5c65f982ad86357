"""Reading the directory takes the same few statements with one official and with thirty."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tests.headquarters.test_statements import counted
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.permissions import Role
from tracker.officials import queries
from tracker.officials.labels import hours_in_short
from tracker.officials.models import OfficialHours
from tracker.officials.rules import parse_hours

DAY = date(2022, 11, 18)


def fill(count):
    first = records.official()
    for _number in range(count):
        hours = [
            OfficialHours(weekday=0, starts=a, ends=b)
            for a, b in parse_hours("9:00-10:00", field="")
        ]
        official = records.official(deputy_of=first, hours=hours)
        records.day_off(official, DAY)
        records.blocked_time(official_id=official.id)
        records.blocked_time(hall_id=records.hall(institution=official.institution).id)
        records.blocked_time(interpreter_id=records.interpreter().id)
        records.travel_time(first.institution, official.institution)
    db.session.commit()
    return first


def read(first):
    return {
        "officials": [
            (row.institution.name_en, row.deputy_of and row.deputy_of.name_en, len(row.hours))
            for row in queries.officials()
        ],
        "deputies": [len(row.hours) for row in queries.deputies_of(first.id)],
        "halls": [row.institution.name_en for row in queries.halls()],
        "interpreters": [len(row.hours) for row in queries.interpreters()],
        "ways": queries.travel_times(),
        "days": [row.on for row in queries.official_days_between(DAY, DAY)],
        "blocked": [row.starts_at for row in queries.blocked_between(NOW, NOW + timedelta(9))],
    }


@pytest.mark.parametrize("count", [1, 30])
def test_statements_are_constant(app, session, count):
    first = fill(count)
    db.session.refresh(first)
    with counted(app) as statements:
        found = read(first)
    assert len(found["blocked"]) == 3 * count
    assert len(found["deputies"]) == count
    # Lists of officials take up to three (hours, whose deputy), interpreters two, others one.
    assert len(statements) <= 15


PATHS = ("/officials/", "/officials/halls/", "/officials/interpreters/", "/officials/travel/")


@pytest.mark.parametrize("count", [1, 30])
def test_pages_take_few_statements(app, session, sign_in, count):
    fill(count)
    client = sign_in(Role.COORDINATOR)
    found = {}
    for path in (*PATHS, "/officials/1", "/officials/halls/1", "/officials/interpreters/1"):
        client.get(path)
        with counted(app) as statements:
            assert client.get(path).status_code == 200
        found[path] = len(statements)
    assert max(found.values()) <= 10, found


def test_labels_are_deciphered_only_where_they_are_asked_for(app, session):
    fill(2)
    db.session.expire_all()
    with counted(app) as statements:
        rows = queries.blocked_between(NOW, NOW + timedelta(days=9))
        assert "label" not in statements[-1]
        assert rows[0].label == "Board"


def test_others_than_the_owner_s_are_not_found(session):
    official, other = records.official(), records.official()
    blocked, day = records.blocked_time(official_id=official.id), records.day_off(official, DAY)
    assert queries.blocked_for(official, blocked.id) is blocked
    for call in (
        lambda: queries.blocked_for(other, blocked.id),
        lambda: queries.blocked_for(records.hall(), blocked.id),
        lambda: queries.day_for(other, day.id),
        lambda: queries.day_for(official, 999),
        lambda: queries.interpreter_for(SYSTEM, 999),
    ):
        with pytest.raises(NotFound):
            call()


def test_hours_on_one_line(app):
    with app.test_request_context():
        official = records.Official(hours=[])
        assert hours_in_short(official) == "at any time"
        for weekday in (0, 1, 2, 4):
            for starts, ends in parse_hours("9:00-12:00, 14:00-18:00", field=""):
                official.hours.append(OfficialHours(weekday=weekday, starts=starts, ends=ends))
        both = "09:00–12:00, 14:00–18:00"
        assert hours_in_short(official) == f"Mon–Wed {both}; Fri {both}"


def test_the_order_has_a_tie_breaker(session):
    rows = [records.official(name_en="Same", precedence=1) for _number in range(3)]
    assert queries.officials() == rows
    assert sa.inspect(rows[0]).persistent
