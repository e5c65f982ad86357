"""One Chromium for all the tests of a process: Playwright serves one caller at a time."""

import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=30_000)  # a busy machine is not a fault

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


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
