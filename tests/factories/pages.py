"""Every page of the system as its readers get it: found from the URL map, made once a run.

A page that several roles get alike is read once; which of them reads it in which language goes in
turn, so that every role's pages are read in every language.
"""

import pickle
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.factories import explored, once
from tests.factories.addresses import own_rules
from tests.factories.world import World
from tests.journeys.demonstration import copied, signed_in
from tracker.accounts import presence
from tracker.accounts.sign_in import LIBRARY_ENDPOINTS
from tracker.kernel.database import db
from tracker.kernel.i18n import LANGUAGE_COOKIE, LANGUAGES
from tracker.kernel.permissions import Role

Reader = Role | None  # None: nobody is signed in

# They give files, end a sign-in, or lead to the provider.
ELSEWHERE = frozenset(
    {
        "security.static",
        "security.two_factor_token_validation",
        "security.two_factor_rescue",
        "security.mf_recovery",
        "security.tf_select",
        "accounts.provider_sign_in",
        "accounts.provider_return",
        "accounts.provider_sign_out",
    }
)
# Pages that an address shows when it says more.
MORE = {
    "headquarters.dashboard": ("?wall", "?as_of=2022-11-01T12:00"),
    "headquarters.observers": ("?q=zzzz", "?status=accredited"),
    "headquarters.delegations": ("?q=zzzz",),
    "headquarters.totals": ("?as_of=2022-11-01T12:00",),
    "headquarters.search": ("?q=kaya", "?q=zzzz"),
    "meetings.index": ("?view=week", "?by=hall"),
}
ASTRAY = ("/nowhere", "/e/kz-2022/observers/999999", "/users/")
_OWN_WORDS = re.compile(r'(?:value|content)="[\w.-]{40,}"')


@dataclass(frozen=True)
class Page:
    """What a reader gets at an address in a language; `text` is the whole document."""

    reader: Reader
    language: str
    name: str
    address: str
    text: str


def browsers(app: Flask) -> dict[Reader, FlaskClient]:
    """A browser of nobody, and one of each role."""
    return {None: app.test_client(), **{role: signed_in(app, role) for role in Role}}


def _rules(app: Flask) -> list[Rule]:
    libraries = [rule for rule in app.url_map.iter_rules() if rule.endpoint in LIBRARY_ENDPOINTS]
    found = [*own_rules(app), *sorted(libraries, key=lambda rule: rule.rule)]
    return [rule for rule in found if "GET" in rule.methods and rule.endpoint not in ELSEWHERE]


def _addresses(app: Flask, known: World, language: str) -> dict[str, str]:
    """Every address, by a name that is the same in each language."""
    found = {}
    for rule in _rules(app):
        own = {"lang": language} if "lang" in rule.arguments else {}
        address = known.address(rule, **own)
        found[f"{rule.endpoint} {rule.rule}"] = address
        for more in MORE.get(rule.endpoint, ()):
            found[f"{rule.endpoint} {rule.rule}{more}"] = address.split("?")[0] + more
    return found | {address: address for address in ASTRAY}


def _document(client: FlaskClient, address: str) -> str | None:
    """The page at an address; None where there is none, or something that is no page."""
    with client.get(address) as response:
        if response.mimetype != "text/html" or response.status_code not in {200, 403, 404}:
            return None
        if response.status_code == 200 or address in ASTRAY:
            text = response.get_data(as_text=True)
            return text if text.lstrip().lower().startswith("<!doctype") else None
    return None


def _matter(text: str) -> str:
    """What a page says, without what is around all pages and what is never twice the same."""
    main = re.search(r"<main.*</main>", text, re.DOTALL)
    return _OWN_WORDS.sub("", main[0] if main else text)


def _readers(
    app: Flask, known: World, clients: dict[Reader, FlaskClient]
) -> list[tuple[str, list[Reader]]]:
    """The name of each page, and who gets it alike."""
    found: dict[tuple[str, str], list[Reader]] = {}
    for name, address in _addresses(app, known, "en").items():
        is_public = name.startswith(("site.", "public.", "reference."))
        for reader, client in clients.items():
            if reader is not None and is_public:
                continue
            text = _document(client, address)
            if text is not None:
                found.setdefault((name, _matter(text)), []).append(reader)
    return [(name, readers) for (name, _text), readers in found.items()]


def _make(folder: Path) -> None:
    with patch.object(presence, "FRESH", timedelta(days=1)):  # the machine may be busy
        pages = _opened(folder)
    (folder / "pages").write_bytes(pickle.dumps(pages))


def _opened(folder: Path) -> list[Page]:
    app = copied(explored.installation(), folder / "installation")
    known, clients = explored.known(), browsers(app)
    for client in clients.values():
        client.set_cookie(LANGUAGE_COOKIE, "en")
    shared, pages = _readers(app, known, clients), []
    for turn, language in enumerate(LANGUAGES):
        addresses = _addresses(app, known, language)
        for client in clients.values():
            client.set_cookie(LANGUAGE_COOKIE, language)
        for name, readers in shared:
            reader = readers[turn % len(readers)]
            text = _document(clients[reader], addresses[name])
            assert text is not None, f"{name} has no page for {reader} in {language}"
            pages.append(Page(reader, language, name, addresses[name], text))
    with app.app_context():
        db.engine.dispose()
    return pages


@lru_cache
def all_pages() -> list[Page]:
    """Every page in every language."""
    return pickle.loads((once.made("pages", _make) / "pages").read_bytes())  # type: ignore[no-any-return]
