"""The list desk: what a person does with the list that is shown: order, columns, marks, standing still, failures."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App

from smswatch.errors import SmswatchError, StoreError
from smswatch.model import Kind
from smswatch.store.ordering import OrderName
from smswatch.store.window import Window
from smswatch.tui.column_chooser import ColumnChooser
from smswatch.tui.columns import COLUMNS
from smswatch.tui.failures import find_failure
from smswatch.tui.list_pane import ListPane
from smswatch.tui.marking import ONLY_MESSAGES
from smswatch.tui.memory import ColumnChoice, MemoryFile
from smswatch.tui.notices import Notices
from smswatch.tui.screens import Screens


class ListDesk:
    """Does nothing where another screen is shown."""

    def __init__(
        self, app: App[Any], screens: Screens, window: Window, memory: MemoryFile, notices: Notices
    ) -> None:
        self._app = app
        self._screens = screens
        self._window = window
        self._memory = memory
        self._notices = notices

    def arrange_columns(self) -> None:
        """Show the columns of every list as they were chosen last."""
        for kind, choice in self._memory.now.columns.items():
            if kind in self._screens.panes:
                self._screens.panes[Kind(kind)].table.choose_columns(choice)

    async def follow(self) -> None:
        """Stay on the newest row, or stop."""
        if self._screens.pane is not None:
            await self._screens.pane.turn_following()

    def freeze(self) -> None:
        """Let the list stand still while intake goes on, or go on."""
        if self._screens.pane is not None:
            try:
                self._screens.pane.freeze()
            except StoreError as error:
                self._notices.tell(error)

    async def sort_by_next(self) -> None:
        """Sort by the next column."""
        if self._screens.pane is not None:
            await self._screens.pane.sort_by_next()

    async def sort_by(self, name: OrderName) -> None:
        """Sort by a column; the same one again turns the order around."""
        if self._screens.pane is not None:
            await self._screens.pane.sort_by(name)

    async def reverse(self) -> None:
        """Turn the order around."""
        if self._screens.pane is not None:
            await self._screens.pane.reverse()

    async def go_to_failure(self, step: int) -> None:
        """Go to the next row (`step` 1), or the previous one (-1), that tells of a failure."""
        pane = self._screens.pane
        if pane is None:
            return
        try:
            found = await find_failure(pane.feed, partial(self._window.rows, pane.kind), step)
        except StoreError as error:
            self._notices.tell(error)
            return
        place = None if found is None else pane.feed.place_of(found)
        if place is not None:
            pane.table.move_to(place)
        else:
            self._notices.say(f"No failure {'below' if step > 0 else 'above'}", seconds=2)

    async def turn_marked_only(self) -> None:
        """Show only marked messages, or all again."""
        pane = self._screens.pane
        if pane is not None and pane.kind is not Kind.MESSAGES:
            self._notices.say(ONLY_MESSAGES)
        elif pane is not None:
            await pane.show_marked_only(is_marked_only=not pane.is_marked_only)

    async def choose_columns(self) -> None:
        """Open the chooser over the list's columns."""
        pane = self._screens.pane
        if pane is not None:
            chooser = ColumnChooser(COLUMNS[pane.kind], pane.table.column_choice)
            await self._app.push_screen(chooser, partial(self._take_columns, pane))

    def _take_columns(self, pane: ListPane, choice: ColumnChoice | None) -> None:
        if choice is None or choice == pane.table.column_choice:
            return
        pane.table.choose_columns(choice)
        try:
            self._memory.remember(columns={**self._memory.now.columns, str(pane.kind): choice})
        except SmswatchError as error:
            self._notices.tell(error)
