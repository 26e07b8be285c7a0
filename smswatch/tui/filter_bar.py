"""The filter bar: one line of input, and beside it whether it is valid and how much it lets through."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static

_EDITING = {binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS)}


class FilterLine(Input):
    """Obeys keys that edit at once.

    Textual sends them a longer way than letters: a correction and what follows it, arriving together from a
    slow line, would change places.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Keep", key_display="Enter")]

    def validate_value(self, value: str) -> str:
        """Let only printable characters in: what is pasted may come from a message."""
        spaced = " ".join(value.split()) if any(space in value for space in "\t\r\n") else value
        return spaced if spaced.isprintable() else "".join(filter(str.isprintable, spaced))

    async def on_key(self, event: Key) -> None:
        """Do what a key that edits means; letters go their usual way."""
        action = _EDITING.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.app.run_action(action, self)


class FilterBar(Horizontal):
    """Hidden until it is asked for. The owner applies what is typed and says what came of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "discard", "Discard the change", key_display="Esc"),
        Binding("tab,shift+tab", "accept", "Keep", show=False),
        Binding("up", "recall(1)", "Earlier filter", key_display="↑"),
        Binding("down", "recall(-1)", "Later filter", show=False),
    ]

    class Typed(Message):
        """The text changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Accepted(Message):
        """Enter: back to the list with what is in force."""

    class Discarded(Message):
        """Esc: the filter that was in force before comes back."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="filter-bar")
        self.input = FilterLine(
            placeholder="number, text, status:failed, provider:smso, is:open, after:10m …",
            id="filter-input",
            compact=True,
        )
        """The line itself, for the focus."""
        self._verdict = Static("", id="filter-verdict", markup=False)
        self._before = ""
        self.is_valid = True
        """What stands in the line is the filter in force."""
        self._said = ""
        self._history: list[str] = []
        self._recalled = -1

    def compose(self) -> ComposeResult:
        """Lay out prompt, input and verdict."""
        yield Static("/", id="filter-prompt", markup=False)
        yield self.input
        yield self._verdict

    def open(self, in_force: str) -> Input:
        """Show the bar with the filter in force; the caller gives the returned input the focus."""
        if self.display:
            return self.input
        self._before = in_force
        self._recalled = -1
        self.say("", valid=True)
        self.display = True
        with self.prevent(Input.Changed):
            self.input.value = in_force
        self.input.cursor_position = len(in_force)
        return self.input

    def say(self, verdict: str, *, valid: bool) -> None:
        """Show what came of the text."""
        if (verdict, valid) != (self._said, self.is_valid):
            self._said, self.is_valid = verdict, valid
            self._verdict.update(Content(verdict))
            self.set_class(not valid, "-invalid")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        text = self.input.value
        if text.strip() and text not in self._history:
            self._history.append(text)
        self.post_message(self.Accepted())

    def action_discard(self) -> None:
        self.post_message(self.Discarded(self._before))

    def action_recall(self, step: int) -> None:
        """Bring back an earlier filter."""
        if not self._history:
            return
        self._recalled = max(-1, min(self._recalled + step, len(self._history) - 1))
        self.input.value = "" if self._recalled < 0 else self._history[-1 - self._recalled]
        self.input.cursor_position = len(self.input.value)
