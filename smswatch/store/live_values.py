"""Live values: which words the newest rows hold, so that a filter can be completed with them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from smswatch.errors import StoreError
from smswatch.numbers import calling_code
from smswatch.store.database import connect_reader

NEWEST = 2000
"""Messages that are looked at."""
_MOST = 50
"""Values of each sort; the most frequent ones."""
_LONGEST = 60
"""Characters; longer values are left out."""

LiveValues = Mapping[str, tuple[str, ...]]
"""By the key of the filter language, the most frequent first; of numbers only the countries, as in `+40*`."""

_COUNTED = {
    "provider": "SELECT provider FROM counters WHERE subject = 'messages' GROUP BY 1 ORDER BY sum(n) DESC",
    "status": (
        "SELECT name FROM counters WHERE subject = 'messages' GROUP BY 1 HAVING sum(n) > 0 ORDER BY sum(n) DESC"
    ),
    "outcome": (
        "SELECT name FROM counters WHERE subject = 'requests' GROUP BY 1 HAVING sum(n) > 0 ORDER BY sum(n) DESC"
    ),
}
_COLUMNS = {
    "text": "label",
    "error": "error_code",
    "mcc": "mcc",
    "mnc": "mnc",
    "number": "substr(number, 1, 4)",
}
_CHANNELS = (
    "SELECT each.key FROM (SELECT channels FROM messages ORDER BY id DESC LIMIT ?) AS newest,"
    " json_each(nullif(newest.channels, '')) AS each WHERE length(each.key) <= ?"
    " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?"
)


def read_live_values(path: Path) -> LiveValues:
    """Return the values that exist; takes the same time at any size. Waits for the disk. Raises StoreError."""
    with contextlib.closing(connect_reader(path)) as connection:
        try:
            found = {key: _first_column(connection, sql) for key, sql in _COUNTED.items()}
            for key, column in _COLUMNS.items():
                sql = (
                    f"SELECT value FROM (SELECT {column} AS value FROM messages ORDER BY id DESC LIMIT ?)"  # noqa: S608 - our own names
                    " WHERE value <> '' AND length(value) <= ? GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?"
                )
                found[key] = _first_column(connection, sql, (NEWEST, _LONGEST, _MOST))
            found["channel"] = _first_column(connection, _CHANNELS, (NEWEST, _LONGEST, _MOST))
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error
    codes = dict.fromkeys(calling_code(beginning) for beginning in found["number"])
    found["number"] = tuple(f"+{code}*" for code in codes if code is not None)
    return found


def _first_column(connection: sqlite3.Connection, sql: str, values: tuple[int, ...] = ()) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(sql, values))
