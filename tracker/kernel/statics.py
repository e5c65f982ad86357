"""Addresses of static files, with their content's digest so that they can be cached for good."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import request

STATIC = Path(__file__).parents[1] / "static"


def static_url(filename: str) -> str:
    """The address of a static file in this request."""
    return request.script_root + _static_path(filename)


@lru_cache
def _static_path(filename: str) -> str:
    content = (STATIC / filename).read_bytes()
    return f"/static/{filename}?v={hashlib.sha256(content).hexdigest()[:12]}"
