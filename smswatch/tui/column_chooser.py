"""The column chooser: which columns of a list are wanted; width still decides what fits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from smswatch.tui.columns import Column


class ColumnChooser(ModalScreen[frozenset[str]]):
    """Gives back the names of the columns to hide. Never lets all of them go."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,c", "done", "Done", show=False)]

    def __init__(self, columns: Sequence[Column], hidden: Collection[str]) -> None:
        super().__init__()
        self._columns = columns
        self._hidden = hidden

    def compose(self) -> ComposeResult:
        """Lay out one line for each column."""
        choices = [
            Selection(
                Content(column.title.strip() or column.name), column.name, column.name not in self._hidden
            )
            for column in self._columns
        ]
        with Vertical(id="column-chooser", classes="menu"):
            yield Static(Content("Columns"), classes="menu-title")
            yield SelectionList[str](*choices, compact=True)
            yield Static(Content("Space or Enter switches, Esc closes"), classes="menu-hint")

    def action_done(self) -> None:
        wanted = self.query_one(SelectionList).selected
        hidden = frozenset(column.name for column in self._columns if column.name not in wanted)
        result = hidden if wanted else frozenset(self._hidden)
        _ = self.dismiss(result)  # not awaited: a screen that awaits its own end waits for ever
