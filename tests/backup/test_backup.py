"""A backup comes back whole; one that is not whole, or not ours, leaves nothing."""

import base64
import hashlib
import io
import json
import shutil
import tarfile
from dataclasses import replace

import pyrage
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask_migrate import upgrade

from tests.factories import records, stores
from tests.factories.backups import PASSPHRASE, installation
from tests.journeys.demonstration import settings
from tracker.accreditation.models import AccreditationStatus
from tracker.app import create_app
from tracker.backup import container, files, making, restoring
from tracker.backup.container import BackupRefused
from tracker.backup.manifest import HEAD, MANIFEST
from tracker.kernel import last_backup
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.places import FileStoreUnavailable, place_of
from tracker.kernel.storage import storage


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A small installation, and a backup of it."""
    folder = tmp_path_factory.mktemp("source")
    app = create_app(installation(folder))
    with app.app_context():
        upgrade()
        with unit_of_work(SYSTEM):
            of = records.delegation(records.election())
            of.note_verbale_scan = storage.put(b"a note")
            for number in range(20):
                portrait = storage.put(f"portrait {number}".encode())
                person = records.observer(portrait=portrait)
                records.accreditation(of, person=person, status=AccreditationStatus.ACCREDITED)
        making.make(installation(folder), folder / "kept.backup")
        db.engine.dispose()
    return folder


def leftovers(folder):
    """What an attempt left in an instance folder, apart from the lock and the queue."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.name != "backup.lock" and not path.name.startswith("jobs.sqlite")
    )


@pytest.mark.parametrize("one", ["folder", "bucket"])
@pytest.mark.parametrize("other", ["folder", "bucket"])
def test_from_and_into_either_place_of_files(source, tmp_path, one, other):
    with stores.served() as store:
        here, there = (store.bucket() if kind == "bucket" else None for kind in (one, other))
        shutil.copytree(source, tmp_path / "old")
        old = installation(tmp_path / "old", files_url=here)
        with create_app(old).app_context():
            if here:
                for path in (source / "files").glob("*/*"):
                    storage.place.write(path.name, path.read_bytes())
                shutil.rmtree(tmp_path / "old" / "files")
            made = making.make(old, tmp_path / "kept.backup")
            db.engine.dispose()
        new = installation(tmp_path / "new", files_url=there)
        assert restoring.verify(new, tmp_path / "kept.backup").manifest == made
        found = restoring.restore(new, tmp_path / "kept.backup")
        assert (found.manifest.files, found.manifest.missing) == (21, [])
        place = place_of(new.instance, there)
        assert len(list(place.names())) == 21
        assert (tmp_path / "new" / "files").exists() == (there is None)
        storage.configure(place)
        note = hashlib.sha256(b"a note").hexdigest()
        assert storage.get(note) == b"a note"
        with pytest.raises(BackupRefused, match="holds files already"):
            restoring.restore(new, tmp_path / "kept.backup")


def test_a_store_that_breaks_while_files_are_restored_is_left_empty(source, tmp_path):
    class Breaking(type(place_of(tmp_path, None))):
        """A store that is full after some files."""

        def write(self, key, sealed):
            if len(list(self.names())) == 5:
                raise FileStoreUnavailable("full")
            super().write(key, sealed)

    full = Breaking(tmp_path / "store")
    with pytest.raises(FileStoreUnavailable):
        restoring._upload(place_of(source, None), full)
    assert list(full.names()) == []


def test_no_backup_without_a_passphrase(source, tmp_path):
    with pytest.raises(BackupRefused, match="TRACKER_BACKUP_PASSPHRASE is not set"):
        making.make(replace(settings(source), backup_passphrase=None), tmp_path / "x")


def test_restored_only_into_nothing(source, tmp_path):
    full = tmp_path / "full"
    shutil.copytree(source, full)
    with pytest.raises(BackupRefused, match="holds files already"):
        restoring.restore(installation(full), source / "kept.backup")
    shutil.rmtree(full / "files")
    before = (full / "tracker.sqlite").read_bytes()
    with pytest.raises(BackupRefused, match="database is not empty"):
        restoring.restore(installation(full), source / "kept.backup")
    assert (full / "tracker.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"backup_passphrase": "another passphrase"}, "passphrase does not open"),
        ({"secret_key": "another installation's key 9876543210"}, "another TRACKER_SECRET_KEY"),
    ],
)
def test_without_the_right_keys_nothing_is_left(source, tmp_path, values, message):
    wanted = replace(installation(tmp_path), **values)
    with pytest.raises(BackupRefused, match=message):
        restoring.restore(wanted, source / "kept.backup")
    assert leftovers(tmp_path) == []


def cut(content):
    return content[: len(content) // 2]


def without_the_end(content):
    """The last 64 KiB of what is encrypted are gone, and the header was corrected."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        key, inner = archive.extractfile("key.json"), archive.extractfile("content.age")
        parts = {"key.json": key.read(), "content.age": inner.read()[:-70_000]}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, part in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(part)
            archive.addfile(info, io.BytesIO(part))
    return target.getvalue()


def flipped(content):
    place = len(content) // 3
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize("spoil", [cut, without_the_end, flipped, lambda _: b"", lambda c: c[:900]])
def test_a_damaged_backup_is_refused_and_leaves_nothing(source, tmp_path, spoil):
    spoilt = tmp_path / "spoilt.backup"
    spoilt.write_bytes(spoil((source / "kept.backup").read_bytes()))
    empty = tmp_path / "empty"
    with pytest.raises(BackupRefused, match="damaged"):
        restoring.restore(installation(empty), spoilt)
    assert leftovers(empty) == []


def rewritten(source, target, change):
    """The backup of `source` with its parts changed by who knows the passphrase."""
    with (
        target.open("wb") as file,
        container.writing(file, PASSPHRASE) as writer,
        container.reading(source / "kept.backup", PASSPHRASE) as parts,
    ):
        for part in parts:
            for name, content in change(part.name, part.stream.read()):
                writer.add_bytes(name, content)


def without_the_note(name, content):
    return [] if name.endswith(hashlib.sha256(b"a note").hexdigest()) else [(name, content)]


def no_manifest(name, content):
    return [] if name == MANIFEST else [(name, content)]


def a_newer_schema(name, content):
    return [
        (name, content.replace(b'"revision": "0', b'"revision": "9') if name == HEAD else content)
    ]


def another_format(name, content):
    return [(name, content.replace(b'"format": 1', b'"format": 2') if name == HEAD else content)]


def another_engine(name, content):
    return [(name, content.replace(b'"sqlite"', b'"postgresql"') if name == HEAD else content)]


def a_way_out(name, content):
    return [(name, content), *([("files/../../out", b"x")] if name == HEAD else [])]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_the_note, "not those that its manifest lists"),
        (no_manifest, "not whole"),
        (a_newer_schema, "not those that its manifest lists"),
        (another_format, "format 2"),
        (another_engine, "a backup of postgresql"),
        (a_way_out, "is not known"),
    ],
)
def test_what_the_manifest_does_not_say_is_refused(source, tmp_path, change, message):
    changed, empty = tmp_path / "changed.backup", tmp_path / "empty"
    rewritten(source, changed, change)
    with pytest.raises(BackupRefused, match=message):
        restoring.restore(installation(empty), changed)
    assert leftovers(empty) == []


def spoilt_installation(source, folder, statement):
    """A copy of the installation in which somebody changed the database by hand."""
    shutil.copytree(source, folder)
    engine = sa.create_engine(f"sqlite:///{folder / 'tracker.sqlite'}")
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE audit_entries SET actor_name = 'Nobody' WHERE position = 7", "first at entry 7:"),
        ("UPDATE accreditation_counts SET count = count + 1", "differ from a recount"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
    ],
)
def test_what_does_not_hold_is_not_restored(source, tmp_path, statement, message):
    changed, empty = tmp_path / "changed", tmp_path / "empty"
    spoilt_installation(source, changed, statement)
    kept = tmp_path / "changed.backup"
    with application(changed).app_context():
        making.make(installation(changed), kept)
        db.engine.dispose()
    with pytest.raises(BackupRefused, match=message):
        restoring.verify(installation(empty), kept)
    with pytest.raises(BackupRefused, match=message):
        restoring.restore(installation(empty), kept)
    assert leftovers(empty) == []


def application(folder):
    return create_app(installation(folder))


def test_a_file_that_is_not_what_its_key_says(source, tmp_path):
    changed, empty = tmp_path / "changed", tmp_path / "empty"
    shutil.copytree(source, changed)
    one, other = sorted((changed / "files").glob("*/*"))[:2]
    one.write_bytes(other.read_bytes())
    with application(changed).app_context():
        making.make(installation(changed), tmp_path / "changed.backup")
        db.engine.dispose()
    with pytest.raises(BackupRefused, match=f"{one.name} does not hold what its key says"):
        restoring.restore(installation(empty), tmp_path / "changed.backup")
    assert leftovers(empty) == []


def test_a_file_that_was_lost_before_is_said_and_stops_nothing(source, tmp_path):
    changed, empty = tmp_path / "changed", tmp_path / "empty"
    shutil.copytree(source, changed)
    with application(changed).app_context():
        lost = sorted(set(files.named_keys(db.session.connection())))[0]
        (changed / "files" / lost[:2] / lost).unlink()
        made = making.make(installation(changed), tmp_path / "changed.backup")
        db.session.remove()
        db.engine.dispose()
    assert made.missing == [lost]
    found = restoring.restore(installation(empty), tmp_path / "changed.backup")
    assert found.manifest.missing == [lost]


def test_one_at_a_time_and_the_outcome_is_kept(source, tmp_path):
    busy = tmp_path / "busy"
    shutil.copytree(source, busy)
    with application(busy).app_context():
        making.make(installation(busy), tmp_path / "a.backup")
        first = last_backup.read(busy)
        with files.workplace(installation(busy)), pytest.raises(BackupRefused, match="under way"):
            making.make(installation(busy), tmp_path / "b.backup")
        with pytest.raises(BackupRefused, match="No such file"):
            making.make(installation(busy), tmp_path / "none" / "b.backup")
        db.engine.dispose()
    last = last_backup.read(busy)
    assert (last.outcome, last.made_at, last.size) == ("failed", first.made_at, first.size)
    assert "No such file" in last.reason
    assert not (tmp_path / "b.backup").exists()
    (busy / last_backup.NAME).write_text("{")
    assert last_backup.read(busy) is None


def test_opened_by_hand(source, tmp_path):
    """As the documentation says, with nothing but tar, age and a few lines."""
    with tarfile.open(source / "kept.backup") as archive:
        archive.extractall(tmp_path, filter="data")
    key = json.loads((tmp_path / "key.json").read_text())
    salt, cost = bytes.fromhex(key["salt"]), {name: key[name] for name in "nrp"}
    secret = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, dklen=32, maxmem=2**28, **cost)
    age_key = Fernet(base64.urlsafe_b64encode(secret)).decrypt(key["key"]).decode()
    identity = pyrage.x25519.Identity.from_str(age_key)
    clear = pyrage.decrypt((tmp_path / "content.age").read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(clear)) as archive:
        names = archive.getnames()
        (tmp_path / "x.sqlite").write_bytes(archive.extractfile("database.sqlite").read())
    assert (names[0], names[-1]) == (HEAD, MANIFEST)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.sqlite'}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM observers")) == 20
    raw = (source / "kept.backup").read_bytes()
    assert b"SQLite format" not in raw
    assert b"observers" not in raw
