"""The Insight screen: what became of the messages of a time, and the one task that counts them.

Counting begins when the screen is shown and ends when it is left. What it found stays until something newer is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from smswatch.errors import StoreError
from smswatch.filters import FilterContext
from smswatch.safe_text import SafeText, safe_line
from smswatch.store.insight import Insight
from smswatch.store.waiting import Waiting
from smswatch.tui import ink
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ProviderFacts
from smswatch.tui.ink import Page, line, paragraph
from smswatch.tui.insight_cursor import InsightCursor, steps_to_line
from smswatch.tui.insight_page import InsightPage, insight_page
from smswatch.tui.insight_reading import InsightReading
from smswatch.tui.insight_readout import InsightReadout
from smswatch.tui.insight_rows import sheet
from smswatch.tui.insight_sheet import (
    RANGES,
    Around,
    Section,
    Sheet,
    TimeRange,
    range_named,
    with_section,
)
from smswatch.tui.lines_view import LinesView
from smswatch.tui.personal_app import hints_in
from smswatch.tui.quiet import still_open
from smswatch.tui.tab_strip import TabStrip
from smswatch.tui.worker_end import ended
from smswatch.wording import how_many

_PAUSE_S = 2.0
"""Between two countings while messages arrive."""
_PAUSES = 10
"""Times as long as the last one took: counting a long history leaves the machine to those who bring the messages."""
_TIME_PASSES_S = 15.0
"""After so long a range that ends now holds other messages, though none has come."""


class InsightPane(Vertical, can_focus=True):
    """The screen. Reads nothing before `enter`, and nothing after `leave`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "row(1)", "Next row", show=False, id="insight_down"),
        Binding("up,k", "row(-1)", "Previous row", show=False, id="insight_up"),
        Binding("right,l", "figure(1)", "Next figure, or piece of time", show=False, id="insight_right"),
        Binding("left,h", "figure(-1)", "Previous figure, or piece of time", show=False, id="insight_left"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="insight_page_down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="insight_page_up"),
        Binding("home,g", "edge(-1)", "First row", show=False, id="insight_first"),
        Binding("end,G", "edge(1)", "Last row", show=False, id="insight_last"),
        Binding("enter", "open", "List these messages", id="insight_open"),
        Binding("r", "range", "Time: 1 h, 24 h, 7 d, all", id="insight_range"),
    ]

    class Asked(Message):
        """A person wants to see the messages that a figure counts."""

        def __init__(self, filter_text: str) -> None:
            super().__init__()
            self.filter_text = filter_text

    class RangeChosen(Message):
        """A person wants another time counted, from now on."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(
        self,
        database: Path,
        providers: tuple[ProviderFacts, ...],
        filter_context: Callable[[], FilterContext],
    ) -> None:
        super().__init__(id="insight")
        self._providers = providers
        self._filter_context = filter_context
        self._reading = InsightReading(database)
        self._range: TimeRange = range_named("")
        self._display = DisplayOptions()
        self._tabs = TabStrip()
        self._lines = LinesView()
        self._readout = InsightReadout()
        self._cursor = InsightCursor()
        self._insight: Insight | None = None
        self._counted_ms = 0
        self._sheet: Sheet | None = None
        self._still_open: Section | None = None
        self._page: InsightPage | None = None
        self._trouble: SafeText | None = None
        self._is_counting = False
        self._is_entered = False
        self._wanted = asyncio.Event()
        self._is_range_new = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Lay out ranges, page and what the cursor stands on."""
        yield self._tabs
        yield self._lines
        yield self._readout

    async def on_unmount(self) -> None:
        """Close what was opened to read."""
        await self.close()

    async def close(self) -> None:
        """Count no more, and close what was opened to read. Safe to call twice."""
        await self.leave()
        await self._reading.close()

    # --- counting

    async def enter(self) -> None:
        """Count while the screen is shown."""
        self._is_entered = True
        self._lay_out()
        try:
            await self._reading.open()
        except StoreError as error:
            self._say_trouble(error)
            return
        self._wanted.set()
        self._count()

    async def leave(self) -> None:
        """Count no further."""
        self._is_entered = False
        await ended(self, "counting")
        self._is_counting = False

    def note_change(self) -> None:
        """Hear that the database changed."""
        self._wanted.set()

    @work(exclusive=True, group="counting")
    async def _count(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TIME_PASSES_S):
                    await self._wanted.wait()
            self._wanted.clear()
            begun = time.monotonic()
            try:
                await self._count_once()
            except StoreError as error:
                self._say_trouble(error)
                self._wanted.set()
            if not self._is_range_new.is_set():
                await self._rest(max(_PAUSE_S, _PAUSES * (time.monotonic() - begun)))

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_range_new.wait()

    async def _count_once(self) -> None:
        self._is_range_new.clear()
        now_ms = self._filter_context().now_ms
        self._is_counting = True
        self._show_tabs()
        counted = self._reading.counted(
            self._range.since_ms(now_ms),
            now_ms,
            is_given_up=self._is_range_new.is_set,
            with_parts=self._insight is None or self._insight.share < 1,
        )
        async with aclosing(counted) as insights:
            async for insight in insights:
                around = Around(self._range, now_ms, self._providers, self._display.masked)
                made = await asyncio.to_thread(sheet, insight, around)
                if self._is_range_new.is_set():
                    return
                self._insight, self._counted_ms = insight, now_ms
                # Numbers and texts may have been hidden meanwhile.
                is_as_wanted = around.is_masked == self._display.masked
                self._sheet = made if is_as_wanted else sheet(insight, self._around())
                self._trouble = None
                self._is_counting = insight.share < 1
                self._lay_out_in_place()

    def _say_trouble(self, error: StoreError) -> None:
        self._trouble, self._is_counting = safe_line(str(error), 300), False
        self._lay_out()

    # --- what is shown

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        before, self._display = self._display, display
        if display.masked != before.masked and self._insight is not None:
            self._sheet = sheet(self._insight, self._around())
        if (display.masked, display.time_mode) != (before.masked, before.time_mode):
            self._lay_out()

    def set_waiting(self, waiting: tuple[Waiting, ...]) -> None:
        """Hear what is still open; costs next to nothing where nothing else is said of it."""
        context = self._filter_context()
        section = still_open(waiting, self._providers, context.stuck_before_ms, context.now_ms)
        if section != self._still_open:
            self._still_open = section
            self._lay_out_in_place()

    def _around(self) -> Around:
        return Around(self._range, self._counted_ms, self._providers, self._display.masked)

    def _lay_out(self) -> None:
        if self._is_entered:
            self._lines.show(self._laid_out)
            self._show_tabs()
            self._show_chosen()

    def _lay_out_in_place(self) -> None:
        """Show other figures, with the selected line where it was on the screen."""
        before = self._cursor.stop
        self._lay_out()
        after = self._cursor.stop
        if not self._is_entered or before is None or after is None:
            return
        moved = after.lines.start - before.lines.start
        if moved and self._lines.scroll_offset.y:
            self._lines.scroll_relative(y=moved, animate=False)
        if moved:
            self._lines.reveal(after.lines)

    def _laid_out(self, width: int) -> Page:
        if self._trouble is not None:
            return paragraph(self._trouble, width, ink.BAD)
        if self._sheet is None:
            return []
        intro = [] if self._sheet.total.messages else self._nothing(self._sheet, width)
        shown = with_section(self._sheet, self._still_open)
        page = insight_page(shown, self._cursor.chosen, self._display, width, intro)
        chosen = self._cursor.chosen
        self._cursor.settle(page.stops)
        if self._cursor.chosen != chosen:
            page = insight_page(shown, self._cursor.chosen, self._display, width, intro)
        self._page = page
        return page.lines

    def _nothing(self, counted: Sheet, width: int) -> Page:
        """Say what to do next where there is nothing to count."""
        if counted.share < 1:
            return paragraph("Counting …", width, ink.QUIET)
        keys = hints_in(self.app)
        if self._range.back is not None:
            said = f"No message was first seen in the last {self._range.name}."
            return [
                Content(""),
                *paragraph(said, width, ink.STRONG),
                *paragraph(
                    f"{keys.get('insight_range', 'r')} looks further back. What arrives is counted at once.",
                    width,
                ),
                Content(""),
            ]
        return [
            Content(""),
            *paragraph("No delivery report has arrived yet.", width, ink.STRONG),
            *paragraph(
                f"{keys['setup']} shows the URL to paste at your provider, {keys['messages']} a command that posts one now.",
                width,
            ),
            *paragraph("`smswatch demo` shows all of it with simulated traffic.", width, ink.QUIET),
        ]

    def _show_tabs(self) -> None:
        counted = self._sheet
        about: list[str | tuple[str, str]] = []
        if self._display.masked:
            about.append(("masked  ", ink.WARNING))
        if self._is_counting and (counted is None or counted.share < 1):
            about.append((f"counting, {0 if counted is None else counted.share:.0%}", ink.WARNING))
        elif counted is not None:
            about.append(
                (f"{how_many(counted.total.messages, 'message')} first seen in this time", ink.QUIET)
            )
        self._tabs.show([one.name for one in RANGES], RANGES.index(self._range), line(*about))

    def _show_chosen(self) -> None:
        chosen = self._cursor.chosen
        if self._page is None or chosen is None or self._trouble is not None:
            self._readout.show(None, SafeText(""))
        else:
            self._readout.show(self._page.cell(chosen), self._page.note(chosen.key))

    # --- keys

    def action_row(self, step: int) -> None:
        self._cursor.row(step)
        self._follow_cursor()

    def action_edge(self, which: int) -> None:
        self._cursor.edge(which)
        self._follow_cursor()

    def action_figure(self, step: int) -> None:
        self._cursor.figure(step)
        self._follow_cursor()

    def action_page(self, pages: int) -> None:
        stop, view = self._cursor.stop, self._lines
        if self._page is None or stop is None:
            return
        wanted = stop.lines.start + pages * max(view.size.height - 2, 1)
        self._cursor.row(steps_to_line(self._page.stops, stop, wanted))
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        self._lay_out()
        if self._cursor.stop is not None:
            self._lines.reveal(self._cursor.stop.lines)

    def action_open(self) -> None:
        chosen = self._cursor.chosen
        cell = self._page.cell(chosen) if self._page is not None and chosen is not None else None
        if cell is not None and cell.filter_text is not None:
            self.post_message(self.Asked(cell.filter_text))

    def action_range(self) -> None:
        self._choose(RANGES[(RANGES.index(self._range) + 1) % len(RANGES)])

    def choose_range(self, chosen: TimeRange) -> None:
        """Count the messages of another time."""
        if chosen == self._range:
            return
        self._range, self._insight, self._sheet = chosen, None, None
        self._is_counting = True
        self._is_range_new.set()
        self._wanted.set()
        self._lay_out()

    @on(TabStrip.Chosen)
    def _range_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        self._choose(RANGES[event.index])

    def _choose(self, chosen: TimeRange) -> None:
        self.choose_range(chosen)
        self.post_message(self.RangeChosen(chosen.name))
