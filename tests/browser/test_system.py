"""The page of administrators in a browser, served by all processes: on a desk, on a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("width", "height", "locale"), [(1440, 900, "en-GB"), (390, 844, "ru-RU"), (390, 844, "kk-KZ")]
)
def test_nothing_is_cut_and_axe_finds_nothing(sign_in, width, height, locale, theme):
    viewport = {"width": width, "height": height}
    page = sign_in(Role.ADMINISTRATOR, viewport=viewport, locale=locale, color_scheme=theme)
    page.goto("/system")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []


def test_it_is_in_the_side_bar_and_knows_its_processes(sign_in):
    said = []
    page = sign_in(Role.ADMINISTRATOR, viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: said.append(message.text))
    page.get_by_role("link", name="System", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("System")
    checks = page.locator(".checkup").first
    expect(checks).to_contain_text("2 web processes, up for")
    expect(checks).to_contain_text("never")  # there was no backup of the demonstration
    assert said == []  # every name of the permissions policy is one that a browser knows


def test_that_a_page_looks_again_at_work_under_way_is_nothing_that_a_person_did(sign_in):
    page = sign_in(Role.ADMINISTRATOR)

    def under_way(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("<h1>", "<h1 data-live>", 1))

    page.route("**/retention/", under_way)
    page.goto("/retention/")
    with page.expect_request("**/retention/") as asked:
        pass
    assert asked.value.headers["x-background"] == "1"
