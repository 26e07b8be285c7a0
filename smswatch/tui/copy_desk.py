"""The copy desk: what of the row in hand can be copied, for a person to choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App

from smswatch.tui.copy_menu import CopyMenu, Taken, choices
from smswatch.tui.copying import Copier
from smswatch.tui.detail_desk import DetailDesk
from smswatch.tui.display_choice import DisplayChoice
from smswatch.tui.empty_state import curl_line
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.screens import Screens


class CopyDesk:
    """Opens the menu over the row that is open, or selected."""

    def __init__(
        self,
        app: App[Any],
        screens: Screens,
        desk: DetailDesk,
        copier: Copier,
        *,
        display: DisplayChoice,
        providers: tuple[ProviderFacts, ...],
    ) -> None:
        self._app = app
        self._screens = screens
        self._desk = desk
        self._copier = copier
        self._display = display
        self._providers = providers

    async def offer(self, listener: Callable[[], ListenerFacts]) -> None:
        """Open the menu; where no row has come yet, copy the curl command that brings one."""
        pane = self._screens.pane
        if pane is not None and pane.is_empty and not pane.filter_text:
            if command := curl_line(pane.kind, listener(), self._providers):
                self._copier.copy(command)
            return
        row = self._desk.row if self._desk.is_open else None if pane is None else pane.table.selected
        copies = None if row is None else await self._desk.copies(row, self._display.options)
        if copies is not None:
            menu = CopyMenu(choices(copies, listener().reachable_at), masked=self._display.options.masked)
            await self._app.push_screen(menu, self._take)

    def _take(self, taken: Taken | None) -> None:
        if taken is not None:
            self._copier.copy(taken.value, to_file=taken.to_file)
