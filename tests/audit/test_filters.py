"""From a record to its entries and back; what is asked for wrongly is said beside its field."""

import html
import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.factories import records
from tests.factories.addresses import capability_of
from tracker.kernel import clock
from tracker.kernel.actor import NOBODY, Actor, acting
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import ROLE_CAPABILITIES, Role
from tracker.meetings.models import Meeting, MeetingKind
from tracker.navigation.recorded import PAGES


@pytest.fixture
def known(app):
    """An observer, a delegation and a meeting, entered by somebody who is not signed in."""
    with app.app_context(), clock.at(NOW), acting(Actor(user_id=None, name=NOBODY)):
        expect_writes(True)
        election = records.election()
        delegation = records.delegation(election)
        accreditation = records.accreditation(delegation)
        meeting = Meeting(
            election_id=election.id,
            kind=MeetingKind.BRIEFING,
            title="Courtesy call",
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=1),
        )
        db.session.add(meeting)
        db.session.commit()
        return {
            "accreditations": f"/e/kz-2022/observers/{accreditation.id}",
            "delegations": f"/e/kz-2022/delegations/{delegation.id}",
            "meetings": f"/e/kz-2022/meetings/{meeting.id}",
        }


def test_an_auditor_goes_from_a_record_to_its_entries_and_back(sign_in, known):
    auditor = sign_in(Role.AUDITOR)
    page = html.unescape(auditor.get(known["accreditations"]).text)
    [address] = re.findall(r'"(/audit/\?record_table=accreditations[^"]*)"', page)
    assert f'href="{known["accreditations"]}"' in auditor.get(address).text
    for table, address in known.items():
        assert f'href="{address}"' in auditor.get(f"/audit/?record_table={table}").text
        assert auditor.get(address).status_code == 200
    assert "/audit/" not in sign_in(Role.REGISTRAR).get(known["accreditations"]).text


def test_a_record_that_is_gone_has_no_page(app, sign_in, known):
    with app.app_context(), clock.at(NOW):
        expect_writes(True)
        gone = records.delegation(records.election(slug="other"))
        db.session.commit()
        number = gone.id
        db.session.delete(gone)
        db.session.commit()
    page = sign_in(Role.AUDITOR).get(f"/audit/?record_table=delegations&record_id={number}").text
    assert f"Delegation {number}" in page
    assert f"/delegations/{number}" not in page


def test_every_page_of_a_record_is_one_that_auditors_may_see(app):
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for table, (endpoint, name) in PAGES.items():
        assert {"id", "election_id"} <= set(db.metadata.tables[table].c.keys()), table
        assert rules[endpoint].arguments == {"election", name}
        assert capability_of(app, rules[endpoint]) in ROLE_CAPABILITIES[Role.AUDITOR]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("record_id=abc", "record_id"),
        ("record_table=accreditations&record_id=abc", "record_id"),
        ("record_table=focal_points&record_id=1-", "record_id"),
        ("since=2022-11-10&until=2022-11-09", "until"),
    ],
)
def test_what_can_find_nothing_is_said_beside_its_field(sign_in, known, query, field):
    auditor = sign_in(Role.AUDITOR)
    for address in (f"/audit/?{query}", f"/audit/?{query}&format=csv"):
        answer = auditor.get(address)
        assert answer.status_code == 422
        assert re.findall(r'id="([a-z_]+)-error"', answer.text) == [field]


@pytest.mark.parametrize(
    "query",
    [
        "record_id=+7+",
        "record_table=focal_points&record_id=1-2",
        "record_table=exports&record_id=ABCD",
        "record_table=retention_periods&record_id=documents",
        "since=2022-11-10&until=2022-11-10",
    ],
)
def test_what_may_find_something_is_looked_for(sign_in, known, query):
    assert sign_in(Role.AUDITOR).get(f"/audit/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "somebody not signed in"), ("ru", "без входа в систему"), ("kk", "жүйеге кірмеген")],
)
def test_who_is_not_signed_in_is_called_so(sign_in, known, language, said):
    auditor = sign_in(Role.AUDITOR)
    auditor.post("/language", data={"language": language})
    page = auditor.get("/audit/?record_table=accreditations").text.split("<tbody>")[1]
    assert said in page
    assert NOBODY not in page
