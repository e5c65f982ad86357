"""Addresses of static files, with their content's digest so that they can be cached for good."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import request

from tracker.kernel.i18n import language

STATIC = Path(__file__).parents[1] / "static"
# What a page is written in by its language: asked for with the page, so that its words are drawn in
# it at once and nothing moves.
FONTS = {
    "en": ("golos-text-latin-wght-normal.woff2",),
    "ru": ("golos-text-cyrillic-wght-normal.woff2", "golos-text-latin-wght-normal.woff2"),
    "kk": (
        "golos-text-cyrillic-wght-normal.woff2",
        "golos-text-cyrillic-ext-wght-normal.woff2",
        "golos-text-latin-wght-normal.woff2",
    ),
}


def text_fonts() -> list[str]:
    """The addresses of the fonts that a page in the reader's language is written in."""
    return [f"{request.script_root}/static/fonts/{name}" for name in FONTS[language()]]


def static_url(filename: str) -> str:
    """The address of a static file in this request."""
    return request.script_root + _static_path(filename)


@lru_cache
def _static_path(filename: str) -> str:
    content = (STATIC / filename).read_bytes()
    return f"/static/{filename}?v={hashlib.sha256(content).hexdigest()[:12]}"
