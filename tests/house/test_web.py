"""What every answer and every way in has in common: cookies, caches, origins, forged requests."""

import json
import time
from urllib.parse import urlsplit

import pytest

from tests.factories import explored
from tests.factories.addresses import capability_of, may, own_rules
from tests.factories.forms import forms_of
from tests.journeys.demonstration import PASSWORD, copied, demonstration, signed_in
from tracker.accounts import routes as accounts_routes
from tracker.accounts.sign_in import LIBRARY_ENDPOINTS
from tracker.demonstration.installation import address_of
from tracker.kernel.database import db
from tracker.kernel.permissions import Capability, Role
from tracker.logistics.models.assistance import AssistanceRequest
from tracker.public.routes import WITHOUT_SESSION

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%09/evil.example",
    "/..//evil.example",
    "https://localhost@evil.example/",
    "https://localhost.evil.example/",
    "\x00//evil.example",
    "///evil.example",
)


EXPIRED = "The form has expired"


@pytest.fixture(scope="module")
def app(folder):
    """As it is served: forged requests are refused."""
    return copied(explored.installation(), folder, WTF_CSRF_ENABLED=True)


def test_every_form_without_its_token_is_refused(app, known, clients):
    """By the address alone, whatever it sends: another site cannot act for whoever is signed in."""
    without = (*WITHOUT_SESSION, *accounts_routes.WITHOUT_SESSION)
    exempt, wrong, count = {view.__name__ for view in without}, [], 0
    for rule in own_rules(app):
        if "POST" not in rule.methods:
            continue
        name = rule.endpoint.rsplit(".", maxsplit=1)[1]
        if name in exempt and capability_of(app, rule) is Capability.PUBLIC:
            continue
        role = next(role for role in Role if may(app, rule, role))
        for token in (None, "", "forged", "Im5vIg.aaaa.bbbb"):
            body = {} if token is None else {"csrf_token": token}
            response = clients[role].post(known.address(rule), data=body)
            count += 1
            if response.status_code != 400 or EXPIRED not in response.get_data(as_text=True):
                wrong.append(f"{rule.endpoint} with {token!r}: {response.status}")
    assert count > 400
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("endpoint", sorted(LIBRARY_ENDPOINTS))
def test_the_forms_of_libraries_are_refused_without_their_token(app, clients, endpoint):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    for rule in rules:
        if "POST" in rule.methods:
            path = rule.rule.replace("<token>", "token")
            assert clients[Role.REGISTRAR].post(path, data={"a": "b"}).status_code == 400, path


def test_a_token_of_one_person_is_worth_nothing_to_another(clients):
    """A token belongs to the session that it was made in."""
    forms = forms_of(clients[Role.REGISTRAR].get("/account").get_data(as_text=True))
    token = (
        next(each for each in forms if "csrf_token" in each.fields).fields["csrf_token"].values[0]
    )
    response = clients[Role.COORDINATOR].post(
        "/language", data={"csrf_token": token, "language": "ru"}
    )
    assert response.status_code == 400
    mine = clients[Role.REGISTRAR].post("/language", data={"csrf_token": token, "language": "ru"})
    assert mine.status_code == 302


def test_what_is_asked_for_as_a_file_breaks_nowhere(app, known, clients):
    """Of the addresses that need no record: lists of an election, and of the installation."""
    broken = []
    for rule in own_rules(app):
        if (
            "GET" in rule.methods
            and rule.arguments <= {"election"}
            and may(app, rule, Role.AUDITOR)
        ):
            with clients[Role.AUDITOR].get(f"{known.address(rule)}?format=csv") as found:
                broken += [rule.rule] if found.status_code >= 500 else []
    assert broken == []


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_form_leads_to_another_site(app, target):
    free = demonstration_without_tokens(app)
    client = signed_in(free, Role.COORDINATOR)
    for path in ("/language", "/e/kz-2022/requests/1/take"):
        response = client.post(path, data={"next": target, "language": "ru"})
        assert_own(response, path)
    stranger = free.test_client()
    assert_own(stranger.post("/language", data={"next": target, "language": "ru"}), "/language")
    shown = {"next": target, "theme": "dark"}
    response = stranger.get("/en/display", query_string=shown)
    assert response.status_code == 303
    assert_own(response, "/en/display")
    credentials = {"email": address_of(Role.OFFICIAL), "password": PASSWORD, "next": target}
    assert_own(free.test_client().post("/sign-in", data=credentials), "/sign-in")
    credentials.pop("next")
    response = free.test_client().post("/sign-in", query_string={"next": target}, data=credentials)
    assert_own(response, "/sign-in?next")


def demonstration_without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture(autouse=True)
def _with_tokens(app):
    yield
    app.config["WTF_CSRF_ENABLED"] = True


def assert_own(response, said):
    assert response.status_code in {200, 302, 303, 404, 409, 422}, said
    if response.location:
        url = urlsplit(response.location)
        assert url.netloc in {"", "localhost"}, f"{said} leads to {response.location}"
        assert url.scheme in {"", "http"}, f"{said} leads to {response.location}"
        assert not response.location.replace("\\", "/").startswith("//"), response.location


def test_nobody_signs_in_without_a_session(app):
    """The library's tokens: neither handed out nor taken, in an address, a header or JSON."""
    free = demonstration_without_tokens(app)
    credentials = {"email": address_of(Role.OFFICIAL), "password": PASSWORD}
    client = free.test_client()
    assert client.post("/sign-in?include_auth_token", json=credentials).status_code == 415
    wish = {"Accept": "application/json"}
    response = client.post("/sign-in?include_auth_token", data=credentials, headers=wish)
    assert response.mimetype != "application/json"
    assert b"authentication_token" not in response.data
    with free.app_context():
        user = free.extensions["security"].datastore.find_user(email=credentials["email"])
        token = user.get_auth_token()
    stranger = free.test_client()
    for request in (
        {"headers": {"Authentication-Token": token}},
        {"query_string": {"auth_token": token}},
        {"headers": {"Authorization": f"Bearer {token}"}},
    ):
        assert stranger.get("/account", **request).status_code == 302
        assert stranger.get("/e/kz-2022/", **request).status_code == 302


def test_json_is_refused_where_no_program_asks(app, known, clients):
    body, kind = json.dumps({"a": 1}), "application/vnd.zq+json"
    for rule in own_rules(app):
        if "POST" in rule.methods and not app.view_functions[rule.endpoint].takes_json:
            for role in (Role.ADMINISTRATOR, Role.REGISTRAR):
                path = known.address(rule)
                assert clients[role].post(path, data=body, content_type=kind).status_code == 415


def test_personal_pages_are_kept_by_nobody(app, known, clients):
    """Neither by a cache on the way nor by the back button after signing out; a portrait for an
    hour and by this browser alone."""
    for rule in own_rules(app):
        if "GET" not in rule.methods or capability_of(app, rule) is Capability.PUBLIC:
            continue
        role = next(role for role in Role if may(app, rule, role))
        said = clients[role].get(known.address(rule)).headers["Cache-Control"]
        assert said.startswith("private"), f"{rule.endpoint}: {said}"
        if rule.endpoint not in {"accreditation.portrait", "credentials.certificate_portrait"}:
            assert said == "private, no-store", f"{rule.endpoint}: {said}"


@pytest.mark.parametrize("endpoint", sorted(LIBRARY_ENDPOINTS))
def test_pages_of_sign_in_are_kept_by_nobody(app, clients, endpoint):
    for rule in app.url_map.iter_rules():
        if rule.endpoint == endpoint and "GET" in rule.methods and "filename" not in rule.rule:
            for client in (app.test_client(), clients[Role.REGISTRAR]):
                said = client.get(rule.rule).headers["Cache-Control"]
                assert said == "private, no-store", f"{rule.rule}: {said}"


def test_what_everybody_may_keep_sets_no_cookie(app, known):
    client = app.test_client()
    for rule in own_rules(app):
        if "GET" in rule.methods and capability_of(app, rule) is Capability.PUBLIC:
            response = client.get(known.address(rule))
            if "public" in response.headers.get("Cache-Control", ""):
                assert "Set-Cookie" not in response.headers, rule.endpoint


def test_other_origins_read_what_is_public_and_nothing_else(app, known, clients):
    origin = {"Origin": "https://evil.example"}
    for rule in own_rules(app):
        path = known.address(rule)
        for role in (Role.AUDITOR, Role.ADMINISTRATOR):
            for method in ("GET", "OPTIONS"):
                headers = clients[role].open(path, method=method, headers=origin).headers
                allowed = headers.get("Access-Control-Allow-Origin")
                is_public = capability_of(app, rule) is Capability.PUBLIC
                assert allowed is None or (allowed == "*" and is_public), rule.endpoint
                assert "Access-Control-Allow-Credentials" not in headers, rule.endpoint


def test_the_cookies_are_out_of_reach(tmp_path):
    """As of an installation that is served over HTTPS."""
    app = demonstration(tmp_path, WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=True)
    client = signed_in(app, Role.OFFICIAL)
    client.environ_base["wsgi.url_scheme"] = "https"
    credentials = {"email": address_of(Role.OFFICIAL), "password": PASSWORD}
    found = app.test_client().post("/sign-in", data=credentials).headers.getlist("Set-Cookie")
    found += client.post("/language", data={"language": "ru"}).headers.getlist("Set-Cookie")
    found += client.get("/e/kz-2022/summary").headers.getlist("Set-Cookie")
    found += client.get("/en/display?theme=dark").headers.getlist("Set-Cookie")
    names = {cookie.partition("=")[0] for cookie in found}
    assert {"tracker_session", "language", "theme"} <= names
    for cookie in found:
        # How a page is drawn is no secret, and our own script sets it.
        is_display = cookie.partition("=")[0] in {"theme", "text", "space"}
        assert "HttpOnly" in cookie or is_display, cookie
        assert "Secure" in cookie, cookie
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, cookie
        assert "Domain=" not in cookie, cookie


def test_nobody_learns_by_time_whether_an_account_is_there(tmp_path):
    """The median of several attempts each, one after the other: a password is computed for an
    unknown address as well."""
    app = demonstration(tmp_path, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    times = {"known": [], "unknown": []}
    for number in range(7):
        for kind, email in (
            ("known", address_of(list(Role)[number % len(Role)])),
            ("unknown", f"nobody{number}@example.org"),
        ):
            start = time.process_time()
            response = client.post("/sign-in", data={"email": email, "password": "wrong password"})
            times[kind].append(time.process_time() - start)
            assert response.status_code in {200, 422}
    one, other = (sorted(each)[len(each) // 2] for each in times.values())
    assert 0.6 < one / other < 1.7, times


def test_a_refused_sign_in_says_the_same_of_every_address(tmp_path):
    app = demonstration(tmp_path, WTF_CSRF_ENABLED=False)
    pages = set()
    for email in (address_of(Role.OFFICIAL), "nobody@example.org"):
        client = app.test_client()
        response = client.post("/sign-in", data={"email": email, "password": "wrong password"})
        body = response.get_data(as_text=True).replace(email, "…")
        pages.add((response.status_code, len(body.partition("<main")[2])))
    assert len(pages) == 1


def test_repeated_and_foreign_parameters_change_nothing(app, known):
    """The first of several counts, as everywhere; what no form has is not taken."""
    free = demonstration_without_tokens(app)
    client = signed_in(free, Role.FOCAL_POINT)
    other = known.others["delegation_id"]
    for path in (
        f"/e/kz-2022/requests/new?delegation={other}&delegation={known.values['delegation_id']}",
        f"/e/kz-2022/requests/new?delegation={other}",
    ):
        assert client.get(path).status_code == 404
    path = f"/e/kz-2022/requests/{known.values['assistance_id']}/edit"
    forms = forms_of(client.get(path).get_data(as_text=True))
    form = next(each for each in forms if "title" in each.fields)
    foreign = {"delegation_id": str(other), "election_id": "2", "status": "done", "number": "1"}
    foreign |= {"assignee_id": "1", "created_by": "zq", "id": "1", "roles": "administrator"}
    before = row_of(free, known.values["assistance_id"])
    assert client.post(path, data=form.filled() | foreign).status_code == 302
    after = row_of(free, known.values["assistance_id"])
    assert {name: after[name] for name in CARRIED} == {name: before[name] for name in CARRIED}


CARRIED = ("id", "delegation_id", "election_id", "status", "number", "assignee_id", "created_by")


def row_of(app, assistance_id):
    with app.app_context():
        row = db.session.get_one(AssistanceRequest, assistance_id)
        return {name: getattr(row, name) for name in CARRIED}
