"""The signed lists that verifiers load, and portraits for whoever has scanned the code."""

import re
from collections.abc import Callable, Hashable
from datetime import UTC, datetime

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from tracker.audit.queries import last_position
from tracker.credentials import queries
from tracker.credentials.publishing import MEDIA_TYPE, signed_keys, signed_revocations
from tracker.kernel import clock
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.fragments import fragment
from tracker.kernel.i18n import say
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.web import picture_response, requires
from tracker.public.elections import election_of
from tracker.public.routes.blueprint import blueprint

REFERENCE = re.compile(r"[0-9a-f]{32}")
LATEST = 1 << 36  # seconds


def _signed(key: Hashable, make: Callable[[], bytes]) -> Response:
    """A signed list, made once a minute and change in a process, for anybody to read."""
    minute = int(clock.now().timestamp()) // 60
    try:
        content = fragment(("signed", key, last_position(), minute), make)
    except NotFound:
        raise
    except Refused as refusal:
        return Response(say(refusal.message, refusal.params), 503, mimetype="text/plain")
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers["Access-Control-Allow-Origin"] = "*"  # others write verifiers, too
    response.headers["Cache-Control"] = "public, max-age=30"
    return response


@blueprint.get("/verify/keys")
@requires(Capability.PUBLIC)
def keys() -> ResponseReturnValue:
    """The key list (docs/credential.md)."""
    return _signed("keys", signed_keys)


@blueprint.get("/verify/<election>/revocations")
@requires(Capability.PUBLIC)
def revocations(election: str) -> ResponseReturnValue:
    """The revocation list, or with `since` (seconds) what was added after it."""
    row = election_of(election)
    text = request.args.get("since")
    since = None
    if text is not None:
        if not text.isdecimal() or not text.isascii() or int(text[:12]) >= LATEST:
            abort(404)
        since = datetime.fromtimestamp(int(text) // 3600 * 3600, UTC)
    return _signed(("revocations", row.id, since), lambda: signed_revocations(row, since))


@blueprint.get("/verify/portraits/<reference>")
@requires(Capability.PUBLIC)
def portrait(reference: str) -> ResponseReturnValue:
    """The portrait of a certificate that is carried, for whoever has the hash from its code."""
    key = queries.portrait_of(reference) if REFERENCE.fullmatch(reference) else None
    if key is None:
        abort(404)
    try:
        content = storage.get(key)
    except FileNotFoundError:
        abort(404)
    response = picture_response(content)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
