"""One request: who asks, may they, one commit at the end, and plain pages when it goes wrong."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracker.kernel.actor import SYSTEM, Actor, act_as
from tracker.kernel.database import commit, expect_writes, rollback
from tracker.kernel.errors import Forbidden, NotFound, Refused
from tracker.kernel.i18n import say
from tracker.kernel.permissions import Capability

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])
Member = TypeVar("Member", bound=StrEnum)
log = structlog.get_logger()


def actor() -> Actor:
    """The signed-in person of this request, as the roof's loader (`ACTOR_LOADER`) built it."""
    found: Actor | None = g.get("actor")
    if found is None:
        found = g.actor = current_app.config["ACTOR_LOADER"](current_user, g.request_id)
        act_as(found)
    return found


def time_zone() -> str:
    """The zone of pages outside of any election, as the roof says it (`ZONE_LOADER`)."""
    return str(current_app.config["ZONE_LOADER"]())


def day_asked(name: str = "day") -> date | None:
    """The day in the address; None for none and for what is no day."""
    with suppress(ValueError):
        return date.fromisoformat(request.args.get(name, ""))
    return None


def member_asked(kind: type[Member], name: str) -> Member | None:
    """The member of `kind` in the address; None for none and for an unknown word."""
    text = request.args.get(name, "")
    return kind(text) if text in set(kind) else None


def attachment_response(
    content: bytes, name: str, kind: str = "application/octet-stream"
) -> Response:
    """A file to keep: never shown inside the browser, whatever it is."""
    return _file_response(content, name, kind, "attachment")


def pdf_response(content: bytes, name: str) -> Response:
    """A paper of our own making, shown in the browser; `name` is without ".pdf"."""
    return _file_response(content, f"{name}.pdf", "application/pdf", "inline")


def _file_response(content: bytes, name: str, kind: str, place: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", place, filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def requires(
    capability: Capability, *, writes: bool = False, largest_upload: int | None = None
) -> Callable[[View], View]:
    """Declare what a route demands; with `writes`, commit once when it has answered well.

    `largest_upload` in bytes, where it takes more than the installation's usual limit.

    A person without the capability gets 403, a stranger the sign-in page. Only an unsafe method
    is ever committed, and only under 400: a page that shows a form's errors changes nothing.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if capability is not Capability.PUBLIC:
                if not current_user.is_authenticated:
                    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined,no-any-return]
                if not actor().may(capability):
                    abort(403)
            response = current_app.make_response(view(*args, **kwargs))
            if writes and request.method not in SAFE_METHODS and response.status_code < 400:
                commit()
            else:
                rollback()
            return response

        guarded.capability = capability  # type: ignore[attr-defined]
        guarded.writes = writes  # type: ignore[attr-defined]
        guarded.largest_upload = largest_upload  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def is_partial() -> bool:
    """Whether htmx asks for a fragment of the page."""
    return "HX-Request" in request.headers


def back_to(fallback: str) -> ResponseReturnValue:
    """Redirect to the form's own `next` where that is a path of this site, else to `fallback`."""
    target = request.form.get("next", "")
    # A path only: `//host` and `/\host` would be another site (open redirect).
    is_own = target.startswith("/") and target[1:2] not in {"/", "\\"} and target.isprintable()
    return redirect(target if is_own else fallback)


def _begin() -> None:
    g.request_id = uuid.uuid4().hex
    g.actor = None
    view = current_app.view_functions.get(request.endpoint or "")
    if largest := getattr(view, "largest_upload", None):
        request.max_content_length = largest
    act_as(SYSTEM if request.endpoint is None else Actor(user_id=None, name="anonymous"))
    expect_writes(request.method not in SAFE_METHODS)


def _page(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error.get_response()
    known = code if code in {400, 403, 404, 409, 413, 419, 429, 500} else 400
    return render_template(f"errors/{known}.html", code=code), code


def _refused(error: Refused) -> ResponseReturnValue:
    """A refusal that no form caught: say it, and stay where the person was."""
    rollback()
    if isinstance(error, NotFound):
        return render_template("errors/404.html", code=404), 404
    if isinstance(error, Forbidden):
        return render_template("errors/403.html", code=403), 403
    message = say(error.message, error.params)
    return render_template("errors/409.html", code=409, message=message), 409


def _expired(error: CSRFError) -> ResponseReturnValue:
    return render_template("errors/419.html", code=419), 400


def _stale(error: StaleDataError) -> ResponseReturnValue:
    rollback()
    message = _("Somebody else changed this record at the same moment. Open it again.")
    return render_template("errors/409.html", code=409, message=message), 409


def _unusable(error: DataError | OperationalError) -> ResponseReturnValue:
    """A value that the database cannot hold, such as an id beyond its integers, finds nothing."""
    rollback()
    if isinstance(error, OperationalError):
        raise error
    return render_template("errors/404.html", code=404), 404


def _too_large_number(error: OverflowError) -> ResponseReturnValue:
    rollback()
    return render_template("errors/404.html", code=404), 404


def _broken(error: Exception) -> ResponseReturnValue:
    rollback()
    log.exception("request failed", request_id=g.get("request_id"), path=request.path)
    return render_template("errors/500.html", code=500, request_id=g.get("request_id")), 500


def init_app(app: Flask) -> None:
    """Install the beginning of each request and the pages for what goes wrong."""
    app.before_request(_begin)
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _unusable)
    app.register_error_handler(OverflowError, _too_large_number)
    app.register_error_handler(500, _broken)


__all__ = ["actor", "back_to", "flash", "init_app", "is_partial", "requires", "time_zone"]
