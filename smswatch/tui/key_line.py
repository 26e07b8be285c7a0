"""The last line: which keys mean something here, as they are in force. A click is as good as the key.

Textual's own makes a widget of each key and makes all of them anew with every change of focus, which takes
longer than a frame of the list.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from smswatch.tui.ink import line
from smswatch.tui.key_hints import printed

_GAP = 1


class ShownKey(msgspec.Struct, frozen=True):
    """One of them."""

    key: str
    """As Textual names it."""
    display: str
    description: str
    is_enabled: bool

    @property
    def cells(self) -> int:
        """How much of the line it takes."""
        return Content(f"{self.display} {self.description}").cell_length


class KeyLine(Widget, can_focus=False):
    """Draws again only when other keys are in force."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        text-wrap: nowrap;
    }
    KeyLine > .keys--key {
        color: $footer-key-foreground;
        text-style: bold;
    }
    KeyLine > .keys--what {
        color: $footer-description-foreground;
    }
    KeyLine > .keys--disabled {
        color: $footer-description-foreground;
        text-style: dim;
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--what", "keys--disabled"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[ShownKey, ...] = ()
        """From left to right."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._change)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def render(self) -> Content:
        """Write the line."""
        parts = [
            line(
                (key.display, ".keys--key" if key.is_enabled else ".keys--disabled"),
                (f" {key.description}", ".keys--what" if key.is_enabled else ".keys--disabled"),
            )
            for key in self.keys
        ]
        return Content(" " * _GAP).join(parts)

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        edge = 0
        for key in self.keys:
            if edge <= event.x < edge + key.cells:
                if key.is_enabled:
                    self.app.simulate_key(key.key)
                else:
                    self.app.bell()
                return
            edge += key.cells + _GAP

    def _change(self, screen: Screen[object]) -> None:
        if not screen.app.app_focus:
            return
        by_action: dict[str, ShownKey] = {}
        is_typing = isinstance(screen.focused, Input)
        for _, binding, is_enabled, _ in screen.active_bindings.values():
            if binding.show and not (is_typing and _is_character(binding.key)):
                display = printed(binding.key) if is_typing else self.app.get_key_display(binding)
                shown = ShownKey(binding.key, display, binding.description, is_enabled)
                by_action.setdefault(binding.action, shown)
        keys = tuple(by_action.values())
        if keys != self.keys:
            self.keys = keys
            self.refresh()


def _is_character(key: str) -> bool:
    """Tell a key that writes itself into a line of input; another key for the same is named then."""
    name = printed(key)
    return len(name) == 1 and name.isascii()
