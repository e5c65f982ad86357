"""The public site: each number has a moment, a definition and a history, in three languages."""

from tracker.public.site import apply, bulletins, data, display, feeds, home, notes, register
from tracker.public.site.blueprint import PREFIXES, blueprint

__all__ = [
    "PREFIXES",
    "apply",
    "blueprint",
    "bulletins",
    "data",
    "display",
    "feeds",
    "home",
    "notes",
    "register",
]
