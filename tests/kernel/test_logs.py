"""The log: one JSON object a line whatever happens, and nobody's data in it."""

import ast
import json
import logging
import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.factories.logs import EMAIL, SAID, SURNAME, assert_nobody, heard, lines
from tracker.accounts.models import User
from tracker.kernel import logs
from tracker.kernel.database import db, expect_writes

ROOT = Path(__file__).parents[2]
anything = st.text() | st.text("\n\r\x0b\x0c\x1c\x85\u2028\u2029\"\\{}'\ud800 a", max_size=20)


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
