"""For those who watch the service: machines ask whether it lives and what it counts,
administrators how it is and what it mails, strangers where to report a flaw."""

from tracker.ops import health, outbox, prometheus, security_txt, system
from tracker.ops.blueprint import blueprint
from tracker.ops.outbox import FAILURES, STATUSES, TONES

__all__ = [
    "FAILURES",
    "STATUSES",
    "TONES",
    "blueprint",
    "health",
    "outbox",
    "prometheus",
    "security_txt",
    "system",
]
