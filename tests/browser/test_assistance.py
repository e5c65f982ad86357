"""A lost certificate, from the delegation's page to the answer, by hand in a browser."""

import pytest
from playwright.sync_api import expect

from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser


def test_a_delegation_asks_and_headquarters_answers(sign_in, portrait):
    focal = sign_in(Role.FOCAL_POINT)
    focal.goto("/e/kz-2022/requests/")
    focal.click("main >> text=Enter an assistance request")
    focal.select_option("#kind", "lost_certificate")
    focal.select_option("#priority", "urgent")
    focal.fill("#title", "Certificate left on a train")
    focal.select_option("#accreditation_id", index=1)
    focal.click("text=Enter the assistance request")
    expect(focal.locator("main")).to_contain_text("entered under No.")
    focal.set_input_files("#document", portrait)
    focal.click("button:has-text('Attach')")
    expect(focal.locator("#attachments li a")).to_have_count(1)
    path = focal.url.split("#")[0]

    coordinator = sign_in(Role.COORDINATOR)
    coordinator.goto("/e/kz-2022/requests/board")
    ticket = coordinator.locator(".ticket", has_text="Certificate left on a train")
    ticket.locator("text=Take it").click()
    coordinator.locator("section", has=coordinator.locator("#column-assigned")).locator(
        ".ticket", has_text="Certificate left on a train"
    ).locator("text=Work on it").click()
    coordinator.goto(path)
    coordinator.fill("#text", "Good news. ")
    coordinator.select_option("#answer", label="New certificate")
    coordinator.click("text=Insert")
    assert coordinator.input_value("#text").startswith("Good news. The lost certificate is revoked")
    coordinator.click("text=Comment on it")
    coordinator.fill("#text", "Call the railway")
    coordinator.check("#is_internal")
    coordinator.click("text=Comment on it")
    expect(coordinator.locator("#comments").first).to_contain_text("Call the railway")
    coordinator.click(".head >> text=It is done")
    expect(coordinator.locator(".head").first).to_contain_text("Done")

    focal.goto(path)
    said = focal.inner_text("#comments")
    assert "The lost certificate is revoked" in said
    assert "Call the railway" not in said
