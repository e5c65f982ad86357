"""The log: one JSON object a line whatever happens, and nobody's data in it."""

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.factories.databases import KIND
from tests.journeys.demonstration import demonstration, settings, signed_in
from tracker.accounts.models import User
from tracker.app import create_app
from tracker.audit.models import AuditEntry
from tracker.demonstration import installation
from tracker.elections.models import Election
from tracker.kernel import logs, watch
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Role
from tracker.meetings.addresses import Subject, create_address
from tracker.meetings.models import CalendarKind

ROOT = Path(__file__).parents[2]
# What people type, in every place where it could be: none of it may be in the log.
SURNAME, GIVEN = "ZHANBOLATOVA", "Әйгерім"
DOCUMENT, BIRTH = "N98765432", "1971-03-29"
EMAIL, TYPED = "aigerim.zhanbolatova@example.kz", "correct horse battery zebra"
WORDS = "разыскиваемая"
NEEDLES = (SURNAME, GIVEN, DOCUMENT, BIRTH, EMAIL, "aigerim", TYPED, "zebra", WORDS)


@dataclass(frozen=True)
class Said:
    """How a database says it: a table is missing, a value stands twice, a value goes here."""

    missing: tuple[str, str]
    twice: str
    mark: str


SAID = {
    "sqlite": Said(
        ("sqlalchemy.exc.OperationalError", "sqlite3.OperationalError"),
        "SQLITE_CONSTRAINT_UNIQUE",
        "?",
    ),
    "postgresql": Said(
        ("sqlalchemy.exc.ProgrammingError", "psycopg.errors.UndefinedTable"),
        "23505",
        "%(name)s",
    ),
}[KIND]
anything = st.text() | st.text("\n\r\x0b\x0c\x1c\x85\u2028\u2029\"\\{}'\ud800 a", max_size=20)


@contextmanager
def heard():
    """What is written to standard error."""
    before, sys.stderr = sys.stderr, io.StringIO()
    try:
        yield sys.stderr
    finally:
        sys.stderr = before


def lines(text):
    """The log as objects; fails where a line is none."""
    found = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(entry, dict) for entry in found)
    return found


def assert_nobody(text):
    folded = text.casefold()
    # As it stands, as JSON writes it, and as an address does.
    for needle in NEEDLES:
        escaped = json.dumps(needle).strip('"')
        quoted = "".join(f"%{byte:02X}" for byte in needle.encode())
        for form in (needle, escaped, quoted):
            assert form.casefold() not in folded, form


# Lines


@given(st.dictionaries(st.sampled_from(sorted({*logs.FIELDS} - {"event"})), anything), anything)
def test_a_value_begins_no_line_of_its_own(fields, event):
    logs.configure()
    with heard() as out:
        structlog.get_logger().info(event, **fields)
    assert out.getvalue().count("\n") == 1
    [entry] = lines(out.getvalue())
    assert len(entry) >= 3


@given(anything, anything, st.sampled_from(["_granian", "huey.consumer", "somebody", "py"]))
def test_nor_does_what_a_library_says(sentence, value, name):
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, sentence, (value,), None)
    line = logs.LibraryFormatter().format(record)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["logger"] == name


@given(anything)
def test_nor_does_an_error(text):
    logs.configure()
    with heard() as out:
        try:
            raise ValueError(f"Zanzibar{text}")
        except ValueError:
            structlog.get_logger().exception("broke")
    [entry] = lines(out.getvalue())
    assert entry["error"][0]["kind"] == "ValueError"
    assert "Zanzibar" not in out.getvalue()


def test_only_known_fields_and_plain_values_are_written():
    class Person:
        def __repr__(self):
            return SURNAME

    logs.configure()
    with heard() as out:
        structlog.get_logger().info("met", name=SURNAME, reason=Person(), count=2, error=[SURNAME])
    [entry] = lines(out.getvalue())
    assert entry["count"] == 2
    assert entry["reason"] == "Person"
    assert entry["error"] == "list"
    assert "name" not in entry
    assert_nobody(out.getvalue())


def test_what_our_code_logs_is_a_constant_with_known_fields():
    """Every call of a logger in the package, by its source."""
    calls = []
    for path in sorted((ROOT / "tracker").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "log":
                calls.append((path, node))
    assert len(calls) > 10
    for path, node in calls:
        place = f"{path.relative_to(ROOT)}:{node.lineno}"
        event = node.args[0]
        assert isinstance(event, ast.Constant), f"{place}: the event is always the same words"
        assert len(node.args) == 1, place
        for keyword in node.keywords:
            known = keyword.arg in {*logs.FIELDS, "exc_info", None}
            assert known, f"{place}: {keyword.arg} is not in logs.FIELDS; add it if it holds nobody"


def test_an_error_is_told_with_its_causes_and_places_and_without_a_word():
    def inner():
        raise KeyError(SURNAME)

    def outer():
        try:
            inner()
        except KeyError as error:
            raise RuntimeError(EMAIL) from error

    with pytest.raises(RuntimeError) as caught:
        outer()
    told = logs.told(caught.value)
    assert [entry["kind"] for entry in told] == ["RuntimeError", "KeyError"]
    assert told[1]["at"][-1].endswith(":inner")
    assert str(ROOT) not in json.dumps(told)
    assert_nobody(json.dumps(told))


def test_an_error_of_the_database_is_told_by_its_codes(app):
    with app.app_context():
        expect_writes(True)
        table = User.__table__
        row = {"id": 901, "email": EMAIL, "name": SURNAME, "active": True}
        row |= {"is_demonstration": False, "version": 1, "created_at": datetime.now(UTC)}
        db.session.execute(table.insert(), row | {"fs_uniquifier": "a"})
        with pytest.raises(IntegrityError) as caught:
            db.session.execute(table.insert(), row | {"id": 902, "fs_uniquifier": "b"})
        db.session.rollback()
    # What a command prints of it; PostgreSQL repeats the values below.
    assert EMAIL not in str(caught.value).splitlines()[0]
    [first, *_rest] = logs.told(caught.value)
    assert first["code"] == SAID.twice
    assert first["statement"].startswith("INSERT INTO users")
    assert_nobody(json.dumps(first))


def test_everything_that_a_process_says_is_a_line(tmp_path):
    """Standard logging, warnings, threads, finalizers and the end of the process itself."""
    script = f"""
        import logging, threading, warnings
        from tracker.kernel import logs
        logs.take_over()
        logging.getLogger("some.library").error("person %s", "{SURNAME}")
        logging.getLogger("some.library").error("person {SURNAME}")
        logging.getLogger("_granian").info("Spawning worker-%d", 1)
        logging.getLogger("huey").error("Task %s", ["{SURNAME}"], exc_info=ValueError("{EMAIL}"))
        logging.getLogger("_granian").info("%d", "{SURNAME}")
        warnings.warn("{EMAIL}", stacklevel=1)

        class Leaves:
            def __del__(self):
                raise ValueError("{SURNAME}")

        Leaves()
        thread = threading.Thread(target=lambda: int("{SURNAME}"))
        thread.start()
        thread.join()
        raise LookupError("{EMAIL}\\n{{}}")
    """
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 1
    found = lines(done.stderr)
    assert_nobody(done.stderr)
    said = [(entry.get("logger"), entry["event"]) for entry in found]
    assert ("some.library", "person %s") in said
    assert ("_granian", "Spawning worker-1") in said
    kinds = [entry["error"][0]["kind"] for entry in found if "error" in entry]
    assert kinds == ["ValueError", "ValueError", "ValueError", "LookupError"]
    assert any(entry.get("reason") == "UserWarning" for entry in found)


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


def answers(app: Flask, client, method, path, **options):
    """One request's answer and its lines."""
    with heard() as out:
        answer = client.open(path, method=method, **options)
        answer.close()
    return answer, lines(out.getvalue()), out.getvalue()


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


# Identities


def with_settings(folder, **changes):
    """An application whose settings differ from a test's."""
    found = replace(settings(folder), **changes)
    return create_app(found, TESTING=True, PROPAGATE_EXCEPTIONS=False)


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
    app = with_settings(tmp_path, proxies=proxies)
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
        while task := jobs.huey.dequeue():
            jobs.huey.execute(task)
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
    app = with_settings(tmp_path, slow_query_ms=limit)

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
