"""Where a flaw is reported to (RFC 9116)."""

from datetime import UTC, datetime, timedelta

from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from tracker.kernel.i18n import LANGUAGES
from tracker.kernel.permissions import Capability
from tracker.kernel.web import requires
from tracker.ops.blueprint import blueprint

# From the day that it is read: what says so is the installation itself, which knows its contact.
# RFC 9116, 2.5.5 asks for less than a year.
KNOWN_FOR = timedelta(days=180)


@blueprint.get("/.well-known/security.txt")
@requires(Capability.PUBLIC)
def security_txt() -> ResponseReturnValue:
    """The contact, where the installation has one."""
    contacts = current_app.config["SETTINGS"].security_contacts
    if not contacts:
        abort(404)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [f"Contact: {contact}" for contact in contacts]
    lines.append(f"Expires: {midnight + KNOWN_FOR:%Y-%m-%dT%H:%M:%SZ}")
    lines.append(f"Preferred-Languages: {', '.join(sorted(LANGUAGES))}")
    if request.is_secure:  # 2.5.2: an address of https or none
        lines.append(f"Canonical: {request.base_url}")
    response = Response("".join(f"{line}\n" for line in lines))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
