"""What no browser keeps of a form that was not sent: documents, dates of birth, secrets."""

import re

import pytest

from tests.factories.addresses import own_rules
from tests.journeys.demonstration import signed_in
from tracker.kernel.forms import Form
from tracker.kernel.kept import NEVER_KEPT
from tracker.kernel.permissions import Role

SENSITIVE = re.compile(r"birth|passport|document_(number|exp)|mrz|secret")


def kinds(form):
    for each in form.__subclasses__():
        yield each
        yield from kinds(each)


def test_every_form_names_what_is_never_kept(app):
    fields = {name for form in kinds(Form) for name in dir(form) if SENSITIVE.search(name)}
    assert fields - NEVER_KEPT <= {"other_document_number"}
    assert fields


@pytest.mark.parametrize("name", ["mrz", "document_number", "birth_date", "document_expires_on"])
def test_the_form_says_so_to_the_browser(app, known, name):
    assert own_rules(app)
    page = signed_in(app, Role.REGISTRAR).get("/e/kz-2022/observers/new").get_data(as_text=True)
    [tag] = re.findall(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', page)
    assert "data-unkept" in tag
    [open_field] = re.findall(r'<input[^>]* name="surname"[^>]*>', page)
    assert "data-unkept" not in open_field
