"""What a filter amounts to for the store: SQL with bound parameters."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Condition(msgspec.Struct, frozen=True):
    """An SQL expression over one list's table, named in full (`messages.status`), and its parameters."""

    sql: str
    params: tuple[str | int | float | None, ...] = ()


SQL_FUNCTIONS: tuple[tuple[str, int, Callable[..., str | int | float | None]], ...] = ()
"""(name, number of arguments, function) of each SQL function that conditions call; readers register them."""
