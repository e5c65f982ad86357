"""Every page is a valid document, by the WHATWG's own rules; so is each form that was refused."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.factories import explored
from tests.factories.pages import all_pages
from tests.journeys.demonstration import copied, signed_in
from tracker.kernel.i18n import LANGUAGE_COOKIE
from tracker.kernel.permissions import Role

CHECKER = Path(__file__).parents[2] / ".venv" / "vnu.jar"


def faults(documents, folder):
    """What is not valid in documents, by their names."""
    names = {}
    for number, (name, text) in enumerate(documents):
        file = folder / f"{number}.html"
        file.write_text(text)
        names[file.name] = name
    command = ["java", "-jar", str(CHECKER), "--errors-only", "--format", "json", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    found = defaultdict(set)
    for each in json.loads(answer)["messages"]:
        name = names[each["url"].rsplit("/", 1)[1]]
        found[name].add(f"{each['message']} {each.get('extract', '')}")
    return dict(found)


def test_every_page_is_valid(tmp_path):
    documents = [
        (f"{page.name} for {page.reader} in {page.language}", page.text) for page in all_pages()
    ]
    assert faults(documents, tmp_path) == {}


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_refused_form_is_valid(tmp_path, language):
    """Each form is sent with nothing in it, by whoever is shown it."""
    app = copied(explored.installation(), tmp_path / "installation")
    clients = {role: signed_in(app, role) for role in Role}
    documents = []
    for endpoint, found in explored.forms().items():
        client = clients[found.role]
        client.set_cookie(LANGUAGE_COOKIE, language)
        with client.post(found.address, data={}) as answer:
            text = answer.get_data(as_text=True)
            if answer.status_code == 422 and text.startswith("<!doctype"):
                documents.append((endpoint, text))
    assert len(documents) > 40
    folder = tmp_path / "documents"
    folder.mkdir()
    assert faults(documents, folder) == {}
