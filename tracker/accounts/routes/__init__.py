"""Own account, the administration of users, what opens an account, and tokens."""

from tracker.accounts.routes import links, own, provider, tokens, users
from tracker.accounts.routes.blueprint import blueprint
from tracker.accounts.routes.provider import WITHOUT_SESSION

__all__ = ["WITHOUT_SESSION", "blueprint", "links", "own", "provider", "tokens", "users"]
