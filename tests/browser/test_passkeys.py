"""Passkeys in a real browser, with an authenticator that Chromium plays (WebAuthn Level 2)."""

import pytest
from playwright.sync_api import expect

from tests.journeys.demonstration import PASSWORD
from tracker.demonstration import installation
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
INTERNAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def device(chromium, address):
    """A computer with an authenticator of its own; the server is called by a name."""
    context = chromium.new_context(
        base_url=address.replace("127.0.0.1", "localhost"), locale="en-GB"
    )
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": INTERNAL})
    page.authenticator = added["authenticatorId"]
    page.devtools = session
    yield page
    context.close()
    assert problems == []


def with_password(page, role):
    page.goto("/sign-in")
    page.fill("#email", installation.address_of(role))
    page.fill("#password", PASSWORD)
    page.click("button:text-is('Sign in')")


def sign_out(page):
    page.goto("/account")
    page.click(".avatar")
    page.click("button:has-text('Sign out')")
    page.wait_for_url("**/sign-in**")


def add_passkey(page, name):
    page.goto("/account/passkeys")
    page.fill("#name", name)
    page.click("button:has-text('Add a passkey')")
    page.wait_for_url("**/account")


def test_a_passkey_is_made_signs_in_confirms_and_is_removed(device):
    with_password(device, Role.COORDINATOR)
    add_passkey(device, "my computer")
    expect(device.locator("body")).to_contain_text("The passkey “my computer” was added.")

    sign_out(device)
    device.click("button:has-text('Sign in with a passkey')")
    device.wait_for_url(lambda url: "sign-in" not in url)
    device.goto("/account")
    expect(device.locator("table").first).to_contain_text("Passkey")

    sign_out(device)  # a password alone is no way around it
    with_password(device, Role.COORDINATOR)
    expect(device.locator("body")).to_contain_text("This account signs in with its passkey.")
    device.click("button:has-text('Sign in with a passkey')")
    device.wait_for_url(lambda url: "sign-in" not in url)

    device.goto("/account/verify?next=/account")
    device.click("button:has-text('Use a passkey')")
    device.wait_for_url(lambda url: url.endswith("/account") and "?" not in url)

    device.goto("/account/passkeys")
    device.on("dialog", lambda dialog: dialog.accept())
    device.click("button:has-text('Remove')")
    confirm = device.locator("dialog[open] button.danger, dialog[open] .pri")
    if confirm.count():
        confirm.first.click()
    device.wait_for_selector("text=The passkey “my computer” was removed.")
    sign_out(device)
    with_password(device, Role.COORDINATOR)
    device.wait_for_url(lambda url: "sign-in" not in url)


def test_an_authenticator_that_does_not_know_its_owner_is_refused(device):
    with_password(device, Role.OFFICIAL)
    device.devtools.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": device.authenticator, "isUserVerified": False},
    )
    device.goto("/account/passkeys")
    device.fill("#name", "stolen key")
    device.click("button:has-text('Add a passkey')")
    device.wait_for_selector("text=The passkey was not used.")
    device.goto("/account/passkeys")
    assert "stolen key" not in device.inner_text("body")


def test_a_passkey_of_nobody_opens_nothing_and_says_so(device):
    device.goto("/sign-in")
    device.click("button:has-text('Sign in with a passkey')")
    device.wait_for_selector("text=The passkey was not used.")


def test_by_its_number_the_host_offers_no_passkeys(chromium, address):
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/sign-in")
    expect(page.locator("button:has-text('passkey')")).to_have_count(0)
    context.close()
