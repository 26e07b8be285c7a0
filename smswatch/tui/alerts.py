"""Alerts: calls a person when something arrives that a rule of the configuration asks for.

A rule goes off when a report, an SMS or a request arrives and its row matches the rule's filter then; for each row
once, while the dashboard runs. What was there before it started, and what only time brings about (`is:stuck`), does
not ring.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.filters import FilterContext, condition, parse
from smswatch.model import Kind
from smswatch.settings import NotifyRule
from smswatch.store.arrivals import Arrivals, read_arrivals
from smswatch.store.select import Row
from smswatch.store.window import Window
from smswatch.tui.throttle import Throttle

AGAIN_MS = 500
"""Between two looks at what arrived."""
_MOST_REMEMBERED = 50_000
"""Rows of which a rule remembers that it rang."""


class _Rule:
    """One rule, and how far it has looked."""

    def __init__(self, rule: NotifyRule, window: Window) -> None:
        self.how = rule.how
        self.kind = Kind(rule.list)
        self.expression = parse(rule.filter)
        self.throttle = Throttle()
        self.since = window.newest_arrival(self.kind)
        self.is_behind = False
        self.newest: Row | None = None
        self._rang: dict[int, None] = {}

    def take_in(self, arrivals: Arrivals) -> None:
        self.since, self.is_behind = arrivals.up_to, not arrivals.is_all
        fresh = [row for row in arrivals.rows if row.id not in self._rang]
        if fresh:
            self.newest = fresh[-1]
            self.throttle.add(len(fresh))
            self._rang |= dict.fromkeys(row.id for row in fresh)
            for old in list(self._rang)[: len(self._rang) - _MOST_REMEMBERED]:
                del self._rang[old]


class Alerts:
    """Looks at what arrived, and hands what is to be told to `ring`."""

    def __init__(
        self,
        rules: Sequence[NotifyRule],
        window: Window,
        database: Path,
        filter_context: Callable[[], FilterContext],
        ring: Callable[[str, Row, int], None],
    ) -> None:
        """`ring` gets how, the newest row and how many others there are. StoreError without a database."""
        self._rules = [_Rule(rule, window) for rule in rules]
        self._database = database
        self._filter_context = filter_context
        self._ring = ring
        self._is_stale = False
        self._is_looking = False
        self._looked_ms = 0

    def note_change(self) -> None:
        """Hear that the database changed."""
        self._is_stale = True

    def is_due(self, now_ms: int) -> bool:
        """Tell whether `look` is to be called."""
        if not self._rules or self._is_looking:
            return False
        is_behind = self._is_stale or any(rule.is_behind for rule in self._rules)
        is_time = not 0 <= now_ms - self._looked_ms < AGAIN_MS
        return (is_behind and is_time) or any(rule.throttle.is_due(now_ms) for rule in self._rules)

    async def look(self, now_ms: int) -> None:
        """Look at what arrived, off the loop, and ring where it is time to."""
        self._is_looking, self._is_stale, self._looked_ms = True, False, now_ms
        try:
            for rule in self._rules:
                wanted = condition(rule.expression, rule.kind, self._filter_context())
                found = await asyncio.to_thread(read_arrivals, self._database, rule.kind, rule.since, wanted)
                rule.take_in(found)
        except StoreError:
            self._is_stale = True  # the banner and the list say so
        finally:
            self._is_looking = False
        for rule in self._rules:
            told = rule.throttle.take(now_ms)
            if told and rule.newest is not None:
                self._ring(rule.how, rule.newest, told - 1)
