"""Pages and answers for everybody."""

from flask import Flask

from tracker.config import Settings
from tracker.public.routes import check, lists, page
from tracker.public.routes.blueprint import blueprint

# They act for nobody and read no cookie: another site gains nothing by calling them.
WITHOUT_SESSION = (check.check, check.checks)

__all__ = ["WITHOUT_SESSION", "blueprint", "check", "init_app", "lists", "page"]


def init_app(app: Flask) -> None:
    """Count what networks send."""
    settings: Settings = app.config["SETTINGS"]
    check.init_app(app, settings.redis_url)
