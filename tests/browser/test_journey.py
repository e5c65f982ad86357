"""The main job, by hand in a browser: from a new delegation to totals that come out right."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.observers.test_mrz import passport
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser
MRZ = passport("ERDEM", "KEMAL", state="TUR", number="U9988776", birth="700305", expiry="310101")


def test_from_a_pasted_mrz_to_the_totals(sign_in, portrait):
    registrar = sign_in(Role.REGISTRAR)
    registrar.goto("/e/practice/delegations/new")
    registrar.select_option("#organization", "TR")
    registrar.select_option("#format", "state")
    registrar.fill("#note_verbale_number", "2022/77")
    registrar.fill("#note_verbale_on", "2022-11-10")
    registrar.click("text=Enter the delegation")
    expect(registrar.locator("h1")).to_contain_text("Türkiye")

    registrar.click("main >> text=Register an observer")
    registrar.fill("#mrz", MRZ)
    registrar.click("text=Read the zone and fill the form")
    expect(registrar.locator("#surname")).to_have_value("ERDEM")
    assert registrar.input_value("#given_names") == "KEMAL"
    assert registrar.input_value("#birth_date") == "1970-03-05"
    assert registrar.input_value("#citizenship") == "TR"
    assert registrar.input_value("#issuing_state") == "TUR"

    registrar.click("button[name=register]")
    problems = registrar.inner_text(".errors")
    assert "portrait" in problems
    assert "signed pledge" in problems
    assert registrar.inner_text("#portrait-error") == "Needed to register."
    assert registrar.input_value("#surname") == "ERDEM"  # nothing typed is lost

    registrar.set_input_files("#portrait", portrait)
    registrar.select_option("#function", "short_term_observer")
    registrar.fill("#pledge_signed_on", "2022-11-12")
    registrar.click("button[name=register]")
    expect(registrar.locator("main")).to_contain_text("is registered")
    assert registrar.locator("img.portrait").evaluate("image => image.naturalWidth") == 480
    assert "U9988776" not in registrar.content()

    registrar.click("text=Submit to the CEC")
    registrar.click("button:has-text('Submit the chosen to the CEC')")
    expect(registrar.locator("main")).to_contain_text("1 observer was submitted")

    commission = sign_in(Role.COMMISSION)
    commission.goto("/e/practice/submissions/")
    commission.click("text=No. 1")
    commission.click("text=Decide 1 candidate")
    commission.fill("#resolution_number", "12/345")
    commission.select_option("#all", "accredited")
    commission.click("text=Record the decision")
    expect(commission.locator("main")).to_contain_text("Accredited")

    official = sign_in(Role.OFFICIAL)
    official.goto("/e/practice/totals/")
    text = official.inner_text("main")
    assert "1 observer has been accredited from 1 foreign state." in text
    assert "Аккредитован 1 наблюдатель от 1 иностранного государства." in text
    official.goto("/e/practice/")
    assert official.inner_text(".fig strong >> nth=0") == "1"
    assert official.locator("svg.chart .v").text_content() == "1"
    official.click(".fig a >> nth=0")
    expect(official.locator("table").first).to_contain_text("ERDEM KEMAL")


def test_the_number_is_shown_only_on_record(sign_in):
    registrar = sign_in(Role.REGISTRAR)
    registrar.goto("/e/kz-2022/observers/1")
    registrar.click("text=Show the number")
    expect(registrar.locator("main")).to_contain_text("is on record")
    auditor = sign_in(Role.AUDITOR)
    auditor.goto("/audit/?action=read")
    expect(auditor.locator("table").first).to_contain_text("Aigul Nurlan")
    auditor.click("text=Verify the record")
    expect(auditor.locator("main")).to_contain_text("The audit record holds")


def test_two_people_change_one_record(sign_in):
    first, second = sign_in(Role.REGISTRAR), sign_in(Role.REGISTRAR)
    for page, phone in ((first, "+999 1"), (second, "+999 2")):
        page.goto("/e/kz-2022/delegations/1/edit")
        page.fill("#liaison_phone", phone)
    first.click("button:has-text('Save')")
    second.click("button:has-text('Save')")
    expect(second.locator(".errors").first).to_contain_text("was changed meanwhile")
    expect(second.locator(".errors").first).to_contain_text("+999 1")
    assert second.input_value("#liaison_phone") == "+999 2"
    second.click("button:has-text('Save')")
    expect(second.locator("main")).to_contain_text("+999 2")


def test_a_double_booking_is_refused_and_named(sign_in):
    coordinator = sign_in(Role.COORDINATOR)
    coordinator.goto("/e/kz-2022/meetings/new")
    coordinator.fill("#title", "Second meeting")
    coordinator.fill("#day", "2022-11-18")
    coordinator.fill("#starts", "11:50")
    coordinator.fill("#ends", "12:30")
    coordinator.check("text=Nurlan Abdirov")
    coordinator.check("text=OIC")
    coordinator.click("button:has-text('Schedule')")
    problems = coordinator.inner_text(".errors")
    assert "Nurlan Abdirov" in problems
    assert "11:30" in problems
    assert coordinator.input_value("#title") == "Second meeting"


PAGES = {
    Role.REGISTRAR: [
        "/e/kz-2022/",
        "/e/kz-2022/delegations/",
        "/e/kz-2022/delegations/1",
        "/e/kz-2022/observers/",
        "/e/kz-2022/observers/1",
        "/e/kz-2022/observers/new",
        "/e/kz-2022/submissions/",
        "/e/kz-2022/submissions/1",
        "/e/kz-2022/totals/",
        "/e/kz-2022/lists/",
        "/e/kz-2022/duplicates/",
        "/e/kz-2022/lists/1",
        "/e/kz-2022/lists/1?status=all",
        "/e/kz-2022/lists/new",
        "/organizations/",
        "/e/kz-2022/certificates/",
        "/e/kz-2022/certificates/30",
        "/e/kz-2022/certificates/issue",
        "/e/kz-2022/certificates/30/reissue",
        "/e/kz-2022/certificates/batches/",
    ],
    Role.COORDINATOR: [
        "/e/kz-2022/meetings/",
        "/e/kz-2022/meetings/new",
        "/e/kz-2022/meetings/calendars",
        "/e/kz-2022/meetings/my-calendar",
        "/e/kz-2022/meetings/3",
        "/e/kz-2022/meetings/3/edit",
        "/e/kz-2022/meetings/3/record",
        "/e/kz-2022/meetings/5/press-note",
        "/e/kz-2022/meetings/schedule",
        "/e/kz-2022/meetings/schedule?span=day",
        "/e/kz-2022/meetings/schedule?by=hall",
        "/e/practice/meetings/schedule?by=delegation",
        "/e/kz-2022/meetings/requests/",
        "/e/kz-2022/meetings/requests/9",
        "/e/kz-2022/meetings/requests/9/edit",
        "/e/kz-2022/meetings/requests/9/place?day=2022-11-18&starts=10:30",
        "/e/kz-2022/meetings/requests/new",
        "/e/practice/meetings/plans/",
        "/e/kz-2022/arrivals/",
        "/e/kz-2022/arrivals/?day=2022-11-21",
        "/e/kz-2022/arrivals/list",
        "/e/kz-2022/arrivals/new?delegation=8",
        "/e/kz-2022/arrivals/import",
        "/e/kz-2022/arrivals/40",
        "/e/kz-2022/arrivals/40/edit",
        "/e/practice/arrivals/",
        "/e/kz-2022/duty/",
        "/e/practice/duty/",
        "/e/kz-2022/duty/notes/4",
        "/e/kz-2022/duty/notes/4/correct",
        "/e/kz-2022/duty/hand-over",
        "/e/kz-2022/duty/hand-overs/1",
        "/e/kz-2022/duty/roster/",
        "/e/kz-2022/duty/roster/repeat",
        "/e/kz-2022/duty/roster/1/edit",
        "/e/kz-2022/duty/contacts/",
        "/e/practice/duty/contacts/",
        "/e/kz-2022/duty/contacts/1/edit",
        "/points/",
        "/points/new",
        "/e/kz-2022/deployment/",
        "/e/kz-2022/deployment/?day=2022-10-26",
        "/e/practice/deployment/",
        "/e/kz-2022/deployment/teams/?region=KZ-75",
        "/e/kz-2022/deployment/teams/41",
        "/e/kz-2022/deployment/teams/41/edit",
        "/e/kz-2022/deployment/teams/41/members",
        "/e/kz-2022/deployment/teams/new",
        "/e/kz-2022/deployment/unplaced",
        "/e/kz-2022/deployment/delegations/4",
        "/e/kz-2022/deployment/import",
        "/e/kz-2022/meetings/?tasks=overdue",
        "/e/kz-2022/requests/",
        "/e/kz-2022/requests/?view=overdue",
        "/e/kz-2022/requests/board",
        "/e/kz-2022/requests/new",
        "/e/kz-2022/requests/new?delegation=1",
        "/e/kz-2022/requests/1",
        "/e/kz-2022/requests/5",
        "/e/kz-2022/requests/5/edit",
        "/e/kz-2022/requests/answers/",
        "/e/kz-2022/requests/answers/1/edit",
        "/e/kz-2022/digest",
        "/officials/",
        "/officials/1/edit",
        "/officials/4",
        "/officials/institutions/",
        "/officials/institutions/new",
        "/officials/halls/",
        "/officials/halls/3",
        "/officials/halls/new",
        "/officials/interpreters/",
        "/officials/interpreters/2",
        "/officials/interpreters/new",
        "/officials/travel/",
    ],
    Role.COMMISSION: ["/e/kz-2022/submissions/6/decide", "/e/kz-2022/submissions/6/returned"],
    Role.OFFICIAL: [
        "/e/kz-2022/summary",
        "/e/kz-2022/digest",
        "/search?q=erol",
        "/search?q=osce",
        "/search",
        "/officials/4",
        "/officials/travel/",
    ],
    Role.ADMINISTRATOR: [
        "/users/",
        "/users/new",
        "/elections/",
        "/elections/new",
        "/account",
        "/styleguide",
        "/signing-keys/",
        "/signing-keys/1/lost",
        "/help/",
        "/help/account",
        "/help/administration/security",
        "/e/kz-2022/certificates/design",
        "/e/kz-2022/bulletins/",
        "/e/kz-2022/bulletins/5",
        "/e/kz-2022/press-notes/",
        "/e/kz-2022/press-notes/1",
        "/e/kz-2022/press-notes/1/edit",
    ],
    Role.AUDITOR: ["/audit/"],
    Role.FOCAL_POINT: [
        "/e/kz-2022/meetings/requests/",
        "/e/kz-2022/meetings/requests/new",
        "/e/kz-2022/requests/",
        "/e/kz-2022/requests/5",
        "/e/kz-2022/requests/new",
        "/e/kz-2022/arrivals/33",
        "/e/kz-2022/deployment/teams/",
    ],
}
LOOKS = [
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "ru"},
]


@pytest.mark.parametrize("role", PAGES)
@pytest.mark.parametrize("look", LOOKS, ids=["desk, light", "phone, dark, Russian"])
def test_pages_are_accessible_and_fit(sign_in, role, look):
    page = sign_in(role, **look)
    for path in PAGES[role]:
        page.goto(path)
        found = Axe().run(page)
        problems = [
            (violation["id"], [node["target"] for node in violation["nodes"]][:3])
            for violation in found.response["violations"]
        ]
        assert problems == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= look["viewport"]["width"], f"{path} is wider than the window"


def test_rows_are_gone_through_and_opened_with_keys(sign_in):
    registrar = sign_in(Role.REGISTRAR)
    registrar.goto("/e/kz-2022/observers/")
    second = registrar.locator(".tbl tbody tr >> nth=1")
    name = second.locator("a").first.inner_text()
    registrar.keyboard.press("j")
    registrar.keyboard.press("j")
    assert second.get_attribute("aria-selected") == "true"
    assert registrar.evaluate("document.activeElement.textContent") == name  # heard, not only seen
    registrar.keyboard.press("Enter")
    registrar.wait_for_url("**/observers/*")
    assert registrar.inner_text("h1") == name
