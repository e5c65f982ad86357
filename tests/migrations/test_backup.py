"""A backup of either database, made while others write, comes back whole and can go on."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from tests.factories import records
from tracker.accreditation.models import AccreditationStatus
from tracker.app import create_app
from tracker.audit import queries as audit_queries
from tracker.backup import making, restoring
from tracker.backup.container import BackupRefused
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.storage import storage
from tracker.observers.models import Observer

PASSPHRASE = "tests only, backups 0123456789"
AWKWARD = "tab\there, line\nthere, back\\slash, \\N, кириллица, 'quote\""


@pytest.fixture
def filled(app):
    """The application, migrated, with rows and files."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], backup_passphrase=PASSPHRASE)
    with app.app_context():
        upgrade()
        with unit_of_work(SYSTEM):
            delegation = records.delegation(records.election(name_en=AWKWARD))
            delegation.note_verbale_scan = storage.put(b"a note")
            for number in range(5):
                person = records.observer(portrait=storage.put(b"portrait %d" % number))
                records.accreditation(
                    delegation, person=person, status=AccreditationStatus.ACCREDITED
                )
    return app


def write_until(app, ending, acknowledged):
    with app.app_context():
        while not ending.is_set():
            key = storage.put(b"scan %d" % len(acknowledged))
            with unit_of_work(SYSTEM):
                found = db.session.scalars(sa.select(Delegation)).one()
                found.note_verbale_scan = key
                identity = records.observer(portrait=None).id
            acknowledged.append((identity, key))
        db.session.remove()


def emptied(app, tmp_path):
    """Settings of a new installation of the same kind, with nothing in it."""
    settings = app.config["SETTINGS"]
    with app.app_context():
        db.session.remove()
        url = db.engine.url
        if url.get_backend_name() == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(sa.text("DROP SCHEMA public CASCADE"))
                connection.execute(sa.text("CREATE SCHEMA public"))
        else:
            url = f"sqlite:///{tmp_path / 'new' / 'tracker.sqlite'}"
        db.engine.dispose()
    text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    return replace(settings, instance=tmp_path / "new", database_url=text)


def test_made_while_others_write_and_brought_back(filled, tmp_path):
    ending, acknowledged = threading.Event(), []
    writer = threading.Thread(target=write_until, args=(filled, ending, acknowledged))
    writer.start()
    try:
        while len(acknowledged) < 3:
            ending.wait(0.01)
        before = list(acknowledged)
        with filled.app_context():
            made = making.make(filled.config["SETTINGS"], tmp_path / "kept.backup")
    finally:
        ending.set()
        writer.join()
    assert len(acknowledged) > len(before)
    new = emptied(filled, tmp_path)
    trial = restoring.verify(new, tmp_path / "kept.backup")
    found = restoring.restore(new, tmp_path / "kept.backup")
    assert trial == found
    assert (found.manifest, found.entries) == (made, made.audit_position)
    app = create_app(new)
    with app.app_context():
        assert db.session.scalar(sa.select(Election.name_en)) == AWKWARD
        kept = set(db.session.scalars(sa.select(Observer.id)))
        assert {identity for identity, _key in before} <= kept
        db.session.rollback()
        with unit_of_work(SYSTEM):  # it goes on: a new person gets a number that nobody had
            assert records.observer(portrait=None).id > max(kept)
        assert audit_queries.verify()[1] == []
        for _identity, key in before:
            storage.get(key)
        db.session.remove()
        db.engine.dispose()


def test_an_older_backup_is_brought_to_the_present_schema(filled, tmp_path):
    with filled.app_context():
        head = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
        db.session.remove()
        downgrade(revision="-1")
        made = making.make(filled.config["SETTINGS"], tmp_path / "kept.backup")
        db.session.remove()
    new = emptied(filled, tmp_path)
    found = restoring.restore(new, tmp_path / "kept.backup")
    assert found.manifest.tables == made.tables
    assert found.head.revision < head
    with create_app(new).app_context():
        assert db.session.scalar(sa.text("SELECT version_num FROM alembic_version")) == head
        db.session.remove()
        db.engine.dispose()


def test_what_does_not_hold_leaves_the_database_empty(filled, tmp_path):
    with filled.app_context():
        with db.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE audit_entries SET actor_name = 'Nobody' WHERE position = 5")
            )
        making.make(filled.config["SETTINGS"], tmp_path / "kept.backup")
        db.session.remove()
    with pytest.raises(BackupRefused, match="not empty|holds files"):
        restoring.restore(filled.config["SETTINGS"], tmp_path / "kept.backup")
    new = emptied(filled, tmp_path)
    with pytest.raises(BackupRefused, match="first at entry 5:"):
        restoring.restore(new, tmp_path / "kept.backup")
    with create_app(new).app_context():
        assert sa.inspect(db.engine).get_table_names() == []
        db.engine.dispose()
    assert not (tmp_path / "new" / "files").exists()
