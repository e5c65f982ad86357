"""A page that arrives slowly does not move what one has begun to read."""

import pytest

from tests.journeys.demonstration import signed_in
from tests.pages.looking import SHIFTED, SHIFTS
from tracker.kernel.i18n import LANGUAGE_COOKIE
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser

LINE = {  # as a telephone has it far from a mast: milliseconds, then bytes a second
    "offline": False,
    "latency": 20,
    "downloadThroughput": 60_000,
    "uploadThroughput": 60_000,
}


@pytest.fixture
def tab(chromium, served):
    address, app = served
    context = chromium.new_context(base_url=address)
    context.add_init_script(SHIFTS)
    session = signed_in(app, Role.AUDITOR).get_cookie("tracker_session").value
    cookies = {LANGUAGE_COOKIE: "kk", "tracker_session": session}
    context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )
    tab = context.new_page()
    tab.set_viewport_size({"width": 1024, "height": 900})
    yield tab
    context.close()


@pytest.mark.parametrize("address", ["/e/kz-2022/observers/", "/e/kz-2022/delegations/", "/audit/"])
def test_a_list_does_not_move_while_it_arrives(tab, address):
    tab.goto(address)  # the fonts and the style are there from now on
    line = tab.context.new_cdp_session(tab)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    tab.goto(address)
    assert tab.locator(".tbl tbody tr").count() > 20
    assert tab.locator(".tbl").is_visible()
    assert tab.evaluate("window.shifted") < SHIFTED
