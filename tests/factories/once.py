"""What a run of the tests makes once, by whichever of its processes comes first."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

RUN = "TRACKER_TEST_RUN"  # the folder of this run; processes that it starts inherit it


def begin() -> None:
    """Give this run its folder, which goes with the process that began it."""
    if RUN in os.environ:
        return
    owner, folder = os.getpid(), tempfile.mkdtemp(prefix="tracker-run-")
    os.environ[RUN] = folder

    def end() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)


def made(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, filled by `make` where nobody has yet; others wait meanwhile."""
    begin()
    run = Path(os.environ[RUN])
    folder, whole = run / name, run / f"{name}.made"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that died over it
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
