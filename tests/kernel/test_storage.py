"""Files are kept in a folder or in a bucket, and nobody who uses them can tell which."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories import records, stores
from tracker.app import create_app
from tracker.kernel import places, rotation
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, expect_writes, unit_of_work
from tracker.kernel.encryption import keyring
from tracker.kernel.outage import is_outage
from tracker.kernel.places import Bucket, FileStoreUnavailable, place_of
from tracker.kernel.storage import storage
from tracker.retention import files as retention_files

WORKERS = 8
NOBODY = "0" * 64


@pytest.fixture(scope="module")
def store():
    with stores.served() as server:
        yield server


@pytest.fixture(params=["folder", "bucket"])
def place(request, app):
    """Each place in turn, empty; the application's storage is there."""
    settings = app.config["SETTINGS"]
    url = request.getfixturevalue("store").bucket() if request.param == "bucket" else None
    found = place_of(settings.instance, url)
    storage.configure(found)
    return found


def test_what_is_put_is_got_and_its_name_is_its_digest(place):
    key = storage.put(b"a portrait")
    assert len(key) == 64
    assert storage.get(key) == b"a portrait"
    assert storage.put(b"a portrait") == key
    assert list(storage.names()) == [key]
    assert b"a portrait" not in storage.sealed(key)
    assert storage.size(key) == len(storage.sealed(key))
    assert storage.beginning(key, 5) == storage.sealed(key)[:5]


def test_names_are_all_there_and_in_order(place, monkeypatch):
    monkeypatch.setattr(places, "LISTED_AT_ONCE", 20)
    # Other objects of the bucket are none of ours.
    keys = {storage.put(b"%d" % number) for number in range(60)}
    storage.place.check()
    storage.settle()
    assert list(storage.names()) == sorted(keys)


@pytest.mark.parametrize("key", [NOBODY, "../../etc/passwd", "", "A" * 64])
def test_what_is_not_there_is_a_missing_file_and_no_outage(place, key):
    for ask in (storage.get, storage.sealed, lambda each: storage.beginning(each, 3)):
        with pytest.raises(FileNotFoundError) as missing:
            ask(key)
        assert not is_outage(missing.value)
    assert storage.place.size(NOBODY) == 0
    storage.delete(NOBODY)


def test_what_is_deleted_is_gone_and_does_not_come_back(place):
    key = storage.put(b"a scan")
    storage.settle()
    storage.delete(key)
    assert storage.size(key) == 0
    assert not storage.replace(key, keyring.encrypt(b"a scan"))
    assert list(storage.names()) == []


def test_another_ciphertext_takes_the_place_of_one(place):
    key = storage.put(b"a scan")
    storage.settle()
    other = keyring.encrypt(b"a scan")
    assert storage.replace(key, other)
    assert storage.sealed(key) == other
    assert storage.get(key) == b"a scan"


def test_files_are_found_by_how_long_they_have_been_there(place):
    key = storage.put(b"an old scan")
    storage.settle()
    assert list(storage.keys(older_than=timedelta(hours=1))) == []
    assert list(storage.keys(older_than=timedelta(seconds=-5))) == [key]


def test_a_commit_waits_for_every_file(place, app):
    with app.app_context():
        expect_writes(True)
        keys = [storage.put(os.urandom(50_000)) for _number in range(50)]
        records.organization()
        db.session.commit()
        assert set(place.names()) == set(keys)


def test_a_large_file_is_kept_whole(place):
    content = os.urandom(30_000_000)
    key = storage.put(content)
    storage.settle()
    assert storage.get(key) == content


def test_it_says_that_it_can_store_and_leaves_no_file(place):
    storage.place.check()
    assert list(storage.names()) == []


def test_several_store_the_same_content_at_once(place):
    rounds = 8 if type(place) is Bucket else 40
    barrier, faults = threading.Barrier(WORKERS), []

    def put():
        for number in range(rounds):
            content = f"paper {number}".encode() * 5_000
            barrier.wait()
            try:
                assert storage.get(storage.put(content)) == content
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=put) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(list(storage.names())) == rounds


def test_the_folder_holds_nothing_beside_the_files(app):
    storage.put(b"a scan")
    folder = app.config["SETTINGS"].instance / "files"
    assert len([each for each in folder.rglob("*") if each.is_file()]) == 1


def test_a_store_that_is_gone_refuses_the_commit_and_comes_back_by_itself(app):
    with stores.served() as server:
        url = server.bucket("kept")
        storage.configure(place_of(app.config["SETTINGS"].instance, url))
        key = storage.put(b"before")
        storage.settle()
        server.stop()
        with app.app_context():
            expect_writes(True)
            storage.put(b"meanwhile")
            records.organization()
            began = time.monotonic()
            with pytest.raises(FileStoreUnavailable) as gone:
                db.session.commit()
            assert time.monotonic() - began < 30  # and not for ever
            assert is_outage(gone.value)
            db.session.rollback()
            assert db.session.scalar(text("SELECT count(*) FROM organizations")) == 0
            for ask in (lambda: storage.get(key), lambda: list(storage.names())):
                with pytest.raises(FileStoreUnavailable):
                    ask()
            with pytest.raises(FileStoreUnavailable):
                storage.place.check()
            server.start()
            server.bucket("kept")
            storage.put(b"afterwards")
            records.organization()
            db.session.commit()
            assert db.session.scalar(text("SELECT count(*) FROM organizations")) == 1


def test_a_bucket_that_does_not_exist_is_no_missing_file(app, store):
    url = f"s3://nowhere-at-all/x?endpoint_url={store.endpoint}"
    storage.configure(place_of(app.config["SETTINGS"].instance, url))
    storage.put(b"a scan")
    with pytest.raises(FileStoreUnavailable, match="does not exist"):
        storage.settle()


def test_local_files_load_no_driver(tmp_path):
    """Start-up costs the same as without the possibility."""
    code = (
        "import sys; from tracker.app import create_app; create_app();"
        "print([name for name in ('s3fs', 'aiobotocore', 'botocore', 'aiohttp') "
        "if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TRACKER_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


def test_the_application_keeps_its_files_where_its_settings_say(app, store):
    settings = replace(app.config["SETTINGS"], files_url=store.bucket())
    create_app(settings)
    key = storage.put(b"a scan")
    storage.settle()
    assert list(place_of(settings.instance, settings.files_url).names()) == [key]
    assert not (settings.instance / "files").exists()


def test_keys_are_rotated_in_either_place(place, app):
    with app.app_context():
        with unit_of_work(SYSTEM):
            key = storage.put(b"a scan")
            number = rotation.begin_rotation(actor=SYSTEM, is_forced=True)
        done = rotation.re_encrypt(actor=SYSTEM)
        assert (done.files, done.unreadable) == (1, [])
        assert storage.sealed(key).startswith(b"%d." % number)
        assert storage.get(key) == b"a scan"
        assert rotation.values_under([number])[number] >= 1


def test_what_no_row_names_is_taken_away_in_either_place(place, app, monkeypatch):
    monkeypatch.setattr(retention_files, "UNNAMED_FOR", timedelta(seconds=-5))
    with app.app_context(), unit_of_work(SYSTEM):
        records.observer(portrait=storage.put(b"a portrait"))
        unnamed = storage.put(b"of nobody")
        db.session.flush()
        assert list(retention_files.unnamed()) == [unnamed]
        assert retention_files.delete_unnamed()["portraits"]["files"] == 1
        assert list(storage.names()) == [storage.put(b"a portrait")]
