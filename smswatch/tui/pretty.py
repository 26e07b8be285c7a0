"""Pretty printing of raw bodies: what the printers of JSON, XML and forms share.

Nothing is parsed into values, so numbers of any size, repeated keys and the order of everything stay as
they came. Work is bounded by what can be shown, not by the size of the body; what lies behind the last
shown token is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from textual.content import Content

from smswatch.safe_text import safe_line, start_of
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.wording import how_many

MAX_CHARS = 8192
MAX_LINES = 200
NAME_CHARS = 200
VALUE_CHARS = 2000


class PrettyLine(msgspec.Struct, frozen=True):
    """One line, and how deep it lies."""

    depth: int
    content: Content


class Pretty(msgspec.Struct, frozen=True):
    """A body laid out for reading."""

    lines: tuple[PrettyLine, ...]
    left: int = 0
    """Characters of the body behind the last shown one."""


class NotThatFormError(Exception):
    """A body is not what it looks like; says where it stops being it, `position` being zero-based."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} at character {position + 1:,}")


class Sheet:
    """Collects lines until there are enough."""

    def __init__(self) -> None:
        self._lines: list[PrettyLine] = []
        self._chars_left = MAX_CHARS

    @property
    def is_full(self) -> bool:
        """No more lines are wanted."""
        return len(self._lines) >= MAX_LINES or self._chars_left <= 0

    def add(self, depth: int, *parts: Content) -> None:
        """Put a line below the others."""
        content = line(*parts)
        self._lines.append(PrettyLine(depth, content))
        self._chars_left -= len(content)

    def finish(self, left: int) -> Pretty:
        """Return the sheet; `left` characters of the body are not on it."""
        return Pretty(tuple(self._lines), left)


class ValueWriter(msgspec.Struct, frozen=True):
    """Writes the values of a body: safely, cut, masked, and with this message's own id marked."""

    marked: str | None = None
    """A value that stands out and is never masked."""
    mask: Callable[[str], str] | None = None
    """Hides what is private in a value; None shows it."""

    def value(self, text: str, style: str, *, spell: Callable[[str], str] = str) -> Content:
        """Write a value; `spell` quotes it as its form does."""
        seen = start_of(text, VALUE_CHARS)
        if self.marked is not None and text.strip() == self.marked:
            style = ink.MARK
        elif self.mask is not None:
            seen = self.mask(seen)
        shown = safe_line(spell(seen), VALUE_CHARS)
        if len(text) <= VALUE_CHARS:
            return line((shown, style))
        return line((shown, style), (f" {how_many(len(text), 'character')}", ink.QUIET))
