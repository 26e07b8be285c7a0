"""Multi-row statements: many rows in one SQLite step, because each step drops and retakes Python's lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

_MOST_ROWS = 64
"""In one statement: past the knee of the measured curve, and few enough that every size stays prepared."""


def _slices(count: int) -> Iterator[tuple[int, int]]:
    """Cut `count` rows into (start, size) runs, as few as can be."""
    for start in range(0, count, _MOST_ROWS):
        yield start, min(_MOST_ROWS, count - start)


@cache
def _insert_text(head: str, width: int, size: int, tail: str) -> str:
    row = f"({','.join('?' * width)})"
    return f"{head} VALUES {','.join([row] * size)} {tail}"


def insert_rows(
    connection: sqlite3.Connection, head: str, rows: Sequence[Sequence[object]], tail: str = ""
) -> None:
    """Run `head VALUES (...),(...) tail` over all rows."""
    if not rows:
        return
    width = len(rows[0])
    for start, size in _slices(len(rows)):
        values = rows[start] if size == 1 else tuple(chain.from_iterable(rows[start : start + size]))
        connection.execute(_insert_text(head, width, size, tail), values)


@cache
def _select_text(head: str, size: int) -> str:
    return f"{head} ({','.join('?' * size)})"


def select_in(
    connection: sqlite3.Connection, head: str, values: Sequence[object], first: Sequence[object] = ()
) -> Iterator[tuple[object, ...]]:
    """Run `head (?,?,...)`, a query that ends in `IN`, over all values; `first` binds what stands before."""
    for start, size in _slices(len(values)):
        yield from connection.execute(_select_text(head, size), (*first, *values[start : start + size]))


@cache
def _select_pairs_text(head: str, size: int) -> str:
    return f"WITH wanted(provider, message_id) AS (VALUES {','.join(['(?,?)'] * size)}) {head}"


def select_pairs(
    connection: sqlite3.Connection, head: str, pairs: Sequence[tuple[object, object]]
) -> Iterator[tuple[object, ...]]:
    """Run `head`, a query over the table `wanted(provider, message_id)`, on all pairs.

    A join, and in this order: `(provider, message_id) IN (VALUES ...)` scans the whole table.
    """
    for start, size in _slices(len(pairs)):
        values = tuple(chain.from_iterable(pairs[start : start + size]))
        yield from connection.execute(_select_pairs_text(head, size), values)
