"""A delegation is entered: whose may be chosen, in which format, and all faults at once."""

import re

import pytest
import sqlalchemy as sa

from tests.conftest import NOW
from tests.factories import records
from tracker.delegations.models import Delegation, DelegationFormat
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.organizations.models import OrganizationKind

PAGE = "/e/kz-2022/delegations/new"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def numbers(app):
    """An organization of each of two kinds without a delegation; Türkiye has one already."""
    with app.app_context(), unit_of_work(SYSTEM):
        election = records.election()
        there = records.delegation(election, records.state("TR", "Türkiye"))
        free, assembly = (records.organization() for _ in range(2))
        assembly.kind = OrganizationKind.PARLIAMENTARY_ASSEMBLY
        taken = records.delegation(election)
        return {
            "there": there.id,
            "taken": taken.organization_id,
            "free": free.id,
            "assembly": assembly.id,
        }


def made(app, known):
    with app.app_context():
        new = Delegation.id.not_in(known)
        return db.session.scalars(sa.select(Delegation.format).where(new)).all()


def known_in(app):
    with app.app_context():
        return db.session.scalars(sa.select(Delegation.id)).all()


def errors(page):
    return set(re.findall(r'id="([a-z_]+)-error"', page))


@pytest.mark.parametrize(
    ("sender", "typed", "format_"),
    [
        ("AT", "", DelegationFormat.STATE),
        ("AT", "short_term", DelegationFormat.SHORT_TERM),
        ("assembly", "", DelegationFormat.PARLIAMENTARY),
        ("free", "leom", DelegationFormat.LEOM),
    ],
)
def test_the_format_follows_from_the_sender_or_is_chosen(
    app, sign_in, numbers, sender, typed, format_
):
    known = known_in(app)
    values = {"organization": numbers.get(sender, sender), "format": typed}
    assert sign_in(Role.REGISTRAR).post(PAGE, data=values).status_code == 302
    assert made(app, known) == [format_]


def test_nothing_is_presumed_of_another_organization(app, sign_in, numbers):
    registrar = sign_in(Role.REGISTRAR)
    assert '<option selected value="">—' in registrar.get(PAGE).text
    answer = registrar.post(PAGE, data={"organization": numbers["free"], "format": ""})
    assert (answer.status_code, errors(answer.text)) == (422, {"format"})


def test_who_has_a_delegation_is_not_offered_and_is_led_to_it(sign_in, numbers):
    registrar = sign_in(Role.REGISTRAR)
    page = registrar.get(PAGE).text
    offered = re.findall(r'<option value="([^"]*)"', page)
    assert {"AT", str(numbers["free"])} <= set(offered)
    assert not {"TR", "KZ", str(numbers["taken"])} & set(offered)
    answer = registrar.post(PAGE, data={"organization": "TR", "format": "state"})
    assert answer.status_code == 422
    assert f'href="/e/kz-2022/delegations/{numbers["there"]}">Open the delegation' in answer.text
    assert '<option value="TR" selected>' in answer.text


def test_all_faults_are_said_at_once(app, sign_in, numbers):
    values = {
        "organization": numbers["free"],
        "format": "",
        "invited_on": "2030-01-01",
        "note_verbale_number": "17",
        "arrival_on": "2022-11-20",
        "departure_on": "2022-11-18",
    }
    registrar = sign_in(Role.REGISTRAR)
    answer = registrar.post(PAGE, data=values)
    fields = {"invited_on", "departure_on", "note_verbale_on"}
    assert (answer.status_code, errors(answer.text)) == (422, fields | {"format"})
    edit = f"/e/kz-2022/delegations/{numbers['there']}/edit"
    answer = registrar.post(edit, data=values | {"format": "state", "version": "1"})
    assert (answer.status_code, errors(answer.text)) == (422, fields)
