"""The palette: what the dashboard offers there, every key's action among it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from textual.app import App, SystemCommand

from smswatch.tui.keymap import bindings_of, keys_in_force

FROM_TEXTUAL = frozenset(("Theme", "Quit", "Screenshot"))
"""Textual's own commands that make sense here."""
_NOT_OFFERED = frozenset(("quit", "back"))


def key_commands(app: App[Any], keymap: Mapping[str, str]) -> Iterable[SystemCommand]:
    """Return a command for each key that works everywhere; `keymap` has those that are not the usual ones."""
    for binding in bindings_of(type(app)):
        if binding.action not in _NOT_OFFERED:
            keys = keys_in_force(binding, keymap)
            action = partial(app.run_action, binding.action)
            yield SystemCommand(f"{binding.description}", f"The key {keys}", action)
