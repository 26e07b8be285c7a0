"""The throttle: a rule calls at once, then at most once in ten seconds, with the number of what came meanwhile."""

from __future__ import annotations

PAUSE_MS = 10_000


class Throttle:
    """Counts what is to be told; the clock is the caller's."""

    def __init__(self) -> None:
        self._waiting = 0
        self._told_ms: int | None = None

    def add(self, number: int) -> None:
        """Take note of so many."""
        self._waiting += number

    def is_due(self, now_ms: int) -> bool:
        """Tell whether something waits and may be told."""
        is_quiet = self._told_ms is None or not 0 <= now_ms - self._told_ms < PAUSE_MS
        return bool(self._waiting) and is_quiet

    def take(self, now_ms: int) -> int:
        """Return how many are to be told now, and begin the pause; 0 while it lasts, or where nothing waits."""
        if not self.is_due(now_ms):
            return 0
        told, self._waiting, self._told_ms = self._waiting, 0, now_ms
        return told
