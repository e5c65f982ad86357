"""Every string is in every language: none missing, none fuzzy, none left over, plurals whole."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def catalogue(language):
    path = ROOT / "tracker" / "locale" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


@pytest.fixture(scope="module")
def wanted():
    found = Catalog()
    for folder in ("tracker", "templates"):
        for _name, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder),
            [("**.py", "python"), ("**.html", "jinja2")],
            {"**.html": {"encoding": "utf-8"}},
            KEYWORDS,
        ):
            found.add(message)
    return {message.id for message in found if message.id}


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_catalogue_is_complete(wanted, language):
    known = catalogue(language)
    messages = {message.id: message for message in known if message.id}
    assert sorted(map(str, wanted - set(messages))) == [], (
        f"not in {language}: run `make translations`, then translate"
    )
    assert sorted(map(str, set(messages) - wanted)) == [], f"nothing uses these in {language}"
    for message in messages.values():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), f"{language}: {message.id} is not translated"
        assert not message.fuzzy, f"{language}: {message.id} is fuzzy"
        assert len(texts) == (known.num_plurals if isinstance(message.id, tuple) else 1)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_placeholders_survive_translation(language):
    for message in catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        expected = set(PLACEHOLDER.findall(ids[-1]))
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) == expected, f"{language}: {text}"
