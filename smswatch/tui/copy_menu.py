"""The copy menu: what of a row can be taken out of the terminal, one letter each."""

from __future__ import annotations

import shlex
from typing import ClassVar, assert_never

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from smswatch.safe_text import safe_line
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.ink import QUIET, STRONG, line

Choice = tuple[str, str, str]
"""(key, name, value)."""

_PREVIEW = 60


def choices(row: Row, json_line: str, payload: bytes) -> list[Choice]:
    """Return what can be copied of a row; a value that is empty is left out."""
    found: list[tuple[str, str, str | None]]
    match row:
        case MessageRow():
            found = [
                ("i", "message id", row.message_id),
                ("n", "number", row.number),
                ("t", "text", row.text),
                ("s", "status", row.status.value),
                ("l", "label", row.label),
                ("c", "command", _show_command(row)),
            ]
        case InboundRow():
            found = [
                ("n", "number", row.number),
                ("t", "text", row.body),
                ("i", "message id", row.message_id),
                ("r", "id it answers", row.reply_to),
            ]
        case RequestRow():
            found = [
                ("b", "body", row.body.decode(errors="replace")),
                ("a", "answer", row.answer_body),
                ("w", "problem", row.problem),
            ]
        case _:
            assert_never(row)
    found += [("p", "payload", payload.decode(errors="replace")), ("o", "JSON object", json_line)]
    return [(key, name, value) for key, name, value in found if value]


def _show_command(row: MessageRow) -> str:
    arguments = [row.provider, row.message_id]
    if row.message_id.startswith("-"):
        arguments.insert(0, "--")
    return shlex.join(["smswatch", "show", *arguments])


class CopyMenu(ModalScreen[str | None]):
    """Gives back the value that was chosen, None if none was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Close", show=False)]

    def __init__(self, offered: list[Choice]) -> None:
        super().__init__()
        self._offered = offered

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        options = [
            Option(line((key, STRONG), f"  {name:<14}", (safe_line(value, _PREVIEW), QUIET)), id=key)
            for key, name, value in self._offered
        ]
        with Vertical(id="copy-menu", classes="menu"):
            yield Static(Content("Copy"), classes="menu-title")
            yield OptionList(*options, compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_id or "")

    def on_key(self, event: Key) -> None:
        if any(event.character == offered for offered, _, _ in self._offered):
            event.stop()
            self._choose(event.character or "")

    def _choose(self, key: str) -> None:
        chosen = next((value for offered, _, value in self._offered if offered == key), None)
        _ = self.dismiss(chosen)  # not awaited: a screen that awaits its own end waits for ever
