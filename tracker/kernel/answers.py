"""Answers that are the same for every reader, kept in the memory of a process.

A public page is made once a minute and a version of the data; whoever asks again gets the same
bytes before the application has looked at the request. What may be kept says so itself: it answers
200, says `Cache-Control: public` and sets no cookie. Each is given with a strong validator
(RFC 9110, 8.8.3) and compressed for who takes that.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import structlog
from werkzeug.http import parse_cookie

from tracker.kernel import clock
from tracker.kernel.display import display_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST = 256  # answers
LARGEST = 2_000_000  # bytes of one
SMALLEST_COMPRESSED = 500  # bytes
COMPRESSED = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/csvm+json",
    "image/svg",
)
log = structlog.get_logger()
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Variant:
    """One answer as bytes with its headers, and what is left of these where nothing changed."""

    headers: Headers
    headers_unchanged: Headers
    etag: str
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What was answered once; `state` is the version of the data and the minute it stands for."""

    state: Hashable | None  # None: the address says what it holds, it never changes
    plain: Variant
    compressed: Variant | None

    def give(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer with it, or that what the reader holds is still the same."""
        takes = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        found = self.compressed if takes and self.compressed else self.plain
        if found.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start("304 NOT MODIFIED", found.headers_unchanged)
            return ()
        start("200 OK", found.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (found.body,)


class Answers:
    """A layer before the application (WSGI) for the addresses that begin with `prefixes`.

    `version` says in what state the data is that this request is answered from; it is asked before
    an answer is made, so that a change in between is answered twice and never missed.
    """

    def __init__(
        self,
        inner: "WSGIApplication",
        version: Callable[["WSGIEnvironment"], int],
        prefixes: tuple[str, ...],
    ) -> None:
        self._inner, self._version, self._prefixes = inner, version, prefixes
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer from memory where that may be, else by the application."""
        if not self._concerns(environ):
            return self._inner(environ, start)
        key = _key(environ)
        found = self._kept.get(key)
        if found is not None and found.state is None:
            return found.give(environ, start)
        try:
            state = (self._version(environ), clock.now().replace(second=0, microsecond=0))
        except Exception:  # the application says better what is wrong with the database
            log.exception("no version of the data")
            return self._inner(environ, start)
        if found is not None and found.state == state:
            return found.give(environ, start)
        return self._make(key, state, environ, start)

    def _concerns(self, environ: "WSGIEnvironment") -> bool:
        return (
            environ["REQUEST_METHOD"] in {"GET", "HEAD"}
            and environ.get("PATH_INFO", "").startswith(self._prefixes)
            and "HTTP_RANGE" not in environ
        )

    def _make(
        self,
        key: Hashable,
        state: Hashable,
        environ: "WSGIEnvironment",
        start: "StartResponse",
    ) -> Iterable[bytes]:
        said: list[Any] = []

        def listen(status: str, headers: Headers, exc_info: Any = None) -> Any:
            said[:] = [status, headers]
            return lambda _data: None

        whole = {name: value for name, value in environ.items() if name not in _CONDITIONS}
        chunks = self._inner(whole | {"REQUEST_METHOD": "GET"}, listen)
        try:
            body = b"".join(chunks)
        finally:
            if close := getattr(chunks, "close", None):
                close()
        status, headers = said
        if not _may_be_kept(status, headers, body):
            start(status, headers)
            return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
        answer = _answer(state, headers, body)
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return answer.give(environ, start)


_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})


def _key(environ: "WSGIEnvironment") -> Hashable:
    """The whole address, since answers name themselves by it, and how the reader is shown it."""
    shown = display_settings(parse_cookie(environ)) if "HTTP_COOKIE" in environ else {}
    return (
        environ.get("wsgi.url_scheme"),
        environ.get("HTTP_X_FORWARDED_PROTO"),
        environ.get("HTTP_HOST"),
        environ.get("SCRIPT_NAME"),
        environ.get("PATH_INFO"),
        environ.get("QUERY_STRING"),
        tuple(value for value in shown.values() if value),
    )


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _may_be_kept(status: str, headers: Headers, body: bytes) -> bool:
    return (
        status.startswith("200")
        and "public" in _header(headers, "cache-control")
        and not _header(headers, "set-cookie")
        and len(body) <= LARGEST
    )


def _answer(state: Hashable, headers: Headers, body: bytes) -> Answer:
    # What keeps for a day and more has the digest of its content in its address.
    ages = _header(headers, "cache-control").partition("max-age=")[2].partition(",")[0]
    is_lasting = ages.isdecimal() and int(ages) >= 86_400
    digest = hashlib.sha256(body).hexdigest()[:32]
    kind = _header(headers, "content-type")
    compressed = None
    if kind.startswith(COMPRESSED) and len(body) >= SMALLEST_COMPRESSED:
        smaller = gzip.compress(body, 9, mtime=0)
        coding = [("Content-Encoding", "gzip")]
        compressed = _variant([*headers, *coding], smaller, f'"{digest}-gz"')
    plain = _variant(headers, body, f'"{digest}"')
    return Answer(None if is_lasting else state, plain, compressed)


def _variant(headers: Headers, body: bytes, etag: str) -> Variant:
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in {"content-length", "etag", "vary", "date", "last-modified"}
    ]
    vary = [part for part in _header(headers, "vary").split(", ") if part]
    kept += [("ETag", etag), ("Vary", ", ".join(dict.fromkeys([*vary, "Accept-Encoding"])))]
    whole = [*kept, ("Content-Length", str(len(body)))]
    unchanged = [(name, value) for name, value in kept if not name.lower().startswith("content-")]
    return Variant(whole, unchanged, etag, body)
