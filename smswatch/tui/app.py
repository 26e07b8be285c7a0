"""The application: binds keys and moves data between rooms; what can be told without a terminal is elsewhere."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.events import DescendantFocus, Event, Key, Resize
from textual.screen import Screen

from smswatch import collector
from smswatch.errors import FilterError, SmswatchError, StoreError
from smswatch.filters import FilterContext
from smswatch.model import Kind
from smswatch.settings import NotifyRule
from smswatch.store.rows import Marking
from smswatch.store.window import Window
from smswatch.tui import banner, screens
from smswatch.tui.alerts import Alerts
from smswatch.tui.arrangement import Arrangement
from smswatch.tui.banner import Banner
from smswatch.tui.camera import Camera
from smswatch.tui.copy_desk import CopyDesk
from smswatch.tui.copying import Copier
from smswatch.tui.dashboard_keys import DASHBOARD_KEYS, OF_A_LIST
from smswatch.tui.detail_desk import DetailDesk
from smswatch.tui.detail_pane import DetailPane
from smswatch.tui.display_choice import DisplayChoice
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.driver import never_waiting
from smswatch.tui.excursion import Excursion
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.feed_table import FeedTable
from smswatch.tui.filter_bar import FilterBar
from smswatch.tui.filter_shelf import FilterShelf
from smswatch.tui.filtering import Filtering
from smswatch.tui.header import HeaderBar
from smswatch.tui.help_screen import HelpScreen
from smswatch.tui.insight_pane import InsightPane
from smswatch.tui.insight_sheet import range_named
from smswatch.tui.key_line import KeyLine
from smswatch.tui.keymap import Place, key_help
from smswatch.tui.list_desk import ListDesk
from smswatch.tui.list_pane import ListPane
from smswatch.tui.marking import Marker
from smswatch.tui.memory import MemoryFile
from smswatch.tui.named_filters import NamedFilters
from smswatch.tui.palette import FROM_TEXTUAL, filter_commands, key_commands, picture_commands
from smswatch.tui.personal_app import PersonalApp
from smswatch.tui.places import DETAIL, FILTER_LINE, INSIGHT, LIST, PLACES, SETUP, dialog
from smswatch.tui.pulse import Pulse
from smswatch.tui.ringing import Ringer
from smswatch.tui.screens import Screens
from smswatch.tui.setup_pane import SetupPane
from smswatch.tui.taking_over import TakingOver
from smswatch.tui.vigil import Vigil
from smswatch.tui.worker_end import ended

BEAT_S = 0.1
BEATS_OF_REST = 5
"""Beats in which nothing has changed until ages, the rate and the listener are looked at all the same."""
RENEW_FILTER_MS = 15_000


class SmsWatchApp(PersonalApp):
    """The dashboard over one database. Reads it; never writes it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "detail.tcss"]
    TITLE = "smswatch"
    BINDINGS: ClassVar[list[BindingType]] = DASHBOARD_KEYS

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
        masking_secret: bytes = b"",
        environment: Mapping[str, str] = os.environ,
        mark: Callable[[Marking], int] | None = None,
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
        filters: Mapping[str, str] | None = None,
        notify: Sequence[NotifyRule] = (),
        once_drawn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`clock` gives UTC milliseconds; `listener` is asked at most ten times a second. StoreError: no database.

        `theme`, `keys`, `filters`, texts by name, and `notify` are those of the configuration.

        `once_drawn` is what can wait for the first frame; the dashboard ends with 1 if it raises SmswatchError.
        """
        super().__init__(
            MemoryFile.beside(database), theme=theme, keys=keys or {}, everywhere=EVERYWHERE, places=PLACES
        )
        self._once_drawn = once_drawn
        self._listener = listener
        self._clock = clock
        self._initial_filter = initial_filter
        self._filter_renewed_ms = clock()
        self._beats = 0
        # Rooms and widgets are held, not looked up: what comes last, while the application ends, finds no
        # children any more.
        self._window = Window(database)
        self._pulse = Pulse(self._window)
        self._display_choice = DisplayChoice(
            DisplayOptions(
                time_mode=self.memory.now.time_mode, masked=is_masked, masking_secret=masking_secret
            ),
            clock,
        )
        self._header = HeaderBar()
        self._banner = Banner()
        self._screens = Screens(self._window, database, filter_context, providers)
        self._desk = DetailDesk(database, providers, self.notices, clock)
        self._filtering = Filtering(self._screens, database, self.memory, self._display_choice, self.notices)
        self._shelf = FilterShelf(self.memory, filters or {})
        self._list = ListDesk(self, self._screens, self._window, self.memory, self.notices)
        self._marker = Marker(mark, self._window, self.notices)
        ringer = Ringer(self, self.notices, environment, self._display_choice)
        self._alerts = Alerts(notify, self._window, database, filter_context, ringer.ring)
        self._copier = Copier(self, self.notices, environment)
        self._copy_desk = CopyDesk(
            self,
            self._screens,
            self._desk,
            self._copier,
            display=self._display_choice,
            providers=providers,
        )
        self._taking_over = TakingOver(take_over, self.notices)
        self._arrangement = Arrangement(self, self._screens, self._desk)
        self._camera = Camera(self, self._display_choice, self._show_display, self.notices)
        self._vigil = Vigil(database, filter_context, self._screens.set_waiting)
        self._excursion: Excursion | None = None

    def get_driver_class(self) -> type[Driver]:
        """Use a driver that drops frames where the stock one would wait."""
        return never_waiting(super().get_driver_class())

    def compose(self) -> ComposeResult:
        """Lay out header, the first list and the keys; what is not seen at first comes with `furnish`."""
        self._filtering.bar.display = False
        self._desk.pane.display = False
        # Before there are children: each would have to be given its style once more.
        self._arrangement.arrange(self.size.height)
        yield self._header
        yield self._banner
        yield self._screens
        yield self._filtering.bar
        yield KeyLine()

    async def on_mount(self) -> None:
        """Show the first frame, then everything that can wait."""
        self._pass_on_display()
        self._list.arrange_columns()
        self._screens.insight.choose_range(range_named(self.memory.now.insight_range))
        pane = self._screens.panes[Kind.MESSAGES]
        if self._initial_filter:
            try:
                await pane.set_filter(self._initial_filter)
            except FilterError as error:
                self.notices.tell(error)
        await pane.start()
        self.screen.set_focus(pane.table)
        self.tick()
        self.set_interval(BEAT_S, self.beat)
        self.call_after_refresh(self._begin)
        self.call_after_refresh(self._begin_vigil)
        self.greet()

    @work
    async def _begin(self) -> None:
        """Do what could wait until there was something to see."""
        if self._once_drawn is not None:
            try:
                await self._once_drawn()
            except SmswatchError:
                self.exit(1)
                return
        await self._arrangement.furnish()
        collector.settle()

    async def _begin_vigil(self) -> None:
        """Not in a worker: a connection whose opening is cancelled could not be closed."""
        try:
            await self._vigil.open()
        except StoreError as error:
            self.notices.tell(error)
            return
        self._keep_vigil()

    @work(exclusive=True, group="vigil")
    async def _keep_vigil(self) -> None:
        await self._vigil.keep(lambda: self._pulse.has_open)

    async def on_unmount(self) -> None:
        """Close what was opened to read."""
        await ended(self, "detail")
        await self._desk.close()
        await ended(self, "vigil")
        await self._vigil.close()
        # Textual does not unmount the screens of an application that ends in the midst of its start.
        await self._screens.close()
        self._window.close()

    # --- at most ten times a second

    def beat(self) -> None:
        """Tick if the database has changed, else only twice a second: a rest costs next to nothing."""
        self._beats += 1
        self.mind_terminal()
        try:
            is_due = self._beats >= BEATS_OF_REST or self._arrangement.is_resized or self._pulse.has_moved
        except StoreError:
            is_due = True
        if is_due:
            self._beats = 0
            self.tick()

    def tick(self) -> None:
        """Show what has changed."""
        if not self.screen_stack:
            return  # the application is ending
        self._arrangement.mend_size()
        now, facts = self._clock(), self._listener()
        try:
            self._look()
        except StoreError as error:
            self._banner.say(("-trouble", str(error)))
            return
        pulse, pane = self._pulse, self._screens.pane
        self._header.show(facts, pulse.totals, pulse.note_rate(now), self._screens.number, self._vigil.stuck)
        self._banner.say(
            banner.sentence(facts, pane, can_take_over=self._taking_over.is_possible, keys=self.key_hints)
        )
        self._screens.set_facts(facts, pulse)
        self._let_time_pass(now)
        self._show_state()

    def _look(self) -> None:
        if self._pulse.look():
            self._desk.note_change()
            self._alerts.note_change()
            self._screens.note(self._pulse.sequence)

    def _let_time_pass(self, now: int) -> None:
        """Do what depends on the time alone: ages, the day's change, filters such as `after:10m`."""
        if self._display_choice.is_due(now):
            self._pass_on_display()
        if now - self._filter_renewed_ms >= RENEW_FILTER_MS:
            self._filter_renewed_ms = now
            if self._screens.pane is not None:
                self._screens.pane.renew_filter()
        if self._desk.is_due(now):
            self._show_detail()
        if self._alerts.is_due(now):
            self._look_for_alerts(now)

    @work
    async def _look_for_alerts(self, now: int) -> None:
        await self._alerts.look(now)

    def _show_state(self) -> None:
        """Say how the list stands, above it and, while it is open, in the filter line."""
        pane = self._screens.pane
        if pane is not None:
            pane.show_status(
                self._pulse.total(pane.kind),
                is_editing=self._filtering.is_open,
                is_excursion=self._excursion is not None and self._excursion.is_on,
            )
            self._filtering.show_state()

    def _pass_on_display(self) -> None:
        options = self._display_choice.renew()
        self._screens.set_display(options)
        self._desk.pane.set_display(options)

    def _show_display(self) -> None:
        self._pass_on_display()
        self._show_state()

    @on(ListPane.Changed)
    def _list_changed(self, event: ListPane.Changed) -> None:
        event.stop()
        pane = event.pane
        if pane is not self._screens.pane or not self.screen_stack:
            return  # it is another one's, or the last word of an application that is ending
        facts = self._listener()
        self._screens.set_facts(facts, self._pulse)
        self._show_state()
        # A terminal window in the background has no focus either, and gets back the one it had.
        if self.app_focus and self.focused is None and not pane.is_empty and len(self.screen_stack) == 1:
            self.screen.set_focus(pane.table)

    # --- screens and detail

    async def action_screen(self, number: int) -> None:
        """Show one of the five screens."""
        self._excursion = None
        self._close_filter_bar()
        self._arrangement.open_detail(opened=False)
        await self._arrangement.furnish()
        await self._screens.show(number)
        self.refresh_bindings()
        self.tick()

    @on(HeaderBar.Chosen)
    async def _tab_chosen(self, event: HeaderBar.Chosen) -> None:
        event.stop()
        await self.action_screen(event.number)

    @on(HeaderBar.StatusChosen)
    async def _status_chosen(self, event: HeaderBar.StatusChosen) -> None:
        """List the messages of a status; the second click lists all again."""
        event.stop()
        wanted = f"status:{event.status}"
        if self._screens.number != screens.MESSAGES:
            await self.action_screen(screens.MESSAGES)
        is_on = self._screens.panes[Kind.MESSAGES].filter_text == wanted
        await self._filter("" if is_on else wanted)

    @on(InsightPane.RangeChosen)
    def _range_chosen(self, event: InsightPane.RangeChosen) -> None:
        event.stop()
        self._remember(insight_range=event.name)

    @on(InsightPane.Asked)
    async def _figure_asked(self, event: InsightPane.Asked) -> None:
        """List the messages that a figure counts; Esc comes back."""
        event.stop()
        pane = self._screens.panes[Kind.MESSAGES]
        try:
            excursion = await Excursion.begin(pane, event.filter_text)
        except FilterError as error:
            self.notices.tell(error)
            return
        await self.action_screen(screens.MESSAGES)
        self._excursion = excursion
        self._show_state()

    @on(FeedTable.Opened)
    async def _opened(self, event: FeedTable.Opened) -> None:
        event.stop()
        await self._open_selected()

    async def _open_selected(self) -> bool:
        """Open the detail on the selected row, which stays in it whatever arrives; False if there is none."""
        pane = self._screens.pane
        row = pane.table.selected if pane is not None else None
        if pane is None or row is None or not await self._desk.can_read():
            return False
        await self._arrangement.furnish()
        pane.feed.pause()
        self._desk.row = row
        self._arrangement.open_detail(opened=True)
        self._show_detail()
        self.screen.set_focus(self._desk.pane)
        self._show_state()
        return True

    async def action_conversation(self) -> None:
        """Show what went to and came from the number of the selected row."""
        if self._screens.kind is Kind.REQUESTS:
            self.notices.say("A request has no number: messages and inbound SMS have")
        elif self._desk.is_open or await self._open_selected():
            self._desk.pane.want_conversation()

    @on(DetailPane.MoreWanted)
    def _more_wanted(self, event: DetailPane.MoreWanted) -> None:
        event.stop()
        self._show_detail()

    @on(DetailPane.RowChosen)
    def _row_chosen(self, event: DetailPane.RowChosen) -> None:
        event.stop()
        self._desk.row = event.row
        self._show_detail()

    @on(FeedTable.Moved)
    def _moved(self, event: FeedTable.Moved) -> None:
        event.stop()
        if self._desk.is_open and self._screens.pane is not None:
            self._desk.row = self._screens.pane.table.selected
            self._show_detail()
        self._show_state()

    def on_resize(self, event: Resize) -> None:
        """Arrange again. `self.size` is still the old one here: Textual's own handler comes after ours."""
        if self._screens.is_mounted:
            self._arrangement.arrange(event.size.height)
            self._arrangement.is_resized = True

    @work(exclusive=True, group="detail")
    async def _show_detail(self) -> None:
        await self._desk.read()

    async def action_back(self) -> None:
        """Close the detail; else go back to the figure that led here; else clear the filter; else nothing."""
        pane = self._screens.pane
        if self._desk.is_open:
            self._arrangement.open_detail(opened=False)
            if pane is not None:
                self.screen.set_focus(pane.table)
        elif self._excursion is not None and self._excursion.is_on:
            await self._excursion.end()
            await self.action_screen(screens.INSIGHT)
        elif pane is not None and pane.filter_text:
            await self._filter("")
        elif pane is not None and pane.is_marked_only:
            await self.action_marked_only()

    # --- filter

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys alone where they mean nothing: a slash typed into the filter line is a slash."""
        del parameters
        if self._filtering.bar.has_focus_within:
            # A question mark that is typed stays in the line; F1 does not.
            return action in {"help", "mouse", "keep_filter", "discard_filter"}
        if action == "filter":
            return len(self.screen_stack) == 1
        return self._screens.kind is not None or action not in OF_A_LIST

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        """Who goes elsewhere with the mouse leaves the filter line, and keeps the filter that is in force."""
        if self._filtering.is_open and not self._filtering.bar.has_focus_within:
            self._close_filter_bar()

    async def action_filter(self) -> None:
        """Open the filter line at once, so that keys typed ahead are not lost."""
        if self._screens.kind is None:
            await self.action_screen(1)
        line = self._filtering.open()
        if line is not None:
            # Not line.focus(), which comes later than keys that are already here.
            self.screen.set_focus(line)
            self._read_values()
            self._show_state()

    @work(exclusive=True, group="values")
    async def _read_values(self) -> None:
        await self._filtering.read_values()

    async def on_event(self, event: Event) -> None:
        """Let the filter line obey its keys as they arrive, so that each finds what the one before it left."""
        if not (isinstance(event, Key) and await self._is_obeyed_in_line(event)):
            await super().on_event(event)

    async def _is_obeyed_in_line(self, key: Key) -> bool:
        if key.is_forwarded or not (self.app_focus and self.screen_stack):
            return False
        return self.focused is self._filtering.bar.input and await self._filtering.bar.obey(key)

    @on(FilterBar.Typed)
    async def _typed(self, event: FilterBar.Typed) -> None:
        event.stop()
        if self._filtering.bar.display:
            await self._filter(self._filtering.bar.input.value)

    async def action_keep_filter(self) -> None:
        """Go back to the list with what stands in the line; what cannot be read stays there."""
        if await self._filtering.accept(self._filtering.bar.input.value):
            self._close_filter_bar()

    async def action_discard_filter(self) -> None:
        """Go back to the list with the filter that was in force before."""
        await self._filter(self._filtering.bar.before)
        self._close_filter_bar()

    async def action_named_filters(self) -> None:
        """Choose a filter that has a name, or give one to the filter in force."""
        pane = self._screens.pane
        in_force = pane.filter_text if pane is not None else ""
        masked = self._display_choice.options.masked
        await self.push_screen(
            NamedFilters(self._shelf, in_force, self.notices, is_masked=masked), self._take_filter
        )

    async def _take_filter(self, text: str | None) -> None:
        """Put a filter in force on the list that is shown, on the messages where none is."""
        if text is None:
            return
        if self._screens.pane is None:
            await self.action_screen(1)
        await self._filtering.take(text)
        self._show_state()

    async def _filter(self, text: str) -> None:
        await self._filtering.apply(text)
        self._show_state()

    def _close_filter_bar(self) -> None:
        if self._filtering.close():
            if self._screens.pane is not None:
                self.screen.set_focus(self._screens.pane.table)
            self._show_state()

    # --- the list in hand

    async def action_follow(self) -> None:
        """Stay on the newest row, or stop."""
        await self._list.follow()
        self._show_state()

    def action_freeze(self) -> None:
        """Let the list stand still while intake goes on, or go on."""
        self._list.freeze()

    async def action_sort(self) -> None:
        """Sort by the next column."""
        await self._list.sort_by_next()

    async def action_reverse(self) -> None:
        """Turn the order around."""
        await self._list.reverse()

    @on(FeedTable.SortAsked)
    async def _sort_asked(self, event: FeedTable.SortAsked) -> None:
        event.stop()
        await self._list.sort_by(event.order)

    @work(exclusive=True, group="failure")
    async def action_failure(self, step: int) -> None:
        """Go to the next row, or the previous one, that tells of a failure."""
        await self._list.go_to_failure(step)

    async def action_columns(self) -> None:
        """Choose the columns of the list."""
        await self._list.choose_columns()

    @work(exclusive=True, group="mark")
    async def action_mark(self) -> None:
        """Mark the message in hand, or take its mark away."""
        pane = self._screens.pane
        row = self._desk.row if self._desk.is_open else pane.table.selected if pane is not None else None
        if row is not None:
            await self._marker.turn(row, is_said=self._desk.is_open)

    async def action_marked_only(self) -> None:
        """Show only marked messages, or all again."""
        await self._list.turn_marked_only()
        self._show_state()

    def action_time_mode(self) -> None:
        """Show times local, relative or in UTC."""
        mode = self._display_choice.next_time_mode()
        self._pass_on_display()
        self._remember(time_mode=mode)

    def action_mask(self) -> None:
        """Hide numbers and texts, or show them again."""
        self._display_choice.turn_mask()
        # A notice tells what was not masked when it came.
        self.clear_notifications()
        self._show_display()

    # --- copying, help, leaving

    async def action_copy(self) -> None:
        """Offer what can be copied of the selected row; where no row has come yet, copy the curl command."""
        await self._copy_desk.offer(self._listener)

    @on(SetupPane.CopyAsked)
    def _copy_asked(self, event: SetupPane.CopyAsked) -> None:
        event.stop()
        self._copier.copy(event.text)

    @work(exclusive=True, group="picture")
    async def _take_picture(self, is_masked: bool) -> None:
        await self._camera.take(is_masked=is_masked)

    async def action_help(self) -> None:
        """Show the keys that are in force here, then the others, and the filter language."""
        here = self.screen
        if here.is_modal:
            await self.push_screen(HelpScreen(key_help([dialog(here)])))
            return
        if self._filtering.bar.has_focus_within:
            places = [FILTER_LINE, EVERYWHERE, LIST]
        elif self._desk.pane.has_focus_within:
            places = [DETAIL, EVERYWHERE, LIST]
        elif self._screens.kind is None:
            places = [SETUP if self._screens.number == screens.SETUP else INSIGHT, EVERYWHERE]
        else:
            places = [LIST, EVERYWHERE, DETAIL]
        await self.push_screen(HelpScreen(key_help(places, self.keys_in_force)))

    @work
    async def action_take_over(self) -> None:
        """Become the listener, where nobody else is."""
        await self._taking_over.try_it(self._listener())

    async def action_quit(self) -> None:
        """Leave with exit code 0."""
        self.exit(0)

    def action_help_quit(self) -> None:
        """Answer Ctrl-C, which is too easily pressed to end what receives webhooks, with the key that does."""
        self.notices.say(f"Press {self.key_hints['quit']} to quit", seconds=5)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key's action in the palette, beside Textual's own commands that make sense here."""
        for command in super().get_system_commands(screen):
            if command.title in FROM_TEXTUAL:
                yield command
        yield from self._theme_commands()
        yield from key_commands(self, self.keys_in_force)
        yield from picture_commands(self._take_picture)
        masked = self._display_choice.options.masked
        yield from filter_commands(self._shelf, self._take_filter, is_masked=masked)


EVERYWHERE: Place = ("Everywhere", SmsWatchApp)
