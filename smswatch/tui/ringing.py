"""Ringing: calls a person by the terminal's bell or by a notice on the desktop, and says in the corner why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App

from smswatch.store.select import Row
from smswatch.tui.alert_words import alert_words
from smswatch.tui.display_choice import DisplayChoice
from smswatch.tui.notices import Notices
from smswatch.tui.terminal_notice import is_certain, notice


class Ringer:
    """Says the same in the corner and on the desktop; masked while the dashboard is."""

    def __init__(
        self, app: App[Any], notices: Notices, environment: Mapping[str, str], display: DisplayChoice
    ) -> None:
        """`environment` tells what the terminal is."""
        self._app = app
        self._notices = notices
        self._environment = environment
        self._display = display

    def ring(self, how: str, row: Row, more: int) -> None:
        """Tell of a row and of so many others; `desktop` is the bell where the terminal has no notices."""
        said = alert_words(row, more, self._display.options)
        self._notices.say(said, seconds=8)
        sequence = notice(self._environment, said) if how == "desktop" else None
        driver = self._app._driver  # noqa: SLF001 - Textual's own bell takes the same way; a test guards it
        if sequence is not None and driver is not None:
            driver.write(sequence)
        if sequence is None or not is_certain(self._environment):
            self._app.bell()
