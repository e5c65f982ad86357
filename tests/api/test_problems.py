"""What goes wrong is said as RFC 9457 has it, in three languages, field by field."""

import pytest

from tests.api.conftest import ELECTION
from tests.factories.addresses import api_rules
from tracker.api import problems
from tracker.api.problems import KINDS, Kind
from tracker.kernel.permissions import Role

OBSERVERS = f"{ELECTION}/observers"


def told(response, kind):
    assert response.mimetype == "application/problem+json", response.data[:200]
    assert response.json["type"] == f"/api/v1/#problem-{kind}"
    assert response.status_code == response.json["status"] == KINDS[kind][0]
    assert response.json["title"]
    assert len(response.json["request_id"]) >= 8
    return response.json


def test_addresses_that_lead_nowhere(app, world, registrar):
    for client in (registrar, app.test_client()):
        for path in ("/api/v1/nothing", "/api/", "/api/v2/elections", f"{ELECTION}/observers/x"):
            told(client.get(path), Kind.NOT_FOUND)
        response = client.delete(OBSERVERS)
        told(response, Kind.METHOD)
        assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
    for path in ("/api/v1/elections/none", f"{ELECTION}/observers/0", f"{OBSERVERS}/99999999"):
        told(registrar.get(path), Kind.NOT_FOUND)
    for number in (2**31, 2**63, 10**30):
        told(registrar.get(f"{OBSERVERS}/{number}"), Kind.NOT_FOUND)


def test_elsewhere_pages_tell_as_before(app, world, sign_in):
    response = sign_in(Role.REGISTRAR).get("/apis")
    assert response.status_code == 404
    assert response.mimetype == "text/html"


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"{", "application/json", Kind.MALFORMED),
        (b"\xff\xfe", "application/json", Kind.MALFORMED),
        (b"[" * 100_000, "application/json", Kind.MALFORMED),
        (b"[]", "application/json", Kind.MALFORMED),
        (b"null", "application/json", Kind.MALFORMED),
        (b'"text"', "application/json", Kind.MALFORMED),
        (b"{}", "text/plain", Kind.MEDIA),
        (b"{}", "application/vnd.zq+json", Kind.MEDIA),
        (b"surname=x", "application/x-www-form-urlencoded", Kind.MEDIA),
        (b"{}", "multipart/form-data; boundary=x", Kind.MEDIA),
        (b"", "application/json", Kind.INVALID),
        (b"{}", "application/json; charset=utf-8", Kind.INVALID),
    ],
)
def test_bodies_that_cannot_be_read(registrar, body, kind, expected):
    told(registrar.post(OBSERVERS, data=body, content_type=kind), expected)


def test_a_body_that_is_too_large(app, registrar):
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    response = registrar.post(OBSERVERS, json={"surname": "x" * 2_000})
    told(response, Kind.TOO_LARGE)


WRONG = (
    ({"surname": 5}, "surname", "Give a text."),
    ({"surname": ""}, "surname", "Give this value."),
    ({"surname": None}, "surname", "Give a text."),
    ({"surname": "x" * 101}, "surname", "At most 100 characters."),
    ({"surname": "\ud800"}, "surname", "Give a text."),
    ({"delegation_id": "1"}, "delegation_id", "Give a whole number."),
    ({"delegation_id": 1.5}, "delegation_id", "Give a whole number."),
    ({"delegation_id": True}, "delegation_id", "Give a whole number."),
    ({"delegation_id": 10**30}, "delegation_id", "The most is 2,147,483,647."),
    ({"delegation_id": 0}, "delegation_id", "The least is 1."),
    ({"birth_date": "01.02.1980"}, "birth_date", "Give a day like 2022-11-20."),
    ({"birth_date": 315532800}, "birth_date", "Give a day like 2022-11-20."),
    ({"birth_date": "0001-01-01"}, "birth_date", "Give a day like 2022-11-20."),
    ({"birth_date": "2030-01-01"}, "birth_date", "The date of birth cannot be 1 January 2030."),
    ({"sex": "female"}, "sex", "Choose one of: 'F', 'M', 'X'."),
    ({"citizenship": "QQ"}, "citizenship", "No country or issuer has this code."),
    ({"region": "KZ-99"}, "region", "There is no such region."),
    ({"email": "nobody"}, "email", "This is not an e-mail address."),
    ({"portrait": "%%%"}, "portrait", "Give the file in base 64."),
    ({"portrait": "AAAA"}, "portrait", "This file is not a JPEG, PNG or WebP picture."),
    ({"is_other_person": "yes"}, "is_other_person", "Give true or false."),
    ({"document_number": "ZZ1"}, "issuing_state", "Choose who issued the travel document."),
    ({"status": "accredited"}, "status", "There is no such field here."),
    ({"id": 1, "version": 5}, "id", "There is no such field here."),
)


@pytest.mark.parametrize(("change", "field", "words"), WRONG)
def test_each_value_that_will_not_do_is_named(registrar, world, change, field, words):
    body = {"delegation_id": world.own, "surname": "NEW"} | change
    found = told(registrar.post(OBSERVERS, json=body), Kind.INVALID)
    said = {each["field"]: each["message"] for each in found["errors"]}
    assert words in said[field]


def test_several_at_once(registrar):
    found = told(registrar.post(OBSERVERS, json={"zq": 1, "sex": "Q"}), Kind.INVALID)
    fields = {each["field"] for each in found["errors"]}
    assert fields == {"delegation_id", "surname", "sex", "zq"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("zq=1", "zq"),
        ("size=0", "size"),
        ("size=201", "size"),
        ("size=many", "size"),
        ("cursor=zq", "cursor"),
        ("cursor=WyJhZnRlciJd", "cursor"),
        ("status=alive", "status"),
        ("delegation=0", "delegation"),
        ("delegation=99999999999999999999", "delegation"),
        ("as_of=yesterday", "as_of"),
        ("as_of=2022-11-08T23:59", "as_of"),
        ("as_of=0001-01-01T00:00:00Z", "as_of"),
        ("figure=all", "figure"),
    ],
)
def test_a_query_that_will_not_do(registrar, query, field):
    found = told(registrar.get(f"{OBSERVERS}?{query}"), Kind.INVALID)
    assert [each["field"] for each in found["errors"]] == [field]


def test_in_the_language_that_is_asked_for(program):
    titles = set()
    for language in ("en", "ru", "kk", "kk-KZ,ru;q=0.5", "fr"):
        client = program(Role.REGISTRAR, language=language)
        found = told(client.post(OBSERVERS, json={}), Kind.INVALID)
        titles.add((found["title"], found["errors"][0]["message"]))
    assert len(titles) == 3


def test_a_fault_of_ours_tells_nothing_of_the_inside(app, registrar, monkeypatch):
    def broken(*_arguments, **_named):
        raise RuntimeError("secret inside")

    monkeypatch.setattr("tracker.api.routes.directories.election_queries.elections", broken)
    response = registrar.get("/api/v1/elections")
    found = told(response, Kind.FAULT)
    assert b"secret" not in response.data
    assert found["request_id"]


def test_every_problem_has_a_place_on_the_page(app):
    page = app.test_client().get("/api/v1/").get_data(as_text=True)
    for kind in Kind:
        assert f'id="problem-{kind}"' in page
    assert set(problems.KINDS) == set(Kind)


def test_every_answer_is_kept_by_nobody(app, world, registrar):
    for rule in api_rules(app):
        if not rule.arguments and "GET" in rule.methods:
            assert "no-store" in registrar.get(rule.rule).headers["Cache-Control"]
