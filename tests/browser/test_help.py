"""The help of a page beside it: opened by a sign and a key, closed by Escape, focus returned."""

import pytest

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser


def test_the_sign_and_the_key_open_the_help_of_the_page(sign_in):
    page = sign_in(Role.REGISTRAR, viewport={"width": 390, "height": 844})
    page.goto("/account")
    dialog, link = page.locator("#help"), page.locator("[data-help]")
    link.click()
    dialog.get_by_role("heading", name="My account").wait_for()
    assert dialog.get_by_text("Next row, row before").count() == 1
    assert dialog.bounding_box()["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert link.evaluate("link => link === document.activeElement")
    page.keyboard.press("?")
    assert dialog.is_visible()
    dialog.get_by_role("button", name="Close").click()
    assert not dialog.is_visible()
    link.click()
    dialog.get_by_role("link", name="The whole chapter “Your account”").click()
    page.wait_for_url("**/help/account#my-account")


def test_help_that_cannot_be_loaded_says_so_and_is_asked_for_again(sign_in):
    page = sign_in(Role.REGISTRAR)
    page.goto("/account")
    page.route("**/help/account?section=*", lambda route: route.abort(), times=1)
    page.keyboard.press("?")
    page.get_by_text("The help could not be loaded").wait_for()
    page.unroute_all()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("#help").get_by_role("heading", name="My account").wait_for()
    sign_in.expected.append("ERR_FAILED")  # the one request that was cut


def test_without_scripts_the_sign_leads_to_the_section(chromium, address):
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="Help on this page").click()
    page.wait_for_url("**/help/account#sign-in")
    assert page.get_by_role("heading", name="Signing in", exact=True).is_visible()
    context.close()
