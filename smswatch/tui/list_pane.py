"""A list's pane: its table, its filter and order, and the one task that reads the database for it.

Arrivals, a new filter and a new order all end in the same place: the pane's reading task, which does one
thing at a time, newest wish first. A wish that comes while it reads interrupts what it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from smswatch.errors import StoreError
from smswatch.filters import FilterContext
from smswatch.model import Kind
from smswatch.store.ordering import MOST_SORTED, NEWEST_FIRST, Order, OrderName, is_cut, order_names
from smswatch.store.reader import Reader
from smswatch.store.removal import REREAD_AFTER
from smswatch.store.select import Row
from smswatch.store.window import Window
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.empty_state import EmptyState
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.feed import Feed
from smswatch.tui.feed_table import FeedTable
from smswatch.tui.list_filter import ListFilter
from smswatch.tui.list_status import ListState, ListStatus
from smswatch.tui.worker_end import ended

_FIRST_ROWS = 100
_PAUSE_S = 1.0
"""Between two readings of a sorted list while rows arrive, and after a reading that failed."""
_PAUSES = 4
"""Times as long as it took to read a sorted list: it leaves the machine to those who bring the rows."""
_SHOWN_AGAIN_S = 0.1
"""Between two showings of what has been found so far."""


class ListPane(Vertical):
    """One of the three lists. Reads nothing before `start`."""

    class Changed(Message):
        """The list holds other rows, or is still reading: counts and banners may have changed."""

        def __init__(self, pane: ListPane) -> None:
            super().__init__()
            self.pane = pane

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
        self.trouble: str | None = None
        """Why the list cannot be read, None while it can."""
        self.table = FeedTable(kind, self.feed, self._fetch, id=f"table-{kind}")
        self._status = ListStatus()
        self._empty = EmptyState()
        self._window = window
        self._database = database
        self._filter = ListFilter(kind, filter_context)
        self._order: Order = NEWEST_FIRST
        self._total = 0
        self._is_masked = False
        self._is_editing = False
        self._is_excursion = False
        self._reader: Reader | None = None
        self._is_started = False
        self._read_up_to = 0
        self._sequence = 0
        self._wanted = asyncio.Event()
        self._load_wanted = asyncio.Event()
        self._searched = 0.0
        self._is_cut = False
        self._frozen_at: int | None = None
        self._frozen_new = 0

    def compose(self) -> ComposeResult:
        """Lay out the table and what stands in its place while it is empty."""
        yield self._status
        yield self.table
        yield self._empty

    async def start(self) -> None:
        """Show the newest rows at once, and let the reading task bring the rest; the first call does it."""
        if self._is_started:
            self.catch_up()
            return
        try:
            if self._reader is None:
                # Not in the task: a connection whose opening is cancelled could not be closed.
                self._reader = await Reader.open(self._database)
            self._show_newest()
        except StoreError as error:
            self._say_trouble(error)
            return
        self._is_started = True
        self._load_wanted.set()
        self._wanted.set()
        self._read(self._reader)

    def _show_newest(self) -> None:
        self._sequence = self._read_up_to = self._window.sequence()
        if self._filter.condition is None:
            newest = self._window.newest(self.kind, _FIRST_ROWS)
            rising = array("q", [row.id for row in reversed(newest)])
            self.feed.fill(rising, is_complete=len(newest) < _FIRST_ROWS)
        self._redraw()

    async def on_unmount(self) -> None:
        """Close what was opened to read."""
        await self.close()

    async def close(self) -> None:
        """Close the connection; what is being read is given up. Safe to call twice."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.interrupt()
            # First the task: it may not find its connection closed while it tidies up.
            await ended(self, "reading")
            await reader.close()

    @property
    def filter_text(self) -> str:
        """The filter in force, as it was given."""
        return self._filter.text

    @property
    def is_marked_only(self) -> bool:
        """Only marked messages are let through, whatever the filter says beside it."""
        return self._filter.is_marked_only

    @property
    def order(self) -> Order:
        """How the list is sorted."""
        return self._order

    @property
    def is_frozen(self) -> bool:
        """The list stands still while intake goes on."""
        return self._frozen_at is not None

    @property
    def is_empty(self) -> bool:
        """There is no row to show, and that is certain."""
        return self.feed.is_complete and not len(self.feed)

    @property
    def state(self) -> ListState:
        """How the list stands."""
        text, english = self._filter.said(is_masked=self._is_masked)
        return ListState(
            kind=self.kind,
            shown=len(self.feed),
            total=self._total,
            is_complete=self.feed.is_complete,
            searched=self._searched,
            is_cut=self._is_cut,
            filter_text=text,
            is_marked_only=self.is_marked_only,
            english=english,
            order=self._order,
            is_following=self.feed.is_following,
            unseen=self.feed.arrived_unseen,
            frozen_new=self._frozen_new if self.is_frozen else None,
            is_masked=self._is_masked,
            is_editing=self._is_editing,
            is_excursion=self._is_excursion,
        )

    def show_status(self, total: int, *, is_editing: bool, is_excursion: bool) -> None:
        """Bring the line above the list up to date; `total` is the number of rows without a filter."""
        self._total = total
        self._is_editing = is_editing
        self._is_excursion = is_excursion
        self._status.show(self.state)

    async def set_filter(self, text: str) -> None:
        """Let through only what matches; FilterError, and nothing changes, if the text cannot be read."""
        if self._filter.take(text):
            await self._reload()

    async def show_marked_only(self, *, is_marked_only: bool) -> None:
        """Let only marked messages through, or marked and others."""
        self._filter.is_marked_only = is_marked_only
        await self.set_filter(self.filter_text)

    def renew_filter(self) -> None:
        """Let the filter mean now what it says: `after:10m` and `is:stuck` depend on the time.

        Nobody asked for it: the rows and the cursor stay until others have been read, and a list that is still being
        read is read to its end.
        """
        if not self.filter_text or self.is_frozen or not self.feed.is_complete:
            return
        if self._filter.take(self.filter_text):
            self._load_wanted.set()
            self._wanted.set()

    async def sort_by(self, name: OrderName) -> None:
        """Sort by a column; the same one again turns the order around."""
        descending = not self._order.descending if name == self._order.name else True
        await self._sort(Order(name, descending))

    async def sort_by_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        names = order_names(self.kind)
        following = names[(names.index(self._order.name) + 1) % len(names)]
        await self._sort(Order(following))

    async def sort_by_newest(self) -> None:
        """Go back to the usual order, and follow."""
        await self._sort(NEWEST_FIRST)

    async def reverse(self) -> None:
        """Turn the order around."""
        await self._sort(Order(self._order.name, not self._order.descending))

    async def turn_following(self) -> None:
        """Stay on the newest row, or stop."""
        if self.feed.is_following:
            self.feed.pause()
        elif self._order == NEWEST_FIRST:
            self.table.follow()
        else:
            await self.sort_by_newest()

    def freeze(self) -> None:
        """Stand still, or go on. StoreError if the database cannot be read."""
        if self._frozen_at is None:
            self._frozen_at = self._window.highest_id(self.kind)
            self._frozen_new = 0
        else:
            self._frozen_at = None
            self._wanted.set()
        self.post_message(self.Changed(self))

    def note(self, sequence: int) -> None:
        """Hear that the database changed; rows are read once the pane is on the screen.

        StoreError if the database cannot be read.
        """
        if sequence == self._sequence:
            return
        self._sequence = sequence
        if self._frozen_at is not None:
            # Less than nothing where the newest rows were removed.
            self._frozen_new = max(self._window.highest_id(self.kind) - self._frozen_at, 0)
        elif self.display:
            self._wanted.set()

    def catch_up(self) -> None:
        """Read what came while the pane was not on the screen."""
        if self._read_up_to != self._sequence and not self.is_frozen:
            self._wanted.set()

    def set_display(self, display: DisplayOptions) -> None:
        """Show times and private text in another way."""
        self._is_masked = display.masked
        self.table.set_display(display)

    def set_facts(self, facts: ListenerFacts, refused: int, providers: tuple[ProviderFacts, ...]) -> None:
        """Tell the empty state what to recommend, and how many requests were refused."""
        facts = facts.without_key if self._is_masked else facts
        self._empty.show(
            self.kind,
            facts,
            refused,
            providers,
            is_filtered=self._filter.condition is not None,
            is_marked_only=self.is_marked_only and not self.filter_text,
        )

    def _fetch(self, kind: Kind, ids: Sequence[int]) -> dict[int, Row]:
        try:
            return self._window.rows(kind, ids)
        except StoreError as error:
            self._say_trouble(error)
            return {}

    def _say_trouble(self, error: StoreError) -> None:
        if self.trouble != str(error):
            self.trouble = str(error)
            self.post_message(self.Changed(self))

    async def _sort(self, order: Order) -> None:
        self._order = order
        self.table.sorted_by, self.table.descending = order.name, order.descending
        self.feed.select_top()
        self.feed.is_following = order == NEWEST_FIRST
        await self._reload()

    async def _reload(self) -> None:
        self.feed.is_complete = False
        self._searched, self._is_cut = 0.0, False
        self._load_wanted.set()
        self._wanted.set()
        if self._reader is not None:
            await self._reader.interrupt()

    @work(exclusive=True, group="reading")
    async def _read(self, reader: Reader) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._read_once(reader)

    async def _read_once(self, reader: Reader) -> None:
        is_sorted = self._order != NEWEST_FIRST
        try:
            if self._load_wanted.is_set() or self._sequence - self._read_up_to > REREAD_AFTER:
                self._load_wanted.clear()
                await self._load(reader)
            elif not is_sorted:
                await self._take_changes(reader)
            else:
                begun = time.monotonic()
                await self._load(reader)
                await self._rest(max(_PAUSE_S, _PAUSES * (time.monotonic() - begun)))
        except StoreError as error:
            if self._load_wanted.is_set():
                return  # interrupted by that wish
            self._say_trouble(error)
            await self._rest(_PAUSE_S)
            self._load_wanted.set()
            self._wanted.set()
            return
        self.trouble = None

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._load_wanted.wait()

    async def _load(self, reader: Reader) -> None:
        """Read which rows there are: the first of them are shown at once, then more as they are found."""
        order = self._order
        sequence = await reader.sequence()
        ids: array[int] = array("q")
        shown = 0
        shown_at = time.monotonic()
        async with contextlib.aclosing(reader.found(self.kind, self._filter.condition, order)) as steps:
            async for found in steps:
                if self._load_wanted.is_set():
                    return
                ids.extend(found.ids)
                if self.feed.is_complete:
                    continue  # it is read again: what is there stays until it is replaced
                is_slow = time.monotonic() - shown_at >= _SHOWN_AGAIN_S
                if is_slow or (ids and not shown):
                    # What the last filter let through must not stand under this one, though nothing is found yet.
                    self._searched = found.share if is_slow else 0.0
                    self._fill(ids[:], order, is_complete=False)
                    shown, shown_at = len(ids), time.monotonic()
        if self._load_wanted.is_set():
            return
        self._read_up_to = sequence
        if self.is_frozen:
            self._frozen_at = self._window.highest_id(self.kind)
            self._frozen_new = 0
        elif sequence < self._sequence:
            self._wanted.set()
        self._is_cut = is_cut(order) and len(ids) >= MOST_SORTED
        self._fill(ids, order, is_complete=True)

    def _fill(self, ids: array[int], order: Order, *, is_complete: bool) -> None:
        is_read_again, cursor = self.feed.is_complete, self.feed.cursor
        if order == NEWEST_FIRST:
            ids.reverse()
            self.feed.fill(ids, is_complete=is_complete)
        else:
            self.feed.fill_in_order(ids, is_complete=is_complete)
        if is_read_again:
            self.table.keep_in_place(self.feed.cursor - cursor)
        self._redraw()

    async def _take_changes(self, reader: Reader) -> None:
        changes = await reader.changes(self.kind, self._read_up_to, self._filter.condition)
        if self._load_wanted.is_set():
            return
        self._read_up_to = max(changes.sequence, self._read_up_to)
        if changes.ids:
            came = self.feed.apply(changes.ids, changes.matching)
            self.table.keep_in_place(came)
            self._redraw()

    def _redraw(self) -> None:
        self.set_class(self.is_empty, "-empty")
        self.table.show_rows()
        self.post_message(self.Changed(self))
