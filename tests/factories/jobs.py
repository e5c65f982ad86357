"""What the job process does, done here and now, and waiting for what processes do by themselves."""

import time
from collections.abc import Callable

import pytest

from tracker.kernel.jobs import jobs


def work() -> None:
    """What the job process would do with what was given out."""
    while task := jobs.huey.dequeue():
        jobs.huey.execute(task)


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    """Until it is so; fails after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} seconds")
