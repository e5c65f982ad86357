"""The blueprint of the public site: addresses by language, and answers that are the same for all.

No page here looks up who reads it, sets a cookie or needs a script. What every page says of itself
in its head (its address, the same page in other languages) comes from here.
"""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, language
from tracker.public.elections import current_election

blueprint = Blueprint("site", __name__)
# What is answered from memory (`kernel.answers`).
PREFIXES = (*(f"/{code}/" for code in LANGUAGES), "/data/", "/sitemap.xml", "/robots.txt")
CACHED = "public, max-age=60"  # seconds
UNCHANGING = "public, max-age=31536000, immutable"  # the address carries the content's digest
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def at(path: str) -> str:
    """The rule of a page of the site: its language, then its path."""
    return f"/<any(en, ru, kk):lang>/{path}"


@blueprint.url_defaults
def _same_language(endpoint: str, values: dict[str, Any]) -> None:
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", language())


def address(endpoint: str, **values: Any) -> str:
    """The whole address of a page, to be quoted."""
    said = request.headers.get("X-Forwarded-Proto", "")  # a proxy in front ends TLS
    scheme = said if said in {"http", "https"} else request.scheme
    return url_for(f"site.{endpoint}", _external=True, _scheme=scheme, **values)


def for_all(response: Response, *, cache: str = CACHED) -> Response:
    """An answer that is the same for everybody who asks in this language and looks."""
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Vary"] = "Cookie"  # how it is shown
    return response


def page(
    template: str,
    *,
    election: Election | None,
    at_home: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page of the site; `at_home` is the election whose first page it is under a shorter name."""
    endpoint = "home" if at_home else (request.endpoint or "start").removeprefix("site.")
    values = {"election": at_home} if at_home else dict(request.view_args or {})
    languages = [
        {
            "code": code,
            "title": title,
            "label": LANGUAGE_LABELS[code],
            "url": address(endpoint, **values | {"lang": code}),
            "is_current": code == language(),
        }
        for code, title in LANGUAGES.items()
    ]
    body = render_template(
        template,
        election=election,
        others=[row for row in elections() if election is not None and row.id != election.id],
        languages=languages,
        canonical=next(each["url"] for each in languages if each["is_current"]),
        neutral=next(each["url"] for each in languages if each["code"] == "en"),
        **context,
    )
    return for_all(make_response(body, status))


def download(content: bytes | str, kind: str, name: str = "", *, cache: str = CACHED) -> Response:
    """A file for everybody; with a name it is to be kept."""
    response = Response(content, content_type=kind)
    if name:
        response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Access-Control-Allow-Origin"] = "*"  # others may count with it
    return for_all(response, cache=cache)


@blueprint.errorhandler(NotFound)
@blueprint.errorhandler(404)
def missing(error: Exception) -> ResponseReturnValue:
    """What does not exist is said in the page's language, and where to go on."""
    known = elections()
    if not (request.view_args or {}).get("lang"):
        return "There is no such file.\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    found = page("site/missing.html", election=current_election(known), status=404)
    found.headers["Cache-Control"] = "no-store"
    return found
