"""The screens: the three lists and the setup, one of them shown at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from smswatch.filters import FilterContext
from smswatch.store.rows import Kind
from smswatch.store.window import Window
from smswatch.tui.display_options import DisplayOptions
from smswatch.tui.facts import ListenerFacts, ProviderFacts
from smswatch.tui.list_pane import ListPane
from smswatch.tui.pulse import Pulse
from smswatch.tui.setup_pane import SetupPane

_KINDS: dict[int, Kind | None] = {1: Kind.MESSAGES, 2: Kind.INBOUND, 3: Kind.REQUESTS, 4: None}


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
        self.kind: Kind | None = Kind.MESSAGES
        """The list that is shown; None while another screen is."""
        self._providers = providers
        super().__init__(
            *self.panes.values(),
            Vertical(self.setup, id="pane-setup"),
            initial=f"pane-{Kind.MESSAGES}",
            id="screens",
        )

    @property
    def pane(self) -> ListPane | None:
        """The list that is shown; None while another screen is."""
        return None if self.kind is None else self.panes[self.kind]

    async def show(self, number: int) -> None:
        """Show one of them and give it the focus; a list starts reading when it is first shown."""
        self.kind = _KINDS[number]
        pane = self.pane
        self.current = "pane-setup" if pane is None else pane.id
        if pane is None:
            self.setup.focus()
        else:
            pane.table.focus()
            await pane.start()

    def note(self, sequence: int) -> None:
        """Let the lists hear that the database changed. StoreError if it cannot be read."""
        for pane in self.panes.values():
            pane.note(sequence)

    def set_display(self, options: DisplayOptions) -> None:
        """Show times and private text in another way."""
        for pane in self.panes.values():
            pane.set_display(options)

    def set_facts(self, facts: ListenerFacts, pulse: Pulse) -> None:
        """Tell what is shown how the listener stands, where it speaks of it."""
        counted = msgspec.structs.replace(
            facts, old_key_uses=pulse.old_key_uses(facts.old_key_until_s), refusals=pulse.refusals
        )
        pane = self.pane
        if pane is None:
            self.setup.show(counted, self._providers)
        elif pane.is_empty:
            pane.set_facts(counted, self._providers)
