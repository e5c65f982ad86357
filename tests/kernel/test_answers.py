"""Answers kept in memory: only what is for all, never what was, each under its own address."""

from datetime import timedelta

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from tests.conftest import NOW
from tracker.kernel import clock
from tracker.kernel.answers import MOST, Answers


class Counting:
    """An application that says how often it was asked, and a version to move."""

    def __init__(self, **headers):
        self.asked, self.version, self.status = 0, 1, 200
        self.headers = {"Cache-Control": "public, max-age=60"} | headers

    def __call__(self, environ, start):
        self.asked += 1
        request = Request(environ)
        text = f"{self.asked} {request.host} {request.query_string.decode()} {'x' * 600}"
        response = Response(text, self.status, self.headers, mimetype="text/html")
        return response(environ, start)


def client_of(inner):
    return Client(Answers(inner, lambda _environ: inner.version, ("/en/",)))


@pytest.fixture(autouse=True)
def _still():
    with clock.at(NOW):
        yield


def test_the_same_is_given_until_the_data_or_the_minute_changes():
    inner = Counting()
    client = client_of(inner)
    assert {client.get("/en/").data[:1] for _ in range(3)} == {b"1"}
    inner.version = 2
    assert client.get("/en/").data[:1] == b"2"
    with clock.at(NOW + timedelta(minutes=1)):
        assert client.get("/en/").data[:1] == b"3"


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "session=1"},
        {"Cache-Control": "private, no-store"},
        {"Cache-Control": "no-store"},
    ],
)
def test_what_is_one_readers_own_is_not_kept(headers):
    client = client_of(Counting(**headers))
    assert [client.get("/en/").data[:1] for _ in range(2)] == [b"1", b"2"]


def test_refusals_other_methods_ranges_and_other_addresses_are_the_applications():
    inner = Counting()
    client = client_of(inner)
    inner.status = 404
    assert client.get("/en/").status_code == 404
    inner.status = 200
    assert client.get("/en/").data[:1] == b"2"
    assert client.post("/en/").data[:1] == b"3"
    assert client.get("/en/", headers={"Range": "bytes=0-1"}).data[:1] == b"4"
    assert client.get("/e/kz-2022/").data[:1] == b"5"
    assert client.get("/e/kz-2022/").data[:1] == b"6"


def test_every_address_and_look_has_its_own():
    client = client_of(Counting())
    assert b"evil.example" in client.get("/en/", base_url="http://evil.example").data
    assert b"evil.example" not in client.get("/en/").data
    assert b"kind=1" in client.get("/en/?kind=1").data
    assert client.get("/en/").data[:1] == b"2"
    client.set_cookie("theme", "dark")
    assert client.get("/en/").data[:1] == b"4"
    client.set_cookie("theme", "nonsense")
    assert client.get("/en/").data[:1] == b"2"


def test_a_head_is_answered_and_makes_no_empty_page():
    client = client_of(Counting())
    head = client.head("/en/")
    assert (head.data, int(head.headers["Content-Length"]) > 600) == (b"", True)
    assert len(client.get("/en/").data) == int(head.headers["Content-Length"])


def test_the_memory_has_an_end():
    client = client_of(Counting())
    for number in range(MOST + 1):
        client.get(f"/en/?{number}")
    assert client.get(f"/en/?{MOST}").data.startswith(f"{MOST + 1} ".encode())
    assert client.get("/en/?0").data.startswith(f"{MOST + 2} ".encode())


def test_what_never_changes_asks_for_no_version():
    inner = Counting(**{"Cache-Control": "public, max-age=31536000, immutable"})
    client = client_of(inner)
    first = client.get("/en/").data
    inner.version = 2
    assert client.get("/en/").data == first


def test_without_a_version_the_application_answers():
    inner = Counting()

    def broken(_environ):
        raise OSError("no database")

    client = Client(Answers(inner, broken, ("/en/",)))
    assert [client.get("/en/").data[:1] for _ in range(2)] == [b"1", b"2"]
