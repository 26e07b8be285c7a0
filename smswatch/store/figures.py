"""Figures: what became of a number of messages, in counts that can be added up and read off. Pure.

Times to delivery are kept as a histogram whose bins are two significant digits wide: 42 ms, 4.2 s, 42 s. It stays
small whatever there is to count, two of them are added bin by bin, and a percentile read from it is right in the
two digits that are shown.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from smswatch.model import FAILURES, OPEN, Status

LATENCY_BIN = (
    "CASE WHEN latency_ms < 100 THEN latency_ms"
    " WHEN latency_ms < 1000 THEN latency_ms / 10 * 10"
    " WHEN latency_ms < 10000 THEN latency_ms / 100 * 100"
    " WHEN latency_ms < 100000 THEN latency_ms / 1000 * 1000"
    " WHEN latency_ms < 1000000 THEN latency_ms / 10000 * 10000"
    " WHEN latency_ms < 10000000 THEN latency_ms / 100000 * 100000"
    " WHEN latency_ms < 100000000 THEN latency_ms / 1000000 * 1000000"
    " ELSE latency_ms / 10000000 * 10000000 END"
)
"""SQL: the lower edge of the bin of a message's `latency_ms`, in milliseconds."""


class Figures(msgspec.Struct, frozen=True):
    """What became of some messages."""

    statuses: Counter[Status]
    latencies: Counter[int]
    """Lower edge of a bin, in milliseconds, to how many deliveries took so long; unknown times are left out."""

    @property
    def messages(self) -> int:
        """All of them."""
        return self.statuses.total()

    @property
    def delivered(self) -> int:
        """A handset confirmed them, or they were read."""
        return self.statuses[Status.DELIVERED] + self.statuses[Status.READ]

    @property
    def bad(self) -> int:
        """They did not arrive, for good: what `status:bad` finds."""
        return sum(self.statuses[status] for status in FAILURES)

    @property
    def open(self) -> int:
        """Something is still expected."""
        return sum(self.statuses[status] for status in OPEN)

    @property
    def unknown(self) -> int:
        """The provider says that the outcome will not be known."""
        return self.statuses[Status.UNKNOWN]

    @property
    def timed(self) -> int:
        """Deliveries of which it is known how long they took."""
        return self.latencies.total()

    def with_more(self, other: Figures) -> Figures:
        """Return these and others together."""
        return Figures(self.statuses + other.statuses, self.latencies + other.latencies)

    def latency(self, percent: int) -> int | None:
        """Return the time within which so many percent of the deliveries came, in ms; None where none is known."""
        wanted = -(-self.timed * percent // 100)
        for edge in sorted(self.latencies):
            wanted -= self.latencies[edge]
            if wanted <= 0:
                return edge
        return None

    def slower(self, edge: int) -> int:
        """Return how many deliveries took as long as that edge of a bin, or longer."""
        return sum(messages for at, messages in self.latencies.items() if at >= edge)


def no_figures() -> Figures:
    """Return figures to count into."""
    return Figures(Counter(), Counter())
