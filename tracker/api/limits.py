"""How often a program may ask, in windows of a minute."""

from flask import Flask, Response, current_app

from tracker.kernel.limits import Left, Limits

EXTENSION = "api_limits"
SECONDS = 60


def limits() -> Limits:
    """Those of this application."""
    found: Limits = current_app.extensions[EXTENSION]
    return found


def tell(answer: Response, left: Left) -> None:
    """Say how many requests are left (draft-ietf-httpapi-ratelimit-headers)."""
    answer.headers["RateLimit-Policy"] = f'"minute";q={limits().rate};w={SECONDS}'
    answer.headers["RateLimit"] = f'"minute";r={left.remaining};t={left.seconds}'


def init_app(app: Flask, *, rate: int, redis_url: str | None) -> None:
    """Count."""
    app.extensions[EXTENSION] = Limits(rate, redis_url, seconds=SECONDS)
