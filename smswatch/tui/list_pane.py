"""A list's pane: its table, its filter and order, and the one task that reads the database for it.

Arrivals, a new filter and a new order all end in the same place: the pane's reading task, which does one
thing at a time, newest wish first. A wish that comes while it reads interrupts what it reads.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from smswatch.errors import StoreError
from smswatch.filters import Condition, FilterContext, condition, parse
from smswatch.store.reader import NEWEST_FIRST, Order, OrderName, Reader, order_names
from smswatch.store.rows import Kind
from smswatch.store.window import Window
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.empty_state import EmptyState
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.feed import Feed
from smswatch.tui.feed_table import FeedTable

_FIRST_ROWS = 200
_REORDER_EVERY_S = 1.0


class ListPane(Vertical):
    """One of the three lists."""

    class Changed(Message):
        """The list holds other rows, or is still reading: counts and banners may have changed."""

    def __init__(
        self,
        kind: Kind,
        window: Window,
        database: Path,
        filter_context: Callable[[], FilterContext],
    ) -> None:
        super().__init__(id=f"pane-{kind}")
        self.kind = kind
        self.feed = Feed()
        self.filter_text = ""
        self.trouble: str | None = None
        """Why the list cannot be read, None while it can."""
        self._window = window
        self._database = database
        self._filter_context = filter_context
        self._condition: Condition | None = None
        self._order: Order = NEWEST_FIRST
        self._reader: Reader | None = None
        self._read_up_to = 0
        self._sequence = 0
        self._load_wanted = True
        self._wanted = asyncio.Event()
        self._frozen_at: int | None = None

    def compose(self) -> ComposeResult:
        """Lay out the table and what stands in its place while it is empty."""
        yield FeedTable(self.kind, self.feed, self._window.rows, id=f"table-{self.kind}")
        yield EmptyState()

    def on_mount(self) -> None:
        """Show the newest rows at once; the reading task brings the rest."""
        newest = self._window.newest(self.kind, _FIRST_ROWS)
        self._sequence = self._read_up_to = self._window.sequence()
        self.feed.fill(array("q", [row.id for row in reversed(newest)]), is_complete=False)
        self._redraw()
        self._wanted.set()
        self._read()

    @property
    def table(self) -> FeedTable:
        """The table."""
        return self.query_one(FeedTable)

    @property
    def order(self) -> Order:
        """How the list is sorted."""
        return self._order

    @property
    def is_frozen(self) -> bool:
        """The list stands still while intake goes on."""
        return self._frozen_at is not None

    @property
    def waiting(self) -> int:
        """Rows that came since the list was frozen."""
        if self._frozen_at is None:
            return 0
        return self._window.highest_id(self.kind) - self._frozen_at

    async def set_filter(self, text: str) -> None:
        """Let through only what matches; FilterError, and nothing changes, if the text cannot be read."""
        expression = parse(text)
        wanted = condition(expression, self.kind, self._filter_context()) if text.strip() else None
        self.filter_text = text.strip()
        if wanted != self._condition:
            self._condition = wanted
            await self._reload()

    async def sort_by(self, name: OrderName) -> None:
        """Sort by a column; the same one again turns the order around."""
        if name not in order_names(self.kind):
            return
        descending = not self._order.descending if name == self._order.name else True
        await self._sort(Order(name, descending))

    async def sort_by_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        names = order_names(self.kind)
        following = names[(names.index(self._order.name) + 1) % len(names)]
        await self._sort(Order(following))

    async def reverse(self) -> None:
        """Turn the order around."""
        await self._sort(Order(self._order.name, not self._order.descending))

    def freeze(self) -> None:
        """Stand still, or go on."""
        if self._frozen_at is None:
            self._frozen_at = self._window.highest_id(self.kind)
        else:
            self._frozen_at = None
            self._wanted.set()
        self.post_message(self.Changed())

    def note(self, sequence: int) -> None:
        """Hear that the database changed; rows are read once the pane is on the screen."""
        if sequence != self._sequence:
            self._sequence = sequence
            if not self.is_frozen and self.display:
                self._wanted.set()

    def catch_up(self) -> None:
        """Read what came while the pane was not on the screen."""
        if self._read_up_to != self._sequence and not self.is_frozen:
            self._wanted.set()

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        self.table.set_display(display)

    def set_facts(self, facts: ListenerFacts, providers: tuple[ProviderFacts, ...]) -> None:
        """Tell the empty state what to recommend."""
        self.query_one(EmptyState).show(self.kind, facts, providers, is_filtered=self._condition is not None)

    async def _sort(self, order: Order) -> None:
        self._order = order
        self.table.sorted_by, self.table.descending = order.name, order.descending
        self.feed.selected_id = None
        await self._reload()

    async def _reload(self) -> None:
        self._load_wanted = True
        self.feed.is_complete = False
        self._wanted.set()
        if self._reader is not None:
            await self._reader.interrupt()

    @work(exclusive=True, group="reading", exit_on_error=True)
    async def _read(self) -> None:
        async with await Reader.open(self._database) as reader:
            self._reader = reader
            try:
                while True:
                    await self._wanted.wait()
                    self._wanted.clear()
                    await self._read_once(reader)
            finally:
                self._reader = None

    async def _read_once(self, reader: Reader) -> None:
        try:
            if self._load_wanted:
                self._load_wanted = False
                await self._load(reader)
            elif self._order == NEWEST_FIRST:
                await self._take_changes(reader)
            else:
                await self._load(reader)
                await asyncio.sleep(_REORDER_EVERY_S)
        except StoreError as error:
            if not self._load_wanted:
                self.trouble = str(error)
                self.post_message(self.Changed())
            return
        self.trouble = None

    async def _load(self, reader: Reader) -> None:
        """Read which rows there are: the first ones at once, then all of them."""
        sequence = await reader.sequence()
        if self._order == NEWEST_FIRST:
            if self._condition is not None:
                first = await reader.page(self.kind, self._condition, limit=_FIRST_ROWS)
                self.feed.fill(array("q", [row.id for row in reversed(first)]), is_complete=False)
                self._redraw()
            rising: array[int] = array("q")
            async for chunk in reader.ids(self.kind, self._condition, Order("time", descending=False)):
                rising.extend(chunk)
            self.feed.fill(rising)
        else:
            ids: array[int] = array("q")
            async for chunk in reader.ids(self.kind, self._condition, self._order):
                ids.extend(chunk)
            self.feed.fill_in_order(ids)
        self._read_up_to = sequence
        if sequence != self._sequence:
            self._wanted.set()
        self._redraw()

    async def _take_changes(self, reader: Reader) -> None:
        changes = await reader.changes(self.kind, self._read_up_to, self._condition)
        self._read_up_to = max(changes.sequence, self._read_up_to)
        came = self.feed.apply(changes.ids, changes.matching)
        self.table.keep_in_place(came)
        self._redraw()

    def _redraw(self) -> None:
        self.set_class(not len(self.feed), "-empty")
        self.table.show_rows()
        self.post_message(self.Changed())
