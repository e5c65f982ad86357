"""Whoever opens what is on record and saves it as it is shown is not refused."""

import pytest
from werkzeug.datastructures import MultiDict

from tests.factories import explored
from tests.journeys.demonstration import copied, signed_in


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return copied(explored.installation(), tmp_path_factory.mktemp("unchanged"))


def shown(found):
    """The fields as a browser sends them back, files left alone."""
    return MultiDict(
        (name, value)
        for name, each in found.form.fields.items()
        if each.kind not in {"file", "submit"}
        for value in each.values or each.choices[: each.kind == "select"]
    )


def test_what_is_opened_and_saved_unchanged_is_taken(app):
    refused, edits = {}, {}
    for endpoint, found in explored.forms().items():
        if found.address.split("?")[0].endswith("/edit"):
            edits[endpoint] = found
    assert len(edits) > 10
    for endpoint, found in edits.items():
        with signed_in(app, found.role).post(found.address, data=shown(found)) as answer:
            if answer.status_code != 302:
                refused[endpoint] = answer.get_data(as_text=True).split('class="errors')[-1][:600]
    assert refused == {}, "\n".join(f"{k}: {v}" for k, v in refused.items())
