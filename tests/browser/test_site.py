"""The public site in a browser: nothing for axe to find in any theme, complete without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories.publications import WRITER, photograph, publish_bulletin, publish_note
from tests.factories.served import Served
from tests.journeys.demonstration import demonstration
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.meetings.operations.record import Record, keep_record
from tracker.publications import operations

pytestmark = pytest.mark.browser
E = "e/kz-2022/"
PAGES = {
    "home": E,
    "register": f"{E}register",
    "bulletins": f"{E}bulletins/",
    "bulletin": f"{E}bulletins/1",
    "notes": f"{E}press-notes/",
    "note": f"{E}press-notes/1",
    "apply": f"{E}apply",
    "data": f"{E}data",
    "display": "display",
}
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark", "contrast", "contrast-dark")


def _publish(app):
    """Two bulletins, of which one corrects the other, and a note of two versions."""
    with app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(db.select(Election).filter_by(slug="kz-2022")).one()
        first = publish_bulletin(election)
        publish_bulletin(election, corrects_id=first.id)
        query = db.select(Meeting).filter_by(election_id=election.id).order_by(Meeting.starts_at)
        meeting = db.session.scalars(query).first()
        if meeting.status is not MeetingStatus.HELD:
            keep_record(actor=SYSTEM, meeting=meeting, record=Record(outcome="They spoke."))
        note = operations.draft_note(actor=WRITER, election=election, meeting=meeting)
        operations.put_note_photo(actor=WRITER, note=note, upload=photograph())
        publish_note(election, note)
        words = {"en": "Words", "ru": "Слова", "kk": "Сөздер"}
        publish_note(election, note, correction=words)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a server on which something was published."""
    folder = tmp_path_factory.mktemp("site")
    server = Served(folder)
    _publish(demonstration(folder))
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def reader(chromium, site):
    """Opens the site as a reader's browser; errors on its console fail the test."""
    contexts, problems = [], []

    def opened(*, theme="light", **options):
        context = chromium.new_context(base_url=site, **options)
        contexts.append(context)
        context.add_cookies([{"name": "theme", "value": theme, "url": site}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_stands_in_anybodys_way(reader, theme, size):
    page = reader(theme=theme, viewport=SIZES[size])
    for name, path in PAGES.items():
        page.goto(f"/en/{path}")
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
        wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wider, name


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_longer_words_fit_on_a_phone(reader, lang):
    page = reader(viewport=SIZES["phone"])
    for name, path in PAGES.items():
        page.goto(f"/{lang}/{path}")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name


def test_the_site_is_complete_without_a_script(reader):
    page = reader(viewport=SIZES["phone"], java_script_enabled=False)
    page.goto("/")
    assert page.url.endswith("/en/")
    page.click("nav >> text=The register")
    page.click("text=Foreign state")
    assert "kind=foreign_state" in page.url
    expect(page.locator("table").first).to_contain_text("Türkiye")
    page.click("header >> text=РУС")
    expect(page.locator("table").first).to_contain_text("Турция")
    page.click("header >> [aria-label='Настройки отображения'], header a[rel=nofollow]")
    page.check("input[value=dark]")
    page.check("input[value=xl]")
    page.click("button")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.get_attribute("html", "data-text") == "xl"
    assert page.url.endswith("/ru/e/kz-2022/register")
    page.click("nav >> text=Бюллетени")
    page.click("main >> text=Бюллетень № 5")
    expect(page.locator("main")).to_contain_text("641")
