"""The routes of the interface for programs."""

from flask import Flask

from tracker.api import limits, problems
from tracker.api.blueprint import blueprint
from tracker.api.door import DOOR
from tracker.api.routes import (
    decisions,
    directories,
    document,
    lists,
    logistics,
    meetings,
    messages,
    observers,
    public,
    registering,
)
from tracker.api.routes.document import reference
from tracker.config import Settings

__all__ = [
    "DOOR",
    "blueprint",
    "decisions",
    "directories",
    "document",
    "init_app",
    "lists",
    "logistics",
    "meetings",
    "messages",
    "observers",
    "public",
    "reference",
    "registering",
]


def init_app(app: Flask) -> None:
    """Count callers, and tell of problems."""
    settings: Settings = app.config["SETTINGS"]
    limits.init_app(app, rate=settings.api_rate, redis_url=settings.redis_url)
    problems.init_app(app)
