"""Nothing typed is lost: without a connection, after the session's end, after a closed page."""

import pytest
from playwright.sync_api import expect

from tests.observers.test_mrz import passport
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser

REQUEST = "/e/kz-2022/requests/new"
SECRET = "Two of us need a room with a ramp"
UNREACHED = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")


def kept(page):
    return page.evaluate("JSON.stringify({...sessionStorage})")


@pytest.fixture
def typed(sign_in):
    """A form that was begun."""
    page = sign_in(Role.FOCAL_POINT)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(REQUEST)
    page.fill("#title", "A room")
    page.fill("#text", SECRET)
    return page


def test_what_was_typed_is_there_when_the_page_is_opened_again(typed):
    typed.reload()
    assert typed.input_value("#text") == SECRET
    expect(typed.locator(".kept").first).to_contain_text("Kept in this tab; not sent yet")
    typed.click(".kept button")
    typed.wait_for_load_state()
    expect(typed.locator("#text")).to_have_value("")
    assert typed.locator(".kept").count() == 0
    assert SECRET not in kept(typed)


def test_what_was_sent_is_forgotten(typed):
    typed.click("text=Enter the assistance request")
    expect(typed.locator("main")).to_contain_text("entered under No.")
    assert SECRET not in kept(typed)
    assert typed.evaluate("document.cookie.includes('sent=')") is False
    typed.goto(REQUEST)
    assert typed.input_value("#text") == ""


def test_what_was_refused_is_kept_until_it_is_taken(typed):
    typed.evaluate("document.querySelector('#title').required = false")
    typed.fill("#title", "")
    typed.click("text=Enter the assistance request")
    expect(typed.locator(".errors")).to_have_count(1)
    typed.goto("/e/kz-2022/requests/")
    expect(typed.locator("main")).to_contain_text("was not sent")
    typed.click("text=Go back to it")
    typed.wait_for_selector("#text")
    assert typed.input_value("#text") == SECRET
    typed.fill("#title", "A room")
    typed.click("text=Enter the assistance request")
    expect(typed.locator("main")).to_contain_text("entered under No.")
    assert SECRET not in kept(typed)


def test_signing_out_takes_it_away(typed):
    typed.goto("/e/kz-2022/requests/")
    assert SECRET in kept(typed)
    typed.click(".avatar")
    typed.click("text=Sign out")
    typed.wait_for_url("**/sign-in*")
    assert SECRET not in kept(typed)


def test_the_session_ended_meanwhile(typed, sign_in):
    sign_in.expected.append("400")
    context = typed.context
    cookies = [each for each in context.cookies() if "session" not in each["name"]]
    context.clear_cookies()
    context.add_cookies(cookies)
    typed.click("text=Enter the assistance request")
    typed.wait_for_selector("text=The form has expired")
    expect(typed.locator("main")).to_contain_text("is kept in this tab")
    assert SECRET in kept(typed)
    assert REQUEST in typed.get_by_role("link", name="Sign in", exact=True).get_attribute("href")


def test_nobody_else_sees_it(typed, sign_in):
    assert SECRET in kept(typed)
    typed.evaluate(
        "Object.keys(sessionStorage).forEach((key) => sessionStorage.setItem(key, "
        'sessionStorage.getItem(key).replace(/"user":"\\d+"/, \'"user":"0"\')))'
    )
    typed.goto("/e/kz-2022/requests/")
    assert SECRET not in kept(typed)


def test_documents_and_dates_of_birth_are_not_kept(sign_in):
    page = sign_in(Role.REGISTRAR)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/e/practice/observers/new")
    page.fill("#surname", "Somebody")
    page.fill("#document_number", "N1234567")
    page.fill("#birth_date", "1970-01-02")
    page.fill("#mrz", "P<UTOERIKSSON<<ANNA<MARIA")
    text = kept(page)
    assert "Somebody" in text
    for secret in ("N1234567", "1970-01-02", "ERIKSSON"):
        assert secret not in text


def test_a_zone_that_is_read_fills_the_form_whatever_was_kept(sign_in):
    page = sign_in(Role.REGISTRAR)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/e/practice/observers/new")
    page.fill("#surname", "SOMEBODY")
    page.fill("#phone", "+43 1 234567")
    for surname, number in {"KAYA": "U12345678", "CELIK": "U87654321"}.items():
        page.fill("#mrz", passport(surname, number=number))
        page.click("text=Read the zone and fill the form")
        page.wait_for_selector("[data-read]")
        assert page.input_value("#surname") == surname
        assert page.input_value("#document_number") == number
        assert page.input_value("#phone") == "+43 1 234567"


def test_without_a_connection_nothing_is_sent_and_nothing_is_lost(typed, sign_in):
    sign_in.expected.extend(UNREACHED)
    typed.context.set_offline(True)
    typed.wait_for_selector("#connection:not([hidden])")
    expect(typed.locator("#connection").first).to_contain_text("No connection")
    typed.click("text=Enter the assistance request")
    typed.wait_for_selector("#connection >> text=Not sent")
    assert typed.input_value("#text") == SECRET
    typed.click("nav.nav >> text=Lists")
    typed.wait_for_selector("#connection >> text=cannot be opened")
    assert REQUEST in typed.url
    typed.context.set_offline(False)
    typed.wait_for_selector("#connection >> text=is back")
    typed.click("text=Enter the assistance request")
    typed.wait_for_selector("text=entered under No.")


def test_another_persons_change_is_told_and_both_are_kept(sign_in):
    registrar, other = sign_in(Role.REGISTRAR), sign_in(Role.REGISTRAR)
    for page in (registrar, other):
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/organizations/1/edit")
    registrar.fill("#acronym", "MINE")
    other.fill("#acronym", "THEIRS")
    other.click("main form button.pri")
    other.wait_for_url(lambda url: "edit" not in url)
    registrar.reload()
    assert registrar.input_value("#acronym") == "MINE"
    registrar.click("main form button.pri")
    registrar.wait_for_selector(".errors")
    said = registrar.inner_text(".errors")
    assert "THEIRS" in said
    assert "MINE" in said


def test_the_tour_by_keyboard_on_a_phone(sign_in):
    page = sign_in(Role.COORDINATOR, viewport={"width": 390, "height": 844})
    page.goto("/e/kz-2022/?tour=1#tour")
    page.wait_for_function("document.activeElement.id == 'tour'")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**tour=2**")
    page.wait_for_function("document.activeElement.id == 'tour'")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.click("#tour >> text=End the tour")
    page.wait_for_url(lambda url: "tour" not in url)
    assert page.locator("#tour").count() == 0
