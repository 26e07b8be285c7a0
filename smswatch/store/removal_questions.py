"""What is asked before a removal and after it: where the newest messages begin, who is spelled in another way."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from smswatch.errors import StoreEmptyError, StoreError
from smswatch.numbers import digits_key
from smswatch.store.database import connect_reader

_ENDING = 9
"""So many last digits tell a subscriber apart, with or without the country in front."""


def oldest_to_keep_ms(path: Path, keep: int) -> int | None:
    """Return when the oldest of the newest `keep` messages was first seen; None if there are no more.

    Raises StoreError.
    """
    sql = "SELECT first_seen_ms FROM messages ORDER BY id DESC LIMIT 1 OFFSET ?"
    try:
        rows = _rows(path, sql, keep - 1)
    except StoreEmptyError:
        return None
    return int(str(rows[0][0])) if rows else None


def ending_of(number: str) -> str | None:
    """Return the last digits, which tell a subscriber apart however the number is spelled; None if it has too few."""
    ending = digits_key(number)[-_ENDING:]
    return ending if len(ending) == _ENDING else None


def spelled_otherwise(path: Path, number: str) -> list[str]:
    """Return the other numbers that end in the same digits, without country or area: perhaps the same person's.

    Raises StoreError.
    """
    ending = ending_of(number)
    if ending is None:
        return []
    sql = (
        "SELECT number FROM contacts WHERE reversed >= ? AND reversed < ? || ':'"
        " UNION SELECT number FROM registrations WHERE number LIKE '%' || ? ORDER BY 1"
    )
    rows = _rows(path, sql, ending[::-1], ending[::-1], ending)
    return [str(other) for (other,) in rows if other != number]


def rows_of(path: Path, number: str) -> tuple[int, int]:
    """Return how many messages and how many inbound SMS are kept under a number, as it is stored.

    Raises StoreError.
    """
    sql = " UNION ALL ".join(
        f"SELECT count(*) FROM contacts CROSS JOIN {table} ON {table}.contact = contacts.id WHERE contacts.number = ?"  # noqa: S608 - our own names
        for table in ("messages", "inbound")
    )
    try:
        (messages,), (inbound,) = _rows(path, sql, number, number)
    except StoreEmptyError:
        return 0, 0
    return int(str(messages)), int(str(inbound))


def _rows(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with contextlib.closing(connect_reader(path)) as connection:
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error
