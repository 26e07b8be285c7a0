"""The pulse: what the database counts, looked at ten times a second and read only where something changed."""

from __future__ import annotations

from collections.abc import Iterable

from smswatch.model import OPEN, Kind
from smswatch.store.totals import Totals
from smswatch.store.window import Window
from smswatch.tui.facts import CallCounts
from smswatch.tui.header import Rate


class Pulse:
    """The totals as they were when `look` was last asked. Methods raise StoreError."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._rate = Rate()
        self.sequence = -1
        """Rises with every change of the database."""
        self.totals: Totals = window.totals()

    @property
    def has_moved(self) -> bool:
        """The database has changed since `look`."""
        return self._window.sequence() != self.sequence

    def look(self) -> bool:
        """Return whether anything changed since it was asked last, with the totals read anew then."""
        sequence = self._window.sequence()
        if sequence == self.sequence:
            return False
        self.sequence = sequence
        self.totals = self._window.totals()
        return True

    @property
    def requests(self) -> int:
        """How many requests are kept."""
        return sum(self.totals.requests.values())

    @property
    def has_open(self) -> bool:
        """Something is still expected of at least one message."""
        return any(self.totals.statuses.get(status) for status in OPEN)

    def total(self, kind: Kind) -> int:
        """Return how many rows a list has without a filter."""
        match kind:
            case Kind.MESSAGES:
                return self.totals.messages
            case Kind.INBOUND:
                return self.totals.inbound
            case Kind.REQUESTS:
                return self.requests

    def note_rate(self, now_ms: int) -> str:
        """Return how fast requests come, in words, as of now."""
        return self._rate.note(now_ms, self.requests)

    @property
    def refused(self) -> int:
        """How many requests were answered without being kept."""
        return sum(self.totals.refusals.values())

    def call_counts(self, old_keys_until_s: Iterable[int]) -> CallCounts:
        """Return what the lists do not show of the calls; of the old keys in this order."""
        return CallCounts(
            refusals=tuple(sorted(self.totals.refusals.items(), key=lambda pair: (-pair[1], pair[0]))),
            old_key_uses=tuple(self._old_key_uses(str(until_s)) for until_s in old_keys_until_s),
            let_go=self.totals.let_go,
        )

    def _old_key_uses(self, until: str) -> tuple[tuple[str, int], ...]:
        return tuple((provider, n) for (provider, name), n in self.totals.old_key.items() if name == until)
