"""A page of lines: draws only what is visible, scrolls, and lets the mouse select text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from smswatch.tui.inked import Inked

Layout = Callable[[int], Sequence[Content]]
"""Lays a page out for a width in cells: one `Content` for each line, none wider."""


class LinesView(ScrollView, Inked, can_focus=False):
    """Shows one page; its owner holds the focus and moves it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--selected"}

    class LineClicked(Message):
        """A person clicked on a line, counted from 0; `opens` on the second click in one place."""

        def __init__(self, index: int, *, opens: bool) -> None:
            super().__init__()
            self.index = index
            self.opens = opens

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._layout_page: Layout | None = None
        self._page: Sequence[Content] = ()
        self._laid_out_width = 0
        self._selected = range(0)

    @property
    def page(self) -> Sequence[Content]:
        """The lines as they are laid out now."""
        return self._page

    def show(self, layout: Layout, *, y: int | None = None) -> None:
        """Show another page, scrolled to line `y`; None stays where it is."""
        self._layout_page = layout
        self._lay_out()
        if y is not None:
            self.scroll_to(y=y, animate=False)

    def select_lines(self, lines: range) -> None:
        """Highlight whole lines; an empty range highlights none."""
        if lines != self._selected:
            self._selected = lines
            self.refresh()

    def reveal(self, lines: range) -> None:
        """Scroll as little as needed to see these lines."""
        region = Region(0, lines.start, max(self.size.width, 1), max(len(lines), 1))
        self.scroll_to_region(region, animate=False, force=True)

    @property
    def _room(self) -> int:
        """The cells of a line that are seen: `size` counts the scroll bar, too."""
        return self.scrollable_content_region.width

    def _lay_out(self) -> None:
        width = self._room
        if width <= 0 or self._layout_page is None:
            self._laid_out_width = (
                0  # so that it is laid out as soon as there is room, even as much as before
            )
            return
        page = self._layout_page(width)
        if width == self._laid_out_width and _is_same(page, self._page):
            return
        self._laid_out_width, self._page = width, page
        self.virtual_size = Size(width, len(page))
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Lay out again when the width is another one."""
        del event
        if self._room != self._laid_out_width:
            self._lay_out()

    def on_click(self, event: Click) -> None:
        """Say which line it was; a click that ends a selection of text means nothing else."""
        if self.text_selection is None:
            self.post_message(self.LineClicked(event.y + self.scroll_offset.y, opens=event.chain > 1))

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        width, index = self.size.width, y + self.scroll_offset.y
        style = self.visual_style
        if index in self._selected:
            style += self.get_visual_style("lines--selected", partial=True)
        content = self._page[index] if index < len(self._page) else Content("")
        content = self._with_selection(content, index)
        segments = [
            Segment(text, piece.rich_style)
            for text, piece in content.render(style, end="", parse_style=self._ink)
        ]
        strip = Strip(segments, content.cell_length)
        return strip.adjust_cell_length(width, style.rich_style).apply_offsets(0, index)

    def _ink(self, style: str | Style) -> Style:
        return self.get_visual_style(style[1:], partial=True) if isinstance(style, str) else style

    def _with_selection(self, content: Content, index: int) -> Content:
        selection = self.text_selection
        span = selection.get_span(index) if selection else None
        if span is None:
            return content
        start, end = span
        selected = Style.from_rich_style(self.selection_style)
        return content.stylize(selected, start, len(content) if end == -1 else end)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the mouse selected, as it is shown."""
        return selection.extract("\n".join(row.plain for row in self._page)), "\n"


def _is_same(page: Sequence[Content], other: Sequence[Content]) -> bool:
    """Compare with styles: `==` looks at the text alone."""
    return len(page) == len(other) and all(one.is_same(two) for one, two in zip(page, other, strict=True))
