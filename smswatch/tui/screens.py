"""The screens: the three lists, the setup and the insight, one of them shown at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from smswatch.filters import FilterContext
from smswatch.model import Kind
from smswatch.store.waiting import Waiting
from smswatch.store.window import Window
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.insight_pane import InsightPane
from smswatch.tui.list_pane import ListPane
from smswatch.tui.pulse import Pulse
from smswatch.tui.quiet import quiet_sentences
from smswatch.tui.setup_pane import SetupPane

MESSAGES, SETUP, INSIGHT = 1, 4, 5
"""Numbers of screens, which are their keys."""
_KINDS: dict[int, Kind] = {MESSAGES: Kind.MESSAGES, 2: Kind.INBOUND, 3: Kind.REQUESTS}


class Screens(ContentSwitcher):
    """Holds what is shown under the header, by the number of its key."""

    def __init__(
        self,
        window: Window,
        database: Path,
        filter_context: Callable[[], FilterContext],
        providers: tuple[ProviderFacts, ...],
    ) -> None:
        # Held, not looked up: what comes last, while the application ends, finds no children any more.
        self.panes = {kind: ListPane(kind, window, database, filter_context) for kind in Kind}
        self.setup = SetupPane()
        self.insight = InsightPane(database, providers, filter_context)
        self.number = MESSAGES
        """Of the screen that is shown."""
        self._providers = providers
        self._filter_context = filter_context
        first = self.panes[Kind.MESSAGES]
        super().__init__(first, initial=first.id, id="screens")

    async def furnish(self) -> None:
        """Mount the others, which are not seen at first."""
        later = [
            *(pane for kind, pane in self.panes.items() if kind is not Kind.MESSAGES),
            Vertical(self.setup, id="pane-setup"),
            Vertical(self.insight, id="pane-insight"),
        ]
        for screen in later:
            screen.display = False
        await self.mount(*later)

    @property
    def kind(self) -> Kind | None:
        """The kind of the list that is shown; None while another screen is."""
        return _KINDS.get(self.number)

    @property
    def pane(self) -> ListPane | None:
        """The list that is shown; None while another screen is."""
        return None if self.kind is None else self.panes[self.kind]

    async def show(self, number: int) -> None:
        """Show one of them and give it the focus; a list starts reading when it is first shown."""
        if self.number == INSIGHT:
            await self.insight.leave()
        self.number = number
        pane = self.pane
        if pane is not None:
            self.current = pane.id
            self.screen.set_focus(pane.table)
            await pane.start()
        elif number == SETUP:
            self.current = "pane-setup"
            self.screen.set_focus(self.setup)
        else:
            self.current = "pane-insight"
            self.screen.set_focus(self.insight)
            await self.insight.enter()

    def note(self, sequence: int) -> None:
        """Let the lists hear that the database changed. StoreError if it cannot be read."""
        for pane in self.panes.values():
            pane.note(sequence)
        self.insight.note_change()

    def set_display(self, options: DisplayOptions) -> None:
        """Show times and private text in another way."""
        for pane in self.panes.values():
            pane.set_display(options)
        self.insight.set_display(options)
        self.setup.set_display(options)

    async def close(self) -> None:
        """Close what was opened to read. Safe to call twice."""
        for pane in self.panes.values():
            await pane.close()
        await self.insight.close()

    def set_waiting(self, waiting: tuple[Waiting, ...]) -> None:
        """Tell what is still open, where it is spoken of."""
        context = self._filter_context()
        self.insight.set_waiting(waiting)
        self.setup.set_quiet(quiet_sentences(waiting, context.stuck_before_ms, context.now_ms))

    def set_facts(self, facts: ListenerFacts, pulse: Pulse) -> None:
        """Tell what is shown how the listener stands, where it speaks of it."""
        pane = self.pane
        if self.number == SETUP:
            self.setup.show(facts, pulse.call_counts(facts.old_keys_until_s), self._providers)
        elif pane is not None and pane.is_empty:
            pane.set_facts(facts, pulse.refused, self._providers)
