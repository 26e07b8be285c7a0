"""A list's filter: what it lets through as of now, and how that is said, whole or masked."""

from __future__ import annotations

from collections.abc import Callable

from smswatch.filters import (
    MARKED,
    Condition,
    Everything,
    FilterContext,
    Reading,
    both,
    condition,
    describe,
    parse,
    without_private,
)
from smswatch.model import Kind
from smswatch.safe_text import SafeText


class ListFilter:
    """The text that a person gave, and beside it the wish for marked messages alone."""

    def __init__(self, kind: Kind, context: Callable[[], FilterContext]) -> None:
        """`context` tells what a text means at the moment in which it is asked."""
        self.text = ""
        self.is_marked_only = False
        """Only marked messages are let through, whatever the text says beside it."""
        self.condition: Condition | None = None
        """What is let through; None: everything."""
        self._kind = kind
        self._context = context
        self._said = self._said_masked = ("", describe(Everything()))

    def take(self, text: str) -> bool:
        """Let through what a text means now; False if that is what was let through before.

        Raises FilterError, and nothing changes, if it cannot be read.
        """
        expression = parse(text)
        text = text.strip()
        filtered = both(expression, MARKED) if self.is_marked_only else expression
        is_filtered = bool(text) or self.is_marked_only
        wanted = condition(filtered, self._kind, self._context()) if is_filtered else None
        masked = without_private(expression)
        reading = Reading(self._kind, self._context().default_region)
        self.text = text
        self._said = text, describe(expression, reading)
        self._said_masked = str(masked), describe(masked, reading)
        before, self.condition = self.condition, wanted
        return wanted != before

    def said(self, *, is_masked: bool) -> tuple[str, SafeText]:
        """Return the text and what it means in words."""
        return self._said_masked if is_masked else self._said
