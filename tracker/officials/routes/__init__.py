"""Pages on which a coordinator keeps whom delegations meet, where, and when they are free."""

from tracker.officials.routes import availability, directory, travel
from tracker.officials.routes.blueprint import blueprint

__all__ = ["availability", "blueprint", "directory", "travel"]
