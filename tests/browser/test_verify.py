"""A polling station without a network: the page that checks certificates, in a real browser."""

import io
import json
import re

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.factories.codes import codes_in, pages_of, picture_of
from tests.factories.served import Served
from tests.factories.vectors import PATH
from tests.journeys.demonstration import settings
from tracker.app import create_app
from tracker.credentials import queries
from tracker.credentials.models import Certificate, CertificateStatus, PaperKind
from tracker.credentials.papers import print_certificates
from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

pytestmark = pytest.mark.browser

PAGE = "/verify/kz-2022/?language=en"
PHONE = {"viewport": {"width": 390, "height": 844}}
READY = "() => navigator.serviceWorker.ready.then(() => true)"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own: an accreditation is revoked on it."""
    served = Served(tmp_path_factory.mktemp("verify"))
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def address(server):
    return server.address


@pytest.fixture(scope="module")
def badges(server):
    """Two badges of the demonstration, printed: accreditation, number, and the back as a PNG."""
    app = create_app(settings(server.folder))
    with app.app_context():
        election = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        query = sa.select(Certificate).where(
            Certificate.election_id == election.id,
            Certificate.status == CertificateStatus.HANDED_OVER,
        )
        rows = db.session.scalars(query.order_by(Certificate.serial).limit(2)).all()
        ordered = [row.certificate for row in queries.printed_rows([row.id for row in rows])]
        pages = pages_of(print_certificates(election, rows, PaperKind.BADGES))
        found = []
        for row, back in zip(ordered, pages[1::2], strict=True):
            buffer = io.BytesIO()
            back.save(buffer, "PNG")
            assert codes_in(back) == [row.credential]
            found.append((row.accreditation_id, row.number, buffer.getvalue(), row.credential))
        db.session.rollback()
        db.engine.dispose()
    return found


def phone_of(browser, address, **options):
    context = browser.new_context(base_url=address, locale="en-GB", **PHONE | options)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda message: page.problems.append(message.text) if message.type == "error" else None,
    )
    return page


@pytest.fixture
def phone(chromium, address):
    """A phone that opened the page once, with a network."""
    page = phone_of(chromium, address)
    page.goto(PAGE)
    page.wait_for_function(READY)
    expect(page.locator("footer [data-part=age]")).to_contain_text("List of revocations")
    yield page
    page.context.close()


def choose(page, content):
    file = {"name": "badge.png", "mimeType": "image/png", "buffer": content}
    page.set_input_files("[data-part=picture]", file)


def test_the_verifier_in_the_browser_agrees_with_all_vectors(phone):
    vectors = json.loads(PATH.read_text(encoding="utf-8"))
    found = phone.evaluate(
        """async (vectors) => {
          const setup = JSON.parse(document.querySelector("[data-verify]").dataset.verify);
          const credential = await import(setup.scripts.credential);
          const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
          const current = await credential.openKeys(bytes(vectors.keys.current));
          const open = (name) => credential.openRevocations(bytes(vectors.lists[name]), current);
          const cases = [];
          for (const each of vectors.cases) {
            const keys = each.keys && await credential.openKeys(bytes(vectors.keys[each.keys]));
            const list = each.list && await open(each.list);
            const now = Date.parse(each.now) / 1000;
            const around = { keys, list, now, election: each.election };
            const { verdict, reason, claims } = await credential.verify(each.text, around);
            cases.push({ verdict, reason, claims });
          }
          const deltas = [];
          for (const each of vectors.deltas) {
            const joined = credential.join(await open(each.held), await open(each.delta));
            deltas.push(joined && Object.fromEntries(joined.serials));
          }
          const rejected = [];
          for (const each of vectors.rejected) {
            const read = each.what === "keys" ? credential.openKeys(bytes(each.hex), each.trusted)
              : credential.openRevocations(bytes(each.hex), current);
            rejected.push(await read.then(() => "taken", (error) => error.constructor.name));
          }
          return { cases, deltas, rejected };
        }""",
        vectors,
    )
    for wanted, case in zip(vectors["cases"], found["cases"], strict=True):
        assert case == {name: wanted[name] for name in ("verdict", "reason", "claims")}, wanted
    assert found["deltas"] == [each["joined"] for each in vectors["deltas"]]
    assert set(found["rejected"]) == {"Unreadable"}


def test_the_script_without_the_browsers_own_ed25519_says_the_same(phone):
    vectors = json.loads(PATH.read_text(encoding="utf-8"))
    found = phone.evaluate(
        """async (vectors) => {
          const setup = JSON.parse(document.querySelector("[data-verify]").dataset.verify);
          const credential = await import(setup.scripts.credential);
          crypto.subtle.importKey = () => Promise.reject(new DOMException("", "NotSupportedError"));
          const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
          const keys = await credential.openKeys(bytes(vectors.keys.current));
          const list = await credential.openRevocations(bytes(vectors.lists.fresh), keys);
          const reasons = [];
          for (const name of ["a valid certificate", "one byte altered"]) {
            const { text, now } = vectors.cases.find((each) => each.name === name);
            const around = { keys, list, now: Date.parse(now) / 1000 };
            reasons.push((await credential.verify(text, around)).reason);
          }
          return reasons;
        }""",
        vectors,
    )
    assert found == [None, "altered"]


def test_a_station_without_a_network_tells_real_from_forged(phone, badges, sign_in):
    (accreditation, number, back, text), (_other, _number, other_back, _text) = badges
    context = phone.context
    context.set_offline(True)
    phone.reload()
    expect(phone.locator("[data-ready=yes]")).to_have_count(1)
    choose(phone, back)
    verdict, reason = phone.locator("[data-part=verdict]"), phone.locator("[data-part=reason]")
    expect(verdict).to_have_text("Valid")
    expect(phone.locator("[data-part=holder-serial]")).to_have_text(number[:6])
    expect(phone.locator("[data-part=result] [data-part=age]")).to_contain_text("List of revoc")
    expect(phone.locator("[data-part=result]")).to_be_focused()

    phone.click("[data-act=next]")
    altered = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    choose(phone, picture_of(altered))
    expect(verdict).to_have_text("Not valid")
    expect(phone.locator("[data-part=holder]")).to_be_hidden()

    phone.click("[data-act=next]")
    choose(phone, picture_of("https://www.example.org/"))
    expect(reason).to_have_text("This is not the code of an observer’s certificate.")

    phone.goto("/verify/kz-2022/?language=kk")  # kept in each language
    expect(phone.locator("h1").first).to_have_text("Куәлікті тексеру")
    phone.goto(PAGE)

    commission = sign_in(Role.COMMISSION)
    commission.goto(f"/e/kz-2022/observers/{accreditation}/revoke")
    commission.select_option("select[name=ground]", "interference")
    commission.click("main button.danger, main button.pri")
    expect(commission.locator("main")).to_contain_text("Revoked")

    choose(phone, back)
    expect(verdict).to_have_text("Valid")  # nobody could tell this phone yet
    context.set_offline(False)
    phone.click("[data-act=refresh]")
    expect(verdict).to_have_text("Not valid")
    expect(reason).to_have_text("The accreditation was revoked.")
    phone.click("[data-act=next]")
    choose(phone, other_back)
    expect(verdict).to_have_text("Valid")
    expect(phone.locator("[data-part=portrait]")).to_be_visible()  # its hash was signed
    unexpected = [text for text in phone.problems if "Failed to load resource" not in text]
    assert unexpected == []


def test_the_camera_reads_a_badge(chromium, address, badges, film):
    film.write_bytes(as_seen(badges[1][2]) * 30)
    page = phone_of(chromium, address, permissions=["camera"])
    page.goto(PAGE)
    page.click("[data-act=camera]")
    expect(page.locator("[data-part=verdict]")).to_have_text("Valid", timeout=20_000)
    expect(page.locator("[data-part=camera]")).to_be_hidden()
    page.context.close()


def as_seen(content):
    """The back of a badge as a camera sees it: a JPEG of even size."""
    picture = Image.open(io.BytesIO(content)).convert("RGB").resize((640, 902))
    picture = picture.crop((0, 0, 640, 640))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_without_scripts_the_number_is_typed(chromium, address, badges, language):
    context = chromium.new_context(base_url=address, java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.goto(f"/verify/kz-2022/?language={language}")
    expect(page.locator("[data-act=camera]")).to_be_hidden()
    page.fill("#number", badges[1][1].lower())
    page.click("form button")
    expect(page.locator(".verdict.valid")).to_have_count(1)
    context.close()


@pytest.mark.parametrize(
    ("language", "age", "day"),
    [
        ("en", r"just now|\d+ (min|h) ago", r"\d{1,2} [A-Z][a-z]+ \d{4}"),
        ("ru", r"только что|\d+ (мин|ч) назад", r"\d{1,2} [а-я]+ \d{4}"),
        ("kk", r"жаңа ғана|\d+ (мин|сағ) бұрын", r"\d{4} жылғы \d{1,2} [а-яәіңғүұқөһ]+"),
    ],
)
def test_ages_and_days_are_said_in_the_language_of_the_page(
    chromium, address, badges, language, age, day
):
    page = phone_of(chromium, address)  # a browser that has no Kazakh takes English for it
    page.goto(f"/verify/kz-2022/?language={language}")
    expect(page.locator("[data-ready=yes]")).to_have_count(1)
    expect(page.locator("footer [data-part=age]")).to_have_text(re.compile(rf".+: ({age})$"))
    page.eval_on_selector(
        "[data-part=text]", "(field, text) => { field.value = text }", badges[1][3]
    )
    page.evaluate("document.querySelector('[data-act=paste]').click()")
    expect(page.locator("[data-part=holder-until]")).to_have_text(re.compile(rf"^{day}$"))
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_and_each_answer_are_accessible_and_fit(chromium, address, badges, scheme):
    page = phone_of(chromium, address, color_scheme=scheme)
    page.goto("/verify/kz-2022/?language=ru")
    expect(page.locator("[data-ready=yes]")).to_have_count(1)
    answers = ["", badges[1][3], "https://www.example.org/"]
    for text in answers:
        if text:
            page.eval_on_selector(
                "[data-part=text]", "(field, text) => { field.value = text }", text
            )
            page.evaluate("document.querySelector('[data-act=paste]').click()")
            expect(page.locator("[data-part=result]")).to_be_visible()
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found] == [], text
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto(f"/verify/kz-2022/number?number={badges[1][1]}&language=ru")
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()
