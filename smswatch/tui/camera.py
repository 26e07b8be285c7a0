"""The camera: takes a picture of the screen, with numbers and texts masked unless a person wants them in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import App
from textual.command import CommandPalette

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line
from smswatch.tui import picture
from smswatch.tui.display_choice import DisplayChoice
from smswatch.tui.notices import Notices


class Camera:
    """Masks the screen for the moment of the picture."""

    def __init__(
        self,
        app: App[Any],
        display: DisplayChoice,
        show: Callable[[], None],
        notices: Notices,
    ) -> None:
        """`show` shows everything as `display` has it now."""
        self._app = app
        self._display = display
        self._show = show
        self._notices = notices

    async def take(self, *, is_masked: bool, folder: Path | None = None) -> None:
        """Take a picture into a new file of the folder, and say where it is."""
        while isinstance(self._app.screen, CommandPalette):
            await self._drawn()
        if is_masked and len(self._app.screen_stack) > 1:
            self._notices.say("Close this dialog first: it cannot be masked", seconds=5)
            return
        is_screen_masked = self._display.options.masked
        svg = await (self._masked() if is_masked else self._as_it_is())
        try:
            path = picture.keep(svg, folder or picture.usual_folder(), datetime.now().astimezone())
        except SmswatchError as error:
            self._notices.tell(error)
            return
        if is_masked:
            how = "numbers and texts masked"
        else:
            how = "masked, as the screen is" if is_screen_masked else "nothing masked"
        self._notices.say(f"Screenshot, {how}, for you alone:\n{safe_line(str(path), 300)}", seconds=10)

    async def _masked(self) -> str:
        was_masked = self._display.options.masked
        # A notice may tell what was not masked when it came.
        self._app.clear_notifications()
        self._mask(is_masked=True)
        try:
            return await self._as_it_is()
        finally:
            self._mask(is_masked=was_masked)

    def _mask(self, *, is_masked: bool) -> None:
        if self._display.options.masked != is_masked:
            self._display.turn_mask()
            self._show()

    async def _as_it_is(self) -> str:
        await self._drawn()
        return self._app.export_screenshot(title="smswatch")

    async def _drawn(self) -> None:
        """Wait until the screen shows what it was told before."""
        for _ in range(2):  # what is laid out anew asks to be drawn the next time
            drawn = asyncio.Event()
            self._app.call_after_refresh(drawn.set)
            await drawn.wait()
