"""A phone at a polling station keeps its checks until they are taken, and sends each as it was."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.test_verify import PAGE, phone_of
from tests.factories.served import Served
from tests.journeys.demonstration import settings
from tracker.app import create_app
from tracker.kernel.database import db, expect_writes

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("checks"))
    served.start()
    app = create_app(settings(served.folder))
    with app.app_context():
        expect_writes(True)
        db.session.execute(sa.text("UPDATE elections SET logs_certificate_checks = TRUE"))
        db.session.commit()
        db.engine.dispose()
    yield served.address
    served.stop()


def test_a_refused_phone_keeps_its_checks_and_sends_them_again(chromium, address):
    page = phone_of(chromium, address, service_workers="block")
    sent, statuses = [], [429, 0, 200]

    def answer(route):
        sent.append(route.request.post_data_json)
        status = statuses[len(sent) - 1]
        if status:
            route.fulfill(status=status, json={})
        else:
            route.abort()  # the answer is lost

    page.route("**/verify/kz-2022/checks", answer)
    page.goto(PAGE)
    expect(page.locator("[data-ready=yes]")).to_have_count(1)
    page.click("summary:has-text('paste')")
    for count in (1, 2):
        page.fill("[data-part=text]", f"no code {count}")
        page.click("[data-act=paste]")
        expect(page.locator("[data-part=waiting]")).to_contain_text(str(count))
        page.click("[data-act=next]")
    page.click("[data-act=refresh]")
    expect(page.locator("[data-part=waiting]")).to_contain_text("0")
    assert [len(each) for each in sent] == [1, 2, 2]
    assert sent[1] == sent[2], "what is sent again is the same to the millisecond"
    assert sent[0] == sent[1][:1]
    assert len({each["checked_at"] for each in sent[2]}) == 2
    page.context.close()
