"""Headers that every answer carries; the policy allows no inline script and no inline style.

Before them stands what decides whether a request is for this installation at all: the names that
it answers to, and how many proxies in front of it are believed.
"""

import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Two years, as the list that browsers are shipped with asks for (hstspreload.org).
HSTS = "max-age=63072000; includeSubDomains; preload"
POLICY = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'{nonce}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)


# A page that reads codes from the camera: WebAssembly, but no other code from text; pictures that
# it made itself; a worker of this site.
SCANNING = (
    POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'").replace(
        "img-src 'self' data:", "img-src 'self' data: blob:"
    )
    + "; worker-src 'self'; media-src 'self' blob:"
)


# What a browser can offer a page, all of it refused, for this page and for every frame in it; but
# passkeys are made and used on pages of this site.
_REFUSED = (
    *("accelerometer", "autoplay", "browsing-topics"),
    *("camera", "clipboard-read", "clipboard-write", "compute-pressure", "cross-origin-isolated"),
    *("display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope"),
    *("hid", "identity-credentials-get", "idle-detection"),
    *("keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials"),
    *("payment", "picture-in-picture", "private-state-token-issuance"),
    *("private-state-token-redemption", "screen-wake-lock", "serial"),
    *("storage-access", "sync-xhr", "unload", "usb", "window-management"),
    "xr-spatial-tracking",
)
_OWN = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join(
    [*(f"{name}=()" for name in _REFUSED), *(f"{name}=(self)" for name in _OWN)]
)
SCANNING_PERMISSIONS = PERMISSIONS.replace("camera=()", "camera=(self)")


def scanning_policy(response: Response) -> None:
    """Allow this page the camera and WebAssembly, which no other page has."""
    nonce = f" 'nonce-{g.csp_nonce}'"
    response.headers["Content-Security-Policy"] = SCANNING.format(nonce=nonce)
    response.headers["Permissions-Policy"] = SCANNING_PERMISSIONS


# A file that somebody sent once: even opened in a window of its own it runs nothing, loads nothing
# and is not of this site (an opaque origin).
ISOLATED = (
    "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def isolate(response: Response) -> Response:
    """Keep an answer that holds what somebody sent apart from the site that gives it."""
    response.headers["Content-Security-Policy"] = ISOLATED
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _prepare() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _protect(response: Response) -> Response:
    headers = response.headers
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", HSTS)
    if request.endpoint != "static":
        # Pages hold personal data: neither a shared cache nor the back button after sign-out.
        headers.setdefault("Cache-Control", "private, no-store")
    return response


def init_app(app: Flask) -> None:
    """Install the headers."""
    app.before_request(_prepare)
    app.after_request(_protect)


class Hosts:
    """A layer before the application (WSGI): a request for another name gets no page at all.

    Without it, whoever sends a foreign `Host` decides what the addresses in our answers and in
    our mail begin with, and a name that is pointed at this machine reads from it (DNS rebinding).
    """

    def __init__(self, inner: "WSGIApplication", names: Iterable[str]) -> None:
        self._inner = inner
        self._names = [name for name in names if not name.startswith("[")]
        self._addresses = frozenset(names) - frozenset(self._names)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Pass on what is addressed to one of our names."""
        host = environ.get("HTTP_HOST", "").lower()
        # An address of IP version 6 in brackets, which the library's comparison does not know.
        is_ours = host.rpartition("]")[0] + "]" in self._addresses if host[:1] == "[" else True
        if is_ours and host_is_trusted(host, None if host[:1] == "[" else self._names):
            return self._inner(environ, start)
        return plain_answer(environ, start, "400 BAD REQUEST", "This name is not served here.\n")


def plain_answer(
    environ: "WSGIEnvironment", start: "StartResponse", status: str, text: str
) -> list[bytes]:
    """Answer without the application, as strictly as with it."""
    body = text.encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", POLICY.format(nonce="")),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]
    if environ.get("wsgi.url_scheme") == "https":
        headers.append(("Strict-Transport-Security", HSTS))
    start(status, headers)
    return [body]


def behind_proxies(
    inner: "WSGIApplication", count: int
) -> "WSGIApplication | Callable[..., Iterable[bytes]]":
    """Believe the address and the scheme that `count` proxies in front of us add; none by default.

    The name comes in `Host`, which the proxy passes on, and is compared with ours.
    """
    return ProxyFix(inner, x_for=count, x_proto=count, x_host=0, x_prefix=0) if count else inner
