"""Pages on which headquarters writes, approves and publishes."""

from tracker.publications.routes.blueprint import blueprint

__all__ = ["blueprint"]
