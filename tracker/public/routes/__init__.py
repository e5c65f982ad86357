"""Pages and answers for everybody."""

from tracker.public.routes import check, lists, page
from tracker.public.routes.blueprint import blueprint

# They act for nobody and read no cookie: another site gains nothing by calling them.
WITHOUT_SESSION = (check.check, check.checks)

__all__ = ["WITHOUT_SESSION", "blueprint", "check", "lists", "page"]
