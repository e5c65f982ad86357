"""One request: who asks, may they, one commit at the end, and plain pages when it goes wrong."""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
)
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker.kernel import disclosure, failures, replicas
from tracker.kernel.actor import NOBODY, SYSTEM, Actor, act_as
from tracker.kernel.database import commit, expect_writes, reading_from, rollback, unit_of_work
from tracker.kernel.errors import Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.repeats import FLASHES, once
from tracker.kernel.security import isolate
from tracker.kernel.text import file_name
from tracker.kernel.watch import begin_request, note_user

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_AS = re.compile(r"[0-9a-f-]{36}")
View = TypeVar("View", bound=Callable[..., Any])
Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True)
class Door:
    """How the routes of a blueprint know who asks, and what comes before their views.

    Pages know people by their sessions; a blueprint that knows its callers otherwise has a door of
    its own (`DOORS`). What a route demands, the one commit and the record are the same behind all.
    """

    who: Callable[[str], Actor]  # by the identity of the request
    turn_away: Callable[[], ResponseReturnValue | None]  # the answer to a stranger; None: is known
    gate: Callable[[Capability], ResponseReturnValue | None]  # what has to be done first
    once: Callable[[Callable[[], Response]], Response]  # a change that may be sent twice


def _session_user(request_id: str) -> Actor:
    """The signed-in person, as the roof's loader (`ACTOR_LOADER`) builds it."""
    found: Actor = current_app.config["ACTOR_LOADER"](current_user, request_id)
    return found


def _to_sign_in() -> ResponseReturnValue | None:
    if current_user.is_authenticated:
        return None
    return current_app.login_manager.unauthorized()  # type: ignore[attr-defined,no-any-return]


def _gate(capability: Capability) -> ResponseReturnValue | None:
    return current_app.config["GATE"](capability)  # type: ignore[no-any-return]


PAGES = Door(_session_user, _to_sign_in, _gate, once)


def _door() -> Door:
    doors: dict[str, Door] = current_app.config["DOORS"]
    return doors.get(request.blueprint or "", PAGES)


def actor() -> Actor:
    """Who asks, as the door of this request knows them."""
    found: Actor | None = g.get("actor")
    if found is None:
        with reading_from(None):
            found = g.actor = _door().who(g.request_id)
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
            response = _answer(
                lambda: current_app.make_response(view(*args, **kwargs)),
                is_write=is_write,
                may_be_behind=may_be_behind and request.method in SAFE_METHODS,
            )
            _end(is_done=is_write and response.status_code < 400)
            if is_write:
                _acknowledge(response)
            return response

        declared = {"capability": capability, "writes": writes, "fresh": fresh}
        guarded.__dict__ |= {**declared, "largest_upload": largest_upload, "takes_json": takes_json}
        return guarded  # type: ignore[return-value]

    return decorate


def _answer(work: Callable[[], Response], *, is_write: bool, may_be_behind: bool) -> Response:
    if is_write:
        return _door().once(work)
    return replicas.read(work) if may_be_behind else work()


def _acknowledge(response: Response) -> None:
    """Let the browser forget what it kept of a form that was taken: by its own name for it, which
    comes with the form (static/keep.js)."""
    mark = request.form.get("kept_as", "")
    was_refused = any(kind == "bad" for kind, _text in session.get(FLASHES, ()))
    if KEPT_AS.fullmatch(mark) and response.status_code in {302, 303} and not was_refused:
        remember(response, "sent", mark, age=600, scripts=True)


def _first_of_all(capability: Capability) -> ResponseReturnValue | None:
    """Where a person without the capability, or a stranger, is sent; None lets them in."""
    if capability is Capability.PUBLIC:
        return None
    door = _door()
    if (answer := door.turn_away()) is not None:
        return answer
    if not actor().may(capability):
        abort(403)
    return door.gate(capability)


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
    act_as(SYSTEM if request.endpoint is None else Actor(user_id=None, name=NOBODY))
    # Who posts only to read takes no lock that others would wait for.
    expect_writes(request.method not in SAFE_METHODS and getattr(view, "writes", True))
    if request.is_json and view is not None and not getattr(view, "takes_json", False):
        abort(415)


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
    app.before_request(_begin)
    failures.init_app(app)


__all__ = ["actor", "back_to", "flash", "init_app", "is_partial", "requires", "time_zone"]
