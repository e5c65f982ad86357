"""The real server on a copy of the demonstration, and a real Chromium to use it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import sync_playwright

from tests.journeys.demonstration import PASSWORD, demonstration, environment
from tracker.demonstration import installation
from tracker.demonstration.portraits import draw_portrait
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.permissions import Role

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of a server that tests share."""
    server = Served(tmp_path_factory.mktemp("served"))
    server.start()
    yield server.address
    server.stop()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Where the film lies that the camera of `chromium` sees (Motion JPEG); written by a test."""
    return tmp_path_factory.mktemp("camera") / "film.mjpeg"


@pytest.fixture(scope="session")
def chromium(film):
    """One Chromium for all tests: the system's, else playwright's own."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    camera.append(f"--use-file-for-fake-video-capture={film}")
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *camera],
        )
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium, address):
    """Opens a page as the demonstration's person of a role; console errors fail the test."""
    contexts, problems = [], []

    def signed_in(role: Role, **options):
        context = chromium.new_context(base_url=address, **{"locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/sign-in")
        page.fill("#email", installation.address_of(role))
        page.fill("#password", PASSWORD)
        page.click("button.big")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    signed_in.problems = problems
    yield signed_in
    for context in contexts:
        context.close()
    unexpected = [text for text in problems if "422" not in text and "409" not in text]
    assert unexpected == []


@pytest.fixture
def portrait(tmp_path) -> Path:
    """A picture to upload."""

    path = tmp_path / "portrait.jpg"
    path.write_bytes(draw_portrait("browser", is_woman=False))
    return path


@pytest.fixture(autouse=True)
def _real_clock():
    yield
    clock.set_offset(timedelta())
