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
from textual.widgets.input import Selection

_EDITING = {
    binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS) if binding.key != "enter"
}


class FilterLine(Input):
    """The line itself; its keys are obeyed by the bar."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "app.keep_filter", "Keep", key_display="Enter")]

    def validate_value(self, value: str) -> str:
        """Let only printable characters in: what is pasted may come from a message."""
        spaced = " ".join(value.split()) if any(space in value for space in "\t\r\n") else value
        return spaced if spaced.isprintable() else "".join(filter(str.isprintable, spaced))


class FilterBar(Horizontal):
    """Hidden until it is asked for. The owner applies what is typed and says what came of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.discard_filter", "Discard the change", key_display="Esc"),
        Binding("tab,shift+tab", "app.keep_filter", "Keep", show=False),
        Binding("up", "recall(1)", "Earlier filter", key_display="↑"),
        Binding("down", "recall(-1)", "Later filter", show=False),
    ]

    class Typed(Message):
        """The text changed."""

    def __init__(self) -> None:
        super().__init__(id="filter-bar")
        self.input = FilterLine(
            placeholder="number, text, status:failed, provider:smso, is:open, after:10m …",
            id="filter-input",
            compact=True,
            # The focus comes later than keys that are already here, and would select them.
            select_on_focus=False,
        )
        """The line itself, for the focus."""
        self._verdict = Static("", id="filter-verdict", markup=False)
        self.before = ""
        """The filter that was in force when the line was opened."""
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
        self.before = in_force
        self._recalled = -1
        self.say("", valid=True)
        self.display = True
        with self.prevent(Input.Changed):
            self.input.value = in_force
        self.input.selection = Selection(0, len(in_force))
        return self.input

    def say(self, verdict: str, *, valid: bool) -> None:
        """Show what came of the text."""
        if (verdict, valid) != (self._said, self.is_valid):
            self._said, self.is_valid = verdict, valid
            self._verdict.update(Content(verdict))
            self.set_class(not valid, "-invalid")

    async def obey(self, event: Key) -> bool:
        """Do what a key means in the line; False: it means nothing here.

        The application calls it as a key arrives. Textual's usual ways differ in length from key to key, so that
        what comes in one go from a slow line, a letter and what ends the editing, would change places.
        """
        if event.key in _OF_THE_BAR:
            await self.app.run_action(_OF_THE_BAR[event.key], self)
        elif event.key in _EDITING:
            await self.app.run_action(_EDITING[event.key], self.input)
        elif event.is_printable and event.character is not None:
            self.input.replace(event.character, *self.input.selection)
        else:
            return False
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed())

    def remember(self) -> None:
        """Let what stands in the line come back with the arrow keys."""
        text = self.input.value
        if text.strip() and text not in self._history:
            self._history.append(text)

    def action_recall(self, step: int) -> None:
        """Bring back an earlier filter."""
        if not self._history:
            return
        self._recalled = max(-1, min(self._recalled + step, len(self._history) - 1))
        self.input.value = "" if self._recalled < 0 else self._history[-1 - self._recalled]
        self.input.cursor_position = len(self.input.value)


_OF_THE_BAR = {
    binding.key: binding.action
    for binding in Binding.make_bindings([*FilterLine.BINDINGS, *FilterBar.BINDINGS])
}
