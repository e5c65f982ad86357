"""What a request or a job costs: counted while it runs, told in one line when it has ended.

The line names the route and its pattern, never the address: that holds what people search for,
numbers of records and the secret addresses of calendars. A request has an identity that all its
lines carry, that its answer names, and that travels with the jobs it gives out.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from tracker.kernel import logs
from tracker.kernel.logs import LONGEST
from tracker.kernel.metrics import METHODS, metrics
from tracker.kernel.security import plain_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()
# Of a proxy that we trust; anything else could be made up to mislead who reads the log.
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
KEPT = "kept"  # the endpoint of answers that came from memory
NONE = "none"  # and of addresses that lead nowhere


@dataclass(slots=True)
class Tally:
    """What is known so far of the request or job under way."""

    request_id: str
    method: str = ""
    endpoint: str = ""
    rule: str = ""
    user_id: int | None = None
    status: int = 0
    statements: int = 0
    size: int = 0
    began: float = 0.0


_current: ContextVar[Tally | None] = ContextVar("tally", default=None)


def current() -> Tally | None:
    """What is being counted in this context."""
    return _current.get()


def current_request_id() -> str | None:
    """The identity of the request under way, or of the one that gave out the job under way."""
    found = _current.get()
    return found.request_id if found else None


class Watch:
    """The outermost layer of the application (WSGI): one line and one count an answer."""

    def __init__(self, inner: "WSGIApplication", *, trusts_proxy: bool, app: Flask) -> None:
        self._inner, self._trusts_proxy, self._app = inner, trusts_proxy, app

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer, and note what that took."""
        method = environ["REQUEST_METHOD"]
        tally = Tally(
            request_id=self._request_id(environ),
            method=method if method in METHODS else "OTHER",
            began=time.perf_counter(),
        )
        _current.set(tally)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=tally.request_id)

        def named(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            tally.status = int(status[:3])
            # A list of its own: the one given may belong to an answer that is kept.
            marked = [*headers, ("X-Request-ID", tally.request_id)]
            return start(status, marked, exc_info) if exc_info else start(status, marked)

        try:
            chunks = self._inner(environ, named)
        except Exception:
            if self._propagates():
                raise
            log.exception("request failed")
            chunks = plain_answer(
                environ, named, "500 INTERNAL SERVER ERROR", "Something went wrong.\n"
            )
        if isinstance(chunks, list | tuple):
            tally.size = sum(map(len, chunks))
            _ended(tally)
            return list(chunks)
        return _Counted(chunks, tally)

    def _request_id(self, environ: "WSGIEnvironment") -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._trusts_proxy else ""
        return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex

    def _propagates(self) -> bool:
        wanted = self._app.config["PROPAGATE_EXCEPTIONS"]
        return bool(self._app.testing or self._app.debug) if wanted is None else bool(wanted)


class _Counted:
    """An answer's body, counted as it goes out; told once, at its end or where it breaks off."""

    def __init__(self, chunks: Iterable[bytes], tally: Tally) -> None:
        self._chunks, self._tally, self._is_told = chunks, tally, False
        self._following = iter(chunks).__next__

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = self._following()
        except StopIteration:
            self._tell()
            raise
        except Exception:
            self._tally.status = 500
            log.exception("answer broke off")
            self._tell()
            raise
        self._tally.size += len(chunk)
        return chunk

    def close(self) -> None:
        """End the answer."""
        try:
            if close := getattr(self._chunks, "close", None):
                close()
        finally:
            self._tell()

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            _ended(self._tally)


def _ended(tally: Tally) -> None:
    seconds = time.perf_counter() - tally.began
    endpoint = tally.endpoint or (KEPT if tally.status < 400 else NONE)
    logs.write(
        "request",
        "warning" if tally.status >= 500 else "info",
        {
            "request_id": tally.request_id,
            "method": tally.method,
            "endpoint": endpoint,
            "rule": tally.rule,
            "status": tally.status,
            "ms": round(seconds * 1000, 1),
            "statements": tally.statements,
            "bytes": tally.size,
            "user": tally.user_id,
        },
    )
    metrics.answered(
        endpoint, tally.method, tally.status, seconds=seconds, statements=tally.statements
    )
    _current.set(None)
    structlog.contextvars.clear_contextvars()


def begin_request() -> str:
    """Note which route answers; the identity of this request."""
    tally = _current.get()
    if tally is None:  # a context of a test or a command, which nobody watches
        return uuid.uuid4().hex
    tally.endpoint = request.endpoint or NONE
    tally.rule = request.url_rule.rule if request.url_rule else ""
    structlog.contextvars.bind_contextvars(endpoint=tally.endpoint)
    return tally.request_id


def note_user(user_id: int | None) -> None:
    """Note who asks, by the account's number."""
    if tally := _current.get():
        tally.user_id = user_id


# Statements


class _Slow:
    """From how many seconds a statement is told of; None: never."""

    after: float | None = None


def configure(slow_query_ms: int) -> None:
    """Tell of statements over so many milliseconds; 0: of none."""
    _Slow.after = slow_query_ms / 1000 if slow_query_ms else None


@event.listens_for(Engine, "before_cursor_execute")
def _asked(
    connection: Connection, _cursor: Any, _statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    if tally := _current.get():
        tally.statements += 1
    if _Slow.after is not None:
        connection.info["asked_at"] = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _answered(
    connection: Connection, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    if _Slow.after is None:
        return
    seconds = time.perf_counter() - connection.info.get("asked_at", float("inf"))
    if seconds > _Slow.after:
        metrics.slow_statements.inc()
        log.warning(
            "slow statement",
            statement=" ".join(statement.split())[:LONGEST],
            ms=round(seconds * 1000, 1),
        )


# Jobs


@dataclass(frozen=True)
class Begun:
    """A job under way, and what its context held before."""

    tally: Tally
    outer: Tally | None
    tokens: Any


def begin_job(name: str, request_id: str | None) -> Begun:
    """Count for a job from here on; `request_id` is of the request that gave it out, if any."""
    tally = Tally(request_id=request_id or uuid.uuid4().hex, began=time.perf_counter())
    outer = _current.get()
    _current.set(tally)
    tokens = structlog.contextvars.bind_contextvars(job=name, request_id=tally.request_id)
    return Begun(tally, outer, tokens)


def end_job(
    begun: Begun, name: str, *, error: BaseException | None, outcome: str, waited: float | None
) -> int:
    """Tell of a job and count it; how many milliseconds it took."""
    seconds = time.perf_counter() - begun.tally.began
    told: dict[str, Any] = {"exc_info": error} if error else {}
    say: Callable[..., Any] = log.error if outcome == "failed" else log.info
    say(
        "job",
        outcome=outcome,
        ms=round(seconds * 1000, 1),
        statements=begun.tally.statements,
        waited_ms=None if waited is None else round(waited * 1000),
        **told,
    )
    metrics.job_ended(name, outcome, seconds)
    _current.set(begun.outer)
    structlog.contextvars.reset_contextvars(**begun.tokens)
    return round(seconds * 1000)
