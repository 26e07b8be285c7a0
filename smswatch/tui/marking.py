"""Marking: turns the mark of a message, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from smswatch.errors import StoreError
from smswatch.model import Kind
from smswatch.store.rows import Marking, MessageRow
from smswatch.store.select import Row
from smswatch.store.window import Window
from smswatch.tui.notices import Notices

ONLY_MESSAGES = "Only messages can be marked (screen 1)"


class Marker:
    """Reads whether a message is marked and asks those who may write to turn it."""

    def __init__(self, write: Callable[[Marking], int] | None, window: Window, notices: Notices) -> None:
        """`write` waits until it is kept; None where nobody can."""
        self._write = write
        self._window = window
        self._notices = notices

    async def turn(self, row: Row, *, is_said: bool) -> None:
        """Mark a message, or take its mark away; `is_said` where the person cannot see it."""
        if self._write is None or not isinstance(row, MessageRow):
            self._notices.say(ONLY_MESSAGES)
            return
        try:
            now = self._window.rows(Kind.MESSAGES, (row.id,)).get(row.id)
            marking = Marking((row.id,), is_marked=not (isinstance(now, MessageRow) and now.is_marked))
            await asyncio.to_thread(self._write, marking)
        except StoreError as error:
            self._notices.tell(error)
            return
        if is_said:
            self._notices.say("Marked" if marking.is_marked else "No longer marked", seconds=2)
