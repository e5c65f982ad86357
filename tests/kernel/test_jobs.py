"""The queue of jobs: what stands in it was written by this installation."""

import pickle

import pytest

from tracker.kernel.jobs import Signed, jobs, queue

SECRET, OTHER = "a secret of thirty-two characters", "another one of thirty-two letters"


class Trap:
    """Unpickled, it leaves a file behind: so would any command."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("signature", [b"", bytes(32), b"x" * 31])
def test_what_somebody_else_puts_into_the_queue_is_not_opened(app, tmp_path, signature):
    left = tmp_path / "left"
    data = pickle.dumps(Trap(left))
    with app.app_context():
        jobs.huey.storage.enqueue(signature + data)
        with pytest.raises(ValueError, match="not signed"):
            jobs.huey.dequeue()
        jobs.huey.storage.put_data("progress-list-1", signature + data)
        assert jobs.progress("list-1") is None
    assert not left.exists()
    pickle.loads(data).close()  # else the test would prove nothing
    assert left.exists()


def test_the_next_job_is_done_all_the_same(app):
    with app.app_context():
        jobs.huey.storage.enqueue(pickle.dumps("nonsense"))
        jobs.enqueue("send_mail")
        with pytest.raises(ValueError, match="not signed"):
            jobs.huey.dequeue()
        task = jobs.huey.dequeue()
        assert task.args[0] == "send_mail"
        jobs.huey.execute(task)


def test_what_waits_outlives_another_secret(tmp_path):
    before = queue(tmp_path, None, [OTHER])
    before.put("progress", (1, 2))
    assert queue(tmp_path, None, [SECRET, OTHER]).get("progress", peek=True) == (1, 2)
    with pytest.raises(ValueError, match="not signed"):
        queue(tmp_path, None, [SECRET]).get("progress", peek=True)


def test_one_bit_is_one_too_many():
    signed = Signed([SECRET])
    data = signed.serialize({"name": "send_mail", "values": {"list_id": 1}})
    assert signed.deserialize(data) == {"name": "send_mail", "values": {"list_id": 1}}
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(ValueError, match="not signed"):
            signed.deserialize(bytes(altered))
