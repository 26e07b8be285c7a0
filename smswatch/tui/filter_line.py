"""The filter line: one line of input that completes what is typed and marks what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.binding import Binding
from textual.suggester import Suggester, SuggestionReady
from textual.widgets import Input

from smswatch.filters import completions
from smswatch.model import Kind

Values = Mapping[str, Sequence[str]]
"""Values that exist, by key of the language."""

EDITING = {
    binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS) if binding.key != "enter"
}
"""Keys that edit, to Textual's actions."""


class _Choice(Suggester):
    """Which way to go on is offered, of several."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.values: Values = {}
        self.kind: Kind | None = None
        self._text = ""
        self._at = 0

    async def get_suggestion(self, value: str) -> str | None:
        return self.offered(value)

    def offered(self, text: str) -> str | None:
        """Return the text with what is shown behind it; None if there is nothing to offer."""
        found = completions(text, self.values, self.kind)
        return text + found[self._place(text, len(found))].rest if found else None

    def taken(self, text: str) -> str | None:
        """Return what the text becomes."""
        found = completions(text, self.values, self.kind)
        return found[self._place(text, len(found))].text if found else None

    def turn(self, text: str) -> None:
        """Offer the next one."""
        self._at = self._at + 1 if text == self._text else 1
        self._text = text

    def _place(self, text: str, number: int) -> int:
        return self._at % number if text == self._text else 0


class _Wrong(Highlighter):
    """Marks the part that cannot be read."""

    def __init__(self, line: FilterLine) -> None:
        self._line = line

    def highlight(self, text: Text) -> None:
        start = self._line.wrong_from
        if start is None:
            return
        plain = text.plain
        if start >= len(plain.rstrip()):
            # Something is missing at the end: it belongs to the term that stands there.
            start = max(plain.rstrip().rfind(" ") + 1, 0)
        end = plain.find(" ", start + 1)
        style = self._line.get_component_rich_style("filter--wrong", partial=True)
        text.stylize(style, start, len(plain) if end < 0 else end)


class FilterLine(Input, inherit_bindings=False):
    """The line itself; its keys are obeyed by the bar."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter--wrong"}

    def __init__(self) -> None:
        self._choice = _Choice()
        super().__init__(
            placeholder="number, text, status:failed, provider:smso, is:open, after:10m …",
            id="filter-input",
            compact=True,
            # It would come when the focus does, later than keys that are typed ahead.
            select_on_focus=False,
            suggester=self._choice,
            highlighter=_Wrong(self),
        )
        self.wrong_from: int | None = None
        """Where the part begins that cannot be read; None if all can."""

    def validate_value(self, value: str) -> str:
        """Let only printable characters in: what is pasted may come from a message."""
        spaced = " ".join(value.split()) if any(space in value for space in "\t\r\n") else value
        return spaced if spaced.isprintable() else "".join(filter(str.isprintable, spaced))

    def set_values(self, values: Values, kind: Kind | None) -> None:
        """Complete with these values, for this list, from now on."""
        self._choice.values, self._choice.kind = values, kind
        self._offer()

    def mark(self, wrong_from: int | None) -> None:
        """Mark the part that begins there, or nothing."""
        if wrong_from != self.wrong_from:
            self.wrong_from = wrong_from
            self.refresh()

    def complete(self) -> None:
        """Take what is offered; nothing where nothing is, or in the middle of the line."""
        # Asked anew: what is offered may not be on the screen yet, when keys come fast.
        taken = self._choice.taken(self.value) if self.cursor_at_end else None
        if taken is not None:
            self.value = taken
            self.cursor_position = len(taken)

    def offer_another(self) -> None:
        """Offer the next way to go on."""
        self._choice.turn(self.value)
        self._offer()

    def _offer(self) -> None:
        offered = self._choice.offered(self.value) if self.value else None
        if offered is not None:
            self.post_message(SuggestionReady(self.value, offered))

    def action_cursor_right(self, select: bool = False) -> None:
        """Take what is offered at the end of the line, else move on."""
        if not select and self.selection.is_empty and self.cursor_at_end:
            self.complete()
        else:
            super().action_cursor_right(select)
