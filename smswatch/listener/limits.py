"""Limits: how many bad requests a second are looked at, so that a flood of them stays cheap. Pure."""

from __future__ import annotations

import math

BAD_REQUESTS_PER_SECOND = 20


class TokenBucket:
    """Lets `rate` a second through, and as many at once after a pause. Time is passed in, in seconds."""

    def __init__(self, rate: float = BAD_REQUESTS_PER_SECOND) -> None:
        self._rate = rate
        self._tokens = rate
        self._filled_at = -math.inf

    def take(self, now: float) -> int:
        """Return 0 if one more may pass at `now`, else the whole seconds to wait."""
        gained = (now - self._filled_at) * self._rate
        self._tokens = min(self._rate, self._tokens + max(gained, 0.0))
        self._filled_at = max(self._filled_at, now)
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) / self._rate))
