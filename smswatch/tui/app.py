"""The application: binds keys and moves data between panes; what can be told without a terminal is elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path, PurePath
from typing import ClassVar, cast

from textual import on, work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.driver import Driver
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer

from smswatch import collector
from smswatch.errors import FilterError, SmswatchError, StoreError
from smswatch.filters import FilterContext, describe, parse
from smswatch.model import Outcome
from smswatch.safe_text import safe_block, safe_line
from smswatch.store.reader import Reader
from smswatch.store.rows import InboundRow, Kind, MessageRow, RequestRow
from smswatch.store.totals import Totals
from smswatch.store.window import Window
from smswatch.tui import banner
from smswatch.tui.banner import Banner
from smswatch.tui.copy_menu import CopyMenu, choices
from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.display_options import DisplayOptions, TimeMode
from smswatch.tui.driver import never_waiting
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.feed_table import FeedTable
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.header import HeaderBar, Rate
from smswatch.tui.help_screen import HelpScreen
from smswatch.tui.ink import line
from smswatch.tui.list_pane import ListPane
from smswatch.tui.setup_pane import SetupPane

TICK_S = 0.1
_TIME_MODES: tuple[TimeMode, ...] = ("local", "relative", "utc")
_SPLIT_FROM_HEIGHT = 32
"""Lines from which a list and a detail fit below each other."""
_LONGEST_COPY = 64 * 1024
_KINDS = {1: Kind.MESSAGES, 2: Kind.INBOUND, 3: Kind.REQUESTS}


class SmsWatchApp(App[int]):
    """The dashboard over one database. Reads it; never writes it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "detail.tcss"]
    TITLE = "smswatch"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", priority=True),
        Binding("y", "copy", "Copy"),
        Binding("f", "follow", "Follow"),
        Binding("p", "freeze", "Freeze"),
        Binding("question_mark,f1", "help", "Help", key_display="?"),
        Binding("q", "quit_quietly", "Quit"),
        Binding("1", "screen(1)", "Messages", show=False),
        Binding("2", "screen(2)", "Inbound", show=False),
        Binding("3", "screen(3)", "Requests", show=False),
        Binding("4", "screen(4)", "Setup", show=False),
        Binding("escape", "back", "Back, or clear the filter", show=False),
        Binding("e", "failure(1)", "Next failure", show=False),
        Binding("E", "failure(-1)", "Previous failure", show=False),
        Binding("o", "sort", "Sort by the next column", show=False),
        Binding("O", "reverse", "Turn the order around", show=False),
        Binding("t", "time_mode", "Times: local, relative, UTC", show=False),
        Binding("asterisk", "mask", "Mask numbers and text", key_display="*", show=False),
        Binding("L", "take_over", "Listen here, where nobody else does", show=False),
        Binding("ctrl+q", "quit_quietly", "Quit", show=False),
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
    ) -> None:
        super().__init__()
        self._database = database
        self._providers = providers
        self._listener = listener
        self._filter_context = filter_context
        self._clock = clock
        self._take_over = take_over
        self._initial_filter = initial_filter
        self._window = Window(database)
        self._rate = Rate()
        self._display_options = DisplayOptions(now_ms=clock())
        self._sequence = -1
        self._totals: Totals = self._window.totals()
        self._detail_reader: Reader | None = None

    def get_driver_class(self) -> type[Driver]:
        """Use a driver that drops frames where the stock one would wait."""
        return never_waiting(super().get_driver_class())

    def compose(self) -> ComposeResult:
        """Lay out header, lists, detail and footer."""
        yield HeaderBar()
        yield Banner()
        with ContentSwitcher(initial="pane-messages", id="screens"):
            for kind in Kind:
                yield ListPane(kind, self._window, self._database, self._filter_context)
            yield Vertical(SetupPane(), id="pane-setup")
        yield DetailPane(id="detail")
        yield FilterBar()
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        """Show the first frame, then everything that can wait."""
        self.query_one(FilterBar).display = False
        self._open_detail(opened=False)
        self._pass_on_display()
        self._pass_on_facts(self._listener())
        self._pane(Kind.MESSAGES).table.focus()
        if self._initial_filter:
            await self._filter(self._initial_filter)
        self.set_interval(TICK_S, self.tick)
        self.call_after_refresh(collector.settle)

    async def on_unmount(self) -> None:
        """Close what was opened to read."""
        if self._detail_reader is not None:
            await self._detail_reader.close()
        self._window.close()

    def tick(self) -> None:
        """Look whether anything changed; ten times a second, and almost free where nothing did."""
        now, facts = self._clock(), self._listener()
        try:
            sequence = self._window.sequence()
            if sequence != self._sequence:
                self._sequence = sequence
                self._totals = self._window.totals()
                for pane in self.query(ListPane):
                    pane.note(sequence)
        except StoreError as error:
            self.query_one(Banner).say(("-trouble", str(error)))
            return
        rate = self._rate.note(now, self._window.highest_id(Kind.REQUESTS))
        self.query_one(HeaderBar).show(facts, self._totals, rate, self._kind)
        self._show_banner(facts)
        if self._display_options.time_mode == "relative" and now - self._display_options.now_ms >= 1000:  # noqa: PLR2004 - once a second
            self._pass_on_display()
        self._pass_on_facts(facts)

    # --- where we are

    @property
    def _kind(self) -> Kind | None:
        """The list that is shown, None on Setup."""
        shown = self.query_one("#screens", ContentSwitcher).current or ""
        return next((kind for kind in Kind if shown == f"pane-{kind}"), None)

    def _pane(self, kind: Kind) -> ListPane:
        return self.query_one(f"#pane-{kind}", ListPane)

    @property
    def _shown_pane(self) -> ListPane | None:
        return None if self._kind is None else self._pane(self._kind)

    @property
    def _detail(self) -> DetailPane:
        return self.query_one("#detail", DetailPane)

    # --- passing on

    def _show_banner(self, facts: ListenerFacts) -> None:
        said = banner.sentence(facts, self._shown_pane, can_take_over=self._take_over is not None)
        self.query_one(Banner).say(said)

    def _pass_on_facts(self, facts: ListenerFacts) -> None:
        pane = self._shown_pane
        if pane is not None:
            if not len(pane.feed):
                pane.set_facts(facts, self._providers)
        else:
            self.query_one(SetupPane).show(facts, self._providers)

    def _pass_on_display(self) -> None:
        options = self._display_options
        self._display_options = DisplayOptions(
            time_mode=options.time_mode, masked=options.masked, now_ms=self._clock()
        )
        for pane in self.query(ListPane):
            pane.set_display(self._display_options)
        self._detail.set_display(self._display_options)

    @on(ListPane.Changed)
    def _list_changed(self, event: ListPane.Changed) -> None:
        event.stop()
        facts = self._listener()
        self._pass_on_facts(facts)
        self._show_banner(facts)
        pane = self._shown_pane
        if pane is not None and event.control is pane:
            self._say_count(pane)
        if self._detail.display:
            self._show_detail()

    # --- screens and detail

    def action_screen(self, number: int) -> None:
        """Show one of the four screens."""
        kind = _KINDS.get(number)
        self._open_detail(opened=False)
        self.query_one("#screens", ContentSwitcher).current = f"pane-{kind}" if kind else "pane-setup"
        self._close_filter_bar()
        self._pass_on_facts(self._listener())
        if kind is None:
            self.query_one(SetupPane).focus()
        else:
            pane = self._pane(kind)
            pane.catch_up()
            pane.table.focus()
            self._say_in_force(pane)
        self.tick()

    @on(FeedTable.Opened)
    def _opened(self, event: FeedTable.Opened) -> None:
        event.stop()
        self._open_detail(opened=True)
        self._show_detail()
        self._detail.focus()

    @on(FeedTable.Moved)
    def _moved(self, event: FeedTable.Moved) -> None:
        event.stop()
        if self._detail.display:
            self._show_detail()
        self._show_banner(self._listener())

    def _open_detail(self, *, opened: bool) -> None:
        self._detail.display = opened
        self._arrange()

    def _arrange(self) -> None:
        """Put list and detail below each other where both fit, else show one of them."""
        covers = self._detail.display and self.size.height < _SPLIT_FROM_HEIGHT
        self.query_one("#screens").display = not covers
        self.set_class(self._detail.display, "-detail")

    def on_resize(self, event: Resize) -> None:
        """Arrange again."""
        del event
        if self.query(DetailPane):
            self._arrange()

    @work(exclusive=True, group="detail")
    async def _show_detail(self) -> None:
        pane = self._shown_pane
        row = pane.table.selected if pane is not None else None
        if row is None:
            self._detail.clear()
            return
        if self._detail_reader is None:
            self._detail_reader = await Reader.open(self._database)
        reader = self._detail_reader
        match row:
            case MessageRow():
                detail = await reader.message_detail(row.id)
                if detail is not None:
                    self._detail.show_message(detail)
            case InboundRow():
                replied = await reader.find_message(row.provider, row.reply_to) if row.reply_to else None
                request = await reader.request(row.request_id)
                self._detail.show_inbound(row, replied.message if replied else None, request)
            case RequestRow():
                whole = await reader.request(row.id)
                if whole is not None:
                    self._detail.show_request(whole)

    async def action_back(self) -> None:
        """Close the detail; else clear the filter; else nothing."""
        pane = self._shown_pane
        if self._detail.display:
            self._open_detail(opened=False)
            if pane is not None:
                pane.table.focus()
        elif pane is not None and pane.filter_text:
            await self._filter("")

    # --- filter

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slash typed into the filter line is a slash; in a menu it is nothing."""
        del parameters
        if action == "filter":
            return len(self.screen_stack) == 1 and not self.query_one(FilterBar).display
        return True

    def action_filter(self) -> None:
        """Open the filter line at once, so that keys typed ahead are not lost."""
        if self._kind is None:
            self.action_screen(1)
        pane = self._shown_pane
        if pane is not None:
            entry = self.query_one(FilterBar).open(pane.filter_text)
            # Not entry.focus(), which comes later than keys that are already here.
            self.screen.set_focus(entry)
            self._say_count(pane)

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
            self.query_one(FilterBar).say(f"✗ {safe_line(str(error), 80)}", valid=False)
            return
        self._say_count(pane)

    def _close_filter_bar(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.display:
            bar.display = False
            pane = self._shown_pane
            if pane is not None:
                self.screen.set_focus(pane.table)
                self._say_in_force(pane)

    def _say_count(self, pane: ListPane) -> None:
        self.query_one(FilterBar).say(f"✓ {self._count(pane)}", valid=True)
        self._say_in_force(pane)

    def _say_in_force(self, pane: ListPane) -> None:
        """Name the filter in force, with its counts, on the list itself."""
        table = pane.table
        table.set_class(bool(pane.filter_text), "-filtered")
        if pane.filter_text:
            english = safe_line(describe(parse(pane.filter_text)), 100)
            table.border_title = line(f"{self._count(pane)} · {english}")
            table.border_subtitle = line("Esc clears the filter")
        else:
            table.border_title = table.border_subtitle = None

    def _count(self, pane: ListPane) -> str:
        of = {
            Kind.MESSAGES: self._totals.messages,
            Kind.INBOUND: self._totals.inbound,
            Kind.REQUESTS: self._window.highest_id(Kind.REQUESTS),
        }[pane.kind]
        if not pane.feed.is_complete:
            return f"{len(pane.feed):,}+ of {of:,} …"
        return f"{len(pane.feed):,} of {of:,}"

    # --- the list in hand

    def action_follow(self) -> None:
        """Stay on the newest row, or stop."""
        pane = self._shown_pane
        if pane is None:
            return
        if pane.feed.is_following:
            pane.feed.pause()
            self.notify("Follow off", markup=False, timeout=2)
        else:
            pane.feed.follow()
            self.notify("Follow on", markup=False, timeout=2)
        pane.table.show_rows()

    def action_freeze(self) -> None:
        """Let the list stand still while intake goes on, or go on."""
        pane = self._shown_pane
        if pane is not None:
            pane.freeze()
            self.tick()

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

    def action_failure(self, step: int) -> None:
        """Go to the next row, or the previous one, that tells of a failure."""
        pane = self._shown_pane
        if pane is None or pane.kind is Kind.INBOUND:
            return
        place = pane.feed.cursor + step
        while 0 <= place < len(pane.feed):
            row = pane.table.row_at(place)
            if row is not None and _tells_of_failure(row):
                pane.table.move_to(place)
                return
            place += step
        self.notify("No more failures in this direction", markup=False, timeout=2)

    def action_time_mode(self) -> None:
        """Show times local, relative or in UTC."""
        mode = _TIME_MODES[(_TIME_MODES.index(self._display_options.time_mode) + 1) % len(_TIME_MODES)]
        self._display_options = DisplayOptions(time_mode=mode, masked=self._display_options.masked)
        self._pass_on_display()
        self.notify(f"Times: {mode if mode != 'utc' else 'UTC'}", markup=False, timeout=2)

    def action_mask(self) -> None:
        """Hide numbers and texts, or show them again."""
        options = self._display_options
        self._display_options = DisplayOptions(time_mode=options.time_mode, masked=not options.masked)
        self._pass_on_display()

    # --- copying, help, leaving

    @work
    async def action_copy(self) -> None:
        """Offer what can be copied of the selected row."""
        if self._kind is None:
            return
        row = self._shown_pane.table.selected if self._shown_pane is not None else None
        if row is None:
            return
        chosen = await self.push_screen_wait(CopyMenu(choices(row)))
        if chosen is not None:
            self.copy_safely(chosen)

    def copy_safely(self, text: str) -> None:
        """Send text to the terminal's clipboard without control characters; say that it was sent."""
        safe = safe_block(text, max_chars=_LONGEST_COPY, max_lines=_LONGEST_COPY)
        self.copy_to_clipboard(safe)
        self.notify(f"{len(safe):,} characters sent to the terminal's clipboard", markup=False, timeout=3)

    @on(SetupPane.CopyAsked)
    def _copy_asked(self, event: SetupPane.CopyAsked) -> None:
        event.stop()
        self.copy_safely(event.text)

    async def action_help(self) -> None:
        """Show every key and the filter language."""
        await self.push_screen(HelpScreen(_help_groups()))

    @work
    async def action_take_over(self) -> None:
        """Become the listener, where nobody else is."""
        facts = self._listener()
        if self._take_over is None or not facts.is_viewer or facts.holder_pid is not None:
            return
        try:
            await self._take_over()
        except SmswatchError as error:
            self.notify(safe_line(str(error), 300), markup=False, severity="error")
        else:
            self.notify("This window listens now", markup=False)

    def action_quit_quietly(self) -> None:
        """Leave with exit code 0."""
        self.exit(0)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer our own commands in the palette, beside those of every Textual application."""
        yield from super().get_system_commands(screen)
        for number, title in ((1, "Messages"), (2, "Inbound"), (3, "Requests"), (4, "Setup")):
            yield SystemCommand(title, f"Show the screen {title}", _bound(self.action_screen, number))
        yield SystemCommand("Filter", "Show only what matches", self.action_filter)
        yield SystemCommand("Follow", "Stay on the newest row, or stop", self.action_follow)
        yield SystemCommand("Freeze", "Let the list stand still, or go on", self.action_freeze)
        yield SystemCommand("Times", "Local, relative or UTC", self.action_time_mode)
        yield SystemCommand("Mask", "Hide numbers and texts, or show them", self.action_mask)


def _bound(action: Callable[[int], None], number: int) -> Callable[[], None]:
    return lambda: action(number)


def _tells_of_failure(row: object) -> bool:
    if isinstance(row, MessageRow):
        return row.status.is_failure
    serious = {Outcome.UNREADABLE, Outcome.PARTIAL, Outcome.REFUSED}
    return isinstance(row, RequestRow) and row.outcome in serious


def _help_groups() -> list[tuple[str, str, str]]:
    """Return (group, key, what it does) of every key, from the bindings themselves."""
    found: list[tuple[str, str, str]] = []
    for group, owner in (("Everywhere", SmsWatchApp), ("List", FeedTable), ("Detail", DetailPane)):
        for binding in cast("list[Binding]", owner.BINDINGS):
            keys = binding.key_display or binding.key.replace(",", " ")
            found.append((group, keys, binding.description))
    return found
