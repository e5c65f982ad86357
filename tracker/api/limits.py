"""How often a program may ask: counted in Redis where there is one, else by each process.

Fixed windows of a minute. A store that does not answer is not waited for: this process then counts
by itself, since nobody is to be shut out because a helper is gone.
"""

import time
from dataclasses import dataclass
from typing import cast

import structlog
from flask import Flask, Response, current_app
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

log = structlog.get_logger()
EXTENSION = "api_limits"
SECONDS = 60
PATIENCE = 0.5  # seconds that a store is waited for


@dataclass(frozen=True)
class Left:
    """How many requests a caller has left, and in how many seconds they are all back."""

    is_over: bool
    remaining: int
    seconds: int


def _store(url: str) -> Storage:
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    found = storage_from_string(url, wrap_exceptions=True, **patience)
    return cast(Storage, found)


class Limits:
    """What is counted of the callers of one application."""

    def __init__(self, rate: int, redis_url: str | None) -> None:
        self.rate = rate
        self._item = RateLimitItemPerMinute(rate)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_store(redis_url)) if redis_url else self._own

    def take(self, caller: str) -> Left:
        """Count one request."""
        try:
            return self._take(self._shared, caller)
        except StorageError as error:
            log.warning("limits are counted here alone", reason=type(error.storage_error).__name__)
            return self._take(self._own, caller)

    def _take(self, limiter: FixedWindowRateLimiter, caller: str) -> Left:
        is_within = limiter.hit(self._item, caller)
        reset, remaining = limiter.get_window_stats(self._item, caller)
        seconds = min(SECONDS, max(1, round(reset - time.time())))
        return Left(not is_within, max(0, remaining), seconds)


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
    app.extensions[EXTENSION] = Limits(rate, redis_url)
