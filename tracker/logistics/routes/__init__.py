"""Pages on which headquarters arranges what delegations need."""

from tracker.logistics.routes import answers, assistance, assistance_steps
from tracker.logistics.routes.blueprint import blueprint

__all__ = ["answers", "assistance", "assistance_steps", "blueprint"]
