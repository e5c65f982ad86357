"""Pages that change observers and their standing; headquarters shows them."""

from tracker.accreditation.routes import decisions, duplicates, observers, papers
from tracker.accreditation.routes.blueprint import blueprint

__all__ = ["blueprint", "decisions", "duplicates", "observers", "papers"]
