"""Whose it is stands nowhere by chance: what a person did not choose is not chosen for them."""

import re

import pytest

from tests.journeys.demonstration import demonstration, signed_in
from tracker.kernel.permissions import Role

E = "/e/kz-2022"
PAGES = {
    f"{E}/lists/new": ("delegation", Role.REGISTRAR),
    f"{E}/meetings/requests/new": ("delegation_id", Role.COORDINATOR),
    f"{E}/arrivals/new": ("delegation_id", Role.COORDINATOR),
    f"{E}/deployment/teams/new": ("delegation_id", Role.COORDINATOR),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


def list_of(page, name):
    """The list to choose from of this name: its own attributes, and its choices."""
    return re.search(rf'<select ([^>]*name="{name}"[^>]*)>(.*?)</select>', page, re.S).groups()


@pytest.mark.parametrize("path", PAGES)
def test_no_delegation_is_chosen_beforehand(app, path):
    name, role = PAGES[path]
    client = signed_in(app, role)
    attributes, choices = list_of(client.get(path).text, name)
    assert "required" in attributes
    assert choices.startswith('<option value="">—</option>')
    assert "selected" not in choices
    response = client.post(path, data={name: ""})
    assert response.status_code == 422
    assert "Choose the delegation." in response.text


@pytest.mark.parametrize("path", PAGES)
def test_the_delegation_that_the_address_names_is_chosen(app, path):
    name, role = PAGES[path]
    _own, choices = list_of(signed_in(app, role).get(f"{path}?delegation=2").text, name)
    assert '<option selected value="2">' in choices


def test_a_request_is_for_nobody_until_somebody_is_chosen(app):
    client = signed_in(app, Role.COORDINATOR)
    path = f"{E}/meetings/requests/new"
    attributes, choices = list_of(client.get(path).text, "target")
    assert "required" in attributes
    assert choices.startswith('<option value="">—</option><optgroup')
    assert "selected" not in choices
    page = client.post(path, data={"target": "", "delegation_id": "2", "topics": "Lists"}).text
    assert "Choose whom the delegation would like to meet." in page


@pytest.mark.parametrize("path", list(PAGES)[:2])
def test_a_focal_point_of_one_delegation_has_nothing_to_choose(app, path):
    attributes, choices = list_of(signed_in(app, Role.FOCAL_POINT).get(path).text, PAGES[path][0])
    assert "required" not in attributes, "or an empty choice had to stand before the only one"
    assert choices.count("<option") == 1
    assert 'value=""' not in choices
