"""The main job, by hand in a browser: from a new delegation to totals that come out right."""

import pytest
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
