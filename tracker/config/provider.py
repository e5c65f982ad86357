"""The identity provider: who vouches for people of this installation, and for which roles.

OpenID Connect Core 1.0; what the provider is and can do is read from its own metadata (OpenID
Connect Discovery 1.0), so that nothing but its name stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tracker.config.reading import SettingsError, given_or_in_file, is_loopback
from tracker.kernel.permissions import Role

NAMES = (
    *("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_SECRET_FILE"),
    *("ROLES", "ROLE_CLAIM", "LABEL", "ACR"),
)


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """One provider, and what its words mean here."""

    issuer: str  # exactly as it writes itself
    client_id: str
    client_secret: str = field(repr=False)
    roles: Mapping[str, frozenset[Role]] = field(hash=False)  # by a value of the claim below
    role_claim: str = "groups"
    label: str = ""  # what its button is called
    acr: tuple[str, ...] = ()  # ways to sign in there that are good enough; empty: all of its own


def identity_provider(environ: Mapping[str, str]) -> IdentityProvider | None:
    """The provider; None where no setting names one. Nothing here repeats the secret."""
    given = {name: environ.get(f"TRACKER_OIDC_{name}", "").strip() for name in NAMES}
    if not any(given.values()):
        return None
    secret = given_or_in_file(environ, "TRACKER_OIDC_CLIENT_SECRET")
    if not (given["ISSUER"] and given["CLIENT_ID"] and secret and given["ROLES"]):
        raise SettingsError(
            "TRACKER_OIDC_ISSUER, TRACKER_OIDC_CLIENT_ID, TRACKER_OIDC_CLIENT_SECRET (or …_FILE) "
            "and TRACKER_OIDC_ROLES are set all or not at all."
        )
    return IdentityProvider(
        issuer=_issuer(given["ISSUER"]),
        client_id=given["CLIENT_ID"],
        client_secret=secret,
        roles=_roles(given["ROLES"]),
        role_claim=given["ROLE_CLAIM"] or "groups",
        label=given["LABEL"] or urlsplit(given["ISSUER"]).hostname or given["ISSUER"],
        acr=tuple(given["ACR"].split()),
    )


def _issuer(text: str) -> str:
    """An issuer is an https URL without query and fragment (OpenID Connect Core 1.0, section 2)."""
    try:
        url = urlsplit(text)
        is_reached = url.scheme == "https" or (
            url.scheme == "http" and is_loopback(url.hostname or "")
        )
        is_plain = bool(url.hostname) and not (url.query or url.fragment or "@" in url.netloc)
    except ValueError:
        is_reached = is_plain = False
    if not is_reached or not is_plain:
        raise SettingsError(
            "TRACKER_OIDC_ISSUER must be the provider's issuer, exactly as it writes itself: "
            "https://login.mfa.example.org/realms/staff"
        )
    return text


def _roles(text: str) -> dict[str, frozenset[Role]]:
    """`value=role; value=role`, where a value may hold commas and equals signs, as names of
    directories do; one that stands twice gives both roles."""
    found: dict[str, frozenset[Role]] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        value, _equals, name = (each.strip() for each in part.rpartition("="))
        if not value or name not in set(Role):
            raise SettingsError(
                f"TRACKER_OIDC_ROLES: {part!r} is not value=role; "
                f"the roles are {', '.join(sorted(set(Role) - {Role.FOCAL_POINT}))}."
            )
        if name == Role.FOCAL_POINT:
            raise SettingsError(
                "TRACKER_OIDC_ROLES: a focal point belongs to a delegation and is named by an "
                "administrator, never by the provider."
            )
        found[value] = found.get(value, frozenset()) | {Role(name)}
    if not found:
        raise SettingsError("TRACKER_OIDC_ROLES names no role: write value=role; value=role.")
    return found
