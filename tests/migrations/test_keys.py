"""Data keys are replaced while people write, on both databases, and nothing is lost."""

import random
import threading

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from tests.factories.interpreters import LATER, begin, ciphertexts, destroy, phone, phones, retire
from tests.journeys.demonstration import SECRET
from tracker.audit.models import AuditEntry
from tracker.audit.queries import verify
from tracker.kernel import rotation
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.encryption import key_ages, keyring
from tracker.kernel.errors import Refused
from tracker.kernel.keys import DataKey, KeyMissing, Keys
from tracker.kernel.rotation import (
    KeyState,
    begin_rotation,
    destroy_key,
    re_encrypt,
    retire_keys,
    rewrap_keys,
    standings,
    values_under,
)
from tracker.kernel.storage import storage
from tracker.officials.models import Interpreter


class Writers:
    """People who change and add interpreters for as long as they may."""

    def __init__(self, app, ids, count=3):
        self.app, self.ended, self.said, self.faults = app, threading.Event(), {}, []
        self.threads = [
            threading.Thread(target=self._write, args=(ids[number::count], number))
            for number in range(count)
        ]

    def _write(self, ids, number):
        chance = random.Random(number)
        try:
            with self.app.app_context():
                while not self.ended.is_set():
                    self._one(chance, ids)
        except Exception as error:
            self.faults.append(error)

    def _one(self, chance, ids):
        text = phone(chance.randrange(10**6))
        with unit_of_work(SYSTEM):
            if chance.random() < 0.2:
                row = Interpreter(name="New", languages="en", phone=text)
                db.session.add(row)
            else:
                row = db.session.get_one(Interpreter, chance.choice(ids))
                row.phone = text
            db.session.flush()
            key = row.id
        self.said[key] = text

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_rest):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def test_rotation_while_people_write_loses_nothing(filled):
    expected = phones()
    with Writers(filled, sorted(expected)) as writers:
        for _round in range(2):
            begin()
            for _number in range(3):
                re_encrypt(actor=SYSTEM)
    assert writers.faults == []
    assert len(writers.said) > 10
    re_encrypt(actor=SYSTEM)
    newest = max(number for (number,) in db.session.execute(sa.select(DataKey.number)))
    assert values_under([newest]) == {
        newest: sum(
            x is not None for x in (*ciphertexts("phone").values(), *ciphertexts("email").values())
        )
    }
    assert phones() == expected | writers.said
    # A rotation is nobody's change: rows that nobody touched are as they were.
    versions = dict(
        tuple(x) for x in db.session.execute(sa.select(Interpreter.id, Interpreter.version))
    )
    assert {versions[key] for key in expected.keys() - writers.said.keys()} == {1}
    entries = db.session.scalars(sa.select(AuditEntry).filter_by(record_table="data_keys")).all()
    assert [(each.action, each.after["wrapped"]) for each in entries] == [
        ("insert", "[redacted]"),
        ("insert", "[redacted]"),
    ]
    touched = db.session.scalars(
        sa.select(AuditEntry.record_id).where(
            AuditEntry.record_table == "interpreters", AuditEntry.action == "update"
        )
    )
    assert {int(key) for key in touched} <= writers.said.keys()
    assert verify()[1] == []


def test_a_row_that_somebody_holds_is_left_for_another_pass(filled):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writer")
    number = begin()
    with db.engine.begin() as holder:
        holder.execute(sa.text("SELECT 1 FROM interpreters WHERE id = 7 FOR UPDATE"))
        re_encrypt(actor=SYSTEM)  # waits for nobody
        assert [key for key, token in ciphertexts().items() if token.startswith("1.")] == [7]
    re_encrypt(actor=SYSTEM)
    assert {token.split(".")[0] for token in ciphertexts().values()} == {str(number)}


def test_a_key_is_retired_once_nobody_can_bring_values_under_it(filled, monkeypatch):
    number = begin()
    with pytest.raises(Refused, match="Under data key 1 there are still 900 values"):
        destroy(1)
    re_encrypt(actor=SYSTEM)
    with unit_of_work(SYSTEM):
        assert retire_keys(actor=SYSTEM) == []  # another process may not know the new one yet
        with pytest.raises(Refused, match="may still encrypt"):
            destroy_key(actor=SYSTEM, number=1)
    if db.engine.dialect.name == "postgresql":
        # As if the new key had been made a moment ago, when this transaction had begun already.
        monkeypatch.setattr(rotation, "REFRESH", LATER.total_seconds() + 60)
        with db.engine.connect() as other:
            other.execute(sa.text("SELECT 1"))
            assert retire() == []
        monkeypatch.undo()
    assert retire() == [1]
    with pytest.raises(Refused, match="in use"):
        destroy(number)
    destroy(1)
    with pytest.raises(Refused, match="destroyed already"):
        destroy(1)
    found = {row.number: (row.state, row.values) for row in standings()}
    assert found[1] == (KeyState.DESTROYED, None)
    assert found[number] == (KeyState.IN_USE, 900)
    assert [(purpose, each) for purpose, each, _made, is_current in key_ages() if is_current] == [
        ("digest", 2),
        ("recovery_codes", 3),
        ("data", number),
    ]


def test_what_was_under_a_destroyed_key_is_gone(filled, tmp_path):
    name = storage.put(b"scan of a passport")
    old_file, old_values = storage.sealed(name), ciphertexts()
    wrapped = db.session.scalar(sa.select(DataKey.wrapped).filter_by(number=1))
    db.session.rollback()
    begin()
    re_encrypt(actor=SYSTEM)
    assert storage.get(name) == b"scan of a passport"
    assert retire() == [1]
    destroy(1)
    assert storage.get(name) == b"scan of a passport"
    assert phones()[1] == phone(0)
    another = Keys([SECRET], db.engine)  # a process that starts now
    for token in (old_values[1], old_file):
        with pytest.raises(KeyMissing):
            keyring.decrypt(token)
    for key in another.ring().ciphers.values():
        with pytest.raises(InvalidToken):
            key.decrypt(old_values[1].partition(".")[2])
    assert db.session.scalar(sa.select(DataKey.wrapped).filter_by(number=1)) is None
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        for path in tmp_path.glob("tracker.sqlite*"):
            assert wrapped.encode() not in path.read_bytes(), path


def test_files_move_and_a_deleted_one_does_not_come_back(filled):
    names = [storage.put(f"portrait {number}".encode()) for number in range(5)]
    number = begin()
    gone = storage.place.path(names[0])
    read = storage.get

    def read_and_delete(name):
        content = read(name)
        if name == names[0]:
            gone.unlink()  # purged between our reading and our writing
        return content

    storage.get = read_and_delete
    try:
        done = re_encrypt(actor=SYSTEM)
    finally:
        del storage.get
    assert not gone.exists()
    assert done.files == 4
    assert [storage.get(name) for name in names[1:]] == [
        f"portrait {n}".encode() for n in range(1, 5)
    ]
    assert all(storage.sealed(name).startswith(f"{number}.".encode()) for name in names[1:])
    assert not list(storage.place.root.rglob("*.part"))


def test_a_value_that_cannot_be_read_stops_nothing_and_is_named(filled):
    with unit_of_work(SYSTEM):
        stranger = "1." + Fernet(Fernet.generate_key()).encrypt(b"x").decode()
        db.session.execute(
            sa.text("UPDATE interpreters SET phone = :token WHERE id = 5"), {"token": stranger}
        )
    number = begin()
    done = re_encrypt(actor=SYSTEM)
    assert done.unreadable == ["interpreters 5 phone"]
    assert values_under([1, number]) == {1: 1, number: 899}
    assert ciphertexts()[5] == stranger
    assert retire() == []


def test_two_who_begin_at_once_go_to_one_key(filled):
    barrier, numbers = threading.Barrier(2), []

    def work():
        with filled.app_context():
            barrier.wait()
            try:
                numbers.append(begin())
            except Refused:
                numbers.append(None)

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(numbers) - {None} == {4}
    assert [row.number for row in standings()] == [1, 2, 3, 4]


# A new secret

NEW = "another secret, for tests only, 9876543210 9876543210"


def test_another_secret_opens_the_same_keys(filled):
    digest, before = keyring.digest("value"), phones()
    with pytest.raises(KeyMissing, match="wrapped by another secret"):
        Keys([NEW], db.engine).ring()
    keyring.configure(filled, [NEW, SECRET], db.engine)
    assert phones() == before
    assert {row.wrapping for row in standings()} == {"previous secret"}
    with unit_of_work(SYSTEM):
        assert rewrap_keys(actor=SYSTEM) == 3
    with unit_of_work(SYSTEM):
        assert rewrap_keys(actor=SYSTEM) == 0
    keyring.configure(filled, [NEW], db.engine)
    assert phones() == before
    assert keyring.digest("value") == digest
    assert {row.wrapping for row in standings()} == {"this secret"}
    with pytest.raises(KeyMissing, match="wrapped by another secret"):
        Keys([SECRET], db.engine).ring()
    number = begin()
    re_encrypt(actor=SYSTEM)
    assert phones() == before
    assert {token.split(".")[0] for token in ciphertexts().values()} == {str(number)}
    assert verify()[1] == []


def test_a_wrapped_key_stands_for_no_other(filled):
    with unit_of_work(SYSTEM):
        begin_rotation(actor=SYSTEM)
        rows = {row.number: row for row in db.session.scalars(sa.select(DataKey))}
        rows[1].wrapped, rows[4].wrapped = rows[4].wrapped, rows[1].wrapped
    with pytest.raises(KeyMissing, match="damaged"):
        Keys([SECRET], db.engine).ring()
