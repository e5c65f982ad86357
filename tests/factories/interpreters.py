"""Interpreters whose telephones are ciphertext, and the keys that these are under."""

from datetime import timedelta

import sqlalchemy as sa

from tracker.audit.capture import insert_many
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.keys import SETTLED
from tracker.kernel.rotation import begin_rotation, destroy_key, retire_keys
from tracker.officials.models import Interpreter

LATER = SETTLED + timedelta(minutes=1)


def phone(number):
    return f"+7 700 {number:06}"


def fill(count):
    """So many interpreters with two values each."""
    rows = [
        {"name": "N", "languages": "en", "phone": phone(number), "email": f"n{number}@example.org"}
        for number in range(count)
    ]
    with unit_of_work(SYSTEM):
        insert_many(Interpreter, rows)


def begin():
    with unit_of_work(SYSTEM):
        return begin_rotation(actor=SYSTEM)


def retire():
    with clock.at(clock.now() + LATER), unit_of_work(SYSTEM):
        return retire_keys(actor=SYSTEM)


def destroy(number):
    with clock.at(clock.now() + LATER), unit_of_work(SYSTEM):
        destroy_key(actor=SYSTEM, number=number)


def ciphertexts(column="phone"):
    found = db.session.execute(sa.text(f"SELECT id, {column} FROM interpreters ORDER BY id")).all()
    db.session.rollback()
    return dict(tuple(row) for row in found)


def phones():
    found = db.session.execute(sa.select(Interpreter.id, Interpreter.phone)).all()
    db.session.rollback()
    return dict(tuple(row) for row in found)
