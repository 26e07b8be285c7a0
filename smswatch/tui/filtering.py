"""Filtering: brings what is typed in the filter line to the list that is shown, and back what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from textual.widgets import Input

from smswatch.errors import FilterError, SmswatchError, StoreError
from smswatch.store.live_values import LiveValues, read_live_values
from smswatch.tui.display_choice import DisplayChoice
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.list_status import count_words
from smswatch.tui.memory import MemoryFile
from smswatch.tui.notices import Notices
from smswatch.tui.screens import Screens

_PRIVATE = frozenset(("text", "number"))
"""Keys whose values are not offered while numbers and texts are masked."""


class Filtering:
    """Knows the line, the lists and the history, so that none of them knows another."""

    def __init__(
        self,
        screens: Screens,
        database: Path,
        memory: MemoryFile,
        display: DisplayChoice,
        notices: Notices,
    ) -> None:
        """`display` tells whether private text may be seen, and kept."""
        self.bar = FilterBar()
        self._screens = screens
        self._database = database
        self._memory = memory
        self._display = display
        self._notices = notices
        self._values: LiveValues = {}

    @property
    def is_open(self) -> bool:
        """The line is on the screen."""
        return self.bar.display

    def open(self) -> Input | None:
        """Show the line; return what is to get the focus, None where there is no list."""
        pane = self._screens.pane
        if pane is None:
            return None
        self._offer_values()
        return self.bar.open(
            pane.filter_text, () if self._display.options.masked else self._memory.now.history
        )

    def close(self) -> bool:
        """Hide the line; False if it was hidden already."""
        was_open, self.bar.display = self.bar.display, False
        return was_open

    async def read_values(self) -> None:
        """Read the values that exist, off the loop, so that the line can complete with them."""
        # A list that cannot be read says so itself; here it is only a convenience.
        with contextlib.suppress(StoreError):
            self._values = await asyncio.to_thread(read_live_values, self._database)
            self._offer_values()

    def _offer_values(self) -> None:
        hidden = _PRIVATE if self._display.options.masked else frozenset()
        values = {key: some for key, some in self._values.items() if key not in hidden}
        self.bar.input.set_values(values, self._screens.kind)

    async def apply(self, text: str) -> None:
        """Put a filter in force; one that cannot be read leaves the last valid one as it is."""
        pane = self._screens.pane
        if pane is None:
            return
        try:
            await pane.set_filter(text)
        except FilterError as error:
            self.bar.say_wrong(error)
            return
        self.bar.say(f"✓ {count_words(pane.state)}")

    async def accept(self, text: str) -> bool:
        """Put a filter in force and into the history; False, and it stays in the line, if it cannot be read."""
        pane = self._screens.pane
        if pane is None:
            return True
        try:
            await pane.set_filter(text)
        except FilterError as error:
            self.bar.say_wrong(error, is_refused=True)
            return False
        if not self._display.options.masked:
            try:
                self._memory.note_filter(text)
            except SmswatchError as error:
                self._notices.tell(error)
        return True

    async def take(self, text: str) -> None:
        """Put a filter in force that was chosen, not typed; say it where it cannot be read any more."""
        if self._screens.pane is not None:
            try:
                await self._screens.pane.set_filter(text)
            except FilterError as error:
                self._notices.tell(error)

    def show_state(self) -> None:
        """Say how much an open line lets through now."""
        pane = self._screens.pane
        if pane is not None and self.bar.display and self.bar.is_valid:
            self.bar.say(f"✓ {count_words(pane.state)}")
