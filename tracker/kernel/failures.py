"""What goes wrong with a request, as a page: what happened, what to do, and the way back."""

from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urlsplit

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracker.kernel.database import rollback
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.i18n import N_, say
from tracker.kernel.outage import RETRY_AFTER, is_outage

log = structlog.get_logger()
EXPIRED = 419  # no code of HTTP, which has none for it: a form whose token does not hold any more
CHANGED = N_("Somebody else changed this record at the same moment. Open it again.")

# What happened, and what to do about it.
PAGES: dict[int, tuple[str, str]] = {
    400: (
        N_("The request was not understood"),
        N_("The page received something that it cannot use. Go back and try again."),
    ),
    401: (
        N_("You are not signed in"),
        N_("This page is shown to those who are signed in. Sign in, then open it again."),
    ),
    403: (
        N_("You are not allowed to see this"),
        N_("Your role does not include this page. If you need it, ask an administrator."),
    ),
    404: (
        N_("There is no such page"),
        N_("The address may be wrong, or the record is not one that you may see."),
    ),
    405: (
        N_("This address only takes what a form sends"),
        N_("Nothing was changed. Go back to the page with the form and send it from there."),
    ),
    409: (
        N_("This was not done"),
        N_("Somebody else changed the record meanwhile. Open it again."),
    ),
    410: (
        N_("This is no longer here"),
        N_("It was removed or its time has passed. Ask whoever gave you the address for another."),
    ),
    413: (
        N_("The file is too large"),
        N_("At most 12 megabytes can be sent at once. Nothing was changed."),
    ),
    EXPIRED: (
        N_("The form has expired"),
        N_(
            "You were signed out, or the form was open for too long. "
            "Go back, reload the page and send it again."
        ),
    ),
    422: (
        N_("Something in the form is not right"),
        N_("Nothing was changed. Go back, look at what was typed and send it again."),
    ),
    429: (N_("Too many attempts"), N_("Wait a few minutes, then try again.")),
    500: (
        N_("Something went wrong here"),
        N_(
            "It is not your mistake, and nothing was changed. "
            "If it happens again, tell an administrator this number: %(number)s"
        ),
    ),
}


def page_of(error: HTTPException) -> ResponseReturnValue:
    """The page that tells a person what went wrong."""
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error.get_response()
    if code == 503:
        return _out(error)
    return _page(code), code, _headers(error)


def _headers(error: HTTPException) -> dict[str, str]:
    """What the code demands beside a page: 405 names the methods (RFC 9110, 15.5.6)."""
    kept = {"Allow", "Retry-After", "WWW-Authenticate"}
    return {name: value for name, value in error.get_headers() if name in kept}


def _page(code: int, message: str | None = None) -> str:
    title, text = PAGES[code if code in PAGES else 400]
    return render_template(
        "errors/error.html",
        code=code,
        title=_(title),
        text=message or _(text, number=g.get("request_id") or ""),
        way_back=_way_back(),
    )


def _way_back() -> str | None:
    """The page of this site that led here; None where it was this one, or another site."""
    with suppress(ValueError):  # what is no address leads nowhere
        return _path_of(urlsplit(request.referrer or ""))
    return None


def _path_of(found: SplitResult) -> str | None:
    path = f"{found.path}?{found.query}" if found.query else found.path
    is_own = found.netloc == request.host and found.path.startswith("/")
    # A form that is sent to its own page leads back to that page, opened anew.
    is_here = found.path == request.path and request.method in {"GET", "HEAD"}
    return path if is_own and not is_here and not path.startswith("//") else None


def _refused(error: Refused) -> ResponseReturnValue:
    """A refusal that no form caught: say it, and stay where the person was."""
    rollback()
    if isinstance(error, NotFound):
        return _page(404), 404
    if isinstance(error, Forbidden):
        return _page(403), 403
    return _page(409, say(error.message, error.params)), 409


def _expired(error: CSRFError) -> ResponseReturnValue:
    return _page(EXPIRED), 400


def _stale(error: StaleDataError) -> ResponseReturnValue:
    rollback()
    return _page(409, _(CHANGED)), 409


def _unusable(error: DataError) -> ResponseReturnValue:
    """A value that the database cannot hold, such as an id beyond its integers, finds nothing."""
    rollback()
    return _page(404), 404


def _too_large_number(error: OverflowError) -> ResponseReturnValue:
    rollback()
    return _page(404), 404


def _out(error: BaseException) -> ResponseReturnValue:
    """The machine or the database does not do its part: come back shortly, in all languages.

    Rendered by itself: the usual page asks the database who is signed in.
    """
    with suppress(DBAPIError):
        rollback()
    request_id = g.get("request_id")
    log.error("outage", request_id=request_id, reason=type(error).__name__)
    again = request.full_path.removesuffix("?") if request.method == "GET" else _way_back()
    page = current_app.jinja_env.get_template("errors/503.html").render(again=again or "/")
    return page, 503, {"Retry-After": str(RETRY_AFTER)}


def _perhaps_out(error: Exception) -> ResponseReturnValue:
    if is_outage(error):
        return _out(error)
    raise error  # a fault of ours: `_broken` says so


def _broken(error: Exception) -> ResponseReturnValue:
    cause = getattr(error, "original_exception", None) or error
    if is_outage(cause):
        return _out(cause)
    rollback()
    return _page(500), 500


def _log_error(error: Any) -> None:
    log.error("request failed", exc_info=error)


def init_app(app: Flask) -> None:
    """Install the pages for what goes wrong."""
    # Flask's own would write the address and the error's message, which hold what was typed.
    app.log_exception = _log_error  # type: ignore[method-assign,assignment]
    app.register_error_handler(HTTPException, page_of)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _unusable)
    for kind in (DBAPIError, OSError, TimeoutError):
        app.register_error_handler(kind, _perhaps_out)
    app.register_error_handler(OverflowError, _too_large_number)
    app.register_error_handler(500, _broken)
