"""The filter bar: one line of input, and beside it whether it is valid and how much it lets through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from smswatch.errors import FilterError
from smswatch.safe_text import safe_line
from smswatch.tui.filter_line import EDITING, FilterLine

_PROMPT = "/ "


class FilterBar(Horizontal):
    """Hidden until it is asked for. The owner applies what is typed and says what came of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.keep_filter", "Keep", key_display="Enter", id="filter_keep"),
        Binding("escape", "app.discard_filter", "Discard", key_display="Esc", id="filter_discard"),
        Binding("tab", "complete", "Complete", key_display="Tab", id="filter_complete"),
        Binding("shift+tab", "another", "Another completion", show=False, id="filter_another"),
        Binding("up", "recall(1)", "Earlier", key_display="↑", id="filter_earlier"),
        Binding("down", "recall(-1)", "Later filter", show=False, id="filter_later"),
    ]

    class Typed(Message):
        """The text changed."""

    def __init__(self) -> None:
        super().__init__(id="filter-bar")
        self.input = FilterLine()
        """The line itself, for the focus."""
        self._verdict = Static("", id="filter-verdict", markup=False)
        self.before = ""
        """The filter that was in force when the line was opened."""
        self.is_valid = True
        """What stands in the line is the filter in force."""
        self._said = ""
        self._history: Sequence[str] = ()
        self._recalled = -1
        self._draft = ""

    def compose(self) -> ComposeResult:
        """Lay out prompt, input and verdict."""
        yield Static(_PROMPT, id="filter-prompt", markup=False)
        yield self.input
        yield self._verdict

    def open(self, in_force: str, history: Sequence[str]) -> Input:
        """Show the bar with the filter in force; the caller gives the returned input the focus.

        `history` has the filters that were used, the newest last.
        """
        if self.display:
            return self.input
        self.before = in_force
        self._history, self._recalled = history, -1
        self.say("")
        self.display = True
        with self.prevent(Input.Changed):
            self.input.value = in_force
        self.input.selection = Selection(0, len(in_force))
        return self.input

    def say(self, verdict: str) -> None:
        """Show what came of a text that is in force."""
        self._say(verdict, is_valid=True)
        self.input.mark(None)

    def say_wrong(self, error: FilterError, *, is_refused: bool = False) -> None:
        """Show why the text cannot be read; loudly where it was to be kept all the same."""
        self._say(f"✗ {safe_line(error.reason, 120)}", is_valid=False)
        self._share_room()
        self.input.mark(error.position)
        if is_refused:
            self.add_class("-refused")

    def _say(self, verdict: str, *, is_valid: bool) -> None:
        if (verdict, is_valid) != (self._said, self.is_valid):
            self._said, self.is_valid = verdict, is_valid
            self._verdict.update(Content(verdict))
            self.set_class(not is_valid, "-invalid")
            self.remove_class("-refused")

    def _share_room(self) -> None:
        """Leave what is typed the half of the line, where it needs it: a person is about to mend it."""
        typed = len(_PROMPT) + cell_len(self.input.value) + len(_PROMPT)
        most = max(self.size.width // 2, min(self.size.width - typed, self.size.width * 3 // 4))
        self._verdict.styles.max_width = most or None

    def on_resize(self) -> None:
        self._share_room()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed())

    async def obey(self, event: Key) -> bool:
        """Do what a key means in the line; False: it means nothing here.

        The application calls it as a key arrives. Textual's usual ways differ in length from key to key, so that
        what comes in one go from a slow line, a letter and what ends the editing, would change places.
        """
        if event.is_printable and event.character is not None:
            self.input.replace(event.character, *self.input.selection)
            return True
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self:
            await self.app.run_action(active.binding.action, self)
        elif event.key in EDITING:
            await self.app.run_action(EDITING[event.key], self.input)
        else:
            return False
        return True

    def action_complete(self) -> None:
        self.input.complete()

    def action_another(self) -> None:
        self.input.offer_another()

    def action_recall(self, step: int) -> None:
        """Bring back an earlier filter, or what stood there before."""
        if self._recalled < 0:
            self._draft = self.input.value
        recalled = max(-1, min(self._recalled + step, len(self._history) - 1))
        if recalled != self._recalled:
            self._recalled = recalled
            self.input.value = self._draft if recalled < 0 else self._history[-1 - recalled]
            self.input.cursor_position = len(self.input.value)
