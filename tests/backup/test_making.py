"""A backup that is made while others write comes back whole, with all that was acknowledged."""

import hashlib
import threading

import sqlalchemy as sa

from tests.factories import records
from tests.factories.backups import installation
from tests.journeys.demonstration import demonstration
from tracker.backup import making, restoring
from tracker.delegations.models import Delegation
from tracker.kernel import last_backup
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.places import place_of
from tracker.kernel.storage import storage


class Writers:
    """Others who go on working: each writes a file, then the row that names it, and remembers."""

    def __init__(self, app):
        self._app, self._ending = app, threading.Event()
        self.acknowledged = []
        self._threads = [threading.Thread(target=self._write, args=(each,)) for each in range(3)]

    def _write(self, number):
        turn = 0
        with self._app.app_context():
            while not self._ending.is_set():
                turn += 1
                key = storage.put(f"scan {number} {turn}".encode() * 500)
                with unit_of_work(SYSTEM):
                    delegation = db.session.scalars(
                        sa.select(Delegation).order_by(Delegation.id).offset(number).limit(1)
                    ).one()
                    delegation.note_verbale_scan = key
                    records.observer(portrait=None)
                self.acknowledged.append(key)
            db.session.remove()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._ending.set()
        for thread in self._threads:
            thread.join()


def test_a_backup_under_load_is_whole_and_holds_all_acknowledged_before(tmp_path):
    busy, empty = tmp_path / "busy", tmp_path / "empty"
    app = demonstration(busy)
    kept = tmp_path / "kept.backup"
    with Writers(app) as writers:
        while len(writers.acknowledged) < 6:
            pass
        before = list(writers.acknowledged)
        with app.app_context():
            made = making.make(installation(busy), kept)
        during = len(writers.acknowledged) - len(before)
    assert during > 0  # the system served meanwhile
    assert made.missing == []
    found = restoring.restore(installation(empty), kept)
    assert found.entries == made.audit_position
    for key in before:
        storage.configure(place_of(empty, None))
        assert digest_of(storage.get(key)) == key
    engine = sa.create_engine(f"sqlite:///{empty / 'tracker.sqlite'}")
    with engine.connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM observers"))
    engine.dispose()
    assert count == made.tables["observers"]
    assert last_backup.read(busy).size == kept.stat().st_size


def digest_of(content):
    return hashlib.sha256(content).hexdigest()
