"""Pages of logistics."""

from tracker.logistics.routes import movements, points
from tracker.logistics.routes.blueprint import blueprint

__all__ = ["blueprint", "movements", "points"]
