"""Tables on a telephone: a row reads as a card, and is still heard as a row of a table."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser

PAGES = ("requests/", "meetings/", "observers/", "deployment/", "arrivals/list", "certificates/")


def test_no_table_is_wider_than_a_telephone(sign_in):
    page = sign_in(Role.COORDINATOR, viewport={"width": 390, "height": 844})
    for path in PAGES:
        page.goto(f"/e/kz-2022/{path}")
        row = page.locator(".tbl tbody tr").first
        columns = page.locator(".tbl thead th").all_text_contents()
        labels = row.locator("td, th").evaluate_all(
            "cells => cells.map((cell) => cell.dataset.column)"
        )
        assert set(labels) - {""} <= {name.strip() for name in columns}
        assert row.locator(".subject").count() == 1
        wide = page.evaluate(
            "[...document.querySelectorAll('.tblwrap, .flat')]"
            ".some((box) => box.scrollWidth > box.clientWidth + 1)"
        )
        assert not wide, path
    assert page.get_by_role("table").get_by_role("row").count() > 1
    assert page.get_by_role("table").get_by_role("cell").count() > 1
    assert Axe().run(page).response["violations"] == []


def test_what_a_row_does_is_not_its_subject(sign_in):
    page = sign_in(Role.ADMINISTRATOR, viewport={"width": 390, "height": 844})
    for path in ("/signing-keys/", "/retention/"):
        page.goto(path)
        rows = page.locator(".cards tbody tr:has(a.btn)")
        assert rows.count() > 0, path
        assert rows.locator("td.subject:has(a.btn)").count() == 0, path


def test_larger_letters_fit_a_telephone(sign_in):
    page = sign_in(Role.ADMINISTRATOR, viewport={"width": 390, "height": 844})
    for path in ("/tokens/", "/account", "/users/1", "/signing-keys/", "/retention/"):
        page.goto(path)
        page.evaluate("Object.assign(document.documentElement.dataset, {text: 'xl', space: 'l'})")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        cut = page.locator("main .btn").evaluate_all(
            "all => all.filter((each) => each.getBoundingClientRect().right > innerWidth).length"
        )
        assert cut == 0, path


def test_a_wide_screen_keeps_rows_and_columns(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto("/e/kz-2022/requests/")
    display = "getComputedStyle(document.querySelector('.tbl tbody tr')).display"
    assert page.evaluate(display) == "table-row"


def test_a_file_that_takes_long_to_write_is_said_to_be_on_its_way(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto("/e/kz-2022/observers/")
    link, said = (
        page.get_by_role("link", name="xlsx"),
        page.get_by_text("The file is being written…"),
    )
    page.evaluate("addEventListener('click', (event) => event.preventDefault(), { once: true })")
    link.click()  # and nothing comes yet
    expect(said).to_have_role("status")
    link.click()  # once is enough
    expect(said).to_have_count(1)
    page.evaluate("(href) => fetch(href)", link.get_attribute("href"))
    expect(said).to_have_count(0)
    assert "awaited" not in page.evaluate("document.cookie")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    expect(said).to_have_count(0)
