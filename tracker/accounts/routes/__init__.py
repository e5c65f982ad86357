"""Own account, the administration of users, and the links that open an account."""

from tracker.accounts.routes import links, own, users
from tracker.accounts.routes.blueprint import blueprint

__all__ = ["blueprint", "links", "own", "users"]
