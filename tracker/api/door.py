"""Who asks: the holder of the token in `Authorization: Bearer`, and nobody without one.

No cookie is looked at, so that no other site can make a browser ask. What a token may do is found
anew with each request: its scopes, and of those what its owner, or the role of another system, may.
"""

import json
from collections.abc import Callable
from dataclasses import replace

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from tracker.accounts import presence, queries
from tracker.accounts.authenticators import network
from tracker.accounts.models import AccessToken
from tracker.accounts.operations import note_used
from tracker.accounts.rules import TOKEN_PREFIX, capabilities_in
from tracker.api import limits, problems
from tracker.api.problems import Failed, Kind
from tracker.kernel import clock, repeats
from tracker.kernel.actor import NOBODY, Actor
from tracker.kernel.database import reading_from
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import Door

KEY = "Idempotency-Key"
LONGEST_KEY = 200
REPEATED = ("Content-Type", "ETag", "Location")  # headers of an answer that is given again


def _token() -> AccessToken | None:
    """The token of this request, looked up once; None for none, and for one that stands no more."""
    if "token" not in g:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        secret = secret.strip()
        is_one = kind.lower() == "bearer" and secret.startswith(TOKEN_PREFIX)
        with reading_from(None):  # what was revoked a moment ago opens nothing
            g.token = queries.standing_token(secret) if is_one else None
    found: AccessToken | None = g.token
    return found


def who(request_id: str) -> Actor:
    """The actor that the token stands for, who may no more than its scopes say."""
    token = _token()
    if token is None:
        return Actor(user_id=None, name=NOBODY, request_id=request_id)
    if token.last_used_on != (today := clock.world().date()):
        note_used(token.id, today)
    at_most = capabilities_in(token.scope_set)
    if token.user is not None:
        person: Actor = current_app.config["ACTOR_LOADER"](token.user, request_id)
        return replace(person, name=f"{person.name} ({token.name})"[:200], at_most=at_most)
    return Actor(
        user_id=None,
        name=f"{token.name} (token {token.id})",
        roles=frozenset([token.role] if token.role else []),
        request_id=request_id,
        at_most=at_most,
    )


def turn_away() -> ResponseReturnValue | None:
    """What is answered to who has no token, or one that opens nothing (RFC 6750, 3)."""
    if _token() is not None:
        return None
    said = 'Bearer realm="tracker"'
    if "Authorization" in request.headers:
        said += ', error="invalid_token"'
    raise Failed(Kind.TOKEN, headers={"WWW-Authenticate": said})


def gate(_capability: Capability) -> ResponseReturnValue | None:
    """A token is no way around the second factor that a role of its owner demands."""
    token = _token()
    if token is not None and token.user is not None and presence.lacks_second_factor(token.user):
        raise Failed(
            Kind.FORBIDDEN, N_("Your role needs a passkey or a second factor. Set one up to go on.")
        )
    return None


def once(work: Callable[[], Response]) -> Response:
    """Do what bears a key once: the same again gets the first answer, kept with its effects.

    What was refused is not kept: it may be put right and sent with the same key. The second of two
    at the same moment waits for the first (`kernel.repeats`).
    """
    key = request.headers.get(KEY)
    if key is None:
        return work()
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise Failed(Kind.MALFORMED, N_("An idempotency key has 1 to 200 visible characters."))
    token = _token()
    place = repeats.digest_of("api", str(token.id if token else 0), key)
    sent = repeats.digest_of(
        request.method, request.full_path, request.headers.get("If-Match"), request.get_data()
    )
    if not repeats.is_first(place):
        return _again(place, sent)
    response = work()
    if response.status_code < 400:
        headers = {name: response.headers[name] for name in REPEATED if name in response.headers}
        said = [sent, response.status_code, headers, response.get_data(as_text=True)]
        repeats.keep(place, json.dumps(said))
    return response


def _again(place: str, sent: str) -> Response:
    kept = repeats.kept(place)
    first, status, headers, body = json.loads(kept) if kept else (None, 0, {}, "")
    if first != sent:
        raise Failed(Kind.KEY_REUSED)
    return Response(body, status, {**headers, "Idempotent-Replayed": "true"})


def admit() -> None:
    """Count the request: of a token, or of a network that shows none that is valid."""
    problems.read_language()
    token = _token()
    caller = f"token {token.id}" if token else f"network {network() or 'own'}"
    left = g.left = limits.limits().take(caller)
    if left.is_over:
        raise Failed(Kind.TOO_MANY, headers={"Retry-After": str(left.seconds)})


def tell(answer: Response) -> Response:
    """What every answer of this face says."""
    if "left" in g:
        limits.tell(answer, g.left)
    answer.headers["Vary"] = "Authorization, Accept-Language"
    return answer


DOOR = Door(who, turn_away, gate, once)
