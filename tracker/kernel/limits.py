"""How often somebody may ask: counted in Redis where there is one, else by each process.

Fixed windows. A store that does not answer is not waited for: this process then counts by itself,
since nobody is to be shut out because a helper is gone.
"""

import time
from dataclasses import dataclass
from typing import cast

import structlog
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

log = structlog.get_logger()
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
    """What is counted of the callers of one application: `rate` in a window of `seconds`."""

    def __init__(self, rate: int, redis_url: str | None, *, seconds: int = 60) -> None:
        self.rate, self.seconds = rate, seconds
        self._item = RateLimitItemPerSecond(rate, seconds)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_store(redis_url)) if redis_url else self._own

    def take(self, caller: str, cost: int = 1) -> Left:
        """Count one request, or as many as it costs."""
        try:
            return self._take(self._shared, caller, cost)
        except StorageError as error:
            log.warning("limits are counted here alone", reason=type(error.storage_error).__name__)
            return self._take(self._own, caller, cost)

    def _take(self, limiter: FixedWindowRateLimiter, caller: str, cost: int) -> Left:
        is_within = limiter.hit(self._item, caller, cost=cost)
        reset, remaining = limiter.get_window_stats(self._item, caller)
        seconds = min(self.seconds, max(1, round(reset - time.time())))
        return Left(not is_within, max(0, remaining), seconds)
