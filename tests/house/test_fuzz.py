"""No input breaks a page: hostile fields, addresses, query strings, headers, JSON and bodies.

Whatever is sent, the answer is under 500, repeats nothing unescaped, shows nothing of the inside
and carries the headers of every answer. `TRACKER_FUZZ_ROUNDS` multiplies what is tried
(`make assault`); the first round is the same each time.
"""

import inspect
import os
import re
import sys
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import hostile
from tests.factories.addresses import may, own_rules
from tests.factories.hostile import problems
from tracker.accounts.sign_in import LIBRARY_ENDPOINTS
from tracker.kernel.permissions import Role

ROUNDS = int(os.environ.get("TRACKER_FUZZ_ROUNDS", "1"))
BUDGET = settings(
    max_examples=60 * ROUNDS,
    derandomize=ROUNDS == 1,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
)
ASKS = re.compile(r"""(?:args|values)\.(?:get|getlist)\(\s*["'](\w+)|_asked\([^)]*["'](\w+)["']""")
ALWAYS = ("format", "cursor", "q", "language", "day", "as_of")
CURSORS = ("WyJhZnRlciJd", "WyJhZnRlciIsIjk5OTkiLCIweDEiXQ", "bnVsbA", "W1tbXV1d", "=", "e30")


class Findings:
    def __init__(self, causes):
        self._causes, self.found, self.count = causes, {}, 0

    def look(self, response, said):
        self.count += 1
        cause = self._causes.take()
        for problem in problems(response):
            self.found.setdefault(f"{problem}{cause}", said[:300])

    def finish(self, least):
        assert self.count >= least, f"only {self.count} requests were made"
        assert not self.found, "\n".join(f"{key}: {said}" for key, said in self.found.items())


@pytest.fixture
def findings(causes):
    causes.take()
    return Findings(causes)


def encoded(body):
    """As a browser encodes a form; lone surrogates go out as they are in memory."""
    pairs = [(name, value) for name, values in body.items() for value in values]
    return urlencode([(_bytes(name), _bytes(value)) for name, value in pairs])


def _bytes(text):
    return text.encode("utf-8", errors="surrogatepass")


def send(client, address, body):
    return client.post(
        address, data=encoded(body), content_type="application/x-www-form-urlencoded"
    )


def test_no_field_breaks_its_form(clients, forms, watched, findings):
    """Each field of each form with hostile values, the others as a person would fill them."""
    place = 0
    for endpoint, found in sorted(forms.items()):
        for name in found.form.fields:
            place += 7
            for value in hostile.values(place, ROUNDS):
                body = found.form.filled() | {name: [value]}
                response = send(clients[found.role], found.address, body)
                findings.look(response, f"{endpoint} with {name}={value[:60]!r}")
        watched.restore()
    findings.finish(500)


def test_no_shape_breaks_a_form(clients, forms, watched, findings):
    """Fields that are missing, repeated, foreign, or all hostile at once."""
    for place, (endpoint, found) in enumerate(sorted(forms.items())):
        filled = found.form.filled()
        text = next(hostile.values(place * 5, 1))
        bodies = {
            "nothing": {},
            "all the same": dict.fromkeys(filled, [text]),
            "repeated": {name: values * 3 for name, values in filled.items()},
            "wrong version": filled | {"version": ["9" * 30]},
            "foreign": filled | {"roles": ["administrator"], "election_id": ["2"], "": ["x"]},
        }
        if ROUNDS > 1:
            bodies |= {f"without {name}": {**filled, name: []} for name in filled}
        else:  # another three for each form
            bodies = {said: bodies[said] for said in sorted(bodies)[place % 3 :: 2]}
        for said, body in bodies.items():
            findings.look(send(clients[found.role], found.address, body), f"{endpoint}: {said}")
        watched.restore()
    findings.finish(250)


@BUDGET
@given(data=st.data())
def test_no_combination_breaks_a_form(data, clients, forms, watched, causes):
    endpoint = data.draw(st.sampled_from(sorted(forms)))
    found = forms[endpoint]
    text = st.sampled_from(hostile.TEXTS) | st.text(max_size=40)
    body = dict(found.form.filled())
    for name in data.draw(st.lists(st.sampled_from(sorted(body)), max_size=4)) if body else ():
        body[name] = data.draw(st.lists(text, max_size=3))
    response = send(clients[found.role], found.address, body)
    assert not problems(response), f"{endpoint}: {problems(response)}{causes.take()}"
    watched.restore()


BROKEN_BODIES = {
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "never ends": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
    ),
    "broken names": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="\xff\xfe"; filename="\xff.pdf"\r\n\r\nb\r\n'
        b"--x--\r\n",
    ),
    "a file where text goes": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="reason"; filename="r"\r\n\r\nb\r\n--x--\r\n',
    ),
    "2,000 parts": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 2_000 + b"--x--\r\n",
    ),
    "JSON": ("application/json", b'{"reason": {"a": [1]}}'),
    "no JSON": ("application/json", b"\xff{"),
    "deep JSON": ("application/json", b"[" * 100_000),
    "XML": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "broken UTF-8": ("application/x-www-form-urlencoded", b"reason=%ff%fe&\xff\xfe=%c0%80"),
    "no form": ("application/x-www-form-urlencoded", b"&&&===;;;%%%"),
    "unknown": ("zq/\xff; charset=zq", b"\x00\x01"),
    "utf-16": ("application/x-www-form-urlencoded; charset=utf-16", "a=1".encode("utf-16")),
}


@pytest.mark.parametrize("name", BROKEN_BODIES)
def test_no_body_breaks_a_route(app, known, clients, watched, findings, name):
    kind, body = BROKEN_BODIES[name]
    rules = [rule for rule in own_rules(app) if "POST" in rule.methods]
    step = 1 if ROUNDS > 1 else 4  # another quarter of the routes for each body
    for rule in rules[sorted(BROKEN_BODIES).index(name) % step :: step]:
        role = next(role for role in Role if may(app, rule, role))
        path = known.address(rule)
        response = clients[role].post(path, data=body, headers={"Content-Type": kind})
        findings.look(response, f"{rule.endpoint}: {name}")
        watched.restore()
    findings.finish(30)


def names_asked(app, rule):
    """The query parameters that the modules of a view read."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    source = inspect.getsource(sys.modules[view.__module__])
    return sorted({one or other for one, other in ASKS.findall(source)} | set(ALWAYS))


def test_no_query_string_breaks_a_page(app, known, clients, watched, findings):
    place = 0
    for rule in own_rules(app):
        if "GET" not in rule.methods:
            continue
        role = next(role for role in reversed(Role) if may(app, rule, role))
        path = known.address(rule).partition("?")[0]
        names = names_asked(app, rule)
        for start in range(0, len(names), 5):
            for value in (*hostile.values(place, ROUNDS), CURSORS[place % len(CURSORS)]):
                query = encoded({name: [value[:2_000]] for name in names[start : start + 5]})
                findings.look(clients[role].get(f"{path}?{query}"), f"{path}?{query[:120]}")
                place += 1
    assert not watched.is_more_than_disclosed
    findings.finish(300)


# Before anybody came, among the steps, and when all is over; for the clock of the test election.
MOMENTS = ("1990-01-01T00:00", "2022-10-20T16:00", "2031-05-05T23:59")


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_moment_breaks_a_page(app, known, clients, watched, findings, moment):
    for rule in own_rules(app):
        if "GET" not in rule.methods:
            continue
        role = next(role for role in Role if may(app, rule, role))
        path = known.address(rule).partition("?")[0]
        day = moment[:10]
        for query in (f"as_of={moment}", f"as_of={moment}&known_at={moment}", f"day={day}"):
            findings.look(clients[role].get(f"{path}?{query}"), f"{path}?{query}")
    assert not watched.is_more_than_disclosed
    findings.finish(300)


COUNTERS = {"logistics.duty_news"}  # how many came after a number, which need not exist


def test_no_address_breaks_a_route(app, known, clients, findings):
    place = 0
    for rule in own_rules(app):
        role = next(role for role in reversed(Role) if may(app, rule, role))
        for name in sorted(rule.arguments):
            place += 3
            for value in (*hostile.values(place, ROUNDS), "0", "9" * 40):
                path = known.address(rule, **{name: quote(_bytes(value[:500]), safe="")})
                method = "GET" if "GET" in rule.methods else "POST"
                response = clients[role].open(path, method=method)
                findings.look(response, f"{method} {path[:150]}")
                is_record = name not in {"place", "file"} and rule.endpoint not in COUNTERS
                is_far = value in {"0", "9" * 40} and is_record
                if is_far and response.status_code not in {302, 403, 404, 503}:
                    findings.found[f"{path} is found"] = response.status
    findings.finish(800)


LIBRARY_FIELDS = ("email", "password", "code", "next", "remember", "new_password", "setup", "which")
LIBRARY_FIELDS += ("new_password_confirm", "help_setup", "generate_codes", "csrf_token", "state")


def test_no_input_breaks_sign_in(app, clients, findings):
    """The forms that come with the library, by a stranger and by somebody who is signed in."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in LIBRARY_ENDPOINTS]
    place = 0
    for rule in rules:
        for client in (app.test_client(), clients[Role.OFFICIAL]):
            for method in sorted({"GET", "POST"} & rule.methods):
                if rule.endpoint == "security.logout" and client is clients[Role.OFFICIAL]:
                    continue
                place += 1
                for text in (*hostile.values(place * 3, 3 * ROUNDS), "1"):
                    path = re.sub("<[^>]+>", quote(_bytes(text[:200]), safe=""), rule.rule)
                    body = encoded(dict.fromkeys(LIBRARY_FIELDS, [text[:2_000]]))
                    query = encoded({"next": [text[:200]]})
                    kind = "application/x-www-form-urlencoded"
                    options = {"data": body, "content_type": kind} if method == "POST" else {}
                    response = client.open(path, method=method, query_string=query, **options)
                    findings.look(response, f"{method} {path[:80]} with {text[:40]!r}")
    findings.finish(100)


HEADERS = (
    ("Accept-Language", "zq;q=abc, *;q=9" + ",ru;q=0.1" * 500),
    ("Accept-Language", "\xff\xfe"),
    ("Accept-Encoding", "gzip;q=zq, br, \xff"),
    ("Accept", "text/zq; q=x"),
    ("Cookie", "tracker_session=zq; language=zq; language=../../etc"),
    ("Cookie", "tracker_session=.eJw.zq.zq; appearance=<zq>; theme=zq; text=9; space=zq"),
    ("Cookie", "=;=;\xff=\xfe; tracker_session"),
    ("HX-Request", "true"),
    ("HX-Current-URL", "javascript:zq"),
    ("HX-Target", hostile.CANARY),
    ("If-None-Match", '"zq", W/"zq", *'),
    ("If-Modified-Since", "zq"),
    ("Range", "bytes=0-0,5-9,zq"),
    ("Range", "bytes=-99999999999999999999"),
    ("Referer", f"http://zq/{hostile.CANARY}"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-For", "' OR 1=1 --"),
    ("X-Forwarded-Proto", "zq"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Request-Id", "zq\tzq" * 100),
    ("Content-Length", "0"),
    ("Authorization", "Basic \xff"),
    ("Authentication-Token", "zq" * 1_000),
    ("User-Agent", hostile.QUOTED),
    ("Origin", "null"),
)


@pytest.mark.parametrize(("name", "value"), HEADERS)
def test_no_header_breaks_a_page(app, known, clients, findings, name, value):
    paths = ("/", "/sign-in", "/e/kz-2022/", "/e/kz-2022/observers/", "/en/e/kz-2022/register")
    paths += ("/verify/kz-2022/", "/static/app.css", "/nowhere", "/search?q=a", "/readyz")
    for path in paths:
        client = app.test_client() if name == "Cookie" else clients[Role.AUDITOR]
        response = client.get(path, headers={name: value})
        findings.look(response, f"{name} at {path}")
        assert b"evil.example" not in response.data, path
        assert "Access-Control-Allow-Credentials" not in response.headers
    findings.finish(len(paths))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(hostile.TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["text", "number", "reason", "serial", "checked_at", "verdict", "station"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@BUDGET
@given(sent=JSON)
@pytest.mark.parametrize("path", ["/verify/kz-2022/check", "/verify/kz-2022/checks"])
def test_no_json_breaks_an_answer(app, watched, causes, path, sent):
    response = app.test_client().post(path, json=sent)
    assert not problems(response), f"{sent!r}: {problems(response)}{causes.take()}"
    assert response.status_code in {200, 400}
    assert response.mimetype == "application/json"
    watched.restore()


@BUDGET
@given(text=st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_no_scanned_text_breaks_a_check(app, causes, text):
    response = app.test_client().post("/verify/kz-2022/check", json={"text": text})
    assert response.status_code == 200, causes.take()
    assert response.json["verdict"] == "not_valid"
