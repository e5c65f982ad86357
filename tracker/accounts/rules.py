"""Passwords, addresses, attempts that lock, sessions that end, who needs a second factor, and what
tokens may do."""

import gzip
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from tracker.accounts.models import Attempt, Scope
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability, Role, capabilities_of
from tracker.kernel.text import normalize

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


# How somebody signed in whom the installation itself asked nothing, as sessions keep it.
BY_PROVIDER, BY_ENTRY = "oidc", "entry"
# What an administrator alone gives and takes, whatever a provider says: it needs a delegation.
NOT_BY_CLAIMS = frozenset({Role.FOCAL_POINT})
SKEW = timedelta(minutes=1)  # by which the provider's clock may differ from ours


@dataclass(frozen=True, kw_only=True)
class ProviderPerson:
    """A person as a validated ID token describes them."""

    issuer: str
    subject: str
    email: str = ""  # "" where there is none that is an address
    is_email_verified: bool = False
    name: str = ""
    claimed: frozenset[str] = frozenset()  # values of the claim that carries roles


def claimed_values(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """The texts of the claim `name`: one text, or those of a list.

    A dot leads into a claim that holds claims ("realm_access.roles"), unless a claim is called so.
    """
    found: Any = claims.get(name)
    if found is None and "." in name:
        outer, _dot, inner = name.partition(".")
        within = claims.get(outer)
        return claimed_values(within, inner) if isinstance(within, Mapping) else frozenset()
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(value for value in values if isinstance(value, str))


def roles_by_claims(
    claimed: Iterable[str], mapping: Mapping[str, frozenset[Role]], held: Iterable[str]
) -> frozenset[Role]:
    """The roles that somebody has from this sign-in on: those that the claims give, and of those
    they `held` only what claims neither give nor take. Empty: they may not come in."""
    given = frozenset[Role]().union(*(mapping.get(value, frozenset()) for value in claimed))
    return (given - NOT_BY_CLAIMS) | (NOT_BY_CLAIMS & frozenset(map(Role, held)))


def person_of(claims: Mapping[str, Any], role_claim: str) -> ProviderPerson:
    """The person whom the claims of an ID token describe (OpenID Connect Core 1.0, 5.1).

    An address is verified where the provider says so with the word true and nothing like it.
    """
    given = {name: value for name, value in claims.items() if isinstance(value, str)}
    email = given.get("email", "").strip().lower()
    name = normalize(given.get("name", "")) or normalize(given.get("preferred_username", ""))
    return ProviderPerson(
        issuer=given["iss"],
        subject=given["sub"],
        email=email if is_email(email) else "",
        is_email_verified=claims.get("email_verified") is True,
        name=name[:200],
        claimed=claimed_values(claims, role_claim),
    )


def authenticated_at(claims: Mapping[str, Any], now: datetime) -> float:
    """When the person proved to the provider who they are, in seconds; 0 where it does not say.

    Not the moment of sign-in here: the provider may have asked for nothing for days.
    """
    found = claims.get("auth_time")
    if not isinstance(found, int | float) or isinstance(found, bool):
        return 0
    if not 0 < found <= (now + SKEW).timestamp():
        return 0
    return min(float(found), now.timestamp())


def is_confirmed(authenticated: float, asked_at: float) -> bool:
    """Whether the provider asked the person anew once we had asked it to; both in seconds."""
    return authenticated >= asked_at - SKEW.total_seconds()


MOST_BOUNCES = 2  # messages that came back before an address is called out of use
INVITATION_LASTS = timedelta(hours=72)
ENTRY_LASTS = timedelta(minutes=15)
RECOVERY_LASTS = timedelta(hours=24)  # to be confirmed, and once more to be used

TOKEN_PREFIX = "eomt_"  # noqa: S105 - by which scanners for leaked secrets know one
LONGEST_TOKEN_DAYS = 365
NAMES_OF_TOKENS = 80  # characters

_C = Capability
# What a token may be used for; what no scope names, only a person does who is signed in.
SCOPES: dict[Scope, frozenset[Capability]] = {
    Scope.READ: frozenset(
        {_C.VIEW_HEADQUARTERS, _C.VIEW_DELEGATIONS, _C.VIEW_DIRECTORIES, _C.VIEW_MESSAGES}
    ),
    Scope.PERSONAL: frozenset({_C.SEE_BIRTH_DATES, _C.SEE_DOCUMENT_NUMBERS}),
    Scope.REGISTER: frozenset({_C.DELIVER_LISTS, _C.EDIT_OBSERVERS}),
    Scope.SUBMIT: frozenset({_C.SUBMIT_OBSERVERS}),
    Scope.DECIDE: frozenset({_C.DECIDE_SUBMISSIONS}),
    Scope.MEETINGS: frozenset({_C.REQUEST_MEETINGS, _C.SCHEDULE_MEETINGS}),
    Scope.ASSISTANCE: frozenset({_C.ASK_ASSISTANCE, _C.CONFIRM_RECEIPT, _C.WRITE_MESSAGES}),
}
# Whose work another system may do: it then holds nothing that no person could hold together.
SERVICE_ROLES = (Role.REGISTRAR, Role.COORDINATOR, Role.OFFICIAL, Role.COMMISSION, Role.AUDITOR)


def capabilities_in(scopes: Iterable[Scope]) -> frozenset[Capability]:
    """Everything that a token with these scopes may do at most, whoever holds it."""
    return frozenset({_C.PUBLIC, _C.SIGNED_IN}).union(*(SCOPES[scope] for scope in scopes))


def scopes_for(roles: Iterable[Role]) -> tuple[Scope, ...]:
    """The scopes that say anything to the holder of these roles, in the order of the table."""
    held = capabilities_of(frozenset(roles))
    return tuple(scope for scope, capabilities in SCOPES.items() if capabilities & held)


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


def capability_to_give(roles: Iterable[str]) -> Capability:
    """What it takes to give out an account with these roles: one that sees single delegations only
    is less than what whoever keeps delegations sees."""
    is_focal_point = set(roles) == {Role.FOCAL_POINT.value}
    return Capability.INVITE_FOCAL_POINTS if is_focal_point else Capability.ADMINISTER
