"""An election with two delegations, and programs of all roles that ask about it."""

from types import SimpleNamespace

import pytest

from tests.conftest import NOW
from tests.factories import accounts, records, tokens
from tracker.accreditation.models import AccreditationStatus
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role

ELECTION = "/api/v1/elections/kz-2022"


@pytest.fixture(autouse=True)
def _now():
    """Accreditation is open."""
    with clock.at(NOW):
        yield


@pytest.fixture
def world(app):
    """Ids of what is there: two delegations, of the first one observer of some statuses each."""
    with app.app_context(), unit_of_work(SYSTEM):
        election = records.election()
        own, other = records.delegation(election), records.delegation(election)
        official = records.official()
        people = {
            status: records.accreditation(own, status=status).id
            for status in (
                AccreditationStatus.DRAFT,
                AccreditationStatus.REGISTERED,
                AccreditationStatus.ACCREDITED,
            )
        }
        return SimpleNamespace(
            own=own.id,
            other=other.id,
            official=official.id,
            people=people,
            stranger=records.accreditation(other).id,
            assistance=records.assistance(other).id,
        )


@pytest.fixture
def program(app, world):
    """Makes a program with a personal token: `program(Role.REGISTRAR)`, of some scopes or all."""

    def made(*roles, scopes=None, delegation_ids=(), language="en"):
        with app.app_context(), unit_of_work(SYSTEM):
            user = accounts.user(*roles, delegation_ids=delegation_ids)
            user_id, (_id, secret) = user.id, tokens.personal(user, scopes)
        client = tokens.program(app, secret, language)
        client.user_id, client.token_id = user_id, _id
        return client

    return made


@pytest.fixture
def registrar(program):
    return program(Role.REGISTRAR)


@pytest.fixture
def focal(program, world):
    return program(Role.FOCAL_POINT, delegation_ids=(world.own,))
