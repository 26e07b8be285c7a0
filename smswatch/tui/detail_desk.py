"""The detail desk: which row lies in the detail pane, and when it is read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from smswatch.errors import StoreError
from smswatch.store.select import Row
from smswatch.tui.copy_menu import Copies
from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.detail_source import DetailSource
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.notices import Notices

AGAIN_MS = 500
"""Between two readings of a row while it changes."""


class DetailDesk:
    """A row stays on it whatever arrives, until the person takes another."""

    def __init__(
        self,
        database: Path,
        providers: tuple[ProviderFacts, ...],
        notices: Notices,
        clock: Callable[[], int],
    ) -> None:
        """`clock` gives UTC milliseconds."""
        by_name = {facts.name: facts for facts in providers}
        self.pane = DetailPane(by_name, id="detail")
        self.row: Row | None = None
        """What is shown, or comes next."""
        self._source = DetailSource(database, by_name)
        self._notices = notices
        self._clock = clock
        self._read_ms = 0
        self._is_stale = False

    @property
    def is_open(self) -> bool:
        """The pane is on the screen."""
        return self.pane.display

    async def can_read(self) -> bool:
        """Open the database, once; say it where that fails."""
        try:
            await self._source.open()
        except StoreError as error:
            self._notices.tell(error)
            return False
        return True

    def note_change(self) -> None:
        """Hear that the database changed."""
        self._is_stale = True

    def is_due(self, now_ms: int) -> bool:
        """Tell whether what is shown is to be read again."""
        return self.is_open and self._is_stale and now_ms - self._read_ms >= AGAIN_MS

    async def read(self) -> None:
        """Read the row and show it."""
        self._is_stale = False
        self._read_ms = self._clock()
        try:
            await self._source.show(self.row, self.pane)
        except StoreError as error:
            self._notices.tell(error)

    async def copies(self, row: Row, display: DisplayOptions) -> Copies | None:
        """Return what can be copied of a row: of the one that is open, the request that is shown of it."""
        if not await self.can_read():
            return None
        try:
            copies = await self._source.copies(row, display)
        except StoreError as error:
            self._notices.tell(error)
            return None
        shown = self.pane.shown_request(row) if self.is_open else None
        return copies if shown is None else msgspec.structs.replace(copies, request=shown)

    async def close(self) -> None:
        """Close what was opened to read."""
        await self._source.close()
