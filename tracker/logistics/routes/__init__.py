"""Pages of logistics."""

from tracker.logistics.routes import intake, movements, points
from tracker.logistics.routes.blueprint import blueprint

__all__ = ["blueprint", "intake", "movements", "points"]
