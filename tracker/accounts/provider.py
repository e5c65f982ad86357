"""The identity provider as Authlib speaks to it: OpenID Connect, authorization code with PKCE.

Every token is checked by the library; here it is told what to demand: this issuer and audience,
signatures by the provider's own keys alone, a nonce of this browser's own attempt. What the
provider's metadata says is believed only of the issuer that the settings name (OpenID Connect
Discovery 1.0, 4.3), no address that it gives is followed further, and its keys are asked for again
each hour, so that one that was withdrawn opens nothing for long.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, current_app, request, session, url_for
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from tracker.accounts.rules import (
    SKEW,
    ProviderPerson,
    authenticated_at,
    is_confirmed,
    person_of,
)
from tracker.config import IdentityProvider, Settings
from tracker.kernel import clock
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Role

# Signatures by a key that only the provider has: neither "none" nor a secret that we share.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
KEPT = 3600  # seconds that metadata and keys are believed without asking again
TIMEOUT = 10  # seconds that the provider may take to answer us
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_LASTS = 120  # seconds (OpenID Connect Back-Channel Logout 1.0, 2.4)
STATE = "_state_provider_"  # what the library calls an attempt in the session


class Failure(StrEnum):
    """Why a way through the provider led to nothing."""

    NOT_SET_UP = "not_set_up"
    UNREACHABLE = "unreachable"
    STATE = "state"
    DENIED = "denied"
    TOKEN = "token"  # noqa: S105 - a word, not a token
    WEAK = "weak"
    NOT_CONFIRMED = "not_confirmed"
    OTHER_PERSON = "other_person"
    LOCKED = "locked"


FAILURES = {
    Failure.NOT_SET_UP: N_("No identity provider is set up here."),
    Failure.UNREACHABLE: N_("The provider does not answer. Try again in a few minutes."),
    Failure.STATE: N_(
        "This answer of the provider was used already, or was meant for another browser."
    ),
    Failure.DENIED: N_("The provider did not let you in."),
    Failure.TOKEN: N_("What the provider answered is not valid. Tell an administrator."),
    Failure.WEAK: N_("The way in which you signed in at the provider is not strong enough here."),
    Failure.NOT_CONFIRMED: N_(
        "The provider did not say that it has asked you anew. What you wanted needs that."
    ),
    Failure.OTHER_PERSON: N_("You signed in at the provider as somebody else."),
    Failure.LOCKED: N_("Too many attempts failed. Wait fifteen minutes."),
}


class ProviderFailure(Exception):
    """The provider, or what pretends to be its answer, vouches for nobody."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


# What an answer that is none of the provider's can make the libraries raise.
BROKEN = (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, RuntimeError)


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """What came of an attempt: who it is, and what this browser wanted."""

    person: ProviderPerson
    authenticated_at: float  # seconds; 0 where the provider does not say
    sid: str | None
    id_token: str
    next: str
    is_again: bool  # somebody who is signed in was to confirm who they are


class Connection(OAuth2Session):
    """A connection that waits for no one for long and is sent nowhere else."""

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Ask the provider."""
        return super().request(method, url, **{"timeout": TIMEOUT} | options, allow_redirects=False)


class Provider(FlaskOAuth2App):
    """The provider of this installation."""

    client_cls = Connection

    def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, as far as it is believed."""
        known: dict[str, Any] = self.server_metadata
        if known.get("_loaded_at", 0) < time.time() - KEPT:
            known.clear()
            super().load_server_metadata()
            settings = _settings()
            offered = known.get("id_token_signing_alg_values_supported", ["RS256"])
            algorithms = sorted(ALGORITHMS.intersection(offered))
            if settings is None or known.get("issuer") != settings.issuer or not algorithms:
                known.clear()
                raise ValueError("another issuer, or none that signs")
            known["id_token_signing_alg_values_supported"] = algorithms
        return known

    def logout_claims(self, text: str) -> dict[str, Any]:
        """The claims of a logout token, validated (Back-Channel Logout 1.0, 2.6); raises JoseError
        or ValueError for what is none."""
        algorithms = self.load_server_metadata()["id_token_signing_alg_values_supported"]
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        try:
            token = jwt.decode(text, KeySet.import_key_set(self.fetch_jwk_set()), registry=registry)
        except InvalidKeyIdError:
            keys = KeySet.import_key_set(self.fetch_jwk_set(force=True))
            token = jwt.decode(text, keys, registry=registry)
        claims = token.claims
        jwt.JWTClaimsRegistry(
            leeway=int(SKEW.total_seconds()),
            iss={"essential": True, "value": self.server_metadata["issuer"]},
            aud={"essential": True, "value": self.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
        events = claims.get("events")
        named = [claims.get(name) for name in ("sub", "sid") if claims.get(name) is not None]
        if (
            str(token.header.get("typ")).lower() != "logout+jwt"
            or not isinstance(events, dict)
            or not isinstance(events.get(LOGOUT_EVENT), dict)
            or "nonce" in claims  # an ID token
            or not named
            or not all(isinstance(name, str) for name in named)
            or claims["iat"] < time.time() - LOGOUT_LASTS - SKEW.total_seconds()
        ):
            raise ValueError("no logout token")
        return claims


class Providers(OAuth):
    """The library's registry, of which we use one entry."""

    oauth2_client_cls = Provider


def _settings() -> IdentityProvider | None:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.provider


def provider() -> Provider:
    """The provider; raises `ProviderFailure` where none is set up."""
    found = current_app.extensions["identity_provider"]
    if found is None:
        raise ProviderFailure(Failure.NOT_SET_UP)
    return found  # type: ignore[no-any-return]


def label() -> str | None:
    """What the provider is called on pages; None where there is none."""
    settings = _settings()
    return settings.label if settings else None


def meanings() -> Mapping[str, frozenset[Role]]:
    """Which roles the values of its claim give."""
    settings = _settings()
    return settings.roles if settings else {}


def ask(*, wanted: str, again: bool) -> str:
    """Where to send the browser so that the provider says who is there; `wanted` is the path to
    go on to. With `again` whoever is signed in there must prove anew who they are.

    One attempt a browser: a former one that was not finished is forgotten, as its cookie would
    grow with each.
    """
    client, settings = provider(), _settings()
    options: dict[str, Any] = {"prompt": "login", "max_age": "0"} if again else {}
    if settings and settings.acr:
        options["acr_values"] = " ".join(settings.acr)
    target = url_for("accounts.provider_return", _external=True)
    try:
        asked = client.create_authorization_url(target, **options)
    except RequestException as error:
        raise ProviderFailure(Failure.UNREACHABLE) from error
    except BROKEN as error:
        raise ProviderFailure(Failure.TOKEN) from error
    for key in [key for key in session if key.startswith(STATE)]:
        session.pop(key)
    url = asked.pop("url")
    client.save_authorize_data(
        redirect_uri=target, **asked, wanted=wanted, again=again, asked_at=clock.world().timestamp()
    )
    return str(url)


def answered() -> Vouched:
    """What the provider said to the attempt that this browser began; each is answered once.

    Nothing of the address is looked at before its state is known for this browser's own.
    """
    client, settings = provider(), _settings()
    state = request.args.get("state", "")
    attempt = client.framework.get_state_data(session, state)
    if settings is None or not state or attempt is None:
        raise ProviderFailure(Failure.STATE)
    try:
        if request.args.get("iss", settings.issuer) != settings.issuer:  # RFC 9207
            raise ProviderFailure(Failure.TOKEN)
        if "error" in request.args:
            raise ProviderFailure(Failure.DENIED)
        token = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
                "nonce": {"essential": True},
            },
            leeway=int(SKEW.total_seconds()),
        )
        claims = token["userinfo"]
        person = person_of(claims, settings.role_claim)
    except RequestException as error:
        raise ProviderFailure(Failure.UNREACHABLE) from error
    except BROKEN as error:
        raise ProviderFailure(Failure.TOKEN) from error
    finally:
        client.framework.clear_state_data(session, state)
    if settings.acr and claims.get("acr") not in settings.acr:
        raise ProviderFailure(Failure.WEAK)
    proven = authenticated_at(claims, clock.world())
    if attempt["again"] and not is_confirmed(proven, attempt["asked_at"]):
        raise ProviderFailure(Failure.NOT_CONFIRMED)
    sid = claims.get("sid")
    return Vouched(
        person=person,
        authenticated_at=proven,
        sid=sid if isinstance(sid, str) else None,
        id_token=token["id_token"],
        next=attempt["wanted"],
        is_again=attempt["again"],
    )


def sign_out_url(id_token: str | None) -> str | None:
    """Where the browser signs out at the provider and comes back from (RP-Initiated Logout 1.0);
    None where it cannot."""
    try:
        client = provider()
        found = client.create_logout_url(
            post_logout_redirect_uri=url_for("security.login", _external=True),
            id_token_hint=id_token,
            client_id=client.client_id,
        )
    except (ProviderFailure, RequestException, *BROKEN):
        return None
    return str(found["url"])


def init_app(app: Flask) -> None:
    """Make the provider of the settings known; nothing is asked of it before somebody comes."""
    settings: IdentityProvider | None = app.config["SETTINGS"].provider
    app.extensions["identity_provider"] = None
    if settings is not None:
        discovery = f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        app.extensions["identity_provider"] = Providers(app).register(
            "provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=discovery,
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )
    app.jinja_env.globals["identity_provider"] = label
