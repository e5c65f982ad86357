"""What the log tells of requests, jobs and slow statements, and nobody's data in it."""

import re

import pytest
import sqlalchemy as sa

from tests.factories.jobs import work
from tests.factories.logs import (
    BIRTH,
    DOCUMENT,
    EMAIL,
    GIVEN,
    SAID,
    SURNAME,
    TYPED,
    WORDS,
    answers,
    assert_nobody,
    heard,
    lines,
)
from tests.journeys.demonstration import build, demonstration, signed_in
from tracker.accounts.models import User
from tracker.audit.models import AuditEntry
from tracker.demonstration import installation
from tracker.elections.models import Election
from tracker.kernel import watch
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role
from tracker.meetings.addresses import Subject, create_address
from tracker.meetings.models import CalendarKind

# Requests


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The demonstration, with a page that breaks with what it was given in every message."""
    app = demonstration(tmp_path_factory.mktemp("demonstration"))

    def breaks(number):
        table = User.__table__
        db.session.scalars(sa.select(User).where(User.email == EMAIL)).all()
        try:
            db.session.execute(sa.text("INSERT INTO nowhere VALUES (:name)"), {"name": SURNAME})
        except Exception as error:
            raise ValueError(f"{SURNAME} {EMAIL} {DOCUMENT} {table}") from error

    app.add_url_rule("/breaks/<number>", "breaks", breaks, methods=["GET", "POST"])
    return app


def test_one_line_a_request(app):
    client = signed_in(app, Role.AUDITOR)
    answer, found, _text = answers(app, client, "GET", f"/e/kz-2022/observers/?q={WORDS}")
    [entry] = found
    assert entry["event"] == "request"
    assert entry["endpoint"] == "headquarters.observers"
    assert entry["rule"] == "/e/<election>/observers/"
    assert (entry["method"], entry["status"]) == ("GET", 200)
    assert entry["bytes"] == len(answer.data)
    assert entry["statements"] > 3
    assert entry["ms"] > 0
    with app.app_context():
        name = installation.address_of(Role.AUDITOR)
        assert entry["user"] == db.session.scalar(sa.select(User.id).where(User.email == name))
    assert answer.headers["X-Request-ID"] == entry["request_id"]


def test_a_file_that_is_sent_in_pieces_is_counted_whole(app):
    client = signed_in(app, Role.AUDITOR)
    answer, [entry], _text = answers(app, client, "GET", "/e/kz-2022/observers/?format=csv")
    assert entry["bytes"] == len(answer.data) > 10_000


def test_an_answer_from_memory_is_told_too(app):
    client = app.test_client()
    client.get("/en/e/kz-2022/")
    answer, [entry], _text = answers(app, client, "GET", "/en/e/kz-2022/")
    assert entry["endpoint"] == "kept"
    assert entry["bytes"] == len(answer.data)
    assert answer.headers.getlist("X-Request-ID") == [entry["request_id"]]


def test_a_page_that_breaks_tells_where_and_of_nobody(app):
    client = signed_in(app, Role.REGISTRAR)
    answer, found, text = answers(app, client, "POST", f"/breaks/{DOCUMENT}", data={"q": SURNAME})
    assert answer.status_code == 500
    assert_nobody(text)
    [error, entry] = found
    assert error["event"] == "request failed"
    kinds = [each["kind"] for each in error["error"]]
    assert kinds == ["ValueError", *SAID.missing]
    assert error["error"][1]["statement"] == f"INSERT INTO nowhere VALUES ({SAID.mark})"
    assert error["request_id"] == entry["request_id"]
    assert error["request_id"] in answer.text  # the page names it, to be told to who helps
    assert entry["rule"] == "/breaks/<number>"
    assert entry["status"] == 500


def every_form(app):
    """An address for each route that takes a form, with the first record of each kind."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods:
            election = rule.rule.replace("<election>", "kz-2022")
            numbered = re.sub(r"<int:\w+>", "1", election)
            yield re.sub(r"<(?:any\((\w+)[^>]*|[^>]+)>", lambda found: found[1] or "x", numbered)


def test_nobody_is_in_the_log_whatever_is_asked(app):
    """Pages as people use them, with names, numbers and secrets wherever these can be typed."""
    with app.app_context(), unit_of_work(SYSTEM):
        election = db.session.scalars(sa.select(Election).filter_by(slug="kz-2022")).one()
        subject = Subject(kind=CalendarKind.ELECTION)
        secret = create_address(actor=SYSTEM, election=election, subject=subject, language="en")
    person = {
        "surname": SURNAME,
        "given_names": GIVEN,
        "birth_date": BIRTH,
        "document_number": DOCUMENT,
        "email": EMAIL,
        "name": f"{GIVEN} {SURNAME}",
        "password": TYPED,
        "reason": WORDS,
        "q": SURNAME,
    }
    asked, status = 0, set()
    with heard() as out:
        for role in (Role.REGISTRAR, Role.ADMINISTRATOR, Role.AUDITOR):
            client = signed_in(app, role)
            for path in (
                f"/search?q={SURNAME}",
                f"/search/palette?q={GIVEN}",
                f"/e/kz-2022/observers/?q={SURNAME}&status={DOCUMENT}&cursor={EMAIL}",
                f"/audit/?actor={EMAIL}&record={DOCUMENT}",
                f"/{SURNAME}/{DOCUMENT}",
                f"/e/{SURNAME}/observers/{DOCUMENT}",
                f"/breaks/{DOCUMENT}?q={WORDS}",
                f"/calendars/{secret}.ics",
                f"/organizations/?q={WORDS}",
                "/e/kz-2022/observers/1",
            ):
                agent = {"User-Agent": SURNAME}
                status.add(client.get(path, headers=agent, buffered=True).status_code)
                asked += 1
            for path in every_form(app):
                if path == "/sign-out":
                    continue
                sent = {"data": person, "headers": {"Referer": EMAIL}, "buffered": True}
                status.add(client.post(path, **sent).status_code)
                asked += 1
        stranger = app.test_client()
        form = {"email": EMAIL, "password": TYPED}
        stranger.post("/sign-in", data=form, buffered=True)
        stranger.open(f"/{SURNAME}", method="BREW", buffered=True)
        asked += 2
    assert {200, 302, 400, 403, 404, 500} <= status
    found = lines(out.getvalue())
    told = [entry for entry in found if entry["event"] == "request"]
    assert len(told) == asked
    assert {entry["endpoint"] for entry in told if entry["status"] >= 500} == {"breaks"}
    assert_nobody(out.getvalue())
    assert secret not in out.getvalue()


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (0, "0123456789abcdef", False),
        (1, "0123456789abcdef", True),
        (1, "f47ac10b-58cc-4372-a567-0e02b2c3d479", True),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, '0123456789"}{"', False),
        (1, "01234567 89abcdef", False),
        (1, "0123456789abcdef\u0085", False),
        (1, "", False),
    ],
)
def test_the_identity_of_a_request(tmp_path, proxies, given, is_taken):
    app = build(tmp_path, proxies=proxies)
    headers = {"X-Request-ID": given.encode("latin-1").decode("latin-1")}
    answer, [entry], _text = answers(app, app.test_client(), "GET", "/healthz", headers=headers)
    assert (entry["request_id"] == given) is is_taken
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", entry["request_id"])
    assert answer.headers["X-Request-ID"] == entry["request_id"]
    again, _found, _text = answers(app, app.test_client(), "GET", "/healthz")
    assert again.headers["X-Request-ID"] != entry["request_id"]


def test_the_record_of_a_change_names_the_request(app):
    client = signed_in(app, Role.ADMINISTRATOR)
    with app.app_context():
        form = {"language": "ru"}
    answer, _found, _text = answers(app, client, "POST", "/language", data=form)
    with app.app_context():
        newest = sa.select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1)
        entry = db.session.scalars(newest).one()
        assert entry.record_table == "users"
        assert entry.request_id == answer.headers["X-Request-ID"]


# Jobs


@pytest.fixture
def worker(tmp_path):
    """An application whose queue can be worked off; two jobs, of which one breaks."""
    app = demonstration(tmp_path)

    def breaks(**_values):
        db.session.execute(sa.text("SELECT 1"))
        raise ValueError(SURNAME)

    def works(**_values):
        db.session.execute(sa.text("SELECT 1"))
        db.session.rollback()

    jobs._handlers |= {"breaks": breaks, "works": works}
    app.add_url_rule("/give/<name>", "give", lambda name: (jobs.enqueue(name), "given")[1])
    return app


def work_off():
    """Run what waits; what that logged."""
    with heard() as out:
        work()
    return lines(out.getvalue()), out.getvalue()


def test_the_identity_travels_with_the_job(worker):
    answer, _found, _text = answers(worker, worker.test_client(), "GET", "/give/works")
    [entry], _text = work_off()
    assert (entry["event"], entry["job"], entry["outcome"]) == ("job", "works", "done")
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    assert entry["statements"] >= 1
    assert entry["waited_ms"] >= 0


def test_a_job_that_breaks_tells_where_and_of_nobody(worker):
    answers(worker, worker.test_client(), "GET", "/give/breaks")
    found, text = work_off()
    assert_nobody(text)
    [entry] = [entry for entry in found if entry["event"] == "job"]
    assert entry["outcome"] == "failed"
    assert entry["error"][0]["kind"] == "ValueError"
    assert entry["error"][0]["at"][-1].endswith(":breaks")


def test_a_job_inside_a_request_leaves_the_request_its_own(tmp_path):
    app = demonstration(tmp_path, JOBS_IMMEDIATE=True)
    jobs._handlers |= {"works": lambda: None}

    def give():
        jobs.enqueue("works")
        db.session.execute(sa.text("SELECT 1"))
        return "given"

    app.add_url_rule("/give", "give", give)
    answer, [job, request], _text = answers(app, app.test_client(), "GET", "/give")
    assert job["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert "job" not in request
    assert request["statements"] >= 1


# Slow statements

SLOW = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    SELECT count(*) FROM n WHERE :name <> CAST(i AS TEXT)
"""


@pytest.mark.parametrize("limit", [1, 60_000, 0])
def test_a_slow_statement_is_told_without_its_values(tmp_path, limit):
    app = build(tmp_path, slow_query_ms=limit)

    def slow():
        db.session.execute(sa.text(SLOW), {"name": SURNAME}).scalar_one()
        return "done"

    app.add_url_rule("/slow", "slow", slow)
    answer, found, text = answers(app, app.test_client(), "GET", "/slow")
    assert answer.status_code == 200
    assert_nobody(text)
    if limit != 1:
        assert [entry["event"] for entry in found] == ["request"]
        return
    entry = next(entry for entry in found if "RECURSIVE" in entry.get("statement", ""))
    assert entry["event"] == "slow statement"
    assert entry["ms"] > 1
    assert entry["endpoint"] == "slow"
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    assert f"{SAID.mark} <> CAST" in entry["statement"]
    watch.configure(200)
