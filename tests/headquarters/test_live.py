"""A page that asks again is answered in few statements, and never with what another has changed."""

import pytest

from tests.conftest import NOW
from tests.factories import records
from tests.headquarters.test_statements import counted
from tracker.accreditation.models import AccreditationStatus
from tracker.app import create_app
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.permissions import Role

PAGE = "/e/kz-2022/"
POLL = {"HX-Request": "true"}


@pytest.fixture
def kept(app):
    """An election with one accredited observer."""
    with app.app_context():
        expect_writes(True)
        of = records.delegation(records.election())
        records.accreditation(of, status=AccreditationStatus.ACCREDITED)
        db.session.commit()
        return of.id


def accredit_another(app, delegation_id):
    with app.app_context():
        expect_writes(True)
        of = db.session.get_one(Delegation, delegation_id)
        records.accreditation(of, status=AccreditationStatus.ACCREDITED)
        db.session.commit()


def test_nothing_new_costs_four_statements_and_no_bytes(app, sign_in, kept):
    client = sign_in(Role.OFFICIAL)
    with clock.at(NOW):
        first = client.get(PAGE, headers=POLL)
        with counted(app) as statements:
            again = client.get(PAGE, headers=POLL | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert len(statements) <= 4, statements


def test_a_change_in_another_process_is_shown_at_once(app, sign_in, kept):
    client = sign_in(Role.OFFICIAL)
    with clock.at(NOW):
        first = client.get(PAGE, headers=POLL)
        assert b">1</a></strong>" in first.data
        other = create_app(app.config["SETTINGS"])
        accredit_another(other, kept)
        seen = {"If-None-Match": first.headers["ETag"]}
        then = client.get(PAGE, headers=POLL | seen)
    assert then.status_code == 200
    assert then.headers["ETag"] != first.headers["ETag"]
    assert b">2</a></strong>" in then.data


def test_time_alone_makes_a_new_state(sign_in, kept):
    client = sign_in(Role.OFFICIAL)
    tags = set()
    for minute in (0, 0, 1):
        with clock.at(NOW.replace(minute=minute)):
            tags.add(client.get(PAGE, headers=POLL).headers["ETag"])
    assert len(tags) == 2


def test_what_a_role_may_do_is_not_shown_to_another(app, sign_in, kept):
    with app.app_context():
        expect_writes(True)
        of = db.session.get_one(Delegation, kept)
        records.accreditation(of, status=AccreditationStatus.DRAFT)
        db.session.commit()
    clients = {role: sign_in(role) for role in (Role.COORDINATOR, Role.OFFICIAL)}
    with clock.at(NOW):
        shown = {role: client.get(PAGE).get_data(as_text=True) for role, client in clients.items()}
    assert "/attention/draft/snooze" in shown[Role.COORDINATOR]
    assert "/attention/" not in shown[Role.OFFICIAL]


def test_the_state_of_another_moment_does_not_ask_again(sign_in, kept):
    page = sign_in(Role.OFFICIAL).get(f"{PAGE}?as_of=2022-11-01T12:00").get_data(as_text=True)
    assert "hx-get" not in page
    assert "live.js" not in page
