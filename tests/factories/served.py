"""The real server, in a process of its own, as `tracker serve` runs it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tests.journeys.demonstration import demonstration, environment
from tracker.kernel.database import db


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


class Served:
    """A server on a copy of the demonstration, or on what `build` puts into the folder, run as
    `tracker serve` runs it."""

    def __init__(self, folder: Path, build: Callable[[Path], Flask] = demonstration):
        with build(folder).app_context():
            db.engine.dispose()
        port = free_port()
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self._environment = os.environ | {
            **environment(folder),
            "PORT": str(port),
        }

    def set(self, **settings: str) -> None:
        """Settings beside those of the demonstration, from the next start on."""
        self._environment |= settings

    def run(self, *arguments: str) -> None:
        """A command of the `tracker` on the same installation."""
        command = [sys.executable, "-m", "tracker.cli", *arguments]
        subprocess.run(command, env=self._environment, check=True, capture_output=True)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [sys.executable, "-m", "tracker.cli", "serve"]
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        for _attempt in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/readyz", timeout=2)
                return
            except OSError:
                time.sleep(0.2)
        self.stop()
        raise RuntimeError((self.folder / "server.log").read_text())

    def stop(self) -> None:
        """End it as a signal does."""
        self.process.terminate()
        self.process.wait(timeout=20)
