"""Web workers killed while people write: whatever they were told is stored, is stored, once."""

import os
import random
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import psutil
import sqlalchemy as sa

from tests.factories import accounts
from tests.factories.postgresql import commands_of, kill
from tests.factories.served import free_port
from tests.faults.ground import Ground, prepare, settings_in
from tests.journeys.demonstration import PASSPHRASE, SECRET
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.permissions import Role
from tracker.logistics.models.duty import DutyNote

PAGE = "/e/kz-2022/duty/"
WRITERS, WORKERS = 3, 2


@contextmanager
def served(folder: Path, **environment: str):
    """`tracker serve` on the installation in `folder`: the process and its port."""
    port = free_port()
    whole = os.environ | {
        "TRACKER_INSTANCE": str(folder),
        "TRACKER_SECRET_KEY": SECRET,
        "TRACKER_SIGNING_PASSPHRASE": PASSPHRASE,
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "tracker.cli", "serve", "--workers", str(WORKERS)]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--no-jobs"], env=whole | environment, stdout=log, stderr=log
        )
    try:
        wait_until_ready(port)
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(port: int, seconds: float = 60) -> None:
    """Until the server answers that it is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError, HTTPException):
            if asked(port, "GET", "/readyz")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server is not ready")


def asked(
    port: int, method: str, path: str, cookie: str = "", fields: dict | None = None, **said: str
):
    """The status, headers and text of one answer; `said` are headers of the request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in said.items()}
    if cookie:
        headers["Cookie"] = cookie
    body = None
    if fields is not None:
        body = urlencode(fields)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def cookie_of(app, *roles: Role) -> str:
    """The header by which a new user with these roles is signed in."""
    with app.app_context():
        with unit_of_work(SYSTEM):
            user_id = accounts.user(*roles).id
        db.session.remove()
    client = accounts.browser(app, user_id)
    return "; ".join(f"{item.key}={item.value}" for item in client._cookies.values())


class NotServed(HTTPException):
    """What is under the server does not do its part: come back shortly."""


def form_at(port: int, path: str, cookie: str) -> tuple[str, str]:
    """The cookie after the page was shown, and the token of its forms."""
    status, headers, text = asked(port, "GET", path, cookie)
    if status == 503:
        raise NotServed
    assert status == 200, status
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)[1]
    new = headers.get("Set-Cookie", cookie).partition(";")[0]
    return new, token


class Writer(threading.Thread):
    """A person who writes notes; remembers those that were said to be stored."""

    def __init__(self, port: int, cookie: str, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._port, self._cookie = port, cookie
        self._ending = threading.Event()
        self.told: list[str] = []
        self.statuses: list[int] = []

    def run(self) -> None:
        """Write until it is enough."""
        number = 0
        while not self._ending.is_set():
            number += 1
            text = f"{self.name} note {number}"
            with suppress(OSError, HTTPException):  # the worker was killed: nothing was said
                cookie, token = form_at(self._port, PAGE, self._cookie)
                fields = {"csrf_token": token, "text": text, "kind": "note"}
                status, _headers, _text = asked(self._port, "POST", PAGE, cookie, fields)
                self.statuses.append(status)
                if status == 302:
                    self.told.append(text)

    def end(self) -> None:
        """Enough."""
        self._ending.set()
        self.join(60)


def workers_of(server: subprocess.Popen) -> list[psutil.Process]:
    """The web workers that live."""
    children = commands_of(psutil.Process(server.pid).children())
    return [each for each, command in children.items() if "resource_tracker" not in command]


def web_rounds(folder: Path, *, count: int, seed: int) -> int:
    """Kill `count` workers of one server, each at a random moment; how many notes were stored."""
    chance = random.Random(seed)
    settings = settings_in(folder)
    prepare(settings)
    ground = Ground(settings)
    cookie = cookie_of(ground.app, Role.COORDINATOR)
    with served(folder) as (server, port):
        writers = [Writer(port, cookie, f"writer {each}") for each in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _number in range(count):
            time.sleep(chance.uniform(0.1, 0.8))
            while not (found := workers_of(server)):
                time.sleep(0.05)
            kill(chance.choice(found))
            ground.check([])
        wait_until_ready(port)
        before = sum(len(writer.told) for writer in writers)
        end = time.monotonic() + 60
        while sum(len(writer.told) for writer in writers) <= before:  # it serves again
            assert time.monotonic() < end, "nobody is served any more"
            time.sleep(0.05)
        for writer in writers:
            writer.end()
    told = [text for writer in writers for text in writer.told]
    with ground.app.app_context():
        stored = list(db.session.scalars(sa.select(DutyNote.text)))
        db.session.remove()
    assert len(stored) == len(set(stored))
    assert set(told) <= set(stored), set(told) - set(stored)
    assert {status for writer in writers for status in writer.statuses} <= {302, 503}
    ground.check([], whole=True)
    ground.close()
    return count
