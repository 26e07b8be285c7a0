"""The table: draws only the rows that are visible, each read from the database by its id.

A frame costs the same over a thousand rows and over a million. What a row looks like is `columns`, which
rows there are and where the cursor stands is `feed`; here is drawing, scrolling and keys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smswatch.model import Kind
from smswatch.store.ordering import OrderName
from smswatch.store.select import Row
from smswatch.tui.columns import COLUMNS, Column, arranged, fitting, gutter
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.feed import Feed
from smswatch.tui.inked import Inked
from smswatch.tui.memory import ColumnChoice

FetchRows = Callable[[Kind, Sequence[int]], dict[int, Row]]

_STRIPS_KEPT = 512
_GUTTER = 1
"""Cells before the first column: the cursor, for those who see no colour, or the mark that a person set."""
_TIME_TITLES = {"local": "time", "utc": "time UTC", "relative": "age"}


class FeedTable(ScrollView, Inked, can_focus=True):
    """One list. Its owner fills the feed and says when rows have changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "feed--header",
        "feed--cursor",
        "feed--cursor-blurred",
        "feed--sorted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="list_down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="list_up"),
        Binding("pagedown,ctrl+f", "page(1.0)", "Page down", show=False, id="list_page_down"),
        Binding("pageup,ctrl+b", "page(-1.0)", "Page up", show=False, id="list_page_up"),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False, id="list_half_page_down"),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False, id="list_half_page_up"),
        Binding("home,g", "newest", "First row; the newest: follow", show=False, id="list_first"),
        Binding("end,G", "last", "Last row", show=False, id="list_last"),
        Binding("enter", "open", "Detail", key_display="Enter", id="detail"),
        Binding("slash", "app.filter", "Filter", key_display="/", id="filter"),
        Binding("y", "app.copy", "Copy", id="copy"),
        Binding("f", "app.follow", "Follow", id="follow"),
        Binding("p", "app.freeze", "Freeze", id="freeze"),
    ]

    class Opened(Message):
        """A person asks for the detail of a row."""

        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class Moved(Message):
        """The cursor stands on another row, or on the same one after following changed."""

    class SortAsked(Message):
        """A person clicked a column's title."""

        def __init__(self, order: OrderName) -> None:
            super().__init__()
            self.order = order

    def __init__(self, kind: Kind, feed: Feed, fetch: FetchRows, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.kind = kind
        self.feed = feed
        self._fetch = fetch
        self._display = DisplayOptions()
        self._rows: dict[int, Row] = {}
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()
        self._styles: dict[tuple[str, ...], Style] = {}
        self._layout: list[tuple[Column, int]] = []
        self._choice = ColumnChoice()
        self._scrolls_by_itself = False
        self.sorted_by: OrderName = "time"
        self.descending = True

    def show_rows(self) -> None:
        """Draw again: rows came, went or changed. The row under the cursor stays in sight."""
        self._rows.clear()
        self._resize_page()
        self._scroll_to_cursor()
        self.refresh()

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way; where only time has passed, draws just what it changed."""
        before, self._display = self._display, display
        self._strips.clear()
        if (before.time_mode, before.masked) != (display.time_mode, display.masked):
            self.refresh()
            return
        top = self.scroll_offset.y
        for place in range(top, top + len(self.feed.window(top, self._body_height))):
            row = self.row_at(place)
            if row is None or any(
                column.cell(row, before) != column.cell(row, display) for column, _ in self._layout
            ):
                self._refresh_place(place)

    @property
    def column_choice(self) -> ColumnChoice:
        """The columns that the person wants to see, and their order."""
        return self._choice

    def choose_columns(self, choice: ColumnChoice) -> None:
        """Show the columns that are wanted, as far as they fit."""
        self._choice = choice
        self._lay_out()
        self.refresh()

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        row_id = self.feed.id_at(self.feed.cursor)
        return None if row_id is None else self._row(row_id)

    def row_at(self, place: int) -> Row | None:
        """Return the row at a place counted from the top."""
        row_id = self.feed.id_at(place)
        return None if row_id is None else self._row(row_id)

    def move_to(self, place: int) -> None:
        """Put the cursor on another row; draws just the two rows where nothing scrolls."""
        before = self.feed.cursor
        row_left = self.feed.move_to(place)
        self._moved_from(before, row_left=row_left)

    def follow(self) -> None:
        """Go to the newest row and stay there."""
        before = self.feed.cursor
        row_left = self.feed.follow()
        self._moved_from(before, row_left=row_left)

    def _moved_from(self, before: int, *, row_left: bool) -> None:
        if row_left:
            self.show_rows()
        elif not self._scroll_to_cursor():
            self._refresh_place(before)
            self._refresh_place(self.feed.cursor)
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        self.move_to(self.feed.cursor + step)

    def action_page(self, pages: float) -> None:
        self.move_to(self.feed.cursor + int(pages * max(2, self._body_height - 1)))

    def action_newest(self) -> None:
        self.follow()

    def action_last(self) -> None:
        self.move_to(len(self.feed) - 1)

    def action_open(self) -> None:
        row_id = self.feed.id_at(self.feed.cursor)
        if row_id is not None:
            self.post_message(self.Opened(row_id))

    def render_line(self, y: int) -> Strip:
        """Draw the titles, or one visible row."""
        width = self.size.width
        if y == 0:
            return self._header(width)
        place = self.scroll_offset.y + y - 1
        row_id = self.feed.id_at(place)
        row = None if row_id is None else self._row(row_id)
        if row is None:
            return Strip.blank(width, self.rich_style)
        cursor = self._cursor_style if place == self.feed.cursor else ""
        key = (row.id, row.changed, width, cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, cursor)
            if len(self._strips) > _STRIPS_KEPT:
                self._strips.popitem(last=False)
        return strip

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def on_resize(self, event: Resize) -> None:
        del event
        self._lay_out()
        self._resize_page()
        self._scroll_to_cursor()

    def on_focus(self) -> None:
        self._refresh_place(self.feed.cursor)

    def on_blur(self) -> None:
        self._refresh_place(self.feed.cursor)

    def on_click(self, event: Click) -> None:
        """A click selects a row, a second one opens it; on a title it sorts."""
        if event.y == 0:
            self._click_title(event.x)
            return
        place = self.scroll_offset.y + event.y - 1
        if place >= len(self.feed):
            return
        opens = event.chain > 1
        self.move_to(place)
        if opens:
            self.action_open()

    def _lay_out(self) -> None:
        columns = arranged(COLUMNS[self.kind], self._choice.order)
        wanted = [column for column in columns if column.name not in self._choice.hidden]
        self._layout = fitting(wanted, self.size.width - _GUTTER)
        self._strips.clear()

    def _click_title(self, x: int) -> None:
        edge = _GUTTER
        for column, width in self._layout:
            edge += width + 1
            if x < edge:
                if column.sort:
                    self.post_message(self.SortAsked(column.sort))
                return

    @property
    def _cursor_style(self) -> str:
        return "feed--cursor" if self.has_focus else "feed--cursor-blurred"

    @property
    def _body_height(self) -> int:
        return max(1, self.size.height - 1)

    def _resize_page(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.feed) + 1)

    def _scroll_to_cursor(self) -> bool:
        """Scroll as little as needed to see the cursor; True if that moved anything."""
        cursor, top = self.feed.cursor, self.scroll_offset.y
        if self.feed.is_following:
            wanted = 0
        elif cursor < top:
            wanted = cursor
        elif cursor >= top + self._body_height:
            wanted = cursor - self._body_height + 1
        else:
            return False
        if wanted == top:
            return False
        self._scroll(wanted)
        return True

    def _scroll(self, top: int) -> None:
        self._scrolls_by_itself = True
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._scrolls_by_itself = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take the cursor along where wheel or scroll bar move the page."""
        super().watch_scroll_y(old_value, new_value)
        if self._scrolls_by_itself or round(old_value) == round(new_value):
            return
        top, cursor = round(new_value), self.feed.cursor
        seen = max(top, min(cursor, top + self._body_height - 1))
        if seen != cursor:
            row_left = self.feed.move_to(seen)
            self._moved_from(cursor, row_left=row_left)
        elif top and self.feed.is_following:
            self.feed.pause()
            self.post_message(self.Moved())

    def keep_in_place(self, came_above: int) -> None:
        """After rows came in above the cursor, or went (below 0): what a person looks at stays where it is."""
        if came_above and not self.feed.is_following:
            self._resize_page()
            self._scroll(self.scroll_offset.y + came_above)

    def _refresh_place(self, place: int) -> None:
        y = place - self.scroll_offset.y + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _row(self, row_id: int) -> Row | None:
        """Return a row; the first miss of a frame reads the whole visible window at once."""
        row = self._rows.get(row_id)
        if row is None:
            ids = self.feed.window(self.scroll_offset.y, self._body_height)
            if row_id not in ids:
                ids = [row_id]
            self._rows.update(self._fetch(self.kind, ids))
            if len(self._rows) > 4 * _STRIPS_KEPT:
                self._rows = {one: self._rows[one] for one in ids if one in self._rows}
            row = self._rows.get(row_id)
        return row

    def _style(self, *names: str) -> Style:
        style = self._styles.get(names)
        if style is None:
            classes = [name for name in names if name]
            style = self._styles[names] = self.get_visual_style(*classes).rich_style
        return style

    def _header(self, width: int) -> Strip:
        style, sorted_style = self._style("feed--header"), self._style("feed--header", "feed--sorted")
        segments = [Segment(" " * _GUTTER, style)]
        for column, cells in self._layout:
            is_sorted = column.sort == self.sorted_by
            title = _TIME_TITLES[self._display.time_mode] if column.name == "time" else column.title
            if is_sorted:
                # Where there is little room a letter goes, not the arrow.
                title = title[: cells - 1] + ("▾" if self.descending else "▴")
            segments.append(_segment(title, cells, sorted_style if is_sorted else style, right=column.right))
        return Strip(segments).adjust_cell_length(width, style)

    def _draw(self, row: Row, width: int, cursor: str) -> Strip:
        plain = self._style(cursor)
        sign, name = gutter(row, is_cursor=bool(cursor))
        segments = [Segment(sign, self._style(name.removeprefix("."), cursor))]
        for column, cells in self._layout:
            text, name = column.cell(row, self._display)
            style = self._style(name.removeprefix("."), cursor)
            segments.append(_segment(text, cells, style, right=column.right))
        return Strip(segments).adjust_cell_length(width, plain)


def _segment(text: str, cells: int, style: Style, *, right: bool) -> Segment:
    """Fill a column and the gap behind it; what does not fit ends in a sign that says so."""
    if cell_len(text) > cells:
        text = set_cell_size(text, cells - 1) + "…"
    return Segment((text.rjust(cells) if right else set_cell_size(text, cells)) + " ", style)
