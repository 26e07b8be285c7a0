"""Key hints: how a sentence names the key that does a thing, whatever `[keys]` made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.keys import format_key

from smswatch.tui.dashboard_keys import DASHBOARD_KEYS
from smswatch.tui.feed_table import FeedTable

KEY_NAMES = {
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "question_mark": "?",
    "asterisk": "*",
    "slash": "/",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "enter": "Enter",
    "home": "Home",
    "end": "End",
    "f1": "F1",
    "f2": "F2",
    "delete": "Del",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "up": "↑",
    "right": "→",
    "left": "←",
    "down": "↓",
}
"""What is printed on a keyboard, where Textual calls it otherwise."""
_CAPITALIZED = {"space": "Space", "backspace": "Backspace", "insert": "Ins"}

Hints = Mapping[str, str]
"""By name of binding: the shortest of its keys, as it is printed on a keyboard."""


def hints(bindings: Iterable[object], keymap: Mapping[str, str]) -> dict[str, str]:
    """Return the hint of every binding that has a name; of two with one name, the first one's."""
    found: dict[str, str] = {}
    for binding in bindings:
        if isinstance(binding, Binding) and binding.id is not None:
            keys = keymap.get(binding.id, binding.key).split(",")
            found.setdefault(binding.id, min((printed(key.strip()) for key in keys), key=len))
    return found


def printed(key: str) -> str:
    """Return how a key is printed on a keyboard: `Ctrl+K`, `Esc`, `/`."""
    if key in KEY_NAMES:
        return KEY_NAMES[key]
    *modifiers, last = key.split("+")
    name = KEY_NAMES.get(last) or _CAPITALIZED.get(last) or format_key(last)
    if name[0] == "f" and name[1:].isdecimal():
        name = name.upper()
    if modifiers and len(name) == 1:
        name = name.upper()
    return "+".join((*(one.capitalize() for one in modifiers), name))


USUAL = hints((*DASHBOARD_KEYS, *FeedTable.BINDINGS), {})
"""Those of the dashboard and its lists, where nothing is configured."""
