"""The tally: what is counted and not kept, and the `refused` lines, until the next commit takes them along."""

from __future__ import annotations

import threading
import time
from collections import Counter

import msgspec

from smswatch.store.batch import Counts
from smswatch.store.entry import Refused

_Place = tuple[str, int]
"""(provider, answer) of a `refused` line."""


class Taken(msgspec.Struct, frozen=True):
    """What one transaction writes, or gives back."""

    counts: Counts
    refused: dict[_Place, Refused]


class Tally:
    """Adds up; every method may be called from any thread."""

    every_s = 0.5
    """Counts that no commit takes along are written by themselves after so many seconds."""

    def __init__(self) -> None:
        self._counts: Counts = Counter()
        self._refused: dict[_Place, Refused] = {}
        self._lock = threading.Lock()
        self._taken_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._counts or self._refused)

    @property
    def is_due(self) -> bool:
        """Something has waited long enough for a commit of its own."""
        return bool(self) and time.monotonic() - self._taken_at >= self.every_s

    def count(self, subject: str, provider: str, name: str) -> bool:
        """Count something; True if nothing waited before."""
        with self._lock:
            first = not self
            self._counts[subject, provider, name] += 1
        return first

    def note(self, refused: Refused) -> bool:
        """Add to the one line of this provider and answer; True if nothing waited before."""
        with self._lock:
            first = not self
            self._add(refused)
        return first

    def put_off(self) -> None:
        """Let some time pass before it is due again."""
        self._taken_at = time.monotonic()

    def take(self) -> Taken:
        """Return everything, and begin anew."""
        self.put_off()
        with self._lock:
            taken = Taken(self._counts, self._refused)
            self._counts, self._refused = Counter(), {}
        return taken

    def give_back(self, taken: Taken) -> None:
        """Add what could not be written to what has come since."""
        with self._lock:
            self._counts.update(taken.counts)
            for one in taken.refused.values():
                self._add(one)

    def _add(self, refused: Refused) -> None:
        place = refused.provider, refused.answer_status
        standing = self._refused.get(place)
        if standing is not None:
            refused = msgspec.structs.replace(refused, times=refused.times + standing.times)
        self._refused[place] = refused
