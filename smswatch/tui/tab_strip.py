"""One line of tabs: which page of the pane is open, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click
from textual.message import Message

from smswatch.tui.ink import line
from smswatch.tui.inked import Inked

_GAP = 1


class TabStrip(Inked, can_focus=False):
    """Tabs by number; a click chooses one."""

    COMPONENT_CLASSES = {"tabs--open", "tabs--closed"}  # noqa: RUF012 - Textual's form
    ALLOW_SELECT = False

    class Chosen(Message):
        """The person clicked on a tab."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self) -> None:
        super().__init__()
        self._titles: tuple[str, ...] = ()
        self._open = 0
        self._about = Content("")

    def show(self, titles: Sequence[str], open_index: int, about: Content) -> None:
        """Show these tabs, one of them open, and on the right what they are about if there is room."""
        self._titles, self._open, self._about = tuple(titles), open_index, about
        self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        # By name the style would lose its background: Textual leaves an opaque one out of a partial style.
        opened = self.get_visual_style("tabs--open")
        tabs = line(
            *(
                (f" {title} ", opened if index == self._open else ".tabs--closed")
                for index, title in enumerate(self._titles)
            )
        )
        room = self.size.width - tabs.cell_length - 2
        if room < self._about.cell_length or not self._titles:
            return tabs
        return line(tabs, " " * (room - self._about.cell_length + 1), self._about)

    def on_click(self, event: Click) -> None:
        """Choose the tab under the pointer."""
        right = 0
        for index, title in enumerate(self._titles):
            right += len(title) + 2 * _GAP
            if event.x < right:
                self.post_message(self.Chosen(index))
                return
