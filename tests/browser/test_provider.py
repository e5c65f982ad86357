"""Single sign-on in a real browser: our policy and the cookies let it through, and out again."""

import pytest
from playwright.sync_api import expect

from tests.factories import providers
from tests.factories.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider():
    with providers.served() as found:
        found.knows("aigul", "CN=IT,OU=Groups", name="Aigul Ospanova")
        yield found


@pytest.fixture(scope="module")
def trusting(tmp_path_factory, provider):
    """The address of a server that trusts the provider and nobody else."""
    server = Served(tmp_path_factory.mktemp("trusting"))
    server.set(
        TRACKER_OIDC_ISSUER=provider.issuer,
        TRACKER_OIDC_CLIENT_ID=providers.CLIENT,
        TRACKER_OIDC_CLIENT_SECRET=providers.CLIENT_SECRET,
        TRACKER_OIDC_ROLES="CN=IT,OU=Groups=administrator",
        TRACKER_OIDC_LABEL="Ministry account",
        TRACKER_LOCAL_ACCOUNTS="off",
    )
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def page(chromium, trusting, provider):
    context = chromium.new_context(base_url=trusting, locale="en-GB")
    found = context.new_page()
    # The provider's own pages ask for a style sheet from elsewhere.
    context.route(lambda url: "cdn.jsdelivr.net" in url, lambda route: route.abort())
    problems = []

    def note(message):
        if message.type == "error" and provider.issuer not in found.url:
            problems.append(message.text)

    found.on("console", note)
    yield found
    context.close()
    assert problems == []


def at_provider(page, provider):
    page.wait_for_url(f"{provider.issuer}/oauth2/authorize**")
    page.fill("input[name=sub]", "aigul")
    page.click("button:text-is('Authorize')")


def test_in_confirmed_and_out(page, provider, trusting):
    page.goto("/account")
    page.click("text=Sign in with Ministry account")
    at_provider(page, provider)
    page.wait_for_url(f"{trusting}/account")
    expect(page.locator("table").first).to_contain_text("Identity provider")

    provider.knows("aigul", "CN=IT,OU=Groups", auth_time=1)
    page.click(".avatar")
    page.click("button:has-text('Sign out')")
    page.wait_for_url("**/sign-in**")
    page.click("text=Sign out of Ministry account")
    page.wait_for_url(f"{provider.issuer}/oauth2/end_session**")
    page.click("button:text-is('End session')")
    page.wait_for_url(f"{trusting}/sign-in**")

    page.click("text=Sign in with Ministry account")
    at_provider(page, provider)
    page.wait_for_url(lambda url: url.startswith(trusting) and "sign-in" not in url)
    page.goto("/users/new")  # needs a proof of this moment
    expect(page.locator("body")).to_contain_text("will ask you once more")
    provider.knows("aigul", "CN=IT,OU=Groups")
    page.click("a:has-text('Go to Ministry account')")
    at_provider(page, provider)
    page.wait_for_url(f"{trusting}/users/new")
    assert page.locator("h1:has-text('New user')").count() == 1
