"""Filtering: brings what is typed in the filter line to the list that is shown, and back what came of it."""

from __future__ import annotations

from textual.widgets import Input

from smswatch.errors import FilterError
from smswatch.safe_text import safe_line
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.list_status import count_words
from smswatch.tui.screens import Screens


class Filtering:
    """Knows the line and the lists, so that neither knows the other."""

    def __init__(self, bar: FilterBar, screens: Screens) -> None:
        self._bar = bar
        self._screens = screens

    @property
    def is_open(self) -> bool:
        """The line is on the screen."""
        return self._bar.display

    def open(self) -> Input | None:
        """Show the line; return what is to get the focus, None where there is no list."""
        pane = self._screens.pane
        return None if pane is None else self._bar.open(pane.filter_text)

    def close(self) -> bool:
        """Hide the line; False if it was hidden already."""
        was_open, self._bar.display = self._bar.display, False
        return was_open

    async def apply(self, text: str) -> None:
        """Put a filter in force; one that cannot be read leaves the last valid one as it is."""
        pane = self._screens.pane
        if pane is None:
            return
        try:
            await pane.set_filter(text)
        except FilterError as error:
            self._bar.say(f"✗ {safe_line(error.reason, 120)} (at {error.position + 1})", valid=False)
            return
        self._bar.say(f"✓ {count_words(pane.state)}", valid=True)

    def show_state(self) -> None:
        """Say how much an open line lets through now."""
        pane = self._screens.pane
        if pane is not None and self._bar.display and self._bar.is_valid:
            self._bar.say(f"✓ {count_words(pane.state)}", valid=True)
