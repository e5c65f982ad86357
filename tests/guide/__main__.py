"""`make guide`: makes the pictures of the guide anew, on the demonstration, in three languages.

The demonstration's clock is set back before each picture, so that making them again changes little.
"""

import argparse
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.factories.chromium import CHROMIUM
from tests.factories.served import Served
from tests.guide.pictures import PICTURES, Picture
from tests.journeys.demonstration import PASSWORD
from tracker.demonstration import installation
from tracker.help.queries import guide_folder
from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Role

WIDTH = 1280  # pixels
LARGEST = 46_000  # bytes: eighty of them stay under four megabytes
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def main() -> None:
    """Make all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to make; all without one")
    wanted = parser.parse_args().names
    chosen = [each for each in PICTURES if not wanted or each.name in wanted]
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as server:
        path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            failed = [
                name for language in LANGUAGES for name in _make(browser, server, language, chosen)
            ]
            browser.close()
    if failed:
        raise SystemExit(f"not made: {', '.join(failed)}")


@contextmanager
def _served(folder: Path) -> Iterator[Served]:
    server = Served(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _make(browser: Browser, server: Served, language: str, chosen: list[Picture]) -> Iterator[str]:
    """Make the pictures of a language; gives those that could not be made."""
    for role in dict.fromkeys(each.role for each in chosen):
        context = browser.new_context(
            base_url=server.address,
            locale={"en": "en-GB", "ru": "ru-RU", "kk": "kk-KZ"}[language],
            color_scheme="light",
            viewport={"width": WIDTH, "height": 800},
            reduced_motion="reduce",
        )
        context.add_cookies([{"name": "language", "value": language, "url": server.address}])
        page = context.new_page()
        if role is not None:
            _sign_in(page, role, language)
        for picture in (each for each in chosen if each.role is role):
            _set_clock_back(server)
            try:
                _take(page, picture, language)
            except PlaywrightError as error:
                print(f"{language}/{picture.name}: {error}", flush=True)
                yield f"{language}/{picture.name}"
        context.close()


def _sign_in(page: Page, role: Role, language: str) -> None:
    page.goto("/sign-in")
    page.fill("#email", installation.address_of(role))
    page.fill("#password", PASSWORD)
    page.click("button.big")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto("/account")
    page.click(
        f"header .seg button[value={language}]"
    )  # the account's, which comes before the cookie


def _set_clock_back(server: Served) -> None:
    offset = (installation.START - datetime.now(UTC)).total_seconds()
    partial = server.folder / "demonstration_clock.partial"
    partial.write_text(json.dumps({"offset_seconds": offset}))
    partial.replace(server.folder / "demonstration_clock.json")


def _take(page: Page, picture: Picture, language: str) -> None:
    page.goto(picture.path.format(lang=language))
    page.wait_for_selector(picture.wait)
    page.evaluate("document.fonts.ready")
    taken = page.screenshot(full_page=bool(picture.show), animations="disabled", caret="hide")
    with Image.open(io.BytesIO(taken)) as image:
        shown = image.convert("RGB").crop(_part(page, picture, image))
    file = guide_folder(language) / "images" / f"{picture.name}.webp"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(_small(shown))


def _part(page: Page, picture: Picture, image: Image.Image) -> tuple[int, int, int, int]:
    """What of the page is shown, in pixels: left, top, right, bottom."""
    if not picture.show:
        return 0, 0, image.width, min(image.height, picture.height)
    box = page.locator(picture.show).first.bounding_box()
    if box is None:
        raise PlaywrightError(f"nothing is shown as {picture.show}")
    left, top = round(box["x"]), round(box["y"])
    return left, top, left + round(box["width"]), top + round(min(box["height"], picture.height))


def _small(image: Image.Image) -> bytes:
    """WebP of the best quality that fits."""
    for quality in range(82, 20, -6):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise RuntimeError("show a smaller part of the page")


if __name__ == "__main__":
    main()
