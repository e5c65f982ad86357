"""The blueprint of the interface, and the one decorator of its routes: what a route demands, what
it takes and gives, and so what the description says of it."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from spectree import SpecTree

from tracker.api import door
from tracker.api.problems import HANDLERS, Failed, Invalid, Kind, Problem
from tracker.kernel.errors import Stale
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.web import SAFE_METHODS, View, requires

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(door.admit)
blueprint.after_request(door.tell)
for _kind, _handler in HANDLERS.items():
    blueprint.register_error_handler(_kind, _handler)

JSON = "application/json"
ALWAYS = (404, 422, 429, 500, 503)
WITH_TOKEN = (401, 403)
WITH_BODY = (400, 409, 412, 413, 415)


def _refuse(_request: Any, _response: Any, error: Exception | None, *_more: Any) -> None:
    if isinstance(error, ValidationError):
        raise Invalid(error)


specification = SpecTree(
    "flask",
    title="Observer Mission Tracker",
    version="1",
    openapi_version="3.1.0",
    mode="strict",
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
)


def serves(
    capability: Capability,
    answer: type[BaseModel],
    *,
    about: str,
    status: int = 200,
    writes: bool = False,
    takes_version: bool = False,
    largest_upload: int | None = None,
) -> Callable[[View], View]:
    """Declare a route of the interface: what it demands, the shape of its answer, and `about` what
    it is. What it takes are the annotations `query` and `json` of the view.

    With `takes_version`, only for whoever names the version to be changed (`seen`).
    `largest_upload` in bytes, where a body may be larger than usual.
    """
    codes = {*ALWAYS, *(() if capability is Capability.PUBLIC else WITH_TOKEN)}
    codes |= {*(WITH_BODY if writes else ()), *((428,) if takes_version else ())}
    answers = Answers(
        **{f"HTTP_{status}": answer}, **{f"HTTP_{code}": Problem for code in sorted(codes)}
    )

    def decorate(view: View) -> View:
        described = specification.validate(
            resp=answers,
            tags=(about,),
            operation_id=view.__name__,
            security=[] if capability is Capability.PUBLIC else [{"token": []}],
        )(view)

        @wraps(described)
        def shaped(*args: Any, **values: Any) -> Response:
            if request.method not in SAFE_METHODS:
                _read_body()
            return _tagged(described(*args, **values))

        shaped.takes_version = takes_version  # type: ignore[attr-defined]
        guard = requires(capability, writes=writes, takes_json=True, largest_upload=largest_upload)
        return guard(shaped)  # type: ignore[return-value]

    return decorate


def _read_body() -> None:
    """A body is JSON, and an object; no body is an empty one."""
    sent = request.get_data()
    if request.mimetype not in ({JSON} if sent else {JSON, ""}):
        raise Failed(Kind.MEDIA)
    if sent and not isinstance(request.get_json(), dict):
        raise Failed(Kind.MALFORMED, N_("The body must be a JSON object."))


def is_version(version: int) -> None:
    """The answer shows this version of a record."""
    g.version = version


def seen(version: int) -> int:
    """The present version of a record, where `If-Match` names it; raises where it names none, or
    another (RFC 9110, 13.1.1; RFC 6585, 3)."""
    if not request.if_match:
        raise Failed(Kind.NO_VERSION, N_("Send If-Match with the ETag of what you have read."))
    tags = {tag.partition(".")[0] for tag in request.if_match.as_set()}
    if not request.if_match.star_tag and str(version) not in tags:
        raise Stale(N_("Somebody else changed this record at the same moment. Open it again."))
    return version


def _tagged(answer: Response) -> Response:
    """With a tag: the version of the record, where it has one, and a digest of what is shown, so
    that a program that has it is not sent it again."""
    if answer.status_code >= 300:
        return answer
    digest = hashlib.sha256(answer.get_data()).hexdigest()[:16]
    version = g.get("version")
    answer.set_etag(digest if version is None else f"{version}.{digest}")
    if request.method in SAFE_METHODS:
        answer.make_conditional(request)
    return answer
