"""Long lists to choose from: a few letters find whom one wants, by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser


def test_whoever_is_on_the_phone_types_three_letters(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto("/e/kz-2022/meetings/new")
    find = page.get_by_label("Find: Officials")
    find.fill("abdirov")
    expect(page.locator("#officials li:visible")).to_have_count(1)
    find.press("Enter")
    expect(page.locator("#officials :checked")).to_have_count(1)
    assert find.input_value() == ""
    assert page.locator("#officials li:visible").count() > 12
    assert page.url.endswith("/meetings/new")
    assert Axe().run(page).response["violations"] == []

    page.fill("#title", "Count abroad")
    page.click("main .actions button.pri")
    first = page.locator("#officials li").first
    assert "Abdirov" in first.inner_text()
    assert first.locator("input").is_checked()


def test_how_many_are_chosen_stands_beside_the_button(sign_in):
    page = sign_in(Role.ADMINISTRATOR)
    page.goto("/e/kz-2022/submissions/new")
    chosen, everybody = page.locator("[data-chosen]"), page.get_by_label("All", exact=True)
    expect(chosen).to_have_text("1")
    page.locator("input[name=observer]").uncheck()
    expect(chosen).to_have_text("0")
    expect(everybody).not_to_be_checked()
    everybody.check()
    expect(chosen).to_have_text("1")
