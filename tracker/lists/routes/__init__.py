"""Pages on which focal points prepare lists and send them, and registrars take them in."""

from tracker.lists.routes import lists, typed, work
from tracker.lists.routes.blueprint import blueprint

__all__ = ["blueprint", "lists", "typed", "work"]
