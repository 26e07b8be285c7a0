"""The application: binds keys and moves data between panes; what can be told without a terminal is elsewhere."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import ClassVar

import msgspec
from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.driver import Driver
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from smswatch import collector
from smswatch.errors import FilterError, SmswatchError, StoreError
from smswatch.filters import FilterContext
from smswatch.safe_text import SafeText, safe_block, safe_line
from smswatch.store.ordering import NEWEST_FIRST
from smswatch.store.rows import Kind, Marking, MessageRow
from smswatch.store.select import Row
from smswatch.store.totals import Totals
from smswatch.store.window import Window
from smswatch.tui import banner, clipboard
from smswatch.tui.banner import Banner
from smswatch.tui.column_chooser import ColumnChooser
from smswatch.tui.columns import COLUMNS
from smswatch.tui.copy_menu import CopyMenu, Taken, choices
from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.detail_source import DetailSource
from smswatch.tui.detail_times import placed
from smswatch.tui.display_options import DisplayOptions, TimeMode
from smswatch.tui.driver import never_waiting
from smswatch.tui.empty_state import curl_line
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.failures import find_failure
from smswatch.tui.feed_table import FeedTable
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.header import HeaderBar, Rate
from smswatch.tui.help_screen import HelpScreen
from smswatch.tui.keymap import KeyHelp, Place, bindings_of, key_help, keys_in_force
from smswatch.tui.list_pane import ListPane
from smswatch.tui.list_status import count_words
from smswatch.tui.memory import ColumnChoice, MemoryFile
from smswatch.tui.personal_app import PersonalApp
from smswatch.tui.setup_pane import SetupPane
from smswatch.tui.worker_end import ended

TICK_S = 0.1
RENEW_FILTER_MS = 15_000
DETAIL_AGAIN_MS = 500
_TIME_MODES: tuple[TimeMode, ...] = ("local", "relative", "utc")
_SPLIT_FROM_HEIGHT = 32
"""Lines from which a list and a detail fit below each other."""
_TALL_FROM_HEIGHT = 20
_LOW_BELOW_HEIGHT = 12
_LONGEST_COPY = 1024 * 1024
_SCREENS: dict[int, Kind | None] = {1: Kind.MESSAGES, 2: Kind.INBOUND, 3: Kind.REQUESTS, 4: None}
_TEXTUAL_COMMANDS = frozenset(("Theme", "Quit", "Screenshot"))
_MODAL_TITLES = {"CopyMenu": "Copy", "ColumnChooser": "Columns", "NamedFilters": "Named filters"}
_OF_A_LIST = frozenset(
    (
        "copy",
        "follow",
        "freeze",
        "failure",
        "sort",
        "reverse",
        "columns",
        "mark",
        "marked_only",
        "conversation",
    )
)


class SmsWatchApp(PersonalApp):
    """The dashboard over one database. Reads it; never writes it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "detail.tcss"]
    TITLE = "smswatch"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", priority=True, id="filter"),
        Binding("y", "copy", "Copy", id="copy"),
        Binding("f", "follow", "Follow", show=False, id="follow"),
        Binding("p", "freeze", "Freeze", show=False, id="freeze"),
        Binding("question_mark,f1", "help", "Help", key_display="?", id="help"),
        Binding("q", "quit", "Quit", id="quit"),
        Binding("1", "screen(1)", "Messages", show=False, id="messages"),
        Binding("2", "screen(2)", "Inbound", show=False, id="inbound"),
        Binding("3", "screen(3)", "Requests", show=False, id="requests"),
        Binding("4", "screen(4)", "Setup", show=False, id="setup"),
        Binding("escape", "back", "Back, or clear the filter", show=False, id="back"),
        Binding("e", "failure(1)", "Next failure", show=False, id="next_failure"),
        Binding("E", "failure(-1)", "Previous failure", show=False, id="previous_failure"),
        Binding("o", "sort", "Sort by the next column", show=False, id="sort"),
        Binding("O", "reverse", "Turn the order around", show=False, id="reverse"),
        Binding("c", "columns", "Choose columns", show=False, id="columns"),
        Binding("C", "conversation", "Conversation with this number", show=False, id="conversation"),
        Binding("t", "time_mode", "Times: local, relative, UTC", show=False, id="time"),
        Binding("m", "mark", "Mark, or take the mark away", show=False, id="mark"),
        Binding("M", "marked_only", "Only marked messages, or all", show=False, id="marked_only"),
        Binding("asterisk", "mask", "Mask numbers and text", key_display="*", show=False, id="mask"),
        Binding("L", "take_over", "Listen here, where nobody else does", show=False, id="take_over"),
    ]

    def __init__(
        self,
        *,
        database: Path,
        providers: tuple[ProviderFacts, ...],
        listener: Callable[[], ListenerFacts],
        filter_context: Callable[[], FilterContext],
        clock: Callable[[], int],
        take_over: Callable[[], Awaitable[None]] | None = None,
        initial_filter: str = "",
        is_masked: bool = False,
        environment: Mapping[str, str] = os.environ,
        mark: Callable[[Marking], int] | None = None,
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
        once_drawn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` gives UTC milliseconds; `listener` is asked ten times a second. StoreError: no database.

        `once_drawn` is what can wait for the first frame; the dashboard ends with 1 if it raises SmswatchError.
        """
        super().__init__(
            MemoryFile.beside(database), theme=theme, keys=keys or {}, everywhere=EVERYWHERE, places=PLACES
        )
        self._mark = mark
        self._once_drawn = once_drawn
        self._providers = providers
        self._listener = listener
        self._clock = clock
        self._take_over = take_over
        self._initial_filter = initial_filter
        self._environment = environment
        self._window = Window(database)
        self._rate = Rate()
        self._display_options = DisplayOptions(
            time_mode=self.memory.now.time_mode, now_ms=clock(), masked=is_masked
        )
        self._sequence = -1
        self._totals: Totals = self._window.totals()
        self._filter_renewed_ms = clock()
        self._kind: Kind | None = Kind.MESSAGES
        self._header = HeaderBar()
        self._banner = Banner()
        self._panes = {kind: ListPane(kind, self._window, database, filter_context) for kind in Kind}
        self._setup = SetupPane()
        # Held, not looked up: what comes last, while the application ends, finds no children any more.
        self._screens = ContentSwitcher(
            *self._panes.values(),
            Vertical(self._setup, id="pane-setup"),
            initial=f"pane-{Kind.MESSAGES}",
            id="screens",
        )
        by_name = {facts.name: facts for facts in providers}
        self._detail = DetailPane(by_name, id="detail")
        self._detail_source = DetailSource(database, by_name)
        self._pinned: Row | None = None
        self._detail_read_ms = 0
        self._is_detail_stale = False
        self._filter_bar = FilterBar()

    def get_driver_class(self) -> type[Driver]:
        """Use a driver that drops frames where the stock one would wait."""
        return never_waiting(super().get_driver_class())

    def compose(self) -> ComposeResult:
        """Lay out header, lists, detail and footer."""
        yield self._header
        yield self._banner
        yield self._screens
        yield self._detail
        yield self._filter_bar
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        """Show the first frame, then everything that can wait."""
        self._filter_bar.display = False
        self._open_detail(opened=False)
        self._pass_on_display()
        for kind, choice in self.memory.now.columns.items():
            if kind in self._panes:
                self._panes[Kind(kind)].table.choose_columns(choice)
        pane = self._panes[Kind.MESSAGES]
        if self._initial_filter:
            try:
                await pane.set_filter(self._initial_filter)
            except FilterError as error:
                self._tell(error)
        await pane.start()
        pane.table.focus()
        self.tick()
        self.set_interval(TICK_S, self.tick)
        self.call_after_refresh(self._begin)
        self.say_whose_mouse()

    @work
    async def _begin(self) -> None:
        """Do what could wait until there was something to see."""
        if self._once_drawn is not None:
            try:
                await self._once_drawn()
            except SmswatchError:
                self.exit(1)
                return
        collector.settle()

    async def on_unmount(self) -> None:
        """Close what was opened to read."""
        await ended(self, "detail")
        await self._detail_source.close()
        self._window.close()

    # --- ten times a second

    def tick(self) -> None:
        """Look whether anything changed; almost free where nothing did."""
        if not self.screen_stack:
            return  # the application is ending
        now, facts = self._clock(), self._listener()
        try:
            self._look()
        except StoreError as error:
            self._banner.say(("-trouble", str(error)))
            return
        self._header.show(facts, self._totals, self._rate.note(now, self._requests), self._kind)
        self._banner.say(banner.sentence(facts, self._shown_pane, can_take_over=self._take_over is not None))
        self._pass_on_facts(facts)
        self._let_time_pass(now)
        self._show_state()

    def _look(self) -> None:
        sequence = self._window.sequence()
        if sequence != self._sequence:
            self._sequence = sequence
            self._totals = self._window.totals()
            self._is_detail_stale = True
            for pane in self._panes.values():
                pane.note(sequence)

    def _let_time_pass(self, now: int) -> None:
        """Do what depends on the time alone: ages, the day's change, filters such as `after:10m`."""
        then = self._display_options.now_ms
        if self._display_options.time_mode == "relative":
            is_due = now - then >= 1000  # noqa: PLR2004 - once a second
        else:
            is_due = placed(now, self._display_options).date() != placed(then, self._display_options).date()
        if is_due:
            self._pass_on_display()
        if now - self._filter_renewed_ms >= RENEW_FILTER_MS:
            self._filter_renewed_ms = now
            self._renew_filter()
        if self._detail.display and self._is_detail_stale and now - self._detail_read_ms >= DETAIL_AGAIN_MS:
            self._show_detail()

    @work(exclusive=True, group="renew")
    async def _renew_filter(self) -> None:
        if self._shown_pane is not None:
            await self._shown_pane.renew_filter()

    @property
    def _requests(self) -> int:
        return sum(self._totals.requests.values())

    @property
    def _shown_pane(self) -> ListPane | None:
        return None if self._kind is None else self._panes[self._kind]

    def _show_state(self) -> None:
        """Say how the list stands, above it and, while it is open, in the filter line."""
        pane = self._shown_pane
        if pane is None:
            return
        totals = {
            Kind.MESSAGES: self._totals.messages,
            Kind.INBOUND: self._totals.inbound,
            Kind.REQUESTS: self._requests,
        }
        pane.show_status(totals[pane.kind], is_editing=self._filter_bar.display)
        if self._filter_bar.display and self._filter_bar.is_valid:
            self._filter_bar.say(f"✓ {count_words(pane.state)}", valid=True)

    def _pass_on_facts(self, facts: ListenerFacts) -> None:
        pane = self._shown_pane
        if pane is None:
            until = str(facts.old_key_until_s)
            uses = tuple(
                (provider, n) for (provider, name), n in self._totals.old_key.items() if name == until
            )
            self._setup.show(msgspec.structs.replace(facts, old_key_uses=uses), self._providers)
        elif pane.is_empty:
            pane.set_facts(facts, self._providers)

    def _pass_on_display(self) -> None:
        self._display_options = msgspec.structs.replace(self._display_options, now_ms=self._clock())
        for pane in self._panes.values():
            pane.set_display(self._display_options)
        self._detail.set_display(self._display_options)

    @on(ListPane.Changed)
    def _list_changed(self, event: ListPane.Changed) -> None:
        event.stop()
        pane = event.pane
        if pane is not self._shown_pane or not self.screen_stack:
            return  # it is another one's, or the last word of an application that is ending
        self._pass_on_facts(self._listener())
        self._show_state()
        # A terminal window in the background has no focus either, and gets back the one it had.
        if self.app_focus and self.focused is None and not pane.is_empty and len(self.screen_stack) == 1:
            pane.table.focus()

    # --- screens and detail

    async def action_screen(self, number: int) -> None:
        """Show one of the four screens."""
        self._close_filter_bar()
        self._open_detail(opened=False)
        self._kind = _SCREENS[number]
        pane = self._shown_pane
        self._screens.current = "pane-setup" if pane is None else pane.id
        if pane is None:
            self._setup.focus()
        else:
            pane.table.focus()
            await pane.start()
        self.refresh_bindings()
        self.tick()

    @on(HeaderBar.Chosen)
    async def _tab_chosen(self, event: HeaderBar.Chosen) -> None:
        event.stop()
        await self.action_screen(event.number)

    @on(FeedTable.Opened)
    async def _opened(self, event: FeedTable.Opened) -> None:
        event.stop()
        await self._open_selected()

    async def _open_selected(self) -> bool:
        """Open the detail on the selected row, which stays in it whatever arrives; False if there is none."""
        pane = self._shown_pane
        row = pane.table.selected if pane is not None else None
        if pane is None or row is None or not await self._can_read_at_length():
            return False
        pane.feed.pause()
        self._pinned = row
        self._open_detail(opened=True)
        self._show_detail()
        self._detail.focus()
        self._show_state()
        return True

    async def action_conversation(self) -> None:
        """Show what went to and came from the number of the selected row."""
        if self._kind is Kind.REQUESTS:
            self.notify("A request has no number: messages and inbound SMS have", markup=False, timeout=3)
        elif self._detail.display or await self._open_selected():
            self._detail.want_conversation()

    @on(DetailPane.MoreWanted)
    def _more_wanted(self, event: DetailPane.MoreWanted) -> None:
        event.stop()
        self._show_detail()

    @on(DetailPane.RowChosen)
    def _row_chosen(self, event: DetailPane.RowChosen) -> None:
        event.stop()
        self._pinned = event.row
        self._show_detail()

    @on(FeedTable.Moved)
    def _moved(self, event: FeedTable.Moved) -> None:
        event.stop()
        if self._detail.display and self._shown_pane is not None:
            self._pinned = self._shown_pane.table.selected
            self._show_detail()
        self._show_state()

    async def _can_read_at_length(self) -> bool:
        try:
            await self._detail_source.open()
        except StoreError as error:
            self._tell(error)
            return False
        return True

    def _open_detail(self, *, opened: bool) -> None:
        self._detail.display = opened
        self._arrange(self.size.height)

    def _arrange(self, height: int) -> None:
        """Put list and detail below each other where both fit, else show one of them."""
        covers = self._detail.display and height < _SPLIT_FROM_HEIGHT
        self._screens.display = not covers
        self.set_class(height >= _TALL_FROM_HEIGHT, "-tall")
        self.set_class(height < _LOW_BELOW_HEIGHT, "-low")

    def on_resize(self, event: Resize) -> None:
        """Arrange again. `self.size` is still the old one here: Textual's own handler comes after ours."""
        if self._detail.is_mounted:
            self._arrange(event.size.height)

    @work(exclusive=True, group="detail")
    async def _show_detail(self) -> None:
        self._is_detail_stale = False
        self._detail_read_ms = self._clock()
        try:
            await self._detail_source.show(self._pinned, self._detail)
        except StoreError as error:
            self._tell(error)

    async def action_back(self) -> None:
        """Close the detail; else clear the filter; else nothing."""
        pane = self._shown_pane
        if self._detail.display:
            self._open_detail(opened=False)
            if pane is not None:
                pane.table.focus()
        elif pane is not None and pane.filter_text:
            await self._filter("")
        elif pane is not None and pane.is_marked_only:
            await self.action_marked_only()

    # --- filter

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys alone where they mean nothing: a slash typed into the filter line is a slash."""
        del parameters
        if self._filter_bar.has_focus_within:
            # A question mark that is typed stays in the line; F1 does not.
            return action in {"help", "mouse"}
        if action == "filter":
            return len(self.screen_stack) == 1
        return self._kind is not None or action not in _OF_A_LIST

    async def action_filter(self) -> None:
        """Open the filter line at once, so that keys typed ahead are not lost."""
        if self._kind is None:
            await self.action_screen(1)
        pane = self._shown_pane
        if pane is not None:
            # Not entry.focus(), which comes later than keys that are already here.
            self.screen.set_focus(self._filter_bar.open(pane.filter_text))
            self._show_state()

    @on(FilterBar.Typed)
    async def _typed(self, event: FilterBar.Typed) -> None:
        event.stop()
        await self._filter(event.text)

    @on(FilterBar.Accepted)
    def _accepted(self, event: FilterBar.Accepted) -> None:
        event.stop()
        self._close_filter_bar()

    @on(FilterBar.Discarded)
    async def _discarded(self, event: FilterBar.Discarded) -> None:
        event.stop()
        await self._filter(event.text)
        self._close_filter_bar()

    async def _filter(self, text: str) -> None:
        """Put a filter in force; one that cannot be read leaves the last valid one as it is."""
        pane = self._shown_pane
        if pane is None:
            return
        try:
            await pane.set_filter(text)
        except FilterError as error:
            self._filter_bar.say(f"✗ {safe_line(error.reason, 120)} (at {error.position + 1})", valid=False)
            return
        self._filter_bar.say(f"✓ {count_words(pane.state)}", valid=True)
        self._show_state()

    def _close_filter_bar(self) -> None:
        if self._filter_bar.display:
            self._filter_bar.display = False
            if self._shown_pane is not None:
                self.screen.set_focus(self._shown_pane.table)
            self._show_state()

    # --- the list in hand

    async def action_follow(self) -> None:
        """Stay on the newest row, or stop."""
        pane = self._shown_pane
        if pane is None:
            return
        if pane.feed.is_following:
            pane.feed.pause()
        elif pane.order == NEWEST_FIRST:
            pane.table.follow()
        else:
            await pane.sort_by_newest()
        self._show_state()

    def action_freeze(self) -> None:
        """Let the list stand still while intake goes on, or go on."""
        if self._shown_pane is not None:
            try:
                self._shown_pane.freeze()
            except StoreError as error:
                self._tell(error)

    async def action_sort(self) -> None:
        """Sort by the next column."""
        if self._shown_pane is not None:
            await self._shown_pane.sort_by_next()

    async def action_reverse(self) -> None:
        """Turn the order around."""
        if self._shown_pane is not None:
            await self._shown_pane.reverse()

    @on(FeedTable.SortAsked)
    async def _sort_asked(self, event: FeedTable.SortAsked) -> None:
        event.stop()
        if self._shown_pane is not None:
            await self._shown_pane.sort_by(event.order)

    @work(exclusive=True, group="failure")
    async def action_failure(self, step: int) -> None:
        """Go to the next row, or the previous one, that tells of a failure."""
        pane = self._shown_pane
        if pane is None:
            return
        try:
            found = await find_failure(pane.feed, partial(self._window.rows, pane.kind), step)
        except StoreError as error:
            self._tell(error)
            return
        place = None if found is None else pane.feed.place_of(found)
        if place is not None:
            pane.table.move_to(place)
        else:
            self.notify(f"No failure {'below' if step > 0 else 'above'}", markup=False, timeout=2)

    async def action_columns(self) -> None:
        """Choose the columns of the list."""
        pane = self._shown_pane
        if pane is not None:
            chooser = ColumnChooser(COLUMNS[pane.kind], pane.table.column_choice)
            await self.push_screen(chooser, partial(self._choose_columns, pane))

    def _choose_columns(self, pane: ListPane, choice: ColumnChoice | None) -> None:
        if choice is not None and choice != pane.table.column_choice:
            pane.table.choose_columns(choice)
            self._remember(columns={**self.memory.now.columns, str(pane.kind): choice})

    @work(exclusive=True, group="mark")
    async def action_mark(self) -> None:
        """Mark the message in hand, or take its mark away."""
        pane = self._shown_pane
        row = self._pinned if self._detail.display else pane.table.selected if pane is not None else None
        if row is None:
            return
        if self._mark is None or not isinstance(row, MessageRow):
            self.notify("Only messages can be marked (screen 1)", markup=False, timeout=3)
            return
        now = self._window.rows(Kind.MESSAGES, (row.id,)).get(row.id)
        marking = Marking((row.id,), is_marked=not (isinstance(now, MessageRow) and now.is_marked))
        try:
            await asyncio.to_thread(self._mark, marking)
        except StoreError as error:
            self._tell(error)
            return
        if self._detail.display:
            said = "Marked" if marking.is_marked else "No longer marked"
            self.notify(said, markup=False, timeout=2)

    async def action_marked_only(self) -> None:
        """Show only marked messages, or all again."""
        pane = self._shown_pane
        if pane is None:
            return
        if pane.kind is not Kind.MESSAGES:
            self.notify("Only messages can be marked (screen 1)", markup=False, timeout=3)
            return
        await pane.show_marked_only(is_marked_only=not pane.is_marked_only)
        self._show_state()

    def action_time_mode(self) -> None:
        """Show times local, relative or in UTC."""
        mode = _TIME_MODES[(_TIME_MODES.index(self._display_options.time_mode) + 1) % len(_TIME_MODES)]
        self._display_options = msgspec.structs.replace(self._display_options, time_mode=mode)
        self._pass_on_display()
        self._remember(time_mode=mode)

    def action_mask(self) -> None:
        """Hide numbers and texts, or show them again."""
        is_masked = self._display_options.masked
        self._display_options = msgspec.structs.replace(self._display_options, masked=not is_masked)
        self._pass_on_display()
        self._show_state()

    # --- copying, help, leaving

    async def action_copy(self) -> None:
        """Offer what can be copied of the selected row; where no row has come yet, copy the curl command."""
        pane = self._shown_pane
        if pane is not None and pane.is_empty and not pane.filter_text and self._providers:
            self.copy_safely(curl_line(self._listener(), self._providers[0]))
            return
        row = self._pinned if self._detail.display else None if pane is None else pane.table.selected
        if row is None or not await self._can_read_at_length():
            return
        try:
            copies = await self._detail_source.copies(row)
        except StoreError as error:
            self._tell(error)
            return
        shown = self._detail.shown_request if self._detail.display else None
        if shown is not None:
            copies = msgspec.structs.replace(copies, request=shown)
        offered = choices(copies, self._listener().reachable_at)
        await self.push_screen(CopyMenu(offered, masked=self._display_options.masked), self._take)

    def _take(self, taken: Taken | None) -> None:
        if taken is not None:
            self.copy_safely(taken.value, to_file=taken.to_file)

    def copy_safely(self, text: str, *, to_file: bool = False) -> None:
        """Copy text without control characters, or put it into a file where nothing takes it; say what was done."""
        safe = safe_block(text, max_chars=_LONGEST_COPY, max_lines=_LONGEST_COPY)
        reason = clipboard.why_not(self._environment, len(safe.encode()))
        if to_file:
            self._put_into_file(safe, "")
        elif clipboard.is_in_tmux(self._environment):
            self._give_to_tmux(safe)
        elif reason is not None:
            self._put_into_file(safe, f"; {reason}")
        else:
            self.copy_to_clipboard(safe)
            # A terminal does not answer: it may have taken it or not.
            said = f"{len(safe):,} characters sent to the terminal's clipboard (OSC 52)"
            self.notify(said, markup=False, timeout=3)

    @work(group="copy")
    async def _give_to_tmux(self, safe: SafeText) -> None:
        if await clipboard.give_to_tmux(safe):
            said = f"{len(safe):,} characters are in tmux's buffer, and sent on to its terminal"
            self.notify(said, markup=False, timeout=3)
        else:
            self._put_into_file(safe, "; tmux did not take them")

    def _put_into_file(self, safe: SafeText, why: str) -> None:
        try:
            path = clipboard.put_into_file(safe)
        except SmswatchError as error:
            self._tell(error)
            return
        said = f"Put into a file for you alone{why}:\n{safe_line(str(path), 300)}"
        self.notify(said, markup=False, timeout=10)

    @on(SetupPane.CopyAsked)
    def _copy_asked(self, event: SetupPane.CopyAsked) -> None:
        event.stop()
        self.copy_safely(event.text)

    async def action_help(self) -> None:
        """Show the keys that are in force here, then the others, and the filter language."""
        here = self.screen
        if here.is_modal:
            title = type(here).__name__
            await self.push_screen(HelpScreen(key_help([(_MODAL_TITLES.get(title, title), type(here))])))
            return
        if self._detail.has_focus_within:
            places = [DETAIL, EVERYWHERE, LIST]
        elif self._kind is None:
            places = [SETUP, EVERYWHERE]
        else:
            places = [LIST, EVERYWHERE, DETAIL]
        await self.push_screen(HelpScreen(key_help(places, self.keys_in_force)))

    @work
    async def action_take_over(self) -> None:
        """Become the listener, where nobody else is."""
        facts = self._listener()
        if self._take_over is None or not facts.is_viewer or facts.holder_pid is not None:
            return
        try:
            await self._take_over()
        except SmswatchError as error:
            self._tell(error)
        else:
            self.notify("This window listens now", markup=False)

    async def action_quit(self) -> None:
        """Leave with exit code 0."""
        self.exit(0)

    def action_help_quit(self) -> None:
        """Answer Ctrl-C, which is too easily pressed to end what receives webhooks, with the key that does."""
        self.notify("Press q to quit", markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key's action in the palette, beside Textual's own commands that make sense here."""
        for command in super().get_system_commands(screen):
            if command.title in _TEXTUAL_COMMANDS:
                yield command
        yield from self._theme_commands()
        for binding in bindings_of(SmsWatchApp):
            if binding.action not in {"quit", "back"}:
                key = keys_in_force(binding, self.keys_in_force)
                action = partial(self.run_action, binding.action)
                yield SystemCommand(f"{binding.description}", f"The key {key}", action)


EVERYWHERE: Place = ("Everywhere", SmsWatchApp)
LIST: Place = ("List", FeedTable)
DETAIL: Place = ("Detail", DetailPane)
SETUP: Place = ("Setup", SetupPane)
PLACES = (LIST, DETAIL, SETUP)
"""Where keys of their own work beside those that work everywhere."""


def help_keys() -> list[KeyHelp]:
    """Return (place, key, what it does) of every key, from the bindings themselves."""
    return key_help((EVERYWHERE, *PLACES))
