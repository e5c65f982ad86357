"""What nobody should be able to break the system with, and what an answer must never do."""

import itertools
from collections.abc import Iterator
from typing import Any

from flask import Flask, got_request_exception
from werkzeug.test import TestResponse

CANARY = "<zq onload=x>"
QUOTED = "zq\"onfocus='x'"
TEXTS: tuple[str, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "x" * 20_000,
    CANARY,
    QUOTED,
    f"</script><script>{CANARY}</script>",
    f"javascript:{CANARY}",
    "' OR '1'='1",
    "1; DROP TABLE observers; --",
    "%' UNION SELECT password FROM users --",
    "{{ 7 * 7 }}{% for x in y %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "%s%n%x %(name)s %(limit)d {0} {name!r}",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "=1+1|' /C calc'!A0",
    "\u202eexe.fdp",
    "\u2066\u200b\ufeff\u00ad",
    "\ud800",
    "\ufdd0\uffff",
    "e\u0301" * 400,
    "💥👩‍👩‍👧‍👦",
    "\r\nSet-Cookie: zq=1\r\n\r\nzq",
    "\x1b[31m\x08\x07",
    "١٢٣",
    "²",
    "-1",
    "0",
    "1.5",
    "1e309",
    "NaN",
    "1" + "0" * 30,
    "9" * 5_000,
    "-" + "9" * 40,
    "9223372036854775808",
    "true",
    "null",
    "[]",
    "{}",
    "0000-00-00",
    "0001-01-01",
    "0000-01-01",
    "9999-12-31",
    "10000-01-01",
    "2022-02-30",
    "2022-11-18T25:61",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "99:99",
    "24:00",
    "no-such-choice",
    "official:0",
    "official:" + "9" * 40,
    "AA",
)
LEAKS = (
    b"Traceback (most recent call last)",
    b"sqlalchemy.exc",
    b"sqlite3.",
    b"psycopg",
    b"werkzeug.exceptions",
    b"jinja2.exceptions",
    b"Werkzeug Debugger",
)
DOCUMENTS = "/help/administration/"  # speak of the inside, to administrators
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": None,
    "Permissions-Policy": None,
    "Content-Security-Policy": None,
    "Cross-Origin-Opener-Policy": "same-origin",
}


def values(start: int, count: int) -> Iterator[str]:
    """`count` hostile texts, others for each `start`, so that all are used in a few rounds."""
    return itertools.islice(itertools.cycle(TEXTS), start % len(TEXTS), start % len(TEXTS) + count)


def problems(response: TestResponse) -> list[str]:
    """What is wrong with an answer to something hostile."""
    found = []
    if response.status_code >= 500 and response.status_code != 503:
        found.append(f"answers {response.status}")
    body = response.data
    if not response.request.path.startswith(DOCUMENTS):
        found += [f"shows {leak.decode()!r}" for leak in LEAKS if leak in body]
    if response.mimetype in {"text/html", "image/svg+xml", "application/xml"}:
        if CANARY.encode() in body or b"<zq" in body:
            found.append("repeats a tag unescaped")
        if QUOTED.encode() in body or b'zq"onfocus' in body:
            found.append("repeats a quotation mark unescaped")
    if response.headers.get("Set-Cookie", "").startswith("zq"):
        found.append("lets a header in")
    for name, value in HEADERS.items():
        said = response.headers.get(name)
        if said is None or (value is not None and said != value):
            found.append(f"has {name}: {said}")
    if "unsafe-inline" in response.headers.get("Content-Security-Policy", ""):
        found.append("allows inline scripts")
    return found


class Causes:
    """The last exception that a request of this application raised, to name it in a test."""

    def __init__(self, app: Flask) -> None:
        self.last: BaseException | None = None
        got_request_exception.connect(self._keep, app)

    def _keep(self, _sender: Flask, exception: BaseException, **_more: Any) -> None:
        self.last = exception

    def take(self) -> str:
        """What it was and where; nothing is kept for the next request."""
        error, self.last = self.last, None
        if error is None:
            return ""
        trace, place = error.__traceback__, ""
        while trace is not None:
            if "/tracker/" in trace.tb_frame.f_code.co_filename:
                place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        return f" ({type(error).__name__}: {str(error)[:120]!r} at {place})"
