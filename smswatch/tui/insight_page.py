"""Insight's page: the sheet laid out for a width, and where on it each thing that can be selected stands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content

from smswatch.model import Status
from smswatch.safe_text import SafeText
from smswatch.tui import ink
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.glyphs import glyph
from smswatch.tui.ink import Page, line
from smswatch.tui.insight_bars import bar_cell, fitting, picture
from smswatch.tui.insight_sheet import Bar, Cell, Row, RowKey, Section, Sheet

TIME_ROW: RowKey = ("time",)
_MARGIN = 2
_NARROWEST_TITLE, _SHORT_TITLE = 18, 12
_SHORT_TITLE_BELOW = 60
_WIDE_FROM = 104
_WIDTHS = {
    "messages": 10,
    "delivered": 13,
    "bad": 8,
    "open": 8,
    "unknown": 11,
    "p50": 8,
    "p95": 8,
    "share": 9,
    "stuck": 9,
    "last callback": 24,
}
_WIDER = {"delivered": 18, "bad": 15}
_GIVEN_UP = ("unknown", "p50", "open", "p95", "bad", "share", "stuck")
"""Columns that go where there is no room, the first of these first."""
_HEADS = {
    "delivered": f"{glyph(Status.DELIVERED)} delivered",
    "bad": f"{glyph(Status.UNDELIVERED)} bad",
    "unknown": f"{glyph(Status.UNKNOWN)} unknown",
}


class Stop(msgspec.Struct, frozen=True):
    """Something that can be selected: a line of the page with its cells, or a bar of the picture."""

    key: RowKey
    lines: range
    columns: tuple[str, ...]
    """Those that are shown, from left to right."""


class Chosen(msgspec.Struct, frozen=True):
    """Where the cursor is."""

    key: RowKey
    column: str


class InsightPage(msgspec.Struct, frozen=True):
    """The page, and what the cursor can go to, from top to bottom."""

    lines: Page
    stops: tuple[Stop, ...]
    rows: dict[RowKey, Row]
    bars: tuple[Bar, ...]
    display: DisplayOptions

    def cell(self, chosen: Chosen) -> Cell | None:
        """Return what is chosen; None where it is not on the page."""
        if chosen.key == TIME_ROW:
            found = next((bar for bar in self.bars if str(bar.from_ms) == chosen.column), None)
            return None if found is None else bar_cell(found, self.display)
        row = self.rows.get(chosen.key)
        return None if row is None else row.cells.get(chosen.column)

    def note(self, key: RowKey) -> SafeText:
        """Return the explanation of a row; empty where it has none."""
        return self.rows[key].note if key in self.rows else SafeText("")


def insight_page(
    sheet: Sheet, chosen: Chosen | None, display: DisplayOptions, width: int, intro: Sequence[Content] = ()
) -> InsightPage:
    """Lay out the page below its introduction; the chosen cell is marked."""
    layout = _Layout(chosen, width)
    layout.lines += intro
    if sheet.total.messages:
        layout.add_picture(fitting(sheet.bars, width), display)
    for section in sheet.sections:
        layout.add_section(section)
    lines = [text.truncate(width) for text in layout.lines]
    return InsightPage(lines, tuple(layout.stops), layout.rows, layout.bars, display)


class _Layout:
    """Puts one thing below the other."""

    def __init__(self, chosen: Chosen | None, width: int) -> None:
        self.lines: Page = []
        self.stops: list[Stop] = []
        self.rows: dict[RowKey, Row] = {}
        self.bars: tuple[Bar, ...] = ()
        self._chosen = chosen
        self._width = width

    def _column_in(self, key: RowKey) -> str | None:
        return self._chosen.column if self._chosen is not None and self._chosen.key == key else None

    def add_picture(self, bars: tuple[Bar, ...], display: DisplayOptions) -> None:
        self.bars = bars
        columns = tuple(str(bar.from_ms) for bar in bars)
        column = self._column_in(TIME_ROW)
        selected = columns.index(column) if column in columns else None
        start = len(self.lines)
        self.lines += picture(bars, selected, display, self._width)
        self.stops.append(Stop(TIME_ROW, range(start, len(self.lines)), columns))
        self.lines.append(Content(""))

    def add_section(self, section: Section) -> None:
        widths = _fitting_widths(section, self._width)
        room = max(self._width - _MARGIN - sum(widths.values()), 1)
        self.lines.append(_heading(section, widths, room, self._width))
        for row in section.rows:
            start = len(self.lines)
            # With its heading, where it is the first below it: both come into view together.
            above = int(row is section.rows[0])
            self.stops.append(Stop(row.key, range(start - above, start + 1), tuple(widths)))
            self.lines.append(_row_line(row, widths, room, self._column_in(row.key)))
            self.rows[row.key] = row
        if section.remark:
            remark = line(" " * _MARGIN, (section.remark, ink.QUIET))
            self.lines.append(remark.truncate(self._width, ellipsis=True))
        self.lines.append(Content(""))


def _fitting_widths(section: Section, width: int) -> dict[str, int]:
    """Return the columns that there is room for, with their widths."""
    is_wide = width >= _WIDE_FROM
    widths = {name: (_WIDER if is_wide else {}).get(name, _WIDTHS[name]) for name in section.columns}
    if not any(row.cells["unknown"].filter_text for row in section.rows if "unknown" in row.cells):
        widths.pop("unknown", None)
    title = _SHORT_TITLE if width < _SHORT_TITLE_BELOW else _NARROWEST_TITLE
    for name in _GIVEN_UP:
        if sum(widths.values()) + _MARGIN + title <= width:
            break
        widths.pop(name, None)
    return widths


def _heading(section: Section, widths: dict[str, int], room: int, width: int) -> Content:
    """Write the title and the heads above their figures; where both do not fit, the title is shorter."""
    space = max(room + _MARGIN - 1, 1)
    lead = f"── {section.title} "
    if len(lead) > space:
        lead = f"── {section.title.partition(',')[0]} "
    rule = line((lead.ljust(space, "─"), ink.HEADING)).truncate(space, ellipsis=True)
    heads = "".join(f"{_HEADS.get(name, name)} ".rjust(size) for name, size in widths.items())
    return line(rule, (heads.rjust(max(width - rule.cell_length, 0)), ink.LABEL)).truncate(width)


def _row_line(row: Row, widths: dict[str, int], room: int, column: str | None) -> Content:
    is_here = column is not None
    title = line((row.title, ink.STRONG if is_here else row.style)).truncate(room, ellipsis=True, pad=True)
    parts: list[Content] = [line(("▸ ", ink.STRONG) if is_here else "  "), title]
    for name, size in widths.items():
        cell = row.cells[name]
        text = f"{cell.more} {cell.text:>6}" if cell.more and size == _WIDER.get(name) else cell.text
        style = ink.MARK if name == column else cell.style
        shown = line((f" {text} " if name == column else f"{text} ", style)).truncate(size)
        parts.append(line(" " * (size - shown.cell_length), shown))
    return line(*parts)
