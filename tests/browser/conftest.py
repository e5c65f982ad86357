"""The real server on a copy of the demonstration, and somebody signed in to it in Chromium."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories.served import Served
from tests.journeys.demonstration import PASSWORD
from tracker.demonstration import installation
from tracker.demonstration.portraits import draw_portrait
from tracker.kernel import clock
from tracker.kernel.permissions import Role


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of a server that tests share."""
    server = Served(tmp_path_factory.mktemp("served"))
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def sign_in(chromium, address):
    """Opens a page as the demonstration's person of a role; console errors fail the test, but for
    those that it adds to `expected`."""
    contexts, problems, expected = [], [], ["422", "409"]

    def signed_in(role: Role, **options):
        context = chromium.new_context(base_url=address, **{"locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/sign-in")
        page.fill("#email", installation.address_of(role))
        page.fill("#password", PASSWORD)
        page.click("button.big")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    signed_in.expected = expected
    yield signed_in
    for context in contexts:
        context.close()
    assert [text for text in problems if not any(each in text for each in expected)] == []


@pytest.fixture
def portrait(tmp_path) -> Path:
    """A picture to upload."""

    path = tmp_path / "portrait.jpg"
    path.write_bytes(draw_portrait("browser", is_woman=False))
    return path


@pytest.fixture(autouse=True)
def _real_clock():
    yield
    clock.set_offset(timedelta())
