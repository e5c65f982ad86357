"""An official's times by hand in a browser: a day, a blocked time, a calendar, the ways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.officials.test_busy import ics, vevent
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
DANA = "/officials/4"


@pytest.fixture
def calendar(tmp_path):
    """A calendar of one weekly event, and a file that is none."""
    event = vevent(
        "SUMMARY:Board of the Ministry",
        "DTSTART:20221125T100000",
        "DURATION:PT90M",
        "RRULE:FREQ=WEEKLY;COUNT=3",
    )
    (tmp_path / "calendar.ics").write_bytes(ics(event))
    (tmp_path / "broken.ics").write_bytes(b"not a calendar")
    return tmp_path


def shows(page, where, text):
    """Wait until the page that comes next says it."""
    page.locator(where, has_text=text).first.wait_for()


def test_the_times_of_an_official(sign_in, calendar):
    page = sign_in(Role.COORDINATOR)
    page.goto("/officials/")
    page.click("table >> text=Dana Serikbay")
    shows(page, "dl:has-text('Deputy of')", "Mukhtar Tleuberdi")

    page.click("text=Enter an exception")
    page.fill("#on", "2022-12-01")
    page.fill("#hours", "10 to 12")
    page.fill("#why", "Working visit")
    page.click("text=Enter the day")
    shows(page, "#hours-error", "Write hours like")
    assert page.input_value("#why") == "Working visit"  # nothing typed is lost
    page.fill("#hours", "10:00-12:00")
    page.click("text=Enter the day")
    shows(page, "#days", "10:00–12:00 Working visit")
    page.click("#days li:has-text('Working visit') >> text=Remove")
    shows(page, ".flash", "the weekly hours hold again")

    page.click("text=Block a time")
    page.fill("#starts", "2022-12-02T15:00")
    page.fill("#ends", "2022-12-02T14:00")
    page.click("text=Block this time")
    shows(page, "#ends-error", "must come after the start")
    assert Axe().run(page).response["violations"] == []  # with a form open and its errors
    page.fill("#ends", "2022-12-02T16:30")
    page.fill("#label", "Session of the Government")
    page.click("text=Block this time")
    shows(page, "#blocked", "Fri, 2 Dec 2022, 15:00–16:30")

    page.click("text=Read in a calendar")
    page.set_input_files("#calendar", calendar / "broken.ics")
    page.click("button:has-text('Read in')")
    shows(page, "#calendar-error", "not a calendar")
    page.set_input_files("#calendar", calendar / "calendar.ics")
    page.click("button:has-text('Read in')")
    shows(page, ".flash", "3 times were read from the calendar.")
    assert page.locator("#blocked li:has-text('Board of the Ministry From')").count() == 3

    official = sign_in(Role.OFFICIAL)
    official.goto(DANA)
    shown = official.inner_text("#blocked")
    assert "Fri, 2 Dec 2022, 15:00–16:30" in shown
    assert "Session" not in shown
    assert official.locator("main form").count() == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_the_ways_by_keyboard(sign_in, width):
    page = sign_in(Role.COORDINATOR, viewport={"width": width, "height": 844})
    page.goto("/officials/travel/")
    first = page.locator("main input.input").first
    first.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(str(width // 10))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "number"
    page.keyboard.press("Enter")
    shows(page, ".flash", "The travel times are saved.")
    assert first.input_value() == str(width // 10)


def test_a_wide_matrix_scrolls_and_the_page_does_not(sign_in):
    page = sign_in(Role.COORDINATOR, viewport={"width": 1000, "height": 844})
    for number in range(6):
        page.goto("/officials/institutions/new")
        for language in ("en", "ru", "kk"):
            page.fill(f"#name_{language}", f"Administration of the district number {number}")
        page.click("button:has-text('Save')")
    page.goto("/officials/travel/")
    count = page.locator("thead th").count() + 1
    assert page.locator("main input.input").count() == count * (count - 1) // 2
    assert page.evaluate("document.querySelector('.tblwrap').scrollWidth") > 1000
    assert page.evaluate("document.documentElement.scrollWidth") == 1000
    assert Axe().run(page).response["violations"] == []
