"""The arrangement: what of the dashboard stands where, by the height of the terminal."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App
from textual.events import Resize

from smswatch.tui.detail_desk import DetailDesk
from smswatch.tui.screens import Screens

_SPLIT_FROM_HEIGHT = 32
"""Lines from which a list and a detail fit below each other."""
_TALL_FROM_HEIGHT = 20
_LOW_BELOW_HEIGHT = 12


class Arrangement:
    """Puts list and detail below each other where both fit, else shows one of them."""

    def __init__(self, app: App[Any], screens: Screens, desk: DetailDesk) -> None:
        self._app = app
        self._screens = screens
        self._desk = desk
        self._furnishing = asyncio.Lock()
        self._is_furnished = False
        self.is_resized = False
        """The terminal had another size since `mend_size`, if only for a moment."""

    async def furnish(self) -> None:
        """Mount what is not seen at first, and would have kept the first frame waiting; once."""
        async with self._furnishing:
            if not self._is_furnished and self._screens.is_attached:
                # Beside the lists, not on top of a menu that may be open already.
                await self._screens.screen.mount(self._desk.pane, after=self._screens)
                await self._screens.furnish()
                self._is_furnished = True

    def open_detail(self, *, opened: bool) -> None:
        """Open the detail, or close it."""
        self._desk.pane.display = opened
        self.arrange(self._app.size.height)

    def arrange(self, height: int) -> None:
        """Arrange everything for so many lines."""
        covers = self._desk.is_open and height < _SPLIT_FROM_HEIGHT
        self._screens.display = not covers
        self._app.set_class(height >= _TALL_FROM_HEIGHT, "-tall")
        self._app.set_class(height < _LOW_BELOW_HEIGHT, "-low")

    def mend_size(self) -> None:
        """Make good what is lost of resizes: draw all of the screen, and tell it of one that it did not hear of.

        A terminal that becomes smaller forgets what no longer fits, and where it is as large as before when we look,
        Textual draws nothing. Textual passes resizes on by a timer of 8 ms that never rings where the process stood
        still for longer just as it was set, and then it waits for that timer at all later resizes, too.
        """
        if self._app.screen.outer_size != self._app.size:
            self._app.screen.post_message(Resize(self._app.size, self._app.size))
        elif self.is_resized:
            self.is_resized = False
            self._app.refresh(layout=True)
