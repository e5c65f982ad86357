"""Pages of certificates, of their design and of the keys that sign them."""

from tracker.credentials.routes import (
    batches,
    certificate,
    certificates,
    checks,
    design,
    issue,
    keys,
)
from tracker.credentials.routes.blueprint import blueprint

__all__ = [
    "batches",
    "blueprint",
    "certificate",
    "certificates",
    "checks",
    "design",
    "issue",
    "keys",
]
