"""The guide is whole: a section for each page, the same in three languages, nothing leads nowhere.

That what it prints in bold stands on pages is the matter of `test_wording`.
"""

import re

import pytest
from PIL import Image

from tests.factories.addresses import may, own_rules
from tracker.help.queries import DOCUMENTS, chapter, chapter_names, document, guide_folder
from tracker.help.reading import GUIDE, PICTURE
from tracker.help.rules import CHAPTERS
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role

# GET routes that are no page with a `?` of its own, by what they are.
_FILE = "a file, a paper or a picture"
_STEP = "leads on at once, to or from the identity provider"
_MACHINE = "for programs and machines"
_PART = "a part of another page"
_LIBRARY = "a route of the library that no page of ours leads to"
WITHOUT_HELP = {
    "accounts.ask_again": _STEP,
    "accounts.provider_return": _STEP,
    "accounts.provider_sign_in": _STEP,
    "accounts.provider_sign_out": _STEP,
    "accreditation.portrait": _FILE,
    "audit.anchors": _FILE,
    "credentials.certificate_portrait": _FILE,
    "credentials.specimen": _FILE,
    "delegations.note_verbale": _FILE,
    "headquarters.accreditation_list": _FILE,
    "headquarters.digest_paper": _FILE,
    "headquarters.digest_preview": _FILE,
    "headquarters.palette": _PART,
    "headquarters.totals_json": _MACHINE,
    "help.administration": "is help itself",
    "help.chapter": "is help itself",
    "help.index": "is help itself",
    "help.picture": _FILE,
    "help.sample": _FILE,
    "logistics.duty_news": _PART,
    "logistics.print_arrivals": _FILE,
    "logistics.print_delegation_plan": _FILE,
    "logistics.print_deployment": _FILE,
    "logistics.print_duty_log": _FILE,
    "logistics.request_attachment": _FILE,
    "meetings.calendar": _FILE,
    "meetings.day_card": _FILE,
    "meetings.document": _FILE,
    "meetings.itinerary": _FILE,
    "ops.healthz": _MACHINE,
    "ops.metrics": _MACHINE,
    "ops.readyz": _MACHINE,
    "ops.security_txt": _MACHINE,
    "public.keys": _MACHINE,
    "public.manifest": _MACHINE,
    "public.portrait": _FILE,
    "public.revocations": _MACHINE,
    "public.worker": _MACHINE,
    "publications.note_photo": _FILE,
    "publications.print_bulletin": _FILE,
    "security.static": _FILE,
    "security.tf_select": _LIBRARY,
    "security.two_factor_rescue": _LIBRARY,
    "security.wan_delete": _LIBRARY,
    "site.bulletin_csv": _FILE,
    "site.bulletin_json": _FILE,
    "site.bulletin_pdf": _FILE,
    "site.data_file": _FILE,
    "site.feed": _MACHINE,
    "site.note_pdf": _FILE,
    "site.photo": _FILE,
    "site.robots": _MACHINE,
    "site.sitemap": _MACHINE,
    "static": _FILE,
}
LARGEST = 60_000  # bytes of one picture
LARGEST_TOGETHER = 4_000_000
LINK = re.compile(rf'href="{GUIDE}([a-z-]+)(?:#([\w-]+))?"')
SHOWN = re.compile(rf'src="{PICTURE}([\w.-]+)"')
NAMED = re.compile(r"!\[[^]]*\]\(images/([\w.-]+)\)")


def texts(language):
    return {name: chapter(language, name) for name in chapter_names()}


def source(language, name):
    return (guide_folder(language) / f"{name}.md").read_text(encoding="utf-8")


def whole(text):
    return text.lead + "".join(section.body for section in text.sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_files(language):
    files = {file.stem for file in guide_folder(language).glob("*.md")}
    assert files == set(chapter_names())
    assert files <= set(CHAPTERS), "name the chapter in tracker/help/rules.py"


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_language_has_the_same_sections(language):
    """In the same order, of the same pages, with the same pictures."""
    for name, text in texts("en").items():
        other = chapter(language, name)
        assert [(each.anchor, each.pages) for each in text.sections] == [
            (each.anchor, each.pages) for each in other.sections
        ], f"{language}/{name}.md"
        named = [NAMED.findall(source(code, name)) for code in ("en", language)]
        assert named[0] == named[1], f"{language}/{name}.md has other pictures"


def test_every_page_has_one_section(app):
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.endpoint.startswith("api.")
    }
    told = [page for text in texts("en").values() for each in text.sections for page in each.pages]
    twice = sorted({page for page in told if told.count(page) > 1})
    assert twice == [], "a page opens one section"
    assert sorted(set(told) - pages) == [], "there are no such pages any more"
    assert sorted(set(WITHOUT_HELP) - pages) == [], "there are no such routes any more"
    assert sorted(set(WITHOUT_HELP) & set(told)) == []
    assert sorted(pages - set(told) - set(WITHOUT_HELP)) == [], (
        "name the page in `pages=` of a section in docs/guide, or above with the reason"
    )


def test_what_has_no_section_is_no_page(app, known, clients):
    """What is called a file or meant for machines is not HTML to whoever may open it."""
    wrong = []
    for rule in own_rules(app):
        if WITHOUT_HELP.get(rule.endpoint) not in {_FILE, _MACHINE} or "GET" not in rule.methods:
            continue
        role = next(each for each in Role if may(app, rule, each))
        with clients[role].get(known.address(rule)) as answer:
            if answer.status_code == 200 and answer.mimetype == "text/html":
                wrong.append(rule.endpoint)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_section_is_empty_and_each_has_an_anchor_of_its_own(language):
    for name, text in texts(language).items():
        anchors = [section.anchor for section in text.sections]
        assert text.sections, f"{name}.md has no sections"
        assert len({*anchors} - {""}) == len(anchors), f"{language}/{name}.md: {anchors}"
        for section in text.sections:
            words = re.sub(r"<[^>]+>", " ", section.body).split()
            assert len(words) >= 20, f"{language}/{name}.md#{section.anchor} says too little"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_the_guide_leads_to_a_section(language):
    known = texts(language)
    for name, text in known.items():
        for chapter_name, anchor in LINK.findall(whole(text)):
            assert chapter_name in known, f"{language}/{name}.md: {chapter_name}.md"
            anchors = {section.anchor for section in known[chapter_name].sections}
            assert anchor in anchors | {""}, f"{language}/{name}.md: {chapter_name}.md#{anchor}"
        asked = re.findall(r"(?<!!)\[[^]]*\]\(([^)]*)\)", source(language, name))
        assert whole(text).count("<a ") == len(asked), f"{language}/{name}.md: {asked}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_there_small_and_shown(language):
    folder = guide_folder(language) / "images"
    named = {found for name in chapter_names() for found in NAMED.findall(source(language, name))}
    assert named == {file.name for file in folder.iterdir()}, "run make guide"
    shown = {found for text in texts(language).values() for found in SHOWN.findall(whole(text))}
    assert named == shown
    for file in folder.iterdir():
        assert file.stat().st_size <= LARGEST, file
        with Image.open(file) as picture:
            assert picture.format == "WEBP"


def test_all_pictures_together_are_small():
    files = guide_folder("en").parent.glob("*/images/*")
    assert sum(file.stat().st_size for file in files) <= LARGEST_TOGETHER


def test_links_between_documents_lead_to_headings():
    anchors = {
        name: set(re.findall(r'id="([^"]+)"', whole(document(name))))
        | {section.anchor for section in document(name).sections}
        for name in DOCUMENTS
    }
    pattern = re.compile(rf'href="{GUIDE}administration/([\w-]+)(?:#([\w-]+))?"')
    for name in DOCUMENTS:
        for target, anchor in pattern.findall(whole(document(name))):
            assert not anchor or anchor in anchors[target], f"{name}.md: {target}.md#{anchor}"
