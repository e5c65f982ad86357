"""Headers that every answer carries; the policy allows no inline script and no inline style."""

import secrets

from flask import Flask, Response, g, request

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


def scanning_policy(response: Response) -> None:
    """Allow this page the camera and WebAssembly, which no other page has."""
    nonce = f" 'nonce-{g.csp_nonce}'"
    response.headers["Content-Security-Policy"] = SCANNING.format(nonce=nonce)
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"


def _prepare() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _protect(response: Response) -> Response:
    headers = response.headers
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        # Pages hold personal data: neither a shared cache nor the back button after sign-out.
        headers.setdefault("Cache-Control", "private, no-store")
    return response


def init_app(app: Flask) -> None:
    """Install the headers."""
    app.before_request(_prepare)
    app.after_request(_protect)
