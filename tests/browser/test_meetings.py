"""A coordinator's day in a browser: requests placed by keys and by dragging, a week by a click."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
SCHEDULE = "/e/kz-2022/meetings/schedule"


def problems(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found]


def test_a_request_is_placed_by_keys_alone(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto(f"{SCHEDULE}?day=2022-11-21")
    page.focus(".card:has-text('Departure of the mission')")
    page.keyboard.press("p")
    expect(page.locator("[data-said]").first).to_contain_text("Picked up")
    for _line in range(4):
        page.keyboard.press("ArrowDown")
    assert page.inner_text("[data-said]") == "Yerlan Abdrakhman 2022-11-21"
    page.keyboard.press("Enter")
    page.wait_for_url("**/place?**")
    assert page.input_value("#day") == "2022-11-21"
    assert page.is_checked("label:has-text('Yerlan Abdrakhman')")
    assert page.is_checked("label:has-text('SCO')")
    page.click("button:has-text('Book the meeting')")
    expect(page.locator("main")).to_contain_text("The meeting is scheduled.")
    page.goto(f"{SCHEDULE}?day=2022-11-21")
    row = page.locator("tr", has_text="Yerlan Abdrakhman")
    assert "10:00 SCO" in " ".join(row.inner_text().split())
    assert page.locator(".card:has-text('Departure of the mission')").count() == 0


def test_escape_lets_go(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto(SCHEDULE)
    page.focus(".card")
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".target")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".target")).to_have_count(0)
    assert page.inner_text("[data-said]") == "Let go."


def test_a_request_is_dragged_to_a_time_that_is_taken_and_the_page_says_by_whom(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto(f"{SCHEDULE}?day=2022-11-18&span=day")
    line = page.locator(".tl-r", has_text="Nurlan Abdirov").locator(".tl-t")
    box = line.bounding_box()
    at_four = (16.25 - 8) / 11 * box["width"]  # a quarter past four
    page.drag_and_drop(
        ".card:has-text('Count and tabulation')",
        ".tl-r:has-text('Nurlan Abdirov') .tl-t",
        target_position={"x": at_four, "y": box["height"] - 2},
    )
    page.wait_for_url("**/place?**")
    assert page.input_value("#starts") in {"16:15", "16:15:00"}
    expect(page.locator(".note.bad").first).to_contain_text(
        "taken on 18 November 2022 from 16:00 to 16:40"
    )
    page.click("button:has-text('Book the meeting')")
    expect(page.locator(".errors").first).to_contain_text("Observation of the count")


def test_a_meeting_is_dragged_to_another_day_with_a_reason(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto(SCHEDULE + "?day=2022-11-18")
    meeting = page.locator("a.m", has_text="OIC")
    line = page.locator("tr", has_text="Dana Serikbay")
    meeting.drag_to(line.locator("td[data-day='2022-11-18']"), target_position={"x": 4, "y": 4})
    page.wait_for_url("**/edit?**")
    page.fill("#day", "2022-11-21")
    page.click("button:has-text('Save')")
    expect(page.locator(".errors").first).to_contain_text("Say why the meeting is moved.")
    page.fill("#reason", "The Deputy Minister is at the Government")
    page.click("button:has-text('Save')")
    expect(page.locator("main")).to_contain_text("The changes are saved.")
    expect(page.locator("main")).to_contain_text("Moved")


def test_a_focal_point_asks_and_a_coordinator_proposes_and_confirms(sign_in):
    focal = sign_in(Role.FOCAL_POINT)
    focal.goto("/e/kz-2022/meetings/requests/new")
    focal.select_option("#target", label="Nurlan Abdirov, Chairman, Central Election Commission")
    focal.fill("#topics", "Results of the count")
    focal.fill("#days", "21.11.2022")
    focal.click("button:has-text('Enter the request')")
    expect(focal.locator("main")).to_contain_text("Received")
    address = focal.url

    coordinator = sign_in(Role.COORDINATOR)
    coordinator.goto(address)
    assert problems(coordinator) == []
    coordinator.click(".times a >> nth=0")
    coordinator.check("label:has-text('As a proposal')")
    coordinator.click("button:has-text('Book the meeting')")
    expect(coordinator.locator("main")).to_contain_text("The time is proposed and held.")
    coordinator.click("button:has-text('Confirm')")
    expect(coordinator.locator("main")).to_contain_text("The meeting is confirmed.")
    focal.reload()
    expect(focal.locator("main")).to_contain_text("Confirmed")
    expect(focal.locator("main")).to_contain_text("Nurlan Abdirov")


def test_a_week_is_scheduled_with_one_click(sign_in):
    page = sign_in(Role.COORDINATOR)
    page.goto("/e/practice/meetings/plans/")
    page.click("button:has-text('Find times for 200 requests')")
    page.wait_for_selector(".planfigs", timeout=120_000)  # the job process searches meanwhile
    assert problems(page) == []
    placed = int(page.inner_text(".planfigs .fig >> nth=0").split()[0])
    assert placed >= 190
    page.click("a:has-text('Change') >> nth=0")
    page.click(".times button >> nth=1")
    expect(page.locator("main")).to_contain_text("The plan is changed.")
    page.uncheck("tbody input[type=checkbox] >> nth=0")
    page.click("button:has-text('Book the chosen meetings')")
    expect(page.locator("main")).to_contain_text(f"{placed - 1} meetings are booked.")
    page.goto("/e/practice/meetings/schedule?day=2022-11-21")
    expect(page.locator(".head").first).to_contain_text(f"{placed - 1} meetings")
    assert page.locator("a.clash").count() == 0
    assert problems(page) == []
