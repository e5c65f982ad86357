"""The day of 18 November as headquarters works through it, while others look on.

A wall screen in Russian and a registrar's phone stay open and ask every second and a half. What
happens at other desks stands on both without a reload; when the server is gone, both say so.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.served import Served
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser

HEADQUARTERS = "/e/kz-2022/"
SOON = 15_000  # milliseconds: what they ask for takes its time on a busy machine
OIC = ":is(:has-text('OIC'), :has-text('ОИС'))"  # as either onlooker reads it
ASKS = "every 1500ms, look"  # what has happened is seen within two seconds
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own: its clock is set forward and it is stopped."""
    served = Served(tmp_path_factory.mktemp("live"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def address(server):
    return server.address


class Onlookers:
    """Two pages that nobody touches."""

    def __init__(self, wall, phone):
        self.wall, self.phone = wall, phone
        for page in (wall, phone):
            page.evaluate("window.isSamePage = true")
            expect(page.locator("#live")).to_have_attribute("data-hx-trigger", ASKS)

    def see(self, selector, *, russian, english):
        """Each shows it soon, in its language, without having been loaded anew."""
        for page, text in ((self.wall, russian), (self.phone, english)):
            expect(page.locator(selector).first).to_contain_text(text, timeout=SOON)
            assert page.evaluate("window.isSamePage")


@pytest.fixture
def onlookers(sign_in, address):
    wall, phone = sign_in(Role.OFFICIAL), sign_in(Role.REGISTRAR, **PHONE)
    wall.context.add_cookies([{"name": "language", "value": "ru", "url": address}])
    wall.goto(f"{HEADQUARTERS}?wall")
    phone.goto(HEADQUARTERS)
    return Onlookers(wall, phone)


def test_a_day_is_seen_by_all(onlookers, sign_in, server):
    coordinator, commission = sign_in(Role.COORDINATOR), sign_in(Role.COMMISSION)

    # A delegation has landed.
    flight = "li.arr:has-text('ZZ 352')"
    onlookers.see(flight, russian="Подтверждено", english="Confirmed")
    server.run("demo", "--clock", "2022-11-18T11:00")
    onlookers.see(".moment", russian="11:00", english="11:00")
    coordinator.goto("/e/kz-2022/arrivals/")
    coordinator.click("main li:has-text('ZZ 352') a")
    coordinator.click("text=It has taken place")
    onlookers.see(flight, russian="Состоялось", english="Taken place")

    # A request is raised and answered.
    title = "Bus to the Senate"
    focal = sign_in(Role.FOCAL_POINT)
    focal.goto("/e/kz-2022/requests/")
    focal.click("main >> text=Enter an assistance request")
    focal.select_option("#kind", "transport")
    focal.select_option("#priority", "urgent")
    focal.fill("#title", title)
    focal.click("text=Enter the assistance request")
    onlookers.see(f"li.req:has-text('{title}')", russian="Не назначена", english="Not assigned")
    coordinator.goto(focal.url)
    coordinator.click("text=Take it")
    onlookers.see(f"li.req:has-text('{title}')", russian="Назначена", english="Assigned")

    # Nobody answers it in time.
    onlookers.see(".alerts", russian="1 заявка просрочена", english="1 request is overdue")
    server.run("demo", "--clock", "2022-11-18T12:10")
    onlookers.see(f"li.req:has-text('{title}')", russian="просрочено", english="overdue")
    onlookers.see(".alerts", russian="заявки просрочены", english="requests are overdue")
    coordinator.click("text=Work on it")
    coordinator.click(".head >> text=It is done")
    for page in (onlookers.wall, onlookers.phone):
        expect(page.locator("li.req", has_text=title)).to_have_count(0, timeout=SOON)

    # A meeting is moved.
    block = f".mt{OIC}"
    onlookers.see(f".agenda li{OIC}", russian="15:30", english="15:30")
    before = onlookers.wall.locator(block).bounding_box()["x"]
    coordinator.goto("/e/kz-2022/meetings/schedule?day=2022-11-18&span=day")
    coordinator.click(block)
    coordinator.click("[data-edit]")
    coordinator.fill("#starts", "16:30")
    coordinator.press("#starts", "Tab")
    assert coordinator.input_value("#ends")[:5] == "17:15"
    coordinator.fill("#reason", "The Deputy Minister is at the Government")
    coordinator.click("button:has-text('Save')")
    expect(coordinator.locator("main")).to_contain_text("The changes are saved.")
    onlookers.see(f".agenda li{OIC}", russian="16:30", english="16:30")
    expect(onlookers.wall.locator(block)).to_contain_text("16:30")
    assert onlookers.wall.locator(block).bounding_box()["x"] > before + 40

    # An observer is revoked.
    onlookers.see(".figs4 strong", russian="641", english="641")
    commission.goto("/e/kz-2022/observers/?status=accredited")
    commission.click(".tbl tbody a >> nth=0")
    commission.goto(commission.url + "/revoke")
    commission.select_option("#ground", "interference")
    commission.click("button:has-text('Revoke')")
    onlookers.see(".figs4 strong", russian="640", english="640")


def test_a_lost_connection_is_said_and_nothing_is_lost(onlookers, sign_in, server):
    expect(onlookers.phone.locator("#live-state")).to_have_text("Live")
    shown = onlookers.phone.locator(".figs4 strong").first.inner_text()
    server.stop()
    state = onlookers.phone.locator("#live-state")
    expect(state).to_have_text(re.compile(r"As of .*, \d\d:\d\d, reconnecting"), timeout=SOON)
    assert "lost" in onlookers.phone.locator("#live").get_attribute("class")
    assert onlookers.phone.locator(".figs4 strong").first.inner_text() == shown
    server.start()
    expect(state).to_have_text("Live", timeout=SOON)
    onlookers.see(".figs4 strong", russian=shown, english=shown)
    # The browser itself speaks of each attempt that failed; of nothing else.
    sign_in.expected.extend(("ERR_", "htmx:"))


def test_who_is_signed_out_sees_the_sign_in_page_and_no_numbers(onlookers, sign_in):
    onlookers.phone.context.clear_cookies(name="tracker_session")
    onlookers.phone.wait_for_url("**/sign-in?**", timeout=SOON)
