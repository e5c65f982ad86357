"""The log of checks: what stations sent, narrowed, page by page, as a file, and for whom."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.credentials.operations.checks import Check, record_checks
from tracker.credentials.rules import Reason, Verdict
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.listing import PAGE_SIZE
from tracker.kernel.permissions import Role

BASE = "/e/kz-2022/certificates/checks"


def check(number, verdict=Verdict.VALID, reason=None, station="No. 12", serial=1, hours=0):
    moment = NOW + timedelta(hours=hours, minutes=number)
    return Check(verdict=verdict, reason=reason, serial=serial, station=station, checked_at=moment)


@pytest.fixture
def sent(app):
    """Checks of two stations on two local days, more than a page of them."""
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        records.election(logs_certificate_checks=True)
        other = records.election(slug="other", logs_certificate_checks=True)
        election = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        lost = {"verdict": Verdict.NOT_VALID, "reason": Reason.LOST, "serial": 77, "hours": 24}
        many = [check(number) for number in range(PAGE_SIZE)]
        record_checks(election=election, checks=[*many, check(5, station="100%", **lost)])
        record_checks(election=other, checks=[check(0, station="elsewhere")])
        db.session.commit()


def rows(client, query=""):
    answer = client.get(f"{BASE}?format=csv{query}")
    head, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:4] == ["Checked (UTC)", "Result", "Reason", "Number"]
    return [line[:5] for line in lines]


def test_the_latest_check_stands_first_and_another_page_follows(sign_in, sent):
    client = sign_in(Role.AUDITOR)
    page = client.get(BASE).text
    assert page.count("<tr>") == PAGE_SIZE + 1
    assert page.index("100%") < page.index("No. 12")
    assert "The certificate was reported lost." in page
    assert "elsewhere" not in page
    assert "cursor=" in page
    (last,) = rows(client, "&verdict=not_valid")
    when = (NOW + timedelta(hours=24, minutes=5)).strftime("%Y-%m-%d %H:%M")
    reason = "The certificate was reported lost."
    assert last == [when, "Not valid", reason, "000077", "100%"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", PAGE_SIZE + 1),
        ("&q=77", 1),
        ("&q=000077", 1),
        ("&q=100%25", 1),
        ("&q=%25", 1),
        ("&q=no.", PAGE_SIZE),
        ("&reason=lost", 1),
        ("&reason=expired", 0),
        ("&verdict=valid&until=2022-11-10", PAGE_SIZE),
        ("&since=2022-11-11", 1),
        ("&until=2022-11-09", 0),
        ("&verdict=nonsense&reason=x&since=never&q=9999999999999", 0),
    ],
)
def test_filters_narrow(sign_in, sent, query, count):
    assert len(rows(sign_in(Role.REGISTRAR), query)) == count


@pytest.mark.parametrize("role", Role)
def test_it_is_for_who_issues_and_who_audits(sign_in, sent, role):
    may = role in {Role.REGISTRAR, Role.ADMINISTRATOR, Role.AUDITOR}
    client = sign_in(role)
    assert client.get(BASE).status_code == (200 if may else 403)


def test_an_election_without_a_log_says_so(app, sign_in):
    with app.app_context():
        expect_writes(True)
        records.election()
        db.session.commit()
    assert "This election keeps no log of checks" in sign_in(Role.AUDITOR).get(BASE).text
