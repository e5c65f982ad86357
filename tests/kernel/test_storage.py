"""The same file stored by several at once is stored once, whole."""

import threading

from tracker.kernel.storage import storage

WORKERS, ROUNDS = 8, 40


def test_several_store_the_same_content_at_once(app):
    barrier, faults = threading.Barrier(WORKERS), []

    def put():
        for number in range(ROUNDS):
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
    folder = app.config["SETTINGS"].instance / "files"
    assert len([each for each in folder.rglob("*") if each.is_file()]) == ROUNDS
