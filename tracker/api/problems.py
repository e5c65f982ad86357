"""What went wrong, as a program can read it (RFC 9457), in the language that it asked for."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from flask import Flask, Response, g, json, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracker.kernel.database import rollback
from tracker.kernel.errors import Forbidden, NotFound, Refused, Several, Stale
from tracker.kernel.failures import page_of
from tracker.kernel.i18n import LANGUAGES, N_, say
from tracker.kernel.outage import RETRY_AFTER, is_outage

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"


class Kind(StrEnum):
    """What can go wrong; the page of the interface has a line on each."""

    MALFORMED = "malformed"
    TOKEN = "token"  # noqa: S105 - the name of a problem
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD = "method"
    REFUSED = "refused"
    LIKENESS = "likeness"
    STALE = "stale"
    TOO_LARGE = "too-large"
    MEDIA = "media-type"
    INVALID = "invalid"
    KEY_REUSED = "key-reused"
    NO_VERSION = "no-version"
    TOO_MANY = "too-many"
    FAULT = "fault"
    OUTAGE = "outage"


# The status of each and what it is called.
KINDS: dict[Kind, tuple[int, str]] = {
    Kind.MALFORMED: (400, N_("The request cannot be read")),
    Kind.TOKEN: (401, N_("A valid token is needed")),
    Kind.FORBIDDEN: (403, N_("The token does not allow this")),
    Kind.NOT_FOUND: (404, N_("There is nothing here")),
    Kind.METHOD: (405, N_("This address does not take this method")),
    Kind.REFUSED: (409, N_("This cannot be done now")),
    Kind.LIKENESS: (409, N_("This person may be recorded already")),
    Kind.STALE: (412, N_("The record was changed meanwhile")),
    Kind.TOO_LARGE: (413, N_("The request is too large")),
    Kind.MEDIA: (415, N_("The body must be JSON")),
    Kind.INVALID: (422, N_("Some values will not do")),
    Kind.KEY_REUSED: (422, N_("The idempotency key was used for something else")),
    Kind.NO_VERSION: (428, N_("Say which version is to be changed")),
    Kind.TOO_MANY: (429, N_("Too many requests")),
    Kind.FAULT: (500, N_("Something went wrong here")),
    Kind.OUTAGE: (503, N_("The system cannot answer at present")),
}
OF_STATUS = {status: kind for kind, (status, _title) in reversed(KINDS.items())}


class Wrong(BaseModel):
    """One value that will not do."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[Wrong] = []
    request_id: str | None = None


@dataclass
class Failed(Exception):
    """Raised by this face itself; `detail` is a msgid."""

    kind: Kind
    detail: str | None = None
    headers: Mapping[str, str] | None = None


class Invalid(Exception):
    """What was sent does not have the shape that is described."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__("invalid")
        self.error = error


# What pydantic calls it, what we say, and the number of its context that is said.
MESSAGES: dict[str, tuple[str, str]] = {
    "missing": (N_("Give this value."), ""),
    "extra_forbidden": (N_("There is no such field here."), ""),
    "string_type": (N_("Give a text."), ""),
    "string_unicode": (N_("Give a text."), ""),
    "string_too_long": (N_("At most %(count)s characters."), "max_length"),
    "string_too_short": (N_("Give this value."), ""),
    "int_type": (N_("Give a whole number."), ""),
    "int_parsing": (N_("Give a whole number."), ""),
    "int_parsing_size": (N_("Give a whole number."), ""),
    "greater_than_equal": (N_("The least is %(count)s."), "ge"),
    "less_than_equal": (N_("The most is %(count)s."), "le"),
    "bool_type": (N_("Give true or false."), ""),
    "bool_parsing": (N_("Give true or false."), ""),
    "enum": (N_("Choose one of: %(values)s."), "expected"),
    "list_type": (N_("Give a list."), ""),
    "too_long": (N_("The list is too long: the most is %(count)s."), "max_length"),
    "too_short": (N_("The list is empty."), ""),
    "model_type": (N_("Give an object."), ""),
    "model_attributes_type": (N_("Give an object."), ""),
    "day": (N_("Give a day like 2022-11-20."), ""),
    "moment": (N_("Give a moment with its offset, like 2022-11-20T18:00:00+06:00."), ""),
    "country": (N_("No country or issuer has this code."), ""),
    "cursor": (N_("Give a cursor just as it was given to you."), ""),
    "base_64": (N_("Give the file in base 64."), ""),
}
OTHERWISE = (N_("This value will not do."), "")


# What operations, and so forms, call a field that is called otherwise here.
FIELDS = {
    "accreditation_id": "observer_id",
    "delegations": "delegation_ids",
    "ends": "ends_at",
    "file": "content",
    "officials": "official_ids",
    "starts": "starts_at",
    "target": "whom",
}


def response(
    kind: Kind,
    *,
    detail: str | None = None,
    errors: Iterable[Wrong] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells of a problem."""
    status, title = KINDS[kind]
    found = Problem(
        type=f"/api/v1/#problem-{kind}",
        title=say(title),
        status=status,
        detail=detail,
        errors=list(errors),
        request_id=g.get("request_id"),
    )
    return Response(found.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


def _failed(error: Failed) -> ResponseReturnValue:
    rollback()
    detail = say(error.detail) if error.detail else None
    return response(error.kind, detail=detail, headers=error.headers)


def _invalid(error: Invalid) -> ResponseReturnValue:
    errors = []
    for each in error.error.errors(include_url=False, include_input=False):
        message, counted = MESSAGES.get(each["type"], OTHERWISE)
        count = each.get("ctx", {}).get(counted)
        if isinstance(count, str):  # values that may be chosen, joined in English
            count = count.replace(" or ", ", ")
        field = ".".join(str(part) for part in each["loc"])
        errors.append(Wrong(field=field, message=say(message, {"count": count, "values": count})))
    return response(Kind.INVALID, errors=errors)


def _refused(error: Refused) -> ResponseReturnValue:
    """What an operation refused: a value that will not do, or a step that cannot be taken now."""
    rollback()
    if isinstance(error, NotFound):
        return response(Kind.NOT_FOUND, detail=say(error.message, error.params))
    if isinstance(error, Forbidden):
        return response(Kind.FORBIDDEN)
    if isinstance(error, Stale):
        return response(Kind.STALE, detail=say(error.message, error.params))
    all_of_it = error.refusals if isinstance(error, Several) else (error,)
    said = [(each.field, say(each.message, each.params)) for each in all_of_it]
    errors = [Wrong(field=FIELDS.get(field, field), message=text) for field, text in said if field]
    kind = Kind.INVALID if errors else Kind.REFUSED
    return response(kind, detail=said[0][1], errors=errors)


def _changed_meanwhile(_error: StaleDataError) -> ResponseReturnValue:
    rollback()
    return response(Kind.STALE)


def _no_such_number(_error: Exception) -> ResponseReturnValue:
    """A number that the database cannot hold finds nothing."""
    rollback()
    return response(Kind.NOT_FOUND)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error.get_response()
    found = response(OF_STATUS.get(code, Kind.MALFORMED))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            found.headers[name] = value
    return found


def _perhaps_out(error: Exception) -> ResponseReturnValue:
    cause = getattr(error, "original_exception", None) or error
    if not is_outage(cause):
        rollback()
        if cause is error:
            log.error("request failed", exc_info=error)
        return response(Kind.FAULT)
    with suppress(DBAPIError):
        rollback()
    log.error("outage", reason=type(cause).__name__)
    headers = {"Retry-After": str(RETRY_AFTER)}
    title = KINDS[Kind.OUTAGE][1]  # in English: nothing is asked of anything that may be gone
    body = {"type": f"/api/v1/#problem-{Kind.OUTAGE}", "title": title, "status": 503}
    return Response(json.dumps(body), 503, headers, MEDIA_TYPE)


def read_language() -> None:
    """Programs read in the language of their request's header alone."""
    g.reader_language = request.accept_languages.best_match(list(LANGUAGES)) or "en"


HANDLERS: dict[Any, Any] = {
    Failed: _failed,
    Invalid: _invalid,
    Refused: _refused,
    StaleDataError: _changed_meanwhile,
    DataError: _no_such_number,
    OverflowError: _no_such_number,
    HTTPException: _http,
    500: _perhaps_out,
    DBAPIError: _perhaps_out,
    OSError: _perhaps_out,
    TimeoutError: _perhaps_out,
}


def init_app(app: Flask) -> None:
    """Tell of problems below `PREFIX` also where no route was found, and no blueprint is asked."""

    def unknown(error: HTTPException) -> ResponseReturnValue:
        if not request.path.startswith(PREFIX):
            return page_of(error)
        read_language()
        return _http(error)

    for code in (404, 405):
        app.register_error_handler(code, unknown)
