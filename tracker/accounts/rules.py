"""Passwords, addresses and lock-outs."""

import re
from datetime import timedelta

from tracker.kernel.i18n import N_

SHORTEST_PASSWORD = 12
FAILURES_ALLOWED = 5
LOCK_WINDOW = timedelta(minutes=15)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
COMMON = frozenset(
    {"password", "passw0rd", "qwertyuiop", "123456789012", "administrator", "letmein", "welcome"}
)


def password_problem(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why a password will not do, as a msgid; None where it will (NIST SP 800-63B, 5.1.1.2)."""
    folded = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        return N_("A password has at least 12 characters.")
    if len(set(folded)) < 5 or any(word in folded and len(folded) < 20 for word in COMMON):
        return N_("This password is too easy to guess.")
    local = email.split("@", maxsplit=1)[0].casefold()
    parts = [local, *name.casefold().split()]
    if any(len(part) > 3 and part in folded for part in parts):
        return N_("A password must not contain the name or address of its owner.")
    return None


def is_email(text: str) -> bool:
    """Whether `text` has the shape of an address."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


def is_locked(recent_failures: int) -> bool:
    """Whether so many failures within the window lock an identity."""
    return recent_failures >= FAILURES_ALLOWED
