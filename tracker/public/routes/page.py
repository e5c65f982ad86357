"""The page that checks certificates on any phone, also without a network, and its parts."""

import hashlib
import json
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.credentials.labels import REASONS, VERDICTS
from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.elections.regions import region_names
from tracker.kernel import clock
from tracker.kernel.days import dated
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import LANGUAGE_LABELS, LANGUAGES, N_, language, language_asked, localized
from tracker.kernel.permissions import Capability
from tracker.kernel.security import scanning_policy
from tracker.kernel.statics import STATIC, static_url
from tracker.kernel.web import requires
from tracker.organizations.states import citizenship_name, special_holders, state_codes
from tracker.public.elections import current_election, election_of
from tracker.public.routes.blueprint import blueprint
from tracker.public.shown import function_names

SCRIPTS = {
    "credential": "verify/credential.js",
    "lists": "verify/lists.js",
    "noble": "vendor/noble-ed25519.js",
    "zxing": "vendor/zxing-reader.js",
    "wasm": "vendor/zxing_reader.wasm",
}
MORE_FILES = ("verify/page.js", "app.css", "app.js", "icons.svg", "mark.svg")
MOST_ELECTIONS = 4


@blueprint.get("/verify/")
@requires(Capability.PUBLIC)
def verify() -> ResponseReturnValue:
    """The page of the election that is under way."""
    return redirect(_address(_current(), language_asked()))


def _current() -> Election:
    found = current_election(elections())
    if found is None:
        raise NotFound(N_("There is no such election."))
    return found


def _address(election: Election, code: str) -> str:
    return url_for("public.verify_election", election=election.slug, language=code)


@blueprint.get("/verify/<election>/")
@requires(Capability.PUBLIC)
def verify_election(election: str) -> ResponseReturnValue:
    """The page of one election; each language has its own address, so that each can be kept."""
    row = election_of(election)
    if request.args.get("language") not in LANGUAGES:
        return redirect(_address(row, language()))
    with force_locale(language_asked()):
        page = render_template(
            "public/verify.html",
            election=row,
            setup=json.dumps(_setup(row), ensure_ascii=False),
            choices=[
                (each, _address(each, language())) for each in _offered() if each.id != row.id
            ],
            own_languages=[
                (code, title, LANGUAGE_LABELS[code], _address(row, code), code == language())
                for code, title in LANGUAGES.items()
            ],
        )
    response = make_response(page)
    scanning_policy(response)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _offered() -> list[Election]:
    """The elections whose certificates hold now or will, the one under way first."""
    current = _current()
    later = [row for row in elections() if row.ends_at > clock.now() and row.id != current.id]
    return [current, *later[: MOST_ELECTIONS - 1]]


def _setup(election: Election) -> dict[str, Any]:
    """What the script is told: addresses, and every word that it may have to say."""
    slug, code = election.slug, language()
    codes = (*state_codes(), *special_holders())
    return {
        "election": slug,
        "time_zone": election.time_zone,
        "logs": election.logs_certificate_checks,
        # A demonstration has a time of its own; anywhere else the device's clock rules.
        "offset": int(clock.offset().total_seconds()),
        "addresses": {
            "keys": url_for("public.keys"),
            "revocations": url_for("public.revocations", election=slug),
            "portraits": url_for("public.verify") + "portraits/",
            "checks": url_for("public.checks", election=slug),
        },
        "scripts": {name: static_url(path) for name, path in SCRIPTS.items()}
        | {"worker": url_for("public.worker"), "scope": url_for("public.verify")},
        "functions": function_names(),
        "regions": region_names(election.host_country),
        "countries": {each: citizenship_name(each, code) for each in codes},
        "words": _words(),
    }


def _day_of(month: int) -> str:
    """How a day of this month is written, with places for the day and the year."""
    written = dated(date(2222, month, 11), "d MMMM y")
    return written.replace("2222", "{year}").replace("11", "{day}")


def _words() -> dict[str, Any]:
    return {
        "verdicts": {verdict.value: _(label) for verdict, label in VERDICTS.items()},
        "reasons": {reason.value: _(label) for reason, label in REASONS.items()},
        "everywhere": _("Whole country"),
        "age": _("List of revocations: %(age)s", age="{age}"),
        "ages": {
            "now": _("just now"),
            "minutes": _("%(count)s min ago", count="{count}"),
            "hours": _("%(count)s h ago", count="{count}"),
            "days": _("%(count)s d ago", count="{count}"),
        },
        "days": [_day_of(month) for month in range(1, 13)],
        "no_list": _("No list of revocations on this device yet."),
        "offline": _("No network: the list on this device is used."),
        "not_loaded": _("The newest list could not be loaded."),
        "no_code": _("No code was found in this picture. Take it closer and sharper."),
        "no_picture": _("This picture cannot be read."),
        "no_camera": _("The camera cannot be used. Choose a picture, or type the number."),
        "waiting": _("Checks waiting to be sent: %(count)s", count="{count}"),
    }


@blueprint.get("/verify/worker.js")
@requires(Capability.PUBLIC)
def worker() -> ResponseReturnValue:
    """The script that keeps the page for when there is no network; a new version, a new text."""
    pages = [_address(row, code) for row in _offered() for code in LANGUAGES]
    fonts = sorted(f"fonts/{path.name}" for path in (STATIC / "fonts").iterdir())
    files = [static_url(name) for name in (*SCRIPTS.values(), *MORE_FILES)]
    files += [str(url_for("static", filename=name)) for name in fonts]
    files.append(url_for("public.manifest"))
    body = (STATIC / "verify" / "worker.js").read_text(encoding="utf-8")
    parts = (*files, *pages, *_templates(), body)
    version = "verify-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    names = {"VERSION": version, "PAGES": pages, "FILES": files}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in names.items()]
    response = Response("\n".join((*lines, body)), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _templates() -> list[str]:
    """What else a page is made of: its words in each language."""
    found = []
    for code in LANGUAGES:
        with force_locale(code):
            found.append(json.dumps([_words(), function_names()], sort_keys=True))
    return found


@blueprint.get("/verify/manifest.webmanifest")
@requires(Capability.PUBLIC)
def manifest() -> ResponseReturnValue:
    """What a phone needs to keep the page beside its apps (W3C, Web Application Manifest)."""
    row = _current()
    content = {
        "name": _("Check of observers’ certificates"),
        "short_name": _("Certificates"),
        "description": localized(row, "name"),
        "start_url": url_for("public.verify"),
        "scope": url_for("public.verify"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1d4f91",
        "icons": [{"src": static_url("mark.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/manifest+json")
