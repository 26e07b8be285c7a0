"""What a filter amounts to for the store: SQL with bound parameters, and the one function it may call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

import msgspec

SqlValue = str | int | float | None
"""What a parameter may be."""


class Condition(msgspec.Struct, frozen=True):
    """An SQL expression over one list's table, named in full (`messages.status`), and its parameters.

    The rest is what the store can find the matches by: each of them is true of every match, but not only of these.
    """

    sql: str
    params: tuple[SqlValue, ...] = ()
    equal: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(column, values): the column holds one of the values."""
    since_ms: int | None = None
    """First seen, or arrived, at that time or later."""
    until_ms: int | None = None
    """First seen, or arrived, earlier than that."""
    contacts: Condition | None = None
    """Over `contacts`: the row belongs to one of these; where `by_id` is given too, one of both is true."""
    by_id: Condition | None = None
    """Over the list's table: these few rows, each found at once by its id."""
    is_walk: bool = False
    """Over `contacts`: no index finds them, each has to be looked at."""


class FilterContext(msgspec.Struct, frozen=True):
    """What a filter needs to know about here and now."""

    now_ms: int
    """UTC milliseconds."""
    zone: tzinfo | None = None
    """Of times typed without an offset; None is this machine's."""
    default_region: str | None = None
    """Where numbers typed in national form belong."""
    stuck_after_ms: int = 3_600_000
    """How long after it was first seen an open message is stuck."""
    stuck_after_by_provider_ms: dict[str, int] = {}
    """The same for those providers that have a time of their own."""

    def stuck_before_ms(self, provider: str) -> int:
        """Return the moment: a provider's open messages that were first seen earlier are stuck."""
        return self.now_ms - self.stuck_after_by_provider_ms.get(provider, self.stuck_after_ms)


def _folded_contains(text: str | bytes | float | None, folded: str) -> int:
    if text is None:
        return 0
    whole = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return folded in whole.casefold()


SQL_FUNCTIONS: tuple[tuple[str, int, Callable[..., SqlValue]], ...] = (
    ("folded_contains", 2, _folded_contains),
)
"""(name, number of arguments, function) of each SQL function that conditions call; readers register them.

SQLite's own functions fold the case of ASCII only. Words in ASCII, which are most, are left to them; for
others they sort out the rows that cannot match. So a letter in ASCII never finds one outside it.
"""
