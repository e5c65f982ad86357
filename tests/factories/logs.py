"""What is heard of the log, and nobody of whom it may tell."""

import io
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from tests.factories.databases import KIND

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


def answers(app: Flask, client, method, path, **options):
    """One request's answer and its lines."""
    with heard() as out:
        answer = client.open(path, method=method, **options)
        answer.close()
    return answer, lines(out.getvalue()), out.getvalue()
