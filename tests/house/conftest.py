"""One demonstration installation a module, and a browser of each role to ask all of it with."""

from datetime import timedelta

import pytest

from tests.factories.addresses import Watched, page_forms
from tests.factories.hostile import Causes
from tests.factories.world import world
from tests.journeys.demonstration import demonstration, signed_in
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
    return demonstration(folder)


@pytest.fixture(scope="module")
def known(app):
    return world(app)


@pytest.fixture(scope="module")
def clients(app, known):
    return {role: signed_in(app, role) for role in Role}


@pytest.fixture(scope="module")
def forms(app, known, clients):
    """The first form of our own pages for each endpoint that takes one."""
    return page_forms(app, known, clients)


@pytest.fixture(scope="module")
def watched(folder, forms):
    return Watched(folder)


@pytest.fixture(scope="module")
def causes(app):
    return Causes(app)
