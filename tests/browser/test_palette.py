"""The command palette by keyboard, in another alphabet, on another layout, on a phone, offline."""

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tracker.kernel.permissions import Role

DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "ru"}


def active(page):
    """The chosen option."""
    return page.locator("#palette-list [aria-selected=true]")


def typed(page, text):
    with page.expect_response(lambda answer: "/search/palette" in answer.url):
        page.fill("#palette-text", text)
    expect(page.locator("#palette [role=status]")).not_to_have_text("Searching…")


def test_a_record_is_reached_by_keyboard_in_another_alphabet(sign_in):
    page = sign_in(Role.COORDINATOR, **DESK)
    page.goto("/e/kz-2022/meetings/")
    page.keyboard.press("Control+KeyK")
    expect(page.locator("#palette-text")).to_be_focused()
    expect(active(page)).to_contain_text("Headquarters")  # pages and actions, nothing typed yet
    expect(page.locator("#palette-list")).to_contain_text("Schedule a meeting")
    typed(page, "Абержн")  # nobody
    expect(page.locator("#palette-list")).to_be_hidden()
    expect(page.locator("#palette [role=status]")).to_have_text("Nothing was found")
    typed(page, "тюркпа")
    expect(active(page)).to_contain_text("TURKPA")
    said = active(page).get_attribute("id")  # to a screen reader
    expect(page.locator("#palette-text")).to_have_attribute("aria-activedescendant", said)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")  # round to the first
    expect(active(page).locator("mark").first).to_have_text("TURKPA")
    page.keyboard.press("Enter")
    page.wait_for_url("**/e/kz-2022/delegations/*")
    expect(page.locator("h1")).to_contain_text("TURKPA")


def test_a_page_is_reached_on_the_wrong_layout(sign_in):
    page = sign_in(Role.COORDINATOR, **DESK)
    page.keyboard.press("Control+KeyK")
    typed(page, "dcnhtxb")
    expect(active(page)).to_contain_text("Meetings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/e/*/meetings/")


def test_the_keys_work_on_a_russian_keyboard(sign_in):
    page = sign_in(Role.COORDINATOR, **DESK)
    press = """([key, code, ctrlKey]) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", {key, code, ctrlKey, bubbles: true, cancelable: true}))"""
    for keys in (["л", "KeyK", True], [".", "Slash", False], ["/", "Backslash", False]):
        page.evaluate(press, keys)
        expect(page.locator("#palette")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()
    page.goto("/e/kz-2022/observers/")
    page.fill("#q", "a/b")  # a stroke in a field is a stroke
    expect(page.locator("#palette")).to_be_hidden()


def test_focus_stays_inside_and_returns(sign_in):
    page = sign_in(Role.REGISTRAR, **DESK)
    page.goto("/e/kz-2022/observers/")
    page.focus("#status")
    page.keyboard.press("Control+KeyK")
    expect(active(page)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    within = "document.activeElement.closest('dialog') || document.activeElement === document.body"
    assert page.evaluate(f"Boolean({within})")
    page.focus("#palette-text")
    page.keyboard.press("Escape")
    expect(page.locator("#status")).to_be_focused()


def test_the_box_in_the_top_bar_takes_what_is_typed_along(sign_in):
    page = sign_in(Role.REGISTRAR, **DESK)
    page.focus("#search")
    page.keyboard.type("kaz")
    expect(page.locator("#palette-text")).to_have_value("kaz")
    expect(page.locator("#palette-text")).to_be_focused()


def test_what_is_not_answered_yet_goes_to_the_page_of_results(sign_in):
    page = sign_in(Role.REGISTRAR, **DESK)
    page.route("**/search/palette?q=osce", lambda route: None)  # never answered
    page.keyboard.press("Control+KeyK")
    expect(active(page)).to_be_visible()
    page.fill("#palette-text", "osce")
    expect(page.locator("#palette [role=status]")).to_have_text("Searching…")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=osce")
    expect(page.locator("h1")).to_have_text("Search: osce")


def test_a_late_answer_never_replaces_a_newer_one(sign_in):
    page = sign_in(Role.REGISTRAR, **DESK)
    held = []
    page.route("**/search/palette?q=osce", lambda route: held.append(route))
    page.keyboard.press("Control+KeyK")
    expect(active(page)).to_be_visible()
    page.fill("#palette-text", "osce")
    expect(page.locator("#palette [role=status]")).to_have_text("Searching…")
    typed(page, "turkpa")
    expect(active(page)).to_contain_text("TURKPA")
    with suppress(Error):  # the page gave that request up
        held[0].fulfill(status=200, body="<div role=listbox></div><p>late</p>")
    page.wait_for_timeout(200)
    expect(active(page)).to_contain_text("TURKPA")
    expect(page.locator("#palette [role=status]")).to_have_text("")


def test_without_a_connection_it_says_so(sign_in):
    page = sign_in(Role.REGISTRAR, **DESK)
    page.keyboard.press("Control+KeyK")
    expect(active(page)).to_be_visible()
    page.route("**/search/palette*", lambda route: route.fulfill(status=409))
    page.fill("#palette-text", "osce")
    expect(page.locator("#palette [role=status]")).to_contain_text("No connection")
    page.unroute("**/search/palette*")
    typed(page, "osce/")
    expect(active(page)).to_contain_text("OSCE")


def test_it_works_without_a_script(sign_in, chromium, address):
    page = sign_in(Role.REGISTRAR, **DESK)
    context = chromium.new_context(
        base_url=address, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/e/kz-2022/observers/")
    plain.fill("#search", "turkpa")
    plain.press("#search", "Enter")
    plain.wait_for_url("**/search?q=turkpa")
    expect(plain.locator(".found")).to_contain_text("TURKPA")
    context.close()


@pytest.mark.parametrize("look", [DESK | {"color_scheme": "light"}, PHONE])
def test_it_is_accessible_and_fits(sign_in, look):
    page = sign_in(Role.COORDINATOR, **look)
    page.goto("/e/kz-2022/meetings/")
    page.locator("[data-search]:visible").click()
    expect(active(page)).to_be_visible()
    for text in (None, "обсе", "zzz", "й"):
        if text is not None:
            page.fill("#palette-text", text)
            page.wait_for_timeout(600)
        found = Axe().run(page)
        problems = [
            (violation["id"], [node["target"] for node in violation["nodes"]][:3])
            for violation in found.response["violations"]
        ]
        assert problems == [], text
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= look["viewport"]["width"]
    page.locator("[data-close]:visible").click() if look is PHONE else page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
