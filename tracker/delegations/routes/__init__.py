"""Pages that change delegations; headquarters shows them."""

from tracker.delegations.routes import delegations, focal_points, messages
from tracker.delegations.routes.blueprint import blueprint

__all__ = ["blueprint", "delegations", "focal_points", "messages"]
