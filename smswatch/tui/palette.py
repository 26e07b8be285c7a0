"""The palette: what the dashboard offers there, every key's action among it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from textual.app import App, SystemCommand

from smswatch.safe_text import safe_line
from smswatch.tui.filter_shelf import FilterShelf
from smswatch.tui.keymap import bindings_of, keys_in_force

FROM_TEXTUAL = frozenset(("Theme", "Quit"))
"""Textual's own commands that make sense here."""
_NOT_OFFERED = frozenset(("quit", "back"))


def key_commands(app: App[Any], keymap: Mapping[str, str]) -> Iterable[SystemCommand]:
    """Return a command for each key that works everywhere; `keymap` has those that are not the usual ones."""
    for binding in bindings_of(type(app)):
        if binding.action not in _NOT_OFFERED:
            keys = keys_in_force(binding, keymap)
            action = partial(app.run_action, binding.action)
            yield SystemCommand(binding.description, f"The key {_unmarked(keys)}", action)


def picture_commands(take: Callable[[bool], object]) -> Iterable[SystemCommand]:
    """Return the commands for pictures; `take` is told whether numbers and texts are masked."""
    yield SystemCommand("Screenshot", "Numbers, texts and the key masked; an SVG file", partial(take, True))
    yield SystemCommand("Screenshot, unmasked", "As it is; an SVG file", partial(take, False))


def filter_commands(
    shelf: FilterShelf, take: Callable[[str], Any], *, is_masked: bool
) -> Iterable[SystemCommand]:
    """Return a command for each named filter; `take` is called with its text."""
    for one in shelf.filters:
        yield SystemCommand(
            f"Filter: {_unmarked(safe_line(one.name, 40))}",
            "Masked" if is_masked else _unmarked(safe_line(one.text, 100)),
            partial(take, one.text),
        )


def _unmarked(text: str) -> str:
    """Return it without brackets: the palette reads markup, and no escape serves everywhere it shows a text."""
    return text.replace("[", "(").replace("]", ")")
