"""Pages with nothing on them: what belongs there, the first step; and the way out of a filter."""

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from flask import url_for

from tests.conftest import NOW
from tests.factories import accounts, records
from tests.factories.addresses import own_rules
from tests.journeys.demonstration import empty
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

TEMPLATES = Path(__file__).parents[2] / "templates"

# What a list says when an installation has an election and nothing else; and who may begin it.
# The second is where its first step leads, the third a filter that finds nothing, where it has one.
LISTS = {
    "accounts.tokens": (Role.ADMINISTRATOR, "accounts.create_service_token", ""),
    "accreditation.create_submission": (Role.REGISTRAR, "headquarters.observers", ""),
    "accreditation.duplicates": (Role.REGISTRAR, "", ""),
    "accreditation.submissions": (Role.REGISTRAR, "accreditation.create_submission", ""),
    "credentials.batches": (Role.REGISTRAR, "credentials.issue", ""),
    "credentials.certificates": (Role.REGISTRAR, "credentials.issue", "q=nobody"),
    "credentials.checks": (Role.ADMINISTRATOR, "", "q=none"),
    "credentials.signing_keys": (Role.ADMINISTRATOR, "", ""),
    "delegations.threads": (Role.REGISTRAR, "headquarters.delegations", ""),
    "headquarters.delegations": (Role.REGISTRAR, "delegations.create", "q=nobody"),
    "headquarters.digest": (Role.COORDINATOR, "", ""),
    "headquarters.observers": (Role.REGISTRAR, "accreditation.register_observer", "q=nobody"),
    "headquarters.search": (Role.REGISTRAR, "", ""),
    "lists.index": (Role.REGISTRAR, "lists.receive", "status=accepted"),
    "logistics.answers": (Role.COORDINATOR, "logistics.new_answer", ""),
    "logistics.arrivals": (Role.COORDINATOR, "logistics.new_movement", ""),
    "logistics.duty_contacts": (Role.COORDINATOR, "logistics.new_duty_contact", ""),
    "logistics.duty_log": (Role.COORDINATOR, "", "open=1"),
    "logistics.movements": (Role.COORDINATOR, "logistics.new_movement", "day=2022-11-20"),
    "logistics.points": (Role.COORDINATOR, "logistics.new_point", ""),
    "logistics.request_board": (Role.COORDINATOR, "logistics.new_request", ""),
    "logistics.requests": (Role.COORDINATOR, "logistics.new_request", "kind=visa"),
    "logistics.teams": (Role.COORDINATOR, "logistics.new_team", "day=2022-11-20"),
    "logistics.unplaced": (Role.COORDINATOR, "", ""),
    "meetings.calendars": (Role.COORDINATOR, "", ""),
    "meetings.index": (Role.COORDINATOR, "meetings.create", "day=2022-11-20"),
    "meetings.my_calendar": (Role.COORDINATOR, "", ""),
    "meetings.plans": (Role.COORDINATOR, "", ""),
    "meetings.requests": (Role.COORDINATOR, "meetings.new_request", "status=open"),
    "meetings.schedule": (Role.COORDINATOR, "meetings.create", ""),
    "officials.halls": (Role.COORDINATOR, "officials.new_hall", ""),
    "officials.index": (Role.COORDINATOR, "officials.new_institution", ""),
    "officials.institutions": (Role.COORDINATOR, "officials.new_institution", ""),
    "officials.interpreters": (Role.COORDINATOR, "officials.new_interpreter", ""),
    "officials.travel": (Role.COORDINATOR, "officials.new_institution", ""),
    "ops.outbox": (Role.ADMINISTRATOR, "", "status=sent"),
    "organizations.index": (Role.REGISTRAR, "organizations.create", "q=nobody"),
    "portal.index": (Role.REGISTRAR, "", ""),
    "publications.bulletins": (Role.REGISTRAR, "", ""),
    "publications.press_notes": (Role.COORDINATOR, "meetings.index", ""),
    "webhooks.index": (Role.ADMINISTRATOR, "webhooks.create", ""),
}
# These are never without a row: whoever reads them has made one.
NEVER_EMPTY = {
    "accounts.users": (Role.ADMINISTRATOR, "accounts.create_user", "role=commission"),
    "audit.index": (Role.AUDITOR, "", "record_table=halls"),
}
# Tables whose rows are the regions, the figures, the periods or the elections themselves, a
# description of columns, one's own account; and what stands before there is any election.
OF_FIXED_ROWS = {
    "accounts.account",
    "elections.index",
    "headquarters.home",
    "headquarters.styleguide",
    "headquarters.totals",
    "logistics.deployment",
    "logistics.import_movements",
    "logistics.import_teams",
    "retention.index",
}
FILTERED = {name: row for name, row in {**LISTS, **NEVER_EMPTY}.items() if row[2]}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An installation with an election, while observers can be submitted, and nobody in it."""
    app = empty(tmp_path_factory.mktemp("empty"), WTF_CSRF_ENABLED=False)
    with clock.at(NOW):
        with app.app_context():
            expect_writes(True)
            records.election()
            db.session.commit()
        yield app


@pytest.fixture(scope="module")
def opened(app):
    """Opens a page of an election without anybody."""

    @cache
    def client_of(role):
        with app.app_context():
            expect_writes(True)
            user_id = accounts.user(role).id
            db.session.commit()
        return accounts.browser(app, user_id)

    def get(endpoint, role, query=""):
        client = client_of(role)
        needs = app.url_map.is_endpoint_expecting(endpoint, "election")
        with app.test_request_context():
            path = url_for(endpoint, **({"election": "kz-2022"} if needs else {}))
        answer = client.get(f"{path}?{query}" if query else path)
        assert answer.status_code == 200
        return path, answer.get_data(as_text=True)

    return get


def empty_of(page):
    """What the page says where its rows would stand, and the step that it offers."""
    found = re.search(r'<div class="empty">(.*?)</div>', page, re.DOTALL)
    assert found, "nothing is said where the rows would stand: use the macro `empty`"
    step = re.search(r'<a class="btn[^"]*" href="([^"]+)"', found[1])
    return found[1], unescape(step[1]) if step else ""


@pytest.mark.parametrize("endpoint", sorted(LISTS))
def test_an_empty_list_says_what_belongs_there_and_offers_the_first_step(app, opened, endpoint):
    role, first, _query = LISTS[endpoint]
    said, step = empty_of(opened(endpoint, role)[1])
    assert "<span>" in said, f"{endpoint} does not say what belongs there"
    led = app.url_map.bind("localhost").match(step.partition("?")[0])[0] if step else ""
    assert led == first


@pytest.mark.parametrize("endpoint", sorted(FILTERED))
def test_a_filter_that_finds_nothing_says_so_and_offers_to_clear_it(opened, endpoint):
    role, _first, query = FILTERED[endpoint]
    path, page = opened(endpoint, role, query)
    said, step = empty_of(page)
    assert "Nothing matches the filter" in said
    assert step == path


def test_who_may_not_begin_a_list_is_not_offered_it(opened):
    assert empty_of(opened("headquarters.delegations", Role.AUDITOR)[1])[1] == ""


def test_every_list_is_among_these(app):
    for rule in own_rules(app):
        page = TEMPLATES / f"{rule.endpoint.replace('.', '/')}.html"
        if set(rule.arguments) - {"election"} or not page.exists():
            continue
        text = page.read_text(encoding="utf-8")
        known = LISTS.keys() | NEVER_EMPTY.keys() | OF_FIXED_ROWS
        assert rule.endpoint in known or not re.search(r'empty\(|<table class="tbl"', text), (
            f"{rule.endpoint} shows a list: say in tests/navigation/test_empty.py how it is empty"
        )
        has_filter = "is_filtered=true" in text
        assert has_filter == (rule.endpoint in FILTERED), f"{rule.endpoint}: a filter, untested"
