"""Pages on which headquarters writes, approves and publishes."""

from tracker.publications.routes import bulletins, notes
from tracker.publications.routes.blueprint import blueprint

__all__ = ["blueprint", "bulletins", "notes"]
