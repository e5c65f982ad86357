"""Pages of certificates and of the keys that sign them."""

from tracker.credentials.routes.blueprint import blueprint

__all__ = ["blueprint"]
