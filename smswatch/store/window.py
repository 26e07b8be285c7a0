"""The dashboard's window on the database: short synchronous reads by id, for drawing what is visible.

A plain connection on the drawing thread: forty rows by id cost about 0.1 ms there, three times less than one
hop to another thread, and nothing flickers. Scans and searches belong to `Reader`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from smswatch.errors import StoreError
from smswatch.model import Kind
from smswatch.store.database import connect_reader
from smswatch.store.select import Row, columns, row_from
from smswatch.store.statements import select_in
from smswatch.store.totals import TOTALS_QUERY, Totals, totals_from


class Window:
    """Reads a few rows at a time. Every method raises StoreError if the database cannot be read."""

    def __init__(self, path: Path) -> None:
        self._connection = connect_reader(path)

    def rows(self, kind: Kind, ids: Sequence[int]) -> dict[int, Row]:
        """Return the rows of these ids; ids that are gone are left out."""
        head = f"SELECT {columns(kind)} FROM {kind} WHERE id IN"  # noqa: S608 - our own names
        try:
            return {
                row.id: row
                for row in (row_from(kind, values) for values in select_in(self._connection, head, ids))
            }
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error

    def newest(self, kind: Kind, count: int) -> list[Row]:
        """Return the newest rows, newest first."""
        sql = f"SELECT {columns(kind)} FROM {kind} ORDER BY id DESC LIMIT ?"  # noqa: S608 - our own names
        return [row_from(kind, row) for row in self._all(sql, (count,))]

    def highest_id(self, kind: Kind) -> int:
        """Return the id of the newest row, 0 if there is none."""
        return cast("int", self._all(f"SELECT coalesce(max(id), 0) FROM {kind}")[0][0])  # noqa: S608 - our own names

    def newest_arrival(self, kind: Kind) -> int:
        """Return the id of what arrived last for a list: of messages the report, else the row; 0 if nothing did."""
        table = "reports" if kind is Kind.MESSAGES else kind
        return cast("int", self._all(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0])  # noqa: S608 - our own names

    def sequence(self) -> int:
        """Return the number of the last change; it rises with each commit that changed something."""
        return cast("int", self._all("SELECT n FROM sequence")[0][0])

    def totals(self) -> Totals:
        """Return how many there are of everything; costs the same at any size."""
        return totals_from(cast("list[tuple[str, str, str, int]]", self._all(TOTALS_QUERY)))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the database cannot be read: {error}") from error
