"""The table: draws only the rows that are visible, each read from the database by its id.

A frame costs the same over a thousand rows and over a million. What a row looks like is `columns`, which
rows there are and where the cursor stands is `feed`; here is drawing, scrolling and keys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smswatch.store.reader import OrderName
from smswatch.store.rows import Kind
from smswatch.store.select import Row
from smswatch.tui import ink
from smswatch.tui.columns import COLUMNS, Column, fitting
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.feed import Feed

FetchRows = Callable[[Kind, Sequence[int]], dict[int, Row]]

_STRIPS_KEPT = 512


class FeedTable(ScrollView, can_focus=True):
    """One list. Its owner fills the feed and says when rows have changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *ink.COMPONENT_CLASSES,
        "feed--header",
        "feed--cursor",
        "feed--cursor-blurred",
        "feed--sorted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("home,g", "newest", "First row, and follow", show=False),
        Binding("end,G", "last", "Last row", show=False),
        Binding("enter", "open", "Detail"),
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
        self._styles: dict[str, Style] = {}
        self._layout: list[tuple[Column, int]] = []
        self.sorted_by: OrderName = "time"
        self.descending = True

    def show_rows(self) -> None:
        """Draw again: rows came, went or changed. The row under the cursor keeps its line on the screen."""
        self._rows.clear()
        self._resize_page()
        self._scroll_to_cursor()
        self.refresh()

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        self._display = display
        self._strips.clear()
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
        self.feed.move_to(place)
        after = self.feed.cursor
        scrolled = self._scroll_to_cursor()
        if not scrolled:
            self._refresh_place(before)
            self._refresh_place(after)
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        self.move_to(self.feed.cursor + step)

    def action_page(self, pages: int) -> None:
        self.move_to(self.feed.cursor + pages * max(1, self._body_height - 1))

    def action_newest(self) -> None:
        self.feed.follow()
        self.move_to(0)

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
        if row_id is None:
            return Strip.blank(width, self.rich_style)
        row = self._row(row_id)
        if row is None:
            return Strip.blank(width, self.rich_style)
        cursor = place == self.feed.cursor and self._cursor_style
        relative = self._display.now_ms if self._display.time_mode == "relative" else 0
        key = (row_id, row.changed, width, cursor, relative)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(row, width, cursor or "")
            if len(self._strips) > _STRIPS_KEPT:
                self._strips.popitem(last=False)
        return strip

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def on_resize(self, event: Resize) -> None:
        self._layout = fitting(COLUMNS[self.kind], event.size.width)
        self._strips.clear()
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

    def _click_title(self, x: int) -> None:
        edge = 0
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
        self.scroll_to(y=wanted, animate=False, force=True, immediate=True)
        return True

    def keep_in_place(self, came_above: int) -> None:
        """After rows came in above the cursor: what a person looks at stays where it is."""
        if came_above and not self.feed.is_following:
            self._resize_page()
            self.scroll_to(y=self.scroll_offset.y + came_above, animate=False, force=True, immediate=True)

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

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            base = self.rich_style
            style = base if not name else base + self.get_component_rich_style(name, partial=True)
            self._styles[name] = style
        return style

    def _header(self, width: int) -> Strip:
        style = self._style("feed--header")
        segments = []
        for column, cells in self._layout:
            title = column.title
            if column.sort == self.sorted_by:
                mark = "▾" if self.descending else "▴"
                title = f"{title}{mark}"
            text = title.rjust(cells) if column.right else title
            segments.append(Segment(set_cell_size(text, cells) + " ", style))
        return Strip(segments).adjust_cell_length(width, style)

    def _draw(self, row: Row, width: int, cursor: str) -> Strip:
        over = self._style(cursor) if cursor else None
        segments = []
        for column, cells in self._layout:
            text, name = column.cell(row, self._display)
            text = text.rjust(cells) if column.right else text
            style = self._style(name.removeprefix("."))
            if over is not None:
                style += Style(color=over.color, bgcolor=over.bgcolor, bold=over.bold, reverse=over.reverse)
            segments.append(Segment(set_cell_size(text, cells) + " ", style))
        return Strip(segments).adjust_cell_length(width, over or self.rich_style)
