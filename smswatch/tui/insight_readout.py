"""Insight's last lines: what the selected figure says, in words, and what Enter does there."""

from __future__ import annotations

from textual.content import Content

from smswatch.safe_text import SafeText
from smswatch.tui import ink
from smswatch.tui.ink import line
from smswatch.tui.inked import Inked
from smswatch.tui.insight_sheet import Cell
from smswatch.tui.personal_app import hints_in
from smswatch.wording import how_many

_LINES = 2


def readout_lines(cell: Cell | None, note: SafeText, width: int, opens: str = "Enter") -> list[Content]:
    """Write the lines, `opens` is the key that does; an explanation takes the second one, else it is empty."""
    if cell is None:
        return []
    listed = f"   {opens} lists {how_many(cell.count, 'message')}" if cell.filter_text is not None else ""
    about = line((cell.about, ink.STRONG)).truncate(max(width - len(listed), 0), ellipsis=True)
    return [line(about, (listed, ink.QUIET)), line((note, ink.QUIET)).truncate(width, ellipsis=True)]


class InsightReadout(Inked, can_focus=False):
    """Draws again only when what it says has changed."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Cell | None, SafeText] = (None, SafeText(""))

    def show(self, cell: Cell | None, note: SafeText) -> None:
        """Say this of the selected figure; costs nothing where it is the same."""
        if (cell, note) != self._shown:
            self._shown = cell, note
            self.refresh()

    def render(self) -> Content:
        """Write the lines."""
        opens = hints_in(self.app).get("insight_open", "Enter")
        return Content("\n").join(readout_lines(*self._shown, self.size.width, opens))
