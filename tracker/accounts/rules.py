"""Passwords, addresses, attempts that lock, sessions that end, and who needs a second factor."""

import gzip
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path

from tracker.accounts.models import Attempt
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
COMMON = frozenset(
    {"password", "passw0rd", "qwertyuiop", "123456789012", "administrator", "letmein", "welcome"}
)
# Words of this work, which a guesser tries first; docs/security.md names them.
CONTEXT = (
    *("administrator", "registrar", "coordinator", "commission", "official", "auditor"),
    *("accreditation", "certificate", "delegation", "observers", "observer", "observation"),
    *("elections", "election", "referendum", "ministry", "foreign affairs", "mission", "tracker"),
    *("наблюдател", "делегаци", "аккредитаци", "удостоверени", "министерств", "мисси", "выбор"),
    *("байқаушы", "делегация", "аккредитте", "куәлік", "министрл", "миссия", "сайлау"),
    *("osce", "odihr", "kazakhstan", "қазақстан", "казахстан", "astana", "астана"),
)
LEAST_BESIDE = 8  # characters that a password has beside these words
# Passwords of at least twelve characters out of known breaches; data/README.md names the source.
BREACHED = Path(__file__).parent / "data" / "breached_passwords.txt.gz"


def normalized_password(password: str) -> str:
    """A password as it is hashed: the same however its letters were composed (NFKD)."""
    return unicodedata.normalize("NFKD", password)


@lru_cache
def _breached() -> frozenset[str]:
    with gzip.open(BREACHED, "rt", encoding="utf-8") as lines:
        return frozenset(line.rstrip("\n") for line in lines)


def _beside_context(folded: str) -> str:
    """What is left of a password without the words that everybody here knows."""
    for word in sorted(CONTEXT, key=len, reverse=True):
        folded = folded.replace(unicodedata.normalize("NFKC", word), "")
    return folded


def password_problem(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why a password will not do, as a msgid; None where it will (NIST SP 800-63B, 5.1.1.2)."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < SHORTEST_PASSWORD:
        return N_("A password has at least 12 characters.")
    if len(password) > LONGEST_PASSWORD:
        return N_("A password has at most 128 characters.")
    if folded in _breached():
        return N_("This password is known from stolen lists of passwords. Choose another.")
    if len(set(folded)) < 5 or any(word in folded and len(folded) < 20 for word in COMMON):
        return N_("This password is too easy to guess.")
    if len(_beside_context(folded)) < LEAST_BESIDE:
        return N_("This password is too easy to guess.")
    local = email.split("@", maxsplit=1)[0].casefold()
    parts = [local, *name.casefold().split()]
    if any(len(part) > 3 and part in folded for part in parts):
        return N_("A password must not contain the name or address of its owner.")
    return None


def is_email(text: str) -> bool:
    """Whether `text` has the shape of an address."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None


WINDOW = timedelta(minutes=15)
# How many failures within the window lock: few for one account, more for a network, behind
# which a whole ministry may sit.
LIMITS = {
    Attempt.ACCOUNT: 5,
    Attempt.SECOND_FACTOR: 5,
    Attempt.AGAIN: 5,
    Attempt.NETWORK: 60,
    Attempt.LINK: 20,
    Attempt.CERTIFICATE_NUMBER: 40,
}


def is_locked(attempt: Attempt, recent_failures: int) -> bool:
    """Whether so many failures within the window lock."""
    return recent_failures >= LIMITS[attempt]


def network_of(address: str | None) -> str | None:
    """Whom attempts from `address` count against: an IPv4 address, or the /64 that one IPv6
    subscriber holds (RFC 6177). None for this machine itself, a proxy that nobody named: to
    lock it would lock everybody out."""
    try:
        parsed = ip_address((address or "").split("%", maxsplit=1)[0])
    except ValueError:
        return None
    if parsed.is_loopback:
        return None
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, 64), strict=False))


@dataclass(frozen=True)
class SessionLimits:
    """When a session ends by itself (OWASP ASVS 5.0, 7.3)."""

    idle: timedelta = timedelta(minutes=60)  # since a person last did something
    longest: timedelta = timedelta(hours=12)  # since sign-in

    def is_over(self, *, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Whether the session has ended at `now`."""
        return now - seen_at >= self.idle or now - started_at >= self.longest


NOTED_EVERY = timedelta(minutes=1)  # how exactly the last use of a session is kept

# A fresh sign-in is one so recent; what needs one is declared on its route.
FRESH = timedelta(minutes=15)
ALWAYS_SECOND_FACTOR = frozenset({Role.ADMINISTRATOR})


def needs_second_factor(roles: Iterable[str], required: frozenset[Role]) -> bool:
    """Whether somebody with these roles must have a passkey or a second factor."""
    return not frozenset(roles).isdisjoint(required | ALWAYS_SECOND_FACTOR)


INVITATION_LASTS = timedelta(hours=72)
RECOVERY_LASTS = timedelta(hours=24)  # to be confirmed, and once more to be used

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("YaBrowser", "Yandex"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """What a browser says of itself, in two names that its user knows again; empty if neither."""
    names = [
        next((name for mark, name in table if mark in user_agent), "")
        for table in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, names))
