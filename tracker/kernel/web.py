"""One request: who asks, may they, one commit at the end, and plain pages when it goes wrong."""

from collections.abc import Callable, Collection
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
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracker.kernel import disclosure, replicas
from tracker.kernel.actor import SYSTEM, Actor, act_as
from tracker.kernel.database import commit, expect_writes, reading_from, rollback, unit_of_work
from tracker.kernel.errors import Forbidden, NotFound, Refused, Stale
from tracker.kernel.i18n import N_, say
from tracker.kernel.outage import RETRY_AFTER, is_outage
from tracker.kernel.permissions import Capability
from tracker.kernel.repeats import once
from tracker.kernel.security import isolate
from tracker.kernel.text import file_name
from tracker.kernel.watch import begin_request, note_user

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])
Member = TypeVar("Member", bound=StrEnum)
log = structlog.get_logger()


def actor() -> Actor:
    """The signed-in person of this request, as the roof's loader (`ACTOR_LOADER`) built it."""
    found: Actor | None = g.get("actor")
    if found is None:
        with reading_from(None):
            found = g.actor = current_app.config["ACTOR_LOADER"](current_user, g.request_id)
        act_as(found)
        note_user(found.user_id)
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


def format_asked(*, more: Collection[str] = (), fresh: bool = False) -> str | None:
    """The kind of file in which the address asks for a list: csv, xlsx or one of `more`; None for
    the page. Whoever may take no lists, or asks for another kind, gets 403.

    With `fresh` the list is given only soon after sign-in: it holds data of many people.
    """
    asked = request.args.get("format")
    if not asked:
        return None
    if not actor().may(Capability.EXPORT_LISTS) or asked not in {"csv", "xlsx", *more}:
        abort(403)
    if fresh:
        demand_freshness()
    return asked


def attachment_response(
    content: bytes, name: str, kind: str = "application/octet-stream"
) -> Response:
    """A file to keep: never shown inside the browser, whatever it is."""
    return isolate(_file_response(content, file_name(name) or "document", kind, "attachment"))


def picture_response(content: bytes, kind: str = "image/jpeg") -> Response:
    """A picture that was made anew from its pixels when it came."""
    return isolate(Response(content, mimetype=kind))


def pdf_response(content: bytes, name: str) -> Response:
    """A paper of our own making, shown in the browser; `name` is without ".pdf"."""
    return _file_response(content, f"{name}.pdf", "application/pdf", "inline")


def _file_response(content: bytes, name: str, kind: str, place: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", place, filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def requires(
    capability: Capability,
    *,
    writes: bool = False,
    fresh: bool = False,
    largest_upload: int | None = None,
    takes_json: bool = False,
    of_primary: bool = False,
) -> Callable[[View], View]:
    """Declare what a route demands; with `writes`, commit once when it has answered well.

    With `fresh`, only soon after sign-in, or after the password or passkey once more.
    `largest_upload` in bytes, where it takes more than the installation's usual limit. JSON is
    refused unless the route `takes_json`: libraries would read forms and tokens out of it.
    What does not write may be read from a replica, unless it is to be told `of_primary`.

    A person without the capability gets 403, a stranger the sign-in page. Only an unsafe method
    is ever committed, and only under 400: a page that shows a form's errors changes nothing. What
    an answer discloses of personal data is recorded all the same, before it leaves.
    """

    # A form is shown as it is now, since what is sent back refers to it.
    may_be_behind = not writes and not of_primary

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if (first := _first_of_all(capability)) is not None:
                return first
            if fresh:
                demand_freshness()
            is_write = writes and request.method not in SAFE_METHODS

            def answer() -> Response:
                return current_app.make_response(view(*args, **kwargs))

            if is_write:
                response = once(answer)
            elif may_be_behind and request.method in SAFE_METHODS:
                response = replicas.read(answer)
            else:
                response = answer()
            _end(is_done=is_write and response.status_code < 400)
            return response

        guarded.capability = capability  # type: ignore[attr-defined]
        guarded.writes = writes  # type: ignore[attr-defined]
        guarded.fresh = fresh  # type: ignore[attr-defined]
        guarded.largest_upload = largest_upload  # type: ignore[attr-defined]
        guarded.takes_json = takes_json  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def _first_of_all(capability: Capability) -> ResponseReturnValue | None:
    """Where a person without the capability, or a stranger, is sent; None lets them in."""
    if capability is Capability.PUBLIC:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined,no-any-return]
    if not actor().may(capability):
        abort(403)
    return current_app.config["GATE"](capability)  # type: ignore[no-any-return]


def _end(*, is_done: bool) -> None:
    """Commit what was done or drop it; what the answer discloses goes on record either way."""
    discloses = disclosure.is_any()
    if is_done:
        if discloses:
            disclosure.record()
        commit()
        return
    rollback()
    if discloses:
        with unit_of_work(actor()):  # the one thing that reading a page leaves
            disclosure.record()


def demand_freshness() -> None:
    """Go on only soon after sign-in; else the person is asked to confirm who they are first."""
    if (first := current_app.config["FRESHNESS_GATE"]()) is not None:
        abort(current_app.make_response(first))


def as_seen(row: Any) -> None:
    """Refuse to go on with a `Versioned` record that changed since the page was shown that asks for
    this step, where the page says which version it showed."""
    shown = request.form.get("version")
    if shown is not None and shown != str(row.version):
        raise Stale(N_("Somebody else changed this record at the same moment. Open it again."))


def is_partial() -> bool:
    """Whether htmx asks for a fragment of the page."""
    return "HX-Request" in request.headers


def back_to(fallback: str) -> ResponseReturnValue:
    """Redirect to the form's own `next` where that is a path of this site, else to `fallback`."""
    return redirect(own_path(request.form.get("next", "")) or fallback)


def own_path(target: str) -> str:
    """`target` where it is a path of this site; "" for all else.

    A path only: `//host` and `/\\host` would be another site (open redirect).
    """
    is_own = target.startswith("/") and target[1:2] not in {"/", "\\"} and target.isprintable()
    return target if is_own else ""


def remember(response: Response, name: str, value: str, *, age: int, scripts: bool = False) -> None:
    """Keep a choice in this browser for `age` seconds; our scripts see it only if they set it."""
    response.set_cookie(
        name,
        value,
        max_age=age,
        httponly=not scripts,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _begin() -> None:
    g.request_id = begin_request()
    g.actor = None
    view = current_app.view_functions.get(request.endpoint or "")
    if largest := getattr(view, "largest_upload", None):
        request.max_content_length = largest
    act_as(SYSTEM if request.endpoint is None else Actor(user_id=None, name="anonymous"))
    # Who posts only to read takes no lock that others would wait for.
    expect_writes(request.method not in SAFE_METHODS and getattr(view, "writes", True))
    if request.is_json and view is not None and not getattr(view, "takes_json", False):
        abort(415)


def _page(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error.get_response()
    if code == 503:
        return _out(error)
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


def _unusable(error: DataError) -> ResponseReturnValue:
    """A value that the database cannot hold, such as an id beyond its integers, finds nothing."""
    rollback()
    return render_template("errors/404.html", code=404), 404


def _too_large_number(error: OverflowError) -> ResponseReturnValue:
    rollback()
    return render_template("errors/404.html", code=404), 404


def _out(error: BaseException) -> ResponseReturnValue:
    """The machine or the database does not do its part: come back shortly, in all languages.

    Rendered by itself: the usual page asks the database who is signed in.
    """
    with suppress(DBAPIError):
        rollback()
    request_id = g.get("request_id")
    log.error("outage", request_id=request_id, reason=type(error).__name__)
    page = current_app.jinja_env.get_template("errors/503.html").render()
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
    return render_template("errors/500.html", code=500, request_id=g.get("request_id")), 500


def _log_error(error: Any) -> None:
    log.error("request failed", exc_info=error)


class Json(DefaultJSONProvider):
    """JSON nested so deeply that Python cannot read it is no JSON."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read it; raises ValueError for whatever it is not."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def init_app(app: Flask) -> None:
    """Install the beginning of each request and the pages for what goes wrong."""
    # Flask's own would write the address and the error's message, which hold what was typed.
    app.log_exception = _log_error  # type: ignore[method-assign,assignment]
    app.before_request(_begin)
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DataError, _unusable)
    for kind in (DBAPIError, OSError, TimeoutError):
        app.register_error_handler(kind, _perhaps_out)
    app.register_error_handler(OverflowError, _too_large_number)
    app.register_error_handler(500, _broken)


__all__ = ["actor", "back_to", "flash", "init_app", "is_partial", "requires", "time_zone"]
