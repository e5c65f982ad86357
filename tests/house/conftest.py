"""One demonstration installation a module, and a browser of each role to ask all of it with.

What its records are, and which forms its pages show, is found out once a run."""

from datetime import timedelta

import pytest

from tests.factories import explored
from tests.factories.addresses import Watched
from tests.factories.hostile import Causes
from tests.journeys.demonstration import copied, signed_in
from tracker.accounts import presence
from tracker.kernel.permissions import Role


@pytest.fixture(scope="module", autouse=True)
def fresh_for_long():
    """A module asks for longer than a sign-in is fresh where the machine is busy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presence, "FRESH", timedelta(days=1))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demonstration")


@pytest.fixture(scope="module")
def app(folder):
    return copied(explored.installation(), folder)


@pytest.fixture(scope="module")
def known():
    return explored.known()


@pytest.fixture(scope="module")
def forms():
    """The first form of our own pages for each endpoint that takes one."""
    return explored.forms()


@pytest.fixture(scope="module")
def clients(app):
    return {role: signed_in(app, role) for role in Role}


@pytest.fixture(scope="module")
def watched(app, folder, clients):
    return Watched(folder)


@pytest.fixture(scope="module")
def causes(app):
    return Causes(app)
