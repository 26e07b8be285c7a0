"""The vigil: what is still open and stuck, looked up now and then on a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.filters import FilterContext
from smswatch.store.reader import Reader
from smswatch.store.waiting import Waiting

_PAUSE_S = 2.0
"""Between two looks."""
_PAUSES = 50
"""Times as long as a look took: one that takes long, because much arrives, is repeated less often."""


class Vigil:
    """Looks while `keep` runs, and only while something is open."""

    def __init__(
        self,
        database: Path,
        filter_context: Callable[[], FilterContext],
        tell: Callable[[tuple[Waiting, ...]], None],
    ) -> None:
        """`tell` hears after each look what is still open, by provider."""
        self.stuck = 0
        """Messages that were open for too long at the last look."""
        self._tell = tell
        self._database = database
        self._filter_context = filter_context
        self._reader: Reader | None = None

    async def open(self) -> None:
        """Open the database. StoreError if it cannot be read."""
        self._reader = await Reader.open(self._database)

    async def close(self) -> None:
        """Close the database; nobody may be looking any more."""
        if self._reader is not None:
            await self._reader.close()

    async def keep(self, has_open: Callable[[], bool]) -> None:
        """Tell what waits, from look to look. What cannot be read is told by whoever looks at the screen's totals."""
        while self._reader is not None:
            begun = time.monotonic()
            with contextlib.suppress(StoreError):
                waiting = await self._look(self._reader) if has_open() else ()
                self.stuck = sum(one.stuck for one in waiting)
                self._tell(waiting)
            await asyncio.sleep(max(_PAUSE_S, _PAUSES * (time.monotonic() - begun)))

    async def _look(self, reader: Reader) -> tuple[Waiting, ...]:
        return await reader.still_open(self._filter_context().stuck_before_ms)
