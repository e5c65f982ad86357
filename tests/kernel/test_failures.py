"""Every page of what goes wrong: what happened, what to do, the way back, in three languages."""

import pytest
from markupsafe import escape
from werkzeug.exceptions import default_exceptions

from tracker.kernel import failures
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role

ASKED = (400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)


def page_of(app, code, **headers):
    with app.test_request_context("/e/x/observers/1", headers=headers):
        return app.make_response(failures.page_of(default_exceptions[code]()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ASKED)
def test_each_says_what_happened_and_where_to_go(app, code, language):
    with app.test_request_context(
        "/e/x/observers/1",
        headers={"Referer": "http://localhost/e/x/observers/?q=a"},
        environ_overrides={"HTTP_COOKIE": f"language={language}"},
    ):
        response = app.make_response(failures.page_of(default_exceptions[code]()))
        text = response.get_data(as_text=True)
        title, advice = (escape(failures._(each)) for each in failures.PAGES.get(code, ("", "")))
    assert response.status_code == code
    if code == 503:
        assert all(f'lang="{each}"' in text for each in LANGUAGES)
        assert 'href="/e/x/observers/1"' in text
        return
    assert f'<html lang="{language}"' in text
    assert f"<h1>{title}</h1>" in text
    assert advice.split("%")[0] in text
    assert 'href="/e/x/observers/?q=a"' in text
    assert 'href="/"' in text


@pytest.mark.parametrize(
    "came_from",
    [
        "http://elsewhere.example/e/x/",
        "http://[",
        "javascript:alert(1)",
        "http://localhost//elsewhere.example/",
        "http://localhost/e/x/observers/1",
        "",
    ],
)
def test_the_way_back_leads_to_this_site_and_elsewhere_than_here(app, came_from):
    text = page_of(app, 404, Referer=came_from).get_data(as_text=True)
    assert "Back to the page before" not in text
    assert "elsewhere" not in text


def test_an_address_that_takes_forms_names_the_method(sign_in):
    response = sign_in(Role.REGISTRAR).get("/language")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert "only takes what a form sends" in response.get_data(as_text=True)


def test_whose_session_ended_comes_back_to_the_form(client):
    response = client.post(
        "/e/x/delegations/1/messages",
        data={"text": "x"},
        headers={"Referer": "http://localhost/e/x/delegations/1/messages?cursor=2"},
    )
    assert response.status_code == 302
    wanted = "/sign-in?next=/e/x/delegations/1/messages?cursor%3D2"
    assert response.location.replace("%2F", "/").replace("%3F", "?") == wanted
    asked = client.get("/e/x/observers/?q=a")
    assert asked.location.replace("%2F", "/").replace("%3F", "?").endswith("/observers/?q%3Da")


@pytest.mark.parametrize("mark", ["x", "", "../" * 12, "é" * 36, "0" * 36])
def test_a_form_that_was_taken_is_acknowledged_by_its_own_name(sign_in, mark):
    client = sign_in(Role.REGISTRAR)
    said = client.post("/account/tour/end", data={"kept_as": mark}).headers.getlist("Set-Cookie")
    assert any(each.startswith("sent=") for each in said) is (mark == "0" * 36)


def test_a_form_that_was_refused_is_not(sign_in):
    client = sign_in(Role.REGISTRAR)
    said = client.post("/organizations/new", data={"kept_as": "0" * 36})
    assert said.status_code == 422
    assert not any(each.startswith("sent=") for each in said.headers.getlist("Set-Cookie"))
