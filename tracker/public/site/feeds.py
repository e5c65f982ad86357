"""For programs that follow the site: a feed by language (RFC 4287), a map of its pages, robots."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGES, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.public.site.blueprint import address, at, blueprint, download
from tracker.public.site.home import latest_notes
from tracker.publications.queries import published_bulletins

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
MOST = 50  # entries of a feed
SECTIONS = ("home", "register", "bulletins", "notes", "apply", "data")


def _entries(election: Election, lang: str) -> Iterator[dict[str, Any]]:
    """Bulletins and press notes with the moment at which they were published, as they read now."""
    for row in db.session.scalars(published_bulletins(election.id).limit(MOST)):
        yield {
            "title": _("Bulletin no. %(number)s", number=row.number),
            "url": address("bulletin", election=election.slug, bulletin_number=row.number),
            "moment": row.published_at,
            "text": localized(row, "text"),
        }
    for note in latest_notes(election, MOST):
        content = note["content"]
        yield {
            "title": content.title[lang],
            "url": address("note", election=election.slug, note_number=note["number"]),
            "moment": note["published_at"],
            "text": f"{content.text[lang]}\n\n{content.closing[lang]}",
        }


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    found = ET.SubElement(parent, name, attributes)
    found.text = text or None
    return found


def _document(root: ET.Element) -> bytes:
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


@blueprint.get(at("feed.xml"))
@requires(Capability.PUBLIC)
def feed(lang: str) -> ResponseReturnValue:
    """What was published last, in one language."""
    known = elections()
    found = [entry for row in known for entry in _entries(row, lang)]
    found.sort(key=lambda entry: (entry["moment"], entry["url"]), reverse=True)
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    _add(root, "id", address("feed"))
    _add(root, "title", _("Election observers: bulletins and press notes"))
    _add(root, "link", rel="self", type="application/atom+xml", href=address("feed"))
    _add(root, "link", rel="alternate", type="text/html", hreflang=lang, href=address("start"))
    _add(_add(root, "author"), "name", _("Ministry of Foreign Affairs"))
    began = max((row.created_at for row in known), default=clock.now())
    newest: datetime = found[0]["moment"] if found else began
    _add(root, "updated", newest.isoformat())
    for entry in found[:MOST]:
        element = _add(root, "entry")
        _add(element, "id", entry["url"])
        _add(element, "title", entry["title"])
        _add(element, "link", rel="alternate", type="text/html", href=entry["url"])
        _add(element, "updated", entry["moment"].isoformat())
        _add(element, "content", entry["text"], type="text")
    return download(_document(root), "application/atom+xml; charset=utf-8")


def _pages() -> Iterator[tuple[str, dict[str, Any], datetime | None]]:
    """Every page that there is once in each language, with the moment of its last change."""
    for row in elections():
        values = {"election": row.slug}
        for name in SECTIONS:
            yield name, values, None
        for bulletin in db.session.scalars(published_bulletins(row.id)):
            yield "bulletin", values | {"bulletin_number": bulletin.number}, bulletin.published_at
        for note in latest_notes(row):
            yield "note", values | {"note_number": note["number"]}, note["published_at"]


@blueprint.get("/sitemap.xml")
@requires(Capability.PUBLIC)
def sitemap() -> ResponseReturnValue:
    """Every page in every language, with the same page in the others."""
    root = ET.Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for endpoint, values, moment in _pages():
        alike = {code: address(endpoint, lang=code, **values) for code in LANGUAGES}
        for url in alike.values():
            element = _add(root, "url")
            _add(element, "loc", url)
            if moment:
                _add(element, "lastmod", moment.isoformat())
            for code, other in (*alike.items(), ("x-default", alike["en"])):
                _add(element, "xhtml:link", rel="alternate", hreflang=code, href=other)
    return download(_document(root), "application/xml; charset=utf-8")


@blueprint.get("/robots.txt")
@requires(Capability.PUBLIC)
def robots() -> ResponseReturnValue:
    """Search engines are welcome on the public site and find nothing elsewhere."""
    text = f"User-agent: *\nDisallow: /e/\nSitemap: {address('sitemap')}\n"
    return download(text, "text/plain; charset=utf-8")
