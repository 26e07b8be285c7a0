"""The named filters: choose one, keep the filter in force under a name, delete one."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line
from smswatch.tui.filter_shelf import LONGEST_NAME, FilterShelf, ShelvedFilter
from smswatch.tui.ink import QUIET, STRONG, line
from smswatch.tui.notices import Notices
from smswatch.tui.personal_app import hints_in

_HIDDEN = "(masked)"
_NAME_WIDTH = 20


class NamedFilters(ModalScreen[str | None]):
    """Gives back the text of the filter that was chosen, None if none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False, id="named_close"),
        Binding("s", "name", "Keep the filter in force under a name", show=False, id="named_save"),
        Binding("delete,D", "delete", "Delete the one in hand", show=False, id="named_delete"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", show=False, id="help"),
    ]

    def __init__(self, shelf: FilterShelf, in_force: str, notices: Notices, *, is_masked: bool) -> None:
        """`in_force` is the filter that could be kept; `is_masked` hides what the filters say."""
        super().__init__()
        self._shelf = shelf
        self._in_force = in_force
        self._notices = notices
        self._is_masked = is_masked
        self._filters: list[ShelvedFilter] = []
        self._list = OptionList(compact=True)
        self._new_name = Input(placeholder="a name", compact=True, max_length=LONGEST_NAME)

    def compose(self) -> ComposeResult:
        """Lay out the filters, and a line for a new name."""
        with Vertical(id="named-filters", classes="menu"):
            yield Static(Content("Named filters"), classes="menu-title")
            yield self._list
            yield Static(line(self._offer), id="named-offer", classes="menu-hint")
            yield self._new_name
            yield Static(
                line(self._keys),
                classes="menu-hint",
            )

    def on_mount(self) -> None:
        self._new_name.display = False
        self._show(0)

    @property
    def _keys(self) -> str:
        keys = hints_in(self.app)
        save, delete, close = keys["named_save"], keys["named_delete"], keys["named_close"]
        return f"Enter takes it, {save} keeps the one in force, {delete} deletes, {close} closes"

    @property
    def _offer(self) -> str:
        if not self._in_force:
            return "No filter is in force that could be kept."
        text = _HIDDEN if self._is_masked else safe_line(self._in_force, 200)
        return f"In force: {text}"

    def _show(self, at: int) -> None:
        self._filters = self._shelf.filters
        self._list.clear_options()
        self._list.add_options([Option(line(*self._parts(one))) for one in self._filters])
        if self._filters:
            self._list.highlighted = min(at, len(self._filters) - 1)
        else:
            self._list.add_option(Option(line(("None yet.", QUIET)), disabled=True))
        self.set_focus(self._list)

    def _parts(self, one: ShelvedFilter) -> tuple[str | tuple[str, str], ...]:
        name = safe_line(one.name, LONGEST_NAME).ljust(_NAME_WIDTH)
        text = _HIDDEN if self._is_masked else safe_line(one.text, 200)
        return (name, STRONG), "  ", text, ("  configuration" if one.is_configured else "", QUIET)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        # Not awaited: a screen that awaits its own end waits for ever.
        _ = self.dismiss(self._filters[event.option_index].text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._shelf.save(event.value, self._in_force)
        except SmswatchError as error:
            self._notices.tell(error)
            return
        self._stop_naming()

    def action_name(self) -> None:
        """Ask for a name."""
        if self._in_force:
            self._new_name.display = True
            self.set_focus(self._new_name)

    def action_delete(self) -> None:
        """Delete the filter in hand, and say what it was."""
        at = self._list.highlighted
        if at is None or at >= len(self._filters):
            return
        one = self._filters[at]
        try:
            self._shelf.delete(one)
        except SmswatchError as error:
            self._notices.tell(error)
            return
        was = "" if self._is_masked else f"; it was {safe_line(one.text, 200)}"
        self._notices.say(f"Deleted {safe_line(one.name, LONGEST_NAME)}{was}", seconds=8)
        self._show(at)

    def action_close(self) -> None:
        """Leave the name, or the dialog."""
        if self._new_name.has_focus:
            self._stop_naming()
        else:
            _ = self.dismiss(None)

    def _stop_naming(self) -> None:
        self._new_name.value = ""
        self._new_name.display = False
        self._show(self._list.highlighted or 0)
