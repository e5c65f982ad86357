"""The real server on a copy of the demonstration, and a real Chromium to use it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.journeys.demonstration import PASSWORD, SECRET, demonstration
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


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The address of a server that runs as `tracker serve` runs it."""
    folder = tmp_path_factory.mktemp("served")
    app = demonstration(folder)
    with app.app_context():
        db.engine.dispose()
    port = free_port()
    environment = os.environ | {
        "TRACKER_INSTANCE": str(folder),
        "TRACKER_SECRET_KEY": SECRET,
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "tracker.cli", "serve"]
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    for _attempt in range(150):
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2)
            break
        except OSError:
            time.sleep(0.2)
    else:
        raise RuntimeError((folder / "server.log").read_text())
    yield address
    server.terminate()
    server.wait(timeout=20)
    log.close()


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for all tests: the system's, else playwright's own."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
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
