"""A night at headquarters in a browser: written by keyboard, told to the next, taken over."""

import pytest
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
DUTY = "/e/kz-2022/duty/"


def test_notes_are_written_by_keyboard_and_handed_over(sign_in):
    leaving, coming = sign_in(Role.COORDINATOR), sign_in(Role.REGISTRAR)
    coming.clock.install()
    coming.goto(DUTY)
    coming.fill("#text", "Half a sentence")

    leaving.goto(DUTY)
    leaving.fill("#text", "The hotel calls back")
    leaving.press("#text", "Control+Enter")
    leaving.wait_for_selector(".dutylog >> text=The hotel calls back")

    with coming.expect_response(lambda answer: "/news/" in answer.url):
        coming.clock.fast_forward(16_000)
    coming.wait_for_selector("text=1 new note: show it")
    assert coming.input_value("#text") == "Half a sentence"

    leaving.click("text=Hand over duty")
    leaving.fill("#word", "Nothing burns")
    leaving.click("text=Hand over as Daniyar Omar")
    coming.goto(leaving.url)
    coming.click("text=Take over as Aigul Nurlan")
    expect(coming.locator(".handsigned").first).to_contain_text("by Aigul Nurlan")
