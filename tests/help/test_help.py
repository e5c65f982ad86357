"""The guide in the product: open to everybody, in the reader's language, one's own day first."""

import re
import tomllib
from pathlib import Path

import pytest

from tracker import config
from tracker.help.queries import chapter, chapter_names, places
from tracker.help.reading import document_parser, guide_parser, read
from tracker.help.rules import DAYS, days_of
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role

ROOT = Path(__file__).parents[2]


def text(response):
    assert response.status_code == 200
    return response.get_data(as_text=True)


def written(tmp_path, content, parser=guide_parser):
    file = tmp_path / "a.md"
    file.write_text(content, encoding="utf-8")
    return read(parser, file, lambda link: None if link == "gone" else link, tmp_path)


def test_whose_day_comes_first():
    assert days_of(frozenset({Role.REGISTRAR, Role.AUDITOR})) == ["registrar", "auditor"]
    assert days_of(frozenset()) == ["polling-station"]
    assert set(DAYS.values()) == {*Role, None}


def test_headings_have_attributes(tmp_path):
    found = written(tmp_path, '# A\n\nOf a.\n\n## The *b* {#b pages="x.y z.w"}\n\nText {#c}\n')
    assert (found.title, found.lead) == ("A", "<p>Of a.</p>\n")
    (section,) = found.sections
    assert (section.anchor, section.title, section.pages) == ("b", "The b", ("x.y", "z.w"))
    assert section.body == "<p>Text {#c}</p>\n"


def test_html_and_scripts_are_text(tmp_path):
    found = written(
        tmp_path, "# A\n\n<script>x</script>\n\n[a](javascript:alert(1))\n\n## B\n\n<b>c</b>\n"
    )
    assert "<script" not in found.lead
    assert "href" not in found.lead
    assert "<b>" not in found.sections[0].body


def test_a_link_that_leads_nowhere_is_its_text(tmp_path):
    assert written(tmp_path, "[a **b**](gone) [c](there)").lead == (
        '<p>a <strong>b</strong> <a href="there">c</a></p>\n'
    )


def test_a_picture_that_is_not_there_is_not_shown(tmp_path):
    assert "<img" not in written(tmp_path, "![a](images/none.webp)").lead


def test_a_document_without_sections_is_read(tmp_path):
    found = written(tmp_path, "# A\n\n### B c\n\nd\n", document_parser)
    assert found.sections == ()
    assert '<h3 id="b-c">' in found.lead


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_reads_every_chapter(client, language):
    index = text(client.get(f"/{language}/help/"))
    for name in chapter_names():
        assert f'href="/{language}/help/{name}"' in index
        page = text(client.get(f"/{language}/help/{name}"))
        assert f'<html lang="{language}"' in page
        assert chapter(language, name).title in page
        assert 'href="guide:' not in page
        assert 'src="picture:' not in page


def test_who_is_signed_in_reads_in_their_own_language(sign_in):
    client = sign_in(Role.REGISTRAR)
    response = client.get("/kk/help/account")
    assert response.headers["Location"] == "/help/account"
    assert "/account" in text(client.get("/help/account"))


def test_a_section_alone_is_given_for_the_dialog(client):
    page = text(client.get("/ru/help/account?section=sign-in"))
    assert page.startswith("<h3>Вход</h3>")
    assert "<html" not in page
    assert client.get("/help/account?section=none").status_code == 404


def test_what_is_not_there_is_not_found(client):
    for path in ("/help/none", "/en/help/images/none.webp", "/en/help/images/..%2fa.md"):
        assert client.get(path).status_code == 404, path


def test_pictures_are_kept_by_the_browser(client):
    response = client.get("/en/help/images/account-1.webp")
    assert response.mimetype == "image/webp"
    assert response.headers["Cache-Control"] == "max-age=86400"


def test_every_page_leads_to_its_own_section(client, sign_in):
    link = r'href="([^"]*)"[^>]*data-help'
    assert re.findall(link, text(client.get("/sign-in"))) == ["/help/account#sign-in"]
    client = sign_in(Role.REGISTRAR)
    page = text(client.get("/account"))
    assert re.findall(link, page) == ["/help/account#my-account"]
    assert 'data-address="/help/account?section=my-account"' in page
    assert 'href="/help/"' in page
    assert "#documents" not in page
    assert re.findall(link, text(client.get("/help/"))) == []


def test_a_page_that_is_not_found_leads_to_all_of_it(client):
    page = client.get("/nowhere").get_data(as_text=True)
    assert re.findall(r'href="([^"]*)"[^>]*data-help', page) == ["/help/"]


def test_the_public_site_leads_on_in_its_language(client):
    page = client.get("/kk/").get_data(as_text=True)
    assert re.search(r'href="/kk/help/[^"]*"[^>]*rel="nofollow"', page)


def test_administrators_read_the_documents(sign_in):
    client = sign_in(Role.ADMINISTRATOR)
    client.set_cookie("language", "ru")
    index = text(client.get("/help/"))
    assert 'href="/help/administration/deploy"' in index
    page = text(client.get("/help/administration/deploy"))
    assert 'href="/help/administration/files/nginx.conf"' in page
    assert "proxy_pass" in text(client.get("/help/administration/files/nginx.conf"))
    assert client.get("/help/administration/none").status_code == 404


def test_nobody_else_does(client, sign_in):
    assert client.get("/help/administration/deploy").status_code == 302
    client = sign_in(Role.REGISTRAR)
    assert client.get("/help/administration/deploy").status_code == 403
    assert "/help/administration/deploy" not in text(client.get("/help/"))


def test_sections_are_found_by_endpoint():
    assert places("en")["audit.index"].section.anchor == "record"


def test_what_is_read_from_outside_the_package_is_in_the_wheel(monkeypatch, tmp_path):
    """Every folder that `project_folder` is asked for, where a wheel has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    bundled = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tracker").rglob("*.py")]
    asked = set(re.findall(r'project_folder\("(\w+)"\)', "\n".join(sources)))
    assert asked == {"templates", "migrations", "docs"}
    assert bundled == {name: f"tracker/_bundled/{name}" for name in asked}
    monkeypatch.setattr(config, "CHECKOUT", tmp_path)
    for name in asked:
        assert config.project_folder(name) == ROOT / bundled[name]
