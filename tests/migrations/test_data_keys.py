"""The revision that brings data keys keeps every value, up and down, on both databases."""

import base64
import hashlib
import hmac
import re

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask_migrate import downgrade, upgrade

from tests.journeys.demonstration import SECRET
from tracker.audit.capture import insert_many
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.keys import DataKey, Purpose
from tracker.kernel.rotation import (
    begin_rotation,
    encrypted_columns,
    re_encrypt,
    rewrap_keys,
    values_under,
)
from tracker.kernel.storage import storage
from tracker.officials.models import Interpreter, Official

OLD = "0019"  # the revision before
TOUCHED = (
    *("delegation_contacts", "delegations", "officials", "movements", "travel_documents"),
    *("observer_lists", "deployment_teams", "assistance_requests", "assistance_comments"),
)


def derived(purpose):
    """What the revisions before derived from the secret, computed apart from our code."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(SECRET.encode())


BEFORE = Fernet(base64.urlsafe_b64encode(derived(b"fields")))
MOMENT = "'2022-11-01 00:00:00'"


def run(statement, **values):
    with db.engine.begin() as connection:
        found = connection.execute(sa.text(statement), values)
        return found.all() if found.returns_rows else None


def sealed(text):
    return BEFORE.encrypt(text.encode()).decode()


def rows_before():
    """An interpreter whose telephone is ciphertext, an official whose assistant is in clear."""
    run(
        "INSERT INTO interpreters (name, languages, phone, is_active, created_at, version) "
        f"VALUES ('N', 'en', :phone, TRUE, {MOMENT}, 1)",
        phone=sealed("+7 1"),
    )
    run(
        "INSERT INTO institutions (name_en, name_ru, name_kk, created_at, version) "
        f"VALUES ('Senate', 'S', 'S', {MOMENT}, 1)"
    )
    run(
        "INSERT INTO officials (institution_id, name_en, name_ru, name_kk, position_en, "
        "position_ru, position_kk, precedence, buffer_minutes, is_active, created_at, version, "
        "assistant_contact, assistant_email) SELECT id, 'A', 'A', 'A', 'C', 'C', 'C', 10, 0, "
        f"TRUE, {MOMENT}, 1, '+7 2', NULL FROM institutions"
    )
    path = storage.place.path("ab" * 32)
    path.parent.mkdir(parents=True)
    path.write_bytes(BEFORE.encrypt(b"a scan"))
    return path


def test_values_of_earlier_revisions_are_read_and_go_back_down(app):
    with app.app_context():
        upgrade(revision=OLD)
        path = rows_before()
        # The code that is here already works as it did until the database is migrated.
        assert keyring.decrypt(sealed("early")) == b"early"
        assert BEFORE.decrypt(keyring.encrypt(b"late")) == b"late"
        expected = hmac.new(derived(b"digest"), b"value", hashlib.sha256).hexdigest()
        assert keyring.digest("value") == expected
        upgrade()
        assert keyring.digest("value") == expected
        assert keyring.kept_key(Purpose.RECOVERY_CODES) == derived(b"recovery codes")
        assert db.session.scalars(sa.select(Interpreter.phone)).all() == ["+7 1"]
        assert db.session.scalars(sa.select(Official.assistant_contact)).all() == ["+7 2"]
        assert storage.get(path.name) == b"a scan"
        db.session.rollback()
        [(token,)] = run("SELECT assistant_contact FROM officials")
        assert token.startswith("1.gAAAA")
        assert values_under([0, 1]) == {0: 2, 1: 1}
        db.session.rollback()
        with unit_of_work(SYSTEM):
            assert begin_rotation(actor=SYSTEM) == 1  # there is a newer key than number 0 already
        re_encrypt(actor=SYSTEM)
        assert values_under([0, 1]) == {0: 0, 1: 3}
        db.session.remove()
        downgrade(revision=OLD)
        [(phone,)] = run("SELECT phone FROM interpreters")
        assert BEFORE.decrypt(phone) == b"+7 1"
        assert run("SELECT assistant_contact, assistant_email FROM officials") == [("+7 2", None)]
        assert BEFORE.decrypt(path.read_bytes()) == b"a scan"
        upgrade()
        assert db.session.scalars(sa.select(Official.assistant_contact)).all() == ["+7 2"]


def test_an_empty_database_begins_with_keys_and_none_of_before(app):
    with app.app_context():
        upgrade()
        numbers = sa.select(DataKey.number, DataKey.purpose).order_by(DataKey.number)
        assert [tuple(row) for row in db.session.execute(numbers)] == [
            (1, Purpose.DATA),
            (2, Purpose.DIGEST),
            (3, Purpose.RECOVERY_CODES),
        ]
        with pytest.raises(InvalidToken):
            BEFORE.decrypt(keyring.encrypt(b"value").partition(b".")[2])


def test_nobody_goes_back_down_with_another_secret(app):
    with app.app_context():
        upgrade(revision=OLD)
        rows_before()
        upgrade()
        keyring.configure(app, ["another secret, for tests only", SECRET], db.engine)
        with unit_of_work(SYSTEM):
            rewrap_keys(actor=SYSTEM)
        with pytest.raises(SystemExit):  # with a line that says why
            downgrade(revision=OLD)
        assert db.session.scalars(sa.select(Interpreter.phone)).all() == ["+7 1"]


def tables():
    """How SQLite keeps the tables that the revision builds anew: without spaces, in any order."""
    found = run("SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL")
    parts = {}
    for name, kind, text in found:
        if name in TOUCHED:
            inner = text if kind == "index" else text[text.index("(") + 1 :]
            pieces = re.split(r",\s*(?![^()]*\))", re.sub(r'[\s"]+', " ", inner))
            parts.setdefault(name, []).extend(piece.strip(" )") for piece in pieces)
    return {name: sorted(pieces) for name, pieces in parts.items()}


def test_tables_that_are_built_anew_lose_no_constraint(app):
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL builds no table anew")
        upgrade(revision=OLD)
        before = tables()
        upgrade()
        after = tables()
        downgrade(revision=OLD)
        assert tables() == before
        for name in TOUCHED:
            kept = [
                piece
                for piece in before[name]
                if not re.match("(CONSTRAINT )?[a-z_]+ (VAR|JS)", piece)
            ]
            assert set(kept) <= set(after[name]), name


def test_every_column_with_ciphertext_is_reached_by_its_row(app):
    """A rotation walks tables by `id`."""
    for table, columns in encrypted_columns().items():
        assert len(table.primary_key) == 1, table.name
        assert all(isinstance(column.type.impl, sa.Text) for column in columns)


def test_many_rows_go_up_and_down(app):
    with app.app_context():
        upgrade()
        rows = [{"name": "N", "languages": "en", "phone": f"+7 {n}"} for n in range(1_100)]
        expect_writes(True)
        insert_many(Interpreter, rows)
        db.session.commit()
        db.session.remove()
        downgrade(revision=OLD)
        found = run("SELECT phone FROM interpreters ORDER BY id")
        assert [BEFORE.decrypt(token).decode() for (token,) in found] == [
            f"+7 {n}" for n in range(1_100)
        ]
