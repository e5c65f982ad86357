"""A process that does not know of a new data key yet, and one that dies while it moves values."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories.interpreters import begin, ciphertexts, destroy, fill, phones, retire
from tests.journeys.demonstration import SECRET
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.kernel.encryption import keyring
from tracker.kernel.errors import Refused
from tracker.kernel.keys import Keys
from tracker.kernel.rotation import KeyState, re_encrypt, standings, values_under
from tracker.kernel.storage import storage

ROOT = Path(__file__).parents[2]


def environment(app):
    settings = app.config["SETTINGS"]
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "TRACKER_INSTANCE": str(settings.instance),
        "TRACKER_DATABASE_URL": settings.database_url,
        "TRACKER_SECRET_KEY": SECRET,
    }


OTHER = """
import sys
from tracker.app import create_app
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.officials.models import Interpreter
from tracker.kernel.storage import storage

with create_app().app_context():
    for line in sys.stdin:
        verb, _, rest = line.strip().partition(" ")
        if verb == "write":
            with unit_of_work(SYSTEM):
                row = Interpreter(name="Other", languages="en", phone=rest)
                db.session.add(row)
                db.session.flush()
                answer = row.id
        elif verb == "read":
            answer = db.session.get_one(Interpreter, int(rest)).phone
            db.session.rollback()
        else:
            answer = storage.get(rest).decode()
        print(answer, flush=True)
"""


@pytest.fixture
def other(filled):
    """A process of its own that reads and writes as it is told."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER],
        env=environment(filled),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def tell(line):
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    with process:  # closes its pipes, at which it ends
        yield tell


def test_a_process_that_does_not_know_the_new_key_reads_and_writes_on(filled, other):
    first = int(other("write +7 1"))
    assert ciphertexts()[first].startswith("1.")
    number = begin()
    re_encrypt(actor=SYSTEM)
    name = storage.put(b"under the new key")
    second = int(other("write +7 2"))
    assert ciphertexts()[second].startswith("1.")  # it has not looked again yet
    with pytest.raises(Refused, match="still 1 values"):
        destroy(1)
    assert other(f"read {first}") == "+7 1"  # under a number that it meets for the first time
    assert other(f"file {name}") == "under the new key"
    third = int(other("write +7 3"))
    assert ciphertexts()[third].startswith(f"{number}.")
    re_encrypt(actor=SYSTEM)
    assert retire() == [1]
    destroy(1)
    assert [other(f"read {key}") for key in (first, second, third)] == ["+7 1", "+7 2", "+7 3"]
    assert phones()[second] == "+7 2"


def test_a_process_looks_for_a_newer_key_by_itself(filled):
    keys = keyring.keys
    assert keys.fresh().number == 1
    with filled.app_context():
        another = Keys([SECRET], db.engine)
        another.ring()
        number = begin()
        assert another.fresh().number == 1
        object.__setattr__(another._ring, "until", time.monotonic())  # REFRESH later
        assert another.fresh().number == number


def test_a_killed_rotation_goes_on_where_it_stopped(filled):
    fill(8_000)
    for number in range(40):
        storage.put(f"portrait {number}".encode())
    expected = phones()
    command = [sys.executable, "-m", "tracker.cli", "keys", "rotate", "--no-wait"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(filled), stderr=pipe, text=True) as process:
        next(line for line in process.stderr if line.endswith(" values, 0 files\n"))
        process.kill()
    under = values_under([1, 4])
    assert under[1] > 0
    assert under[4] > 0
    assert phones() == expected
    said = subprocess.run(
        command, env=environment(filled), check=True, capture_output=True, text=True
    ).stdout
    assert "Everything goes under data key 4." in said  # and no fifth was made
    assert values_under([1, 4]) == {1: 0, 4: 2 * len(expected) + 40}
    assert phones() == expected
    assert [row.state for row in standings()][-1] is KeyState.IN_USE
