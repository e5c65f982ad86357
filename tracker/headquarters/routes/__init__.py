"""Pages that read all parts together; what changes something is a page of its own part."""

from tracker.headquarters.routes import (
    accreditation_list,
    attention,
    dashboard,
    delegations,
    digest,
    observers,
    search,
    styleguide,
    summary,
    totals,
)
from tracker.headquarters.routes.blueprint import blueprint

__all__ = [
    "accreditation_list",
    "attention",
    "blueprint",
    "dashboard",
    "delegations",
    "digest",
    "observers",
    "search",
    "styleguide",
    "summary",
    "totals",
]
