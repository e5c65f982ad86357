"""A served installation with a record of each kind, and what a browser finds on its pages."""

from collections.abc import Iterator

import pytest

from tests.factories import explored
from tests.factories.pages import ASTRAY, Reader, all_pages
from tests.factories.served import Served
from tests.journeys.demonstration import copied, signed_in
from tests.pages.looking import TURNS, Look
from tracker.kernel.i18n import LANGUAGE_COOKIE


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of such an installation, and an application of the same."""
    folder = tmp_path_factory.mktemp("pages")
    app = copied(explored.installation(), folder)
    server = Served(folder, lambda _folder: app)
    server.start()
    yield server.address, app
    server.stop()


@pytest.fixture(scope="module")
def known():
    """The parts of pages that were looked at in a language."""
    return set()


@pytest.fixture
def findings(chromium, served, known):
    """What is wrong on each page of a reader in a language, by its name."""
    contexts = []

    def look(reader: Reader, language: str) -> Iterator[tuple[str, list[str]]]:
        (address, app), turn = served, TURNS[language]
        context = chromium.new_context(base_url=address, locale="en-GB")
        contexts.append(context)
        cookies = {LANGUAGE_COOKIE: language, "theme": turn.themes[0]}
        if reader is not None:
            cookies["tracker_session"] = signed_in(app, reader).get_cookie("tracker_session").value
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        )
        tab = Look(context, turn, known)
        for page in all_pages():
            is_ours = (page.reader, page.language) == (reader, language)
            if is_ours and page.address not in ASTRAY and (found := tab.at(page.address)):
                yield page.name, found

    yield lambda reader, language: dict(look(reader, language))
    for context in contexts:
        context.close()
