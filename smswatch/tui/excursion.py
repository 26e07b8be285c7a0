"""An excursion: from a figure to the messages that it counts, and back to where the list was before."""

from __future__ import annotations

from typing import Self

from smswatch.tui.list_pane import ListPane


class Excursion:
    """Made by `begin`. It lasts as long as the list shows what was asked for."""

    def __init__(self, pane: ListPane, asked: str, before: tuple[str, bool]) -> None:
        self._pane = pane
        self._asked = asked
        self._before = before

    @classmethod
    async def begin(cls, pane: ListPane, filter_text: str) -> Self:
        """Let the list show what the filter lets through. FilterError, and nothing changes, if it cannot be read."""
        before = pane.filter_text, pane.is_marked_only
        await pane.set_filter(filter_text)
        if pane.is_marked_only:
            await pane.show_marked_only(is_marked_only=False)
        return cls(pane, pane.filter_text, before)

    @property
    def is_on(self) -> bool:
        """Nobody has changed the filter since."""
        return (self._pane.filter_text, self._pane.is_marked_only) == (self._asked, False)

    async def end(self) -> None:
        """Let the list show what it showed before."""
        text, is_marked_only = self._before
        await self._pane.set_filter(text)
        if is_marked_only:
            await self._pane.show_marked_only(is_marked_only=True)
