"""The copy menu: what of a row can be taken out of the terminal, one letter each."""

from __future__ import annotations

import shlex
from typing import ClassVar, assert_never

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from smswatch.export.curl import curl_command
from smswatch.masking import mask_text
from smswatch.safe_text import safe_line
from smswatch.store.rows import InboundRow, MessageRow, RequestRow
from smswatch.store.select import Row
from smswatch.tui.ink import QUIET, STRONG, line

Choice = tuple[str, str, str]
"""(key, name, value)."""

_PREVIEW = 60


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a row beyond itself, for copying."""

    row: Row
    json_line: str = ""
    request: RequestRow | None = None
    """The request that brought it, with its whole body."""
    ticket: str | None = None
    """Markdown for the provider's support."""


class Taken(msgspec.Struct, frozen=True):
    """What a person chose to copy."""

    value: str
    to_file: bool
    """Into a file, not to the clipboard."""


def choices(copies: Copies, address: str) -> list[Choice]:
    """Return what can be copied of a row; a value that is empty is left out.

    `address` is where the listener can be reached from this machine.
    """
    row, request = copies.row, copies.request
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
            found = [("a", "answer", row.answer_body), ("w", "problem", row.problem)]
        case _:
            assert_never(row)
    if request is not None:
        has_content = bool(request.body or request.query)
        payload = (request.body or request.query.encode(errors="replace")).decode(errors="replace")
        found += [
            ("p", "payload", payload),
            ("u", "curl", curl_command(request, address) if has_content else None),
        ]
    found += [("o", "JSON object", copies.json_line), ("m", "support ticket", copies.ticket)]
    return [(key, name, value) for key, name, value in found if value]


def _show_command(row: MessageRow) -> str:
    arguments = [row.provider, row.message_id]
    if row.message_id.startswith("-"):
        arguments.insert(0, "--")
    return shlex.join(["smswatch", "show", *arguments])


class CopyMenu(ModalScreen[Taken | None]):
    """Gives back what was chosen, None if nothing was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", show=False),
    ]

    def __init__(self, offered: list[Choice], *, masked: bool) -> None:
        """`masked` hides private text in the menu; what is copied is whole."""
        super().__init__()
        self._offered = offered
        self._masked = masked

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        options = [
            Option(line((key, STRONG), f"  {name:<16}", (self._preview(value), QUIET)), id=key)
            for key, name, value in self._offered
        ]
        with Vertical(id="copy-menu", classes="menu"):
            yield Static(Content("Copy"), classes="menu-title")
            yield OptionList(*options, compact=True)
            yield Static(Content("A letter copies it; with Shift it goes into a file."), classes="menu-hint")

    def _preview(self, value: str) -> str:
        return safe_line(mask_text(value[:_PREVIEW]) if self._masked else value, _PREVIEW)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(event.option_id or "", to_file=False)

    def on_key(self, event: Key) -> None:
        letter = event.character or ""
        if any(letter.lower() == offered for offered, _, _ in self._offered):
            event.stop()
            self._choose(letter.lower(), to_file=letter.isupper())

    def _choose(self, key: str, *, to_file: bool) -> None:
        chosen = next((value for offered, _, value in self._offered if offered == key), None)
        # Not awaited: a screen that awaits its own end waits for ever.
        _ = self.dismiss(None if chosen is None else Taken(chosen, to_file))
