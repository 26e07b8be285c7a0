"""Insight's reading: counts in the background, and makes of it what the screen shows, on a thread of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from smswatch.store.insight import Insight
from smswatch.store.reader import Reader

_SHOWN_AGAIN_S = 0.4
"""Between two showings of what has been counted so far."""


class InsightReading:
    """Reads for the screen. Methods raise StoreError where the database cannot be read."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._reader: Reader | None = None

    async def open(self) -> None:
        """Open the database, once. Not where it may be cancelled: a connection that is half open is not closed."""
        if self._reader is None:
            self._reader = await Reader.open(self._database)

    async def close(self) -> None:
        """Close it; nothing may be counting any more. Safe to call twice."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    async def counted(
        self, since_ms: int | None, now_ms: int, *, is_given_up: Callable[[], bool], with_parts: bool
    ) -> AsyncGenerator[Insight]:
        """Yield what was counted; with parts also what has been counted so far, where that takes long.

        Ends early, without the whole, once it is given up. A step is short: nobody waits long for its end.
        """
        if self._reader is None:
            return
        shown_at = time.monotonic()
        async with aclosing(self._reader.insight(since_ms, now_ms)) as countings:
            async for counting in countings:
                if is_given_up():
                    return
                is_due = with_parts and time.monotonic() - shown_at >= _SHOWN_AGAIN_S
                if counting.share < 1 and not is_due:
                    continue
                yield await asyncio.to_thread(counting.insight)
                shown_at = time.monotonic()
