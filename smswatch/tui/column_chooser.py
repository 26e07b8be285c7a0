"""The column chooser: which columns of a list are wanted, and in which order; width still decides what fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from smswatch.tui.columns import Column, arranged
from smswatch.tui.memory import ColumnChoice


class ColumnChooser(ModalScreen[ColumnChoice]):
    """Gives back what was chosen. Never lets all columns go, and leaves the free text last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,c", "done", "Done", show=False),
        Binding("K,shift+up", "move(-1)", "Further to the left", show=False),
        Binding("J,shift+down", "move(1)", "Further to the right", show=False),
        Binding("r", "reset", "As they were at first", show=False),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", show=False),
    ]

    def __init__(self, columns: Sequence[Column], choice: ColumnChoice) -> None:
        super().__init__()
        self._usual = tuple(columns)
        self._columns = list(arranged(columns, choice.order))
        self._choice = choice

    def compose(self) -> ComposeResult:
        """Lay out one line for each column."""
        with Vertical(id="column-chooser", classes="menu"):
            yield Static(Content("Columns"), classes="menu-title")
            yield SelectionList[str](*self._selections(self._choice.hidden), compact=True)
            yield Static(
                Content("Space shows or hides, J and K move it\nr as at first, Esc closes"),
                classes="menu-hint",
            )

    def _selections(self, hidden: frozenset[str]) -> list[Selection[str]]:
        return [
            Selection(Content(column.title.strip() or column.name), column.name, column.name not in hidden)
            for column in self._columns
        ]

    @property
    def _list(self) -> SelectionList[str]:
        return self.query_one(SelectionList)

    @property
    def _hidden(self) -> frozenset[str]:
        wanted = self._list.selected
        return frozenset(column.name for column in self._columns if column.name not in wanted)

    def action_move(self, step: int) -> None:
        at = self._list.highlighted
        if at is None:
            return
        to, hidden = at + step, self._hidden
        # The last one is the free text, which stays there.
        last = len(self._columns) - 1
        if at < last and 0 <= to < last:
            self._columns[at], self._columns[to] = self._columns[to], self._columns[at]
            self._show(hidden, to)

    def action_reset(self) -> None:
        self._columns = list(self._usual)
        self._show(frozenset(), 0)

    def _show(self, hidden: frozenset[str], at: int) -> None:
        selections = self._list
        selections.clear_options()
        selections.add_options(self._selections(hidden))
        selections.highlighted = at

    def action_done(self) -> None:
        hidden = self._hidden
        order = tuple(column.name for column in self._columns)
        usual = tuple(column.name for column in self._usual)
        if len(hidden) == len(order):
            hidden = self._choice.hidden
        # Not awaited: a screen that awaits its own end waits for ever.
        _ = self.dismiss(ColumnChoice(() if order == usual else order, hidden))
